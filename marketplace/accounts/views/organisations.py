"""Organisations: registering one, its public page, keeping its entry."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts import labels, policy, queries, services
from marketplace.accounts.forms import ChangeOrganisationForm, RegisterOrganisationForm, _FactsForm
from marketplace.accounts.models import Organisation
from marketplace.accounts.rules import uscc
from marketplace.accounts.services import OrganisationFacts
from marketplace.accounts.states import OFFICES, OrgKind
from marketplace.accounts.views.blueprint import bp
from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.errors import RuleError
from marketplace.core.i18n import day, pick, pick_marked
from marketplace.core.labels import error_text
from marketplace.core.types import Bilingual
from marketplace.core.web import access, actor
from marketplace.core.web.languages import has_endpoint
from marketplace.deals import queries as deals
from marketplace.listings import queries as listings
from marketplace.listings.queries import Card
from marketplace.taxonomy import queries as taxonomy

# Where the error of a rule is shown.
_FIELD_OF = {
    "uscc_length": "uscc",
    "uscc_characters": "uscc",
    "uscc_check": "uscc",
    "uscc_body_check": "uscc",
    "uscc_taken": "uscc",
}


@bp.route("/organisations/new", methods=["GET", "POST"])
@access(policy.can_register_organisation)
def register_organisation() -> ResponseReturnValue:
    """Enter an organisation; the next step is handing in its document."""
    form = RegisterOrganisationForm()
    form.offer_cities(_cities())
    if form.validate_on_submit():
        try:
            with transaction():
                org = services.register_organisation(
                    _facts(form),
                    kind=OrgKind(form.kind.data),
                    name_zh=str(form.name_zh.data),
                    uscc=str(form.uscc.data),
                    actor=actor(),
                    now=clock.now(),
                )
        except RuleError as error:
            _at_field(form, error)
        else:
            flash(_("The organisation is entered, with you as its owner."), "success")
            return redirect(url_for("accounts.verification", org_id=org.id))
    elif form.uscc.data and (problem := uscc.problem(uscc.normalise(form.uscc.data))):
        _at_field(form, RuleError(problem))  # with the other mistakes, not after they are mended
    return render_template("accounts/register_organisation.html", form=form, labels=labels), 422 if form.errors else 200


def _cities() -> dict[str, str]:
    return {code: pick(name) for code, name in taxonomy.current().cities.items()}


def _facts(form: _FactsForm) -> OrganisationFacts:
    return OrganisationFacts(
        name_en=form.name_en.data or "",
        city=form.city.data or "",
        about=Bilingual(form.about_zh.data or "", form.about_en.data or ""),
        trade=Bilingual(form.trade_zh.data or "", form.trade_en.data or ""),
        website=form.website.data or "",
        promised_reply_days=int(form.promised_reply_days.data or 0),
    )


def _at_field(form: Any, error: RuleError) -> None:
    """Show what a rule says at the field it is about, or above the form."""
    text = error_text(error.code, **error.params)
    field = getattr(form, _FIELD_OF.get(error.code, ""), None)
    if field is None:
        form.form_errors.append(text)
    else:
        field.errors = [*field.errors, text]


@bp.get("/organisations/<int:org_id>")
@access(policy.can_see_organisation, load=queries.organisation, as_name="org")
def organisation(org: Organisation) -> str:
    """What anybody may know of a verified organisation: who it is, what it offers or seeks, how it answers."""
    who = actor()
    page = listings.on_show_page(org.id, who, request.args.get("page", 1, type=int))
    return render_template(
        "accounts/organisation.html",
        org=org,
        labels=labels,
        city=taxonomy.current().city_name(org.city),
        page=page,
        cards=[_row(card) for card in page.items],
        counts=listings.on_show_counts(org.id, who),
        figures=None if org.kind in OFFICES else deals.response_figures([org.id]).get(org.id),
        facts=_facts_shown(org),
        place=who.membership(org.id),
        may_change=bool(policy.can_change_organisation(who, org)),
        may_manage=bool(policy.can_see_members(who, org)),
    )


def _row(card: Card) -> dict[str, Any]:
    """A listing as macros/listing.html draws it."""
    current = taxonomy.current()
    code = card.fields[0] if card.fields else ""
    endpoint = f"listings.{card.kind}"
    return {
        "title": pick_marked(card.title),
        "url": url_for(endpoint, id=card.id) if has_endpoint(endpoint) else "",
        "field": pick_marked(current.field_name(code)) if code else "",
        "tags": [{"text": _("Need") if card.kind == "need" else _("Achievement")}],
        "trl": card.maturity if card.kind == "achievement" else None,
        "meta": [_("published on %(day)s", day=day(card.published_at))] if card.published_at else [],
    }


def _facts_shown(org: Organisation) -> list[dict[str, Any]]:
    return [
        {"key": _("Kind"), "value": labels.KINDS[org.kind]},
        {"key": _("City"), "value": pick_marked(taxonomy.current().city_name(org.city))},
        {"key": _("Unified social credit code"), "value": uscc_groups(org.uscc)},
    ]


@bp.route("/organisations/<int:org_id>/settings", methods=["GET", "POST"])
@access(policy.can_change_organisation, load=queries.organisation, as_name="org")
def organisation_settings(org: Organisation) -> ResponseReturnValue:
    """Keep the entry; what was compared with the document stands fast once verified."""
    form = ChangeOrganisationForm(data=_as_typed(org))
    form.offer_cities(_cities())
    if org.is_verified:
        del form.kind, form.name_zh
    if form.validate_on_submit():
        try:
            with transaction():
                services.change_organisation(
                    org.id,
                    _facts(form),
                    version=int(form.version.data or 0),
                    actor=actor(),
                    now=clock.now(),
                    name_zh=form.name_zh.data if form.name_zh else None,
                    kind=OrgKind(form.kind.data) if form.kind else None,
                )
        except RuleError as error:
            _at_field(form, error)
        else:
            flash(_("The entry is saved."), "success")
            return redirect(url_for("accounts.organisation", org_id=org.id))
    page = render_template("accounts/organisation_settings.html", form=form, org=org, labels=labels)
    return page, 422 if form.errors else 200


def _as_typed(org: Organisation) -> dict[str, Any]:
    return {
        "version": org.version_id,
        "kind": org.kind,
        "name_zh": org.name.zh,
        "name_en": org.name.en,
        "city": org.city,
        "about_zh": org.about.zh,
        "about_en": org.about.en,
        "trade_zh": org.trade.zh,
        "trade_en": org.trade.en,
        "website": org.website,
        "promised_reply_days": org.promised_reply_days,
    }


@bp.app_template_filter("uscc_groups")
def uscc_groups(code: str) -> str:
    """A code in groups that the eye can follow."""
    plain = uscc.normalise(code)
    return " ".join((plain[:2], plain[2:8], plain[8:17], plain[17:]))
