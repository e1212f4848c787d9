"""Registering, confirming an address, and asking for a new password: the same answer for every address, known or not.

These stand in for Flask-Security's views of the same names: nothing is changed by a GET, and the letter is written by the
worker, so neither text, status nor time tells whether an account exists.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import hash_password
from flask_security.confirmable import confirm_email_token_status

from marketplace.accounts import services
from marketplace.accounts.forms import AddressForm, ConfirmForm, RegisterForm
from marketplace.accounts.views import sign_in_forms, throttle
from marketplace.accounts.views.blueprint import bp
from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.i18n import language
from marketplace.core.web import actor, public, safe_next
from marketplace.core.web.languages import has_endpoint

_LETTERS_PER_HOUR = 5
_HOUR = dt.timedelta(hours=1)
_ASKED = "asked_address"


def register() -> ResponseReturnValue:
    """Open an account."""
    if actor().is_authenticated:
        return redirect(url_for("accounts.settings"))
    form = RegisterForm(data={"email": request.args.get("email", "")[:254], "language": language()})
    if form.validate_on_submit() and _password_is_good(form):
        email = str(form.email.data)
        throttle.reserve("register", email, limit=_LETTERS_PER_HOUR, window=_HOUR)
        password_hash = hash_password(str(form.password.data))  # before the transaction: it takes a while
        with transaction():
            services.register(
                email=email,
                name=str(form.name.data),
                language=str(form.language.data),
                password_hash=password_hash,
                now=clock.now(),
                next_path=safe_next(request.args.get("next")),
            )
        return asked(email)
    return render_template("security/register_user.html", form=form, hint=sign_in_forms.password_hint()), _status(form)


def _password_is_good(form: RegisterForm) -> bool:
    about = [str(form.name.data), str(form.email.data).split("@")[0]]
    problems, plain = current_app.extensions["security"].password_util.validate(str(form.password.data), True, about=about)
    form.password.data = plain
    form.password.errors = [*form.password.errors, *(problems or ())]
    return not problems


def _status(form: object) -> int:
    return 422 if request.method == "POST" and getattr(form, "errors", None) else 200


def asked(email: str) -> ResponseReturnValue:
    """On to the page that says what happens next."""
    session[_ASKED] = email
    return redirect(url_for("accounts.check_mail"))


@bp.get("/account/check-mail")
@public
def check_mail() -> ResponseReturnValue:
    """What happens next, after registering or asking for a letter."""
    return render_template("accounts/check_mail.html", address=session.get(_ASKED, ""))


def forgot_password() -> ResponseReturnValue:
    """Ask for a letter with a link to set a new password."""
    return _letter_form("reset", "security/forgot_password.html")


def send_confirmation() -> ResponseReturnValue:
    """Ask for the confirmation letter again."""
    return _letter_form("confirm", "security/send_confirmation.html")


def _letter_form(kind: str, template: str) -> ResponseReturnValue:
    form = AddressForm()
    if form.validate_on_submit():
        email = str(form.email.data)
        throttle.reserve("letter", email, limit=_LETTERS_PER_HOUR, window=_HOUR)
        with transaction():
            services.ask_for_letter(kind, email, language=language(), now=clock.now())
        return asked(email)
    return render_template(template, form=form), _status(form)


def confirm_email(token: str) -> ResponseReturnValue:
    """Show what will be confirmed; the button confirms. Programs that follow links in letters change nothing."""
    is_expired, is_invalid, user = confirm_email_token_status(token)  # type: ignore[no-untyped-call]
    if user is None or is_invalid or is_expired:
        return render_template("security/confirm_email.html", form=None), 400
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("security/confirm_email.html", form=form, address=user.email, is_done=bool(user.confirmed_at))
    with transaction():
        services.confirm(user.id, now=clock.now())
    flash(_("Your address is confirmed. Sign in now."), "success")
    return redirect(url_for("security.login", next=safe_next(request.args.get("next")) or None))


def two_factor_rescue() -> ResponseReturnValue:
    """Without the app, a recovery code is the way in."""
    return redirect(url_for("security.mf_recovery"))


REPLACED: dict[str, Callable[..., ResponseReturnValue]] = {
    "register": register,
    "forgot_password": forgot_password,
    "send_confirmation": send_confirmation,
    "confirm_email": confirm_email,
    "two_factor_rescue": two_factor_rescue,
}


@bp.get("/account/")
@public
def signed_in() -> ResponseReturnValue:
    """Where signing in leads when no page asked for it: the desk."""
    if not actor().is_authenticated:
        return redirect(url_for("security.login"))
    return redirect(url_for("insights.desk" if has_endpoint("insights.desk") else "accounts.settings"))
