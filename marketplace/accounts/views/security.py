"""Flask-Security, set up for this market: which of its parts are used, what it may do, and what happens around its views.

Every view of the library runs inside `_guarded`: `next` is made harmless first, changes are written once at the end, and
the status tells the truth (422 for a form with errors, 429 when tries are used up).
"""

from __future__ import annotations

import base64
import datetime as dt
import functools
import hashlib
from collections.abc import Callable
from typing import Any, NoReturn

from flask import Flask, Response, g, make_response, redirect, render_template, request, session, url_for
from flask_security import Security
from flask_security.utils import set_request_attr
from werkzeug.datastructures import ImmutableMultiDict

from marketplace.accounts import labels
from marketplace.accounts.models import User
from marketplace.accounts.rules import needs_second_factor
from marketplace.accounts.views import adapters, ledger, listeners, sessions, sign_in_forms
from marketplace.core import clock
from marketplace.core.errors import Forbidden
from marketplace.core.web import bp_prefix, safe_next

FRESH = dt.timedelta(minutes=30)
# Endpoints that somebody who must still set up a second factor can reach.
_SET_UP = {"security.two_factor_setup", "security.two_factor_setup_validate", "security.two_factor_token_validation"}
_ALWAYS = {"security.logout", "security.verify", "static", "healthz", "readyz", "figures"}
View = Callable[..., Any]


def init_app(app: Flask, replaced: dict[str, View]) -> None:
    """Install Flask-Security; `replaced` are views of ours that stand in for the library's."""
    app.config.update({f"SECURITY_{key}": value for key, value in _settings(app).items()})
    app.config.update({f"SECURITY_MSG_{key}": value for key, value in labels.SECURITY_MESSAGES.items()})
    security = Security(
        datastore=ledger.MarketDatastore(),
        login_form=sign_in_forms.SignInForm,
        verify_form=sign_in_forms.ProveForm,
        change_password_form=sign_in_forms.ChangePasswordForm,
        reset_password_form=sign_in_forms.ResetPasswordForm,
        two_factor_setup_form=sign_in_forms.SetUpForm,
        two_factor_rescue_form=sign_in_forms.RescueForm,
        two_factor_verify_code_form=sign_in_forms.CodeForm,
        mf_recovery_form=sign_in_forms.RecoveryForm,
        wan_register_form=sign_in_forms.PasskeyForm,
        password_util_cls=adapters.Passwords,
        mail_util_cls=adapters.Mails,
        totp_cls=adapters.OneTimeTotp,
        webauthn_util_cls=adapters.Passkeys,
        render_template=_render,
    )
    security.init_app(app)
    _adapt(app, security)
    checks_code = "security.two_factor_token_validation"
    app.view_functions[checks_code] = _only_while_setting_up(app.view_functions[checks_code])
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("security."):
            app.view_functions[endpoint] = _guarded(replaced.get(endpoint.removeprefix("security."), view))
    app.before_request(_send_to_second_factor)
    listeners.listen(app)


def _settings(app: Flask) -> dict[str, Any]:
    totp = next(iter(app.config["SECURITY_TOTP_SECRETS"].values()))
    recovery_key = base64.urlsafe_b64encode(hashlib.sha256(f"recovery codes/{totp}".encode()).digest())
    fast = {"argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1} if app.testing else {}
    return {
        "URL_PREFIX": bp_prefix("/account"),
        "STATIC_FOLDER": None,
        "CLI_USERS_NAME": None,  # our own commands go through services and leave records
        "CLI_ROLES_NAME": None,
        "I18N_DOMAIN": "messages",
        "I18N_DIRNAME": [str(app.config["BABEL_TRANSLATION_DIRECTORIES"])],
        "RETURN_GENERIC_RESPONSES": True,
        "REGISTERABLE": True,
        "CONFIRMABLE": True,
        "RECOVERABLE": True,
        "CHANGEABLE": True,
        "CHANGE_EMAIL": True,
        "SEND_PASSWORD_CHANGE_EMAIL": False,  # we write these letters ourselves, in the person's language
        "SEND_PASSWORD_RESET_NOTICE_EMAIL": False,
        "RESET_PASSWORD_WITHIN": dt.timedelta(hours=2),
        "CONFIRM_EMAIL_WITHIN": dt.timedelta(days=3),
        "CHANGE_EMAIL_WITHIN": dt.timedelta(hours=2),
        "TWO_FACTOR": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TWO_FACTOR_POST_SETUP_VIEW": "security.mf_recovery_codes",
        "TOTP_ISSUER": "Shandong Tech Market",
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "MULTI_FACTOR_RECOVERY_CODES_N": 10,
        "MULTI_FACTOR_RECOVERY_CODES_KEYS": [recovery_key],
        "WEBAUTHN": True,
        "WAN_RP_NAME": "Shandong Tech Market",
        "WAN_ALLOW_USER_HINTS": False,  # a list of credentials for an address would tell who has an account
        "FRESHNESS": FRESH,
        "FRESHNESS_GRACE_PERIOD": dt.timedelta(minutes=10),
        "API_ENABLED_METHODS": ["session"],
        "USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": lambda text: text.strip().lower(), "case_insensitive": False}}],
        "PASSWORD_HASH_PASSLIB_OPTIONS": fast,
        "DATETIME_FACTORY": clock.now,
        "POST_LOGIN_VIEW": "accounts.signed_in",
        "POST_LOGOUT_VIEW": "pages.home",
        "POST_CHANGE_VIEW": "accounts.settings",
        "POST_VERIFY_VIEW": "accounts.settings",
        "WAN_POST_REGISTER_VIEW": "security.wan_register",
    }


