"""Who gets which answer where: one row for each route, method and kind of thing, one column for each role.

`in` is sent to sign in, `go` is sent elsewhere after the work was done, 422 is a form that was empty but may be used;
404 is also the answer to whoever must not learn that a thing exists. A route without a row fails the suite.
"""

from __future__ import annotations

from dataclasses import dataclass

COLUMNS = ("anonymous", "loner", "unverified", "other", "viewer", "editor", "owner", "asker", "admin", "admin_weak")
TABLE = """
# endpoint                           method what             anon  loner unver other viewr editr owner asker admin weak
accounts.accept_invitation           POST   invitation_token in    409   409   409   409   409   409   409   409   go
accounts.audit_log                   GET    -                in    403   403   403   403   403   403   403   200   go
accounts.change_role                 POST   user_id=editor   in    403   403   403   403   403   go    403   403   go
accounts.check_mail                  GET    -                200   200   200   200   200   200   200   200   200   go
accounts.check_organisation          GET    unverified_org   in    403   403   403   403   403   403   403   200   go
accounts.close                       GET    -                in    200   200   200   200   200   200   200   200   go
accounts.close                       POST   -                in    422   422   422   422   422   422   422   422   go
accounts.confirm_address             POST   invitation_token in    400   400   400   400   400   400   400   400   go
accounts.disable_person              POST   editor           in    403   403   403   403   403   403   403   go    go
accounts.disable_person              POST   admin            in    403   403   403   403   403   403   403   403   go
accounts.document                    GET    document         404   404   404   404   404   404   200   404   200   go
accounts.document                    GET    licence          404   404   200   404   404   404   404   404   200   go
accounts.enable_person               POST   editor           in    403   403   403   403   403   403   403   go    go
accounts.enable_person               POST   admin            in    403   403   403   403   403   403   403   403   go
accounts.end_other_sessions          POST   -                in    go    go    go    go    go    go    go    go    go
accounts.end_session                 POST   session          in    404   404   404   404   404   go    404   404   go
accounts.give_up_address             POST   -                in    go    go    go    go    go    go    go    go    go
accounts.grant_role                  POST   editor           in    403   403   403   403   403   403   403   go    go
accounts.grant_role                  POST   admin            in    403   403   403   403   403   403   403   403   go
accounts.invitation                  GET    invitation_token 200   200   200   200   200   200   200   200   200   go
accounts.invite                      POST   university       in    403   403   403   403   403   422   403   403   go
accounts.invite                      POST   unverified_org   404   404   422   404   404   404   404   404   403   go
accounts.leave                       POST   university       in    403   403   403   go    go    409   403   403   go
accounts.leave                       POST   unverified_org   404   404   409   404   404   404   404   404   403   go
accounts.market_settings             GET    -                in    403   403   403   403   403   403   403   200   go
accounts.market_settings             POST   -                in    403   403   403   403   403   403   403   422   go
accounts.members                     GET    university       in    403   403   403   200   200   200   403   200   go
accounts.members                     GET    unverified_org   404   404   200   404   404   404   404   404   200   go
accounts.my_data                     GET    -                in    200   200   200   200   200   200   200   200   go
accounts.organisation                GET    university       200   200   200   200   200   200   200   200   200   go
accounts.organisation                GET    unverified_org   404   404   200   404   404   404   404   404   200   go
accounts.organisation_settings       GET    university       in    403   403   403   403   403   200   403   403   go
accounts.organisation_settings       GET    unverified_org   404   404   200   404   404   404   404   404   403   go
accounts.organisation_settings       POST   university       in    403   403   403   403   403   422   403   403   go
accounts.organisation_settings       POST   unverified_org   404   404   422   404   404   404   404   404   403   go
accounts.people                      GET    -                in    403   403   403   403   403   403   403   200   go
accounts.person                      GET    editor           in    403   403   403   403   403   403   403   200   go
accounts.person                      GET    admin            in    403   403   403   403   403   403   403   200   go
accounts.register_organisation       GET    -                in    200   200   200   200   200   200   200   200   go
accounts.register_organisation       POST   -                in    422   422   422   422   422   422   422   422   go
accounts.remove_member               POST   -                in    403   403   403   403   403   go    403   403   go
accounts.send_back_organisation      POST   university       in    403   403   403   403   403   403   403   422   go
accounts.send_back_organisation      POST   unverified_org   in    403   403   403   403   403   403   403   422   go
accounts.settings                    GET    -                in    200   200   200   200   200   200   200   200   go
accounts.settings                    POST   -                in    go    go    go    go    go    go    go    go    go
accounts.signed_in                   GET    -                in    go    go    go    go    go    go    go    go    go
accounts.suspend_organisation        POST   university       in    403   403   403   403   403   403   403   422   go
accounts.suspend_organisation        POST   unverified_org   in    403   403   403   403   403   403   403   422   go
accounts.take_back_address           GET    invitation_token 400   400   400   400   400   400   400   400   400   go
accounts.take_back_address           POST   invitation_token 400   400   400   400   400   400   400   400   400   go
accounts.take_back_invitation        POST   invitation       in    403   403   403   403   403   go    403   403   go
accounts.verification                GET    university       in    403   403   403   403   403   200   403   403   go
accounts.verification                GET    unverified_org   404   404   200   404   404   404   404   404   403   go
accounts.verification                POST   university       in    403   403   403   403   403   422   403   403   go
accounts.verification                POST   unverified_org   404   404   422   404   404   404   404   404   403   go
accounts.verification_queue          GET    -                in    403   403   403   403   403   403   403   200   go
accounts.verify_audit                POST   -                in    403   403   403   403   403   403   403   go    go
accounts.verify_organisation         POST   university       in    403   403   403   403   403   403   403   409   go
accounts.verify_organisation         POST   unverified_org   in    403   403   403   403   403   403   403   go    go
accounts.withdraw_role               POST   editor           in    403   403   403   403   403   403   403   go    go
accounts.withdraw_role               POST   admin            in    403   403   403   403   403   403   403   403   go

api-docs.openapi_json                GET    -                200   200   200   200   200   200   200   200   200   go

deals.block                          POST   enquiry          404   404   404   404   403   go    go    go    404   go
deals.block                          POST   hidden_enquiry   404   404   404   404   403   403   403   404   404   go
deals.blocks                         GET    -                in    200   200   200   200   200   200   200   200   go
deals.close                          GET    enquiry          404   404   404   404   403   200   200   200   404   go
deals.close                          GET    closed_enquiry   404   404   404   404   403   403   403   403   404   go
deals.close                          POST   enquiry          404   404   404   404   403   422   422   422   404   go
deals.close                          POST   closed_enquiry   404   404   404   404   403   403   403   403   404   go
deals.enquire                        GET    achievement      in    403   403   200   403   403   403   200   403   go
deals.enquire                        GET    need             in    403   403   200   403   200   200   403   403   go
deals.enquire                        GET    anonymous_need   in    403   403   200   403   200   200   200   403   go
deals.enquire                        GET    draft            404   404   404   404   404   404   404   404   404   go
deals.enquire                        GET    verified_only    404   404   404   200   403   403   403   200   403   go
deals.enquire                        POST   achievement      in    403   403   422   403   403   403   422   403   go
deals.enquire                        POST   need             in    403   403   422   403   422   422   403   403   go
deals.enquire                        POST   anonymous_need   in    403   403   422   403   422   422   422   403   go
deals.enquire                        POST   draft            404   404   404   404   404   404   404   404   404   go
deals.enquire                        POST   verified_only    404   404   404   422   403   403   403   422   403   go
deals.enquiry                        GET    enquiry          404   404   404   404   200   200   200   200   404   go
deals.enquiry                        GET    hidden_enquiry   404   404   404   404   200   200   200   404   404   go
deals.export                         GET    enquiry          404   404   404   404   200   200   200   200   404   go
deals.export                         GET    hidden_enquiry   404   404   404   404   200   200   200   404   404   go
deals.file                           GET    message_file     404   404   404   404   200   200   200   200   404   go
deals.inbox                          GET    -                in    200   200   200   200   200   200   200   200   go
deals.overdue                        GET    -                in    403   403   403   403   403   403   403   200   go
deals.reopen                         POST   enquiry          404   404   404   404   403   403   403   403   404   go
deals.reopen                         POST   closed_enquiry   404   404   404   404   403   go    go    go    404   go
deals.report_enquiry                 GET    enquiry          404   404   404   404   200   200   200   200   404   go
deals.report_enquiry                 POST   enquiry          404   404   404   404   422   422   422   422   404   go
deals.report_listing                 GET    achievement      in    200   200   200   200   200   200   200   200   go
deals.report_listing                 GET    draft            404   404   404   404   200   200   200   404   404   go
deals.report_listing                 GET    verified_only    404   404   404   200   200   200   200   200   200   go
deals.report_listing                 POST   achievement      in    422   422   422   422   422   422   422   422   go
deals.report_listing                 POST   draft            404   404   404   404   422   422   422   404   404   go
deals.report_listing                 POST   verified_only    404   404   404   422   422   422   422   422   422   go
deals.report_message                 GET    message          404   404   404   404   200   200   200   200   404   go
deals.report_message                 POST   message          404   404   404   404   422   422   422   422   404   go
deals.report_page                    GET    report           in    403   403   403   403   403   403   403   200   go
deals.report_page                    POST   report           in    403   403   403   403   403   403   403   422   go
deals.reports                        GET    -                in    403   403   403   403   403   403   403   200   go
deals.seen                           POST   enquiry          404   404   404   404   go    go    go    go    404   go
deals.seen                           POST   hidden_enquiry   404   404   404   404   go    go    go    404   404   go
deals.unblock                        POST   block            404   404   404   404   404   go    go    404   404   go
deals.write                          POST   enquiry          404   404   404   404   403   422   422   422   404   go
deals.write                          POST   closed_enquiry   404   404   404   404   403   422   422   422   404   go
deals.write                          POST   hidden_enquiry   404   404   404   404   403   422   422   404   404   go

exchange.feed                        GET    -                200   200   200   200   200   200   200   200   200   go
exchange.search_csv                  GET    -                200   200   200   200   200   200   200   200   200   go

exchange_site.robots                 GET    -                200   200   200   200   200   200   200   200   200   go
exchange_site.sitemap                GET    -                200   200   200   200   200   200   200   200   200   go
exchange_site.sitemap_part           GET    1                200   200   200   200   200   200   200   200   200   go

figures                              GET    -                200
healthz                              GET    -                200

insights.desk                        GET    -                in    200   200   200   200   200   200   200   200   go

listings.achievement                 GET    achievement      200   200   200   200   200   200   200   200   200   go
listings.achievement                 GET    draft            404   404   404   404   200   200   200   404   404   go
listings.achievement                 GET    submitted        404   404   404   404   200   200   200   404   200   go
listings.achievement                 GET    withdrawn        404   404   404   404   200   200   200   404   200   go
listings.autosave                    POST   id=achievement   in    403   403   403   403   409   409   403   403   go
listings.autosave                    POST   id=draft         404   404   404   404   403   409   409   404   404   go
listings.autosave                    POST   id=submitted     404   404   404   404   403   403   409   404   403   go
listings.check                       GET    achievement      in    403   403   403   403   200   200   403   403   go
listings.check                       GET    draft            404   404   404   404   403   200   200   404   404   go
listings.check                       GET    submitted        404   404   404   404   403   403   200   404   403   go
listings.choose                      GET    -                in    403   200   200   403   200   200   200   403   go
listings.confirm                     POST   achievement      in    403   403   403   403   go    go    403   403   go
listings.confirm                     POST   draft            404   404   404   404   403   go    go    404   404   go
listings.confirm                     POST   need             in    403   403   403   403   403   403   go    403   go
listings.confirm_by_link             GET    invitation_token 410   410   410   410   410   410   410   410   410   go
listings.confirm_from_mail           POST   invitation_token 410   410   410   410   410   410   410   410   410   go
listings.confirmations               GET    -                in    200   200   200   200   200   200   200   200   go
listings.confirmations               POST   -                in    go    go    go    go    go    go    go    go    go
listings.copy                        POST   achievement      in    403   403   403   403   go    go    403   403   go
listings.copy                        POST   draft            404   404   404   404   403   go    go    404   404   go
listings.copy                        POST   submitted        404   404   404   404   403   go    go    404   403   go
listings.discard                     POST   achievement      in    403   403   403   403   go    go    403   403   go
listings.discard                     POST   need             in    403   403   403   403   403   403   go    403   go
listings.done                        GET    achievement      in    403   403   403   200   200   200   403   403   go
listings.done                        GET    draft            404   404   404   404   200   200   200   404   404   go
listings.done                        GET    submitted        404   404   404   404   200   200   200   404   403   go
listings.edit                        GET    achievement      in    403   403   403   403   200   200   403   403   go
listings.edit                        GET    draft            404   404   404   404   403   200   200   404   404   go
listings.edit                        GET    submitted        404   404   404   404   403   403   200   404   403   go
listings.file                        GET    attachment_id=public_file    200   200   200   200   200   200   200   200   200   go
listings.file                        GET    attachment_id=verified_file  in    403   403   200   200   200   200   200   200   go
listings.file                        GET    id=draft,attachment_id=draft_file 404 404 404 404 200 200 200 404 404 go
listings.mine                        GET    -                in    200   200   200   200   200   200   200   200   go
listings.need                        GET    achievement      404   404   404   404   404   404   404   404   404   go
listings.need                        GET    need             200   200   200   200   200   200   200   200   200   go
listings.new                         GET    achievement      in    403   200   200   403   200   200   200   403   go
listings.new                         POST   achievement      in    403   422   422   403   422   422   422   403   go
listings.offer                       POST   achievement      in    403   403   403   403   go    go    403   403   go
listings.offer                       POST   need             in    403   403   403   403   403   403   409   403   go
listings.own_record                  GET    achievement      in    403   403   403   200   200   200   403   403   go
listings.own_record                  GET    draft            404   404   404   404   200   200   200   404   404   go
listings.own_record                  GET    submitted        404   404   404   404   200   200   200   404   403   go
listings.preview                     GET    id=achievement   in    403   403   403   200   200   200   403   403   go
listings.preview                     GET    id=draft         404   404   404   404   200   200   200   404   404   go
listings.publish                     POST   draft            404   404   404   404   403   403   go    404   404   go
listings.publish                     POST   submitted        404   404   404   404   403   403   go    404   403   go
listings.publish                     POST   need             in    403   403   403   403   403   403   409   403   go
listings.publish_changes             POST   achievement      in    403   403   403   403   403   go    403   403   go
listings.publish_changes             POST   need             in    403   403   403   403   403   403   409   403   go
listings.reopen                      POST   withdrawn        404   404   404   404   403   go    go    404   403   go
listings.reopen                      POST   need             in    403   403   403   403   403   403   go    403   go
listings.restore                     POST   id=achievement   in    403   403   403   403   go    go    403   403   go
listings.restore                     POST   id=need          in    403   403   403   403   403   403   go    403   go
listings.review                      GET    -                in    200   200   200   200   200   200   200   200   go
listings.revision                    GET    id=achievement   in    403   403   403   200   200   200   403   403   go
listings.revision                    GET    id=withdrawn     404   404   404   404   200   200   200   404   403   go
listings.revision                    GET    id=need          in    403   403   403   403   403   403   200   403   go
listings.save                        POST   id=achievement   in    403   403   403   403   409   409   403   403   go
listings.save                        POST   id=draft         404   404   404   404   403   409   409   404   404   go
listings.save                        POST   id=submitted     404   404   404   404   403   403   409   404   403   go
listings.section                     GET    id=achievement   in    403   403   403   403   200   200   403   403   go
listings.section                     GET    id=draft         404   404   404   404   403   200   200   404   404   go
listings.section                     GET    id=submitted     404   404   404   404   403   403   200   404   403   go
listings.send_back                   POST   submitted        404   404   404   404   403   403   go    404   403   go
listings.send_back                   POST   need             in    403   403   403   403   403   403   go    403   go
listings.show                        GET    achievement      go
listings.show                        GET    draft            404   404   404   404   go    go    go    404   404   go
listings.show                        GET    submitted        404   404   404   404   go    go    go    404   go    go
listings.show                        GET    verified_only    404   404   404   go    go    go    go    go    go    go
listings.show                        GET    unverified_need  404   404   go    404   404   404   404   404   404   go
listings.submit                      POST   draft            404   404   404   404   403   go    go    404   404   go
listings.submit                      POST   need             in    403   403   403   403   403   403   409   403   go
listings.take_back                   POST   submitted        404   404   404   404   403   go    go    404   403   go
listings.take_back                   POST   need             in    403   403   403   403   403   403   go    403   go
listings.upload                      POST   achievement      in    403   403   403   403   422   422   403   403   go
listings.upload                      POST   draft            404   404   404   404   403   422   422   404   404   go
listings.upload                      POST   submitted        404   404   404   404   403   403   422   404   403   go
listings.withdraw                    POST   achievement      in    403   403   403   403   403   go    403   go    go
listings.withdraw                    POST   draft            404   404   404   404   403   403   go    404   404   go
listings.withdraw                    POST   need             in    403   403   403   403   403   403   go    go    go

listings_api.achievement             GET    achievement      200   200   200   200   200   200   200   200   200   go
listings_api.achievement             GET    need             404   404   404   404   404   404   404   404   404   go
listings_api.achievement             GET    draft            404   404   404   404   404   404   404   404   404   go
listings_api.achievement             GET    verified_only    404   404   404   404   404   404   404   404   404   go
listings_api.achievement             GET    withdrawn        404   404   404   404   404   404   404   404   404   go
listings_api.need                    GET    achievement      404   404   404   404   404   404   404   404   404   go
listings_api.need                    GET    need             200   200   200   200   200   200   200   200   200   go
listings_api.need                    GET    anonymous_need   200   200   200   200   200   200   200   200   200   go
listings_api.need                    GET    unverified_need  404   404   404   404   404   404   404   404   404   go

matching.answer                      POST   -                in    403   403   403   403   422   422   422   403   go
matching.match_quality               GET    -                in    403   403   403   403   403   403   403   200   go
matching.match_weights               GET    -                in    403   403   403   403   403   403   403   200   go
matching.match_weights               POST   -                in    403   403   403   403   403   403   403   422   go
matching.matches                     GET    -                in    200   200   200   200   200   200   go    200   go
matching.of_listing                  GET    achievement      200   200   200   200   200   200   200   200   200   go
matching.of_listing                  GET    anonymous_need   200   200   200   200   200   200   200   200   200   go
matching.of_listing                  GET    draft            404   404   404   404   200   200   200   404   404   go
matching.of_listing                  GET    submitted        404   404   404   404   200   200   200   404   200   go
matching.of_listing                  GET    verified_only    404   404   404   200   200   200   200   200   200   go
matching.of_listing                  GET    unverified_need  404   404   200   404   404   404   404   404   404   go
matching.search                      GET    -                200   200   200   200   200   200   200   200   200   go
matching.suggest                     GET    -                200   200   200   200   200   200   200   200   200   go

notifications.inbox                  GET    -                in    200   200   200   200   200   200   200   200   go
notifications.open_one               POST   notification     404   404   404   404   404   404   go    404   404   go
notifications.preferences            GET    -                in    200   200   200   200   200   200   200   200   go
notifications.preferences            POST   -                in    go    go    go    go    go    go    go    go    go
notifications.read_all               POST   -                in    go    go    go    go    go    go    go    go    go
notifications.read_one               POST   notification     404   404   404   404   404   404   go    404   404   go
notifications.unsubscribe            GET    invitation_token 404   404   404   404   404   404   404   404   404   go
notifications.unsubscribe            POST   invitation_token 404   404   404   404   404   404   404   404   404   go

pages.accessibility                  GET    -                200   200   200   200   200   200   200   200   200   go
pages.display                        GET    -                200   200   200   200   200   200   200   200   200   go
pages.display                        POST   -                go
pages.help                           GET    -                200   200   200   200   200   200   200   200   200   go
pages.home                           GET    -                200   200   200   200   200   200   200   200   200   go
pages.privacy                        GET    -                200   200   200   200   200   200   200   200   200   go
pages.ranking                        GET    -                200   200   200   200   200   200   200   200   200   go
pages.styleguide                     GET    -                200   200   200   200   200   200   200   200   200   go

readyz                               GET    -                200

root                                 GET    -                go

search_api.achievement_matches       GET    achievement      200   200   200   200   200   200   200   200   200   go
search_api.achievement_matches       GET    draft            404   404   404   404   404   404   404   404   404   go
search_api.achievement_matches       GET    verified_only    404   404   404   404   404   404   404   404   404   go
search_api.need_matches              GET    need             200   200   200   200   200   200   200   200   200   go
search_api.need_matches              GET    anonymous_need   200   200   200   200   200   200   200   200   200   go
search_api.need_matches              GET    unverified_need  404   404   404   404   404   404   404   404   404   go
search_api.search                    GET    -                200   200   200   200   200   200   200   200   200   go

security.change_email                GET    -                in    200   200   200   200   200   200   200   200   go
security.change_email                POST   -                in    422   422   422   422   422   422   422   422   go
security.change_email_confirm        GET    invitation_token in    400   400   400   400   400   400   400   400   go
security.change_password             GET    -                in    200   200   200   200   200   200   200   200   go
security.change_password             POST   -                in    422   422   422   422   422   422   422   422   go
security.confirm_email               GET    invitation_token 400   400   400   400   400   400   400   400   400   go
security.confirm_email               POST   invitation_token 400   400   400   400   400   400   400   400   400   go
security.forgot_password             GET    -                200   200   200   200   200   200   200   200   200   go
security.forgot_password             POST   -                422   422   422   422   422   422   422   422   422   go
security.login                       GET    -                200   go    go    go    go    go    go    go    go    go
security.login                       POST   -                422   go    go    go    go    go    go    go    go    go
security.logout                      POST   -                go
security.mf_recovery                 GET    -                in    go    go    go    go    go    go    go    go    go
security.mf_recovery                 POST   -                in    go    go    go    go    go    go    go    go    go
security.mf_recovery_codes           GET    -                in    200   200   200   200   200   200   200   200   go
security.mf_recovery_codes           POST   -                in    200   200   200   200   200   200   200   200   go
security.register                    GET    -                200   go    go    go    go    go    go    go    go    go
security.register                    POST   -                422   go    go    go    go    go    go    go    go    go
security.reset_password              GET    invitation_token go
security.reset_password              POST   invitation_token go
security.send_confirmation           GET    -                200   200   200   200   200   200   200   200   200   go
security.send_confirmation           POST   -                422   422   422   422   422   422   422   422   422   go
security.tf_select                   GET    -                in    in    in    in    in    in    in    in    in    go
security.tf_select                   POST   -                in    in    in    in    in    in    in    in    in    go
security.two_factor_rescue           GET    -                go
security.two_factor_rescue           POST   -                go
security.two_factor_setup            GET    -                in    200   200   200   200   200   200   200   200   200
security.two_factor_setup            POST   -                in    422   422   422   422   422   422   422   422   422
security.two_factor_setup_validate   POST   invitation_token in    go    go    go    go    go    go    go    go    go
security.two_factor_token_validation GET    -                in    go    go    go    go    go    go    go    go    go
security.two_factor_token_validation POST   -                in    go    go    go    go    go    go    go    go    go
security.verify                      GET    -                in    200   200   200   200   200   200   200   200   200
security.verify                      POST   -                in    422   422   422   422   422   422   422   422   422
security.wan_delete                  GET    -                in    go    go    go    go    go    go    go    go    go
security.wan_delete                  POST   -                in    go    go    go    go    go    go    go    go    go
security.wan_register                GET    -                in    200   200   200   200   200   200   200   200   go
security.wan_register                POST   -                in    422   422   422   422   422   422   422   422   go
security.wan_register_response       POST   invitation_token in    go    go    go    go    go    go    go    go    go
security.wan_signin                  GET    -                200   go    go    go    go    go    go    go    go    go
security.wan_signin                  POST   -                200   go    go    go    go    go    go    go    go    go
security.wan_signin_response         POST   invitation_token go
security.wan_verify                  GET    -                in    200   200   200   200   200   200   200   200   go
security.wan_verify                  POST   -                in    200   200   200   200   200   200   200   200   go
security.wan_verify_response         POST   invitation_token in    go    go    go    go    go    go    go    go    go
"""
# What a form must hold so that the right to send it, and not its emptiness, decides.
DATA: dict[str, dict[str, str]] = {
    "accounts.change_role": {"m{editor}-role": "viewer"},
}


@dataclass(frozen=True, slots=True)
class Row:
    """What each role is answered by one route about one thing."""

    endpoint: str
    method: str
    what: str
    answers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint} {self.what}"


def rows() -> list[Row]:
    """The table, read."""
    found = []
    for line in TABLE.splitlines():
        cells = line.split()
        if not cells or cells[0].startswith("#"):
            continue
        endpoint, method, what, *answers = cells
        if len(answers) == 1:
            answers *= len(COLUMNS)  # one answer for everybody
        assert len(answers) == len(COLUMNS), line
        found.append(Row(endpoint, method, what, dict(zip(COLUMNS, answers, strict=True))))
    return found