def _adapt(app: Flask, security: Security) -> None:
    """Switch off what we do differently: its JSON answers, tokens in headers, permissions by role, its way of refusing."""
    security.want_json(lambda _request: False)
    security.unauthn_handler(_refuse)
    security.login_manager.user_loader(_load_user)
    security.login_manager.request_loader(None)
    handlers_before = app.before_request_funcs[None]
    handlers_before[:] = [run for run in handlers_before if getattr(run, "__self__", None) is not security.principal]


def _refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
    raise Forbidden("sign_in")


def _load_user(_uniquifier: str) -> User | None:
    """For the library the same person as for `actor()`, read once."""
    found = sessions.current()
    if found is None:
        return None
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return found.user


def _render(template: str, **values: Any) -> str:
    """Render for the library, and note whether a form in it has errors."""
    forms = [value for key, value in values.items() if key.endswith("_form")]
    g.form_has_errors = any(form.errors for form in forms if form is not None)
    return render_template(template, **values)


def _guarded(view: View) -> View:
    @functools.wraps(view)
    def run(**arguments: Any) -> Any:
        _make_next_harmless()
        ledger.begin()
        answer = view(**arguments)
        ledger.settle()
        return _with_status(answer)

    return run


def _only_while_setting_up(view: View) -> View:
    """The library signs a person out who opens the page for codes without need; a GET must not do that."""

    @functools.wraps(view)
    def run(**arguments: Any) -> Any:
        if sessions.current() is not None and session.get("tf_state") != "validating_profile":
            return redirect(url_for("security.two_factor_setup"))
        return view(**arguments)

    return run


def _make_next_harmless() -> None:
    """A `next` that leads away is as good as none (open redirect)."""
    for name in ("args", "form"):
        given = getattr(request, name)
        if given.get("next") and not safe_next(given["next"]):
            kept = [(key, value) for key, value in given.items(multi=True) if key != "next"]
            setattr(request, name, ImmutableMultiDict(kept))


def _with_status(answer: Any) -> Any:
    if request.method != "POST" or not isinstance(answer, str):
        return answer
    if seconds := g.get("throttled_seconds"):
        response: Response = make_response(answer, 429)
        response.headers["Retry-After"] = str(seconds)
        return response
    return (answer, 422) if g.get("form_has_errors") else answer


def _send_to_second_factor() -> Response | None:
    """Who has a site role and no second factor yet reaches only the pages where it is set up."""
    found = sessions.current() if request.endpoint and request.endpoint not in _ALWAYS else None
    if found is None or not needs_second_factor((role.name for role in found.user.roles), is_demo=found.user.is_demo):
        return None
    if not found.user.tf_totp_secret:
        page = "security.two_factor_setup"
        allowed = _SET_UP
    elif not found.user.mf_recovery_codes:
        page = "security.mf_recovery_codes"
        allowed = _SET_UP | {page}
    else:
        return None
    return None if request.endpoint in allowed else redirect(url_for(page))  # type: ignore[return-value]
