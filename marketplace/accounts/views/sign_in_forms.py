"""Flask-Security's forms in our words and order; each try is counted before a password or code is looked at."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user, verify_password
from flask_security import forms as theirs
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.utils import get_message
from flask_security.webauthn import WebAuthnRegisterForm
from markupsafe import Markup
from wtforms import EmailField, HiddenField, PasswordField, RadioField, StringField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from marketplace.accounts import queries
from marketplace.accounts.forms import is_address
from marketplace.accounts.views import ledger, sessions, throttle
from marketplace.core import audit, clock
from marketplace.core.errors import Throttled
from marketplace.core.labels import error_text
from marketplace.core.policy import Actor

_MAX_TYPED = 1000
_ENTER_PASSWORD = _l("Enter your password.")


def password_hint() -> str:
    """What a good password is, beside every field that takes a new one."""
    return str(_("At least 8 characters, better 15 or more. A short sentence is good; no kind of character is required."))


def try_once(form: Any, purpose: str, account: str) -> int | None:
    """Count a try; over the limit the form says when to try again (status 429) and None comes back."""
    try:
        return throttle.reserve(purpose, account)
    except Throttled as error:
        seconds = int(error.params["seconds"])
        form.form_errors.append(error_text("throttled", minutes=max(1, -(-seconds // 60))))
        g.throttled_seconds = seconds
        return None


def _note_failure(what: str, user: Any) -> None:
    """Record a failure of a person (or of nobody we know) without any secret: neither password nor typed address."""
    actor = Actor(user_id=user.id if user else None)
    thing = ("users", user.id if user else 0)
    now = clock.now()
    ledger.later(lambda: audit.record("accounts.sign_in_failed", thing, actor=actor, at=now, what=what))


class SignInForm(theirs.LoginForm):
    """Address and password. Whatever is wrong with them, the answer is one and the same."""

    email = EmailField(
        _l("E-mail address"),
        validators=[DataRequired(_l("Enter your e-mail address.")), Length(max=254)],
        filters=[lambda text: text.strip().lower() if text else text],
        render_kw={"autocomplete": "username", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"),
        validators=[DataRequired(_ENTER_PASSWORD), Length(max=_MAX_TYPED)],
        render_kw={"autocomplete": "current-password"},
    )
    remember = None
    submit = SubmitField(_l("Sign in"))

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.password.description = ""

    def validate(self, **kwargs: Any) -> bool:
        if not theirs.Form.validate(self, **kwargs):
            return False
        attempt = try_once(self, "login", self.email.data or "")
        if attempt is None:
            return False
        if super().validate(**kwargs) and self._is_allowed_here():
            throttle.succeeded(attempt)
            return True
        if self.requires_confirmation:
            throttle.succeeded(attempt)  # the password was right
            self._ask_to_confirm()
        else:
            if self.user is None:
                queries.anybody()  # an unknown address costs the reading of a person, too
            _note_failure("password", self.user)
        return False

    def _is_allowed_here(self) -> bool:
        """Demonstration accounts have known passwords, so they work on the machine itself only."""
        if getattr(self.user, "is_demo", False) and not sessions.is_loopback():
            self.password.errors = [_("Wrong password")]
            return False
        return True

    def _ask_to_confirm(self) -> None:
        self.email.errors = []
        link = Markup('<a href="{}">{}</a>').format(url_for("security.send_confirmation"), _("Send the letter again"))
        text = _("Your e-mail address is not confirmed yet. Open the link in our letter.")
        self.form_errors.append(Markup("{} {}").format(text, link))


class ProveForm(theirs.VerifyForm):
    """The password once more, before something sensitive."""

    password = PasswordField(
        _l("Password"),
        validators=[DataRequired(_ENTER_PASSWORD), Length(max=_MAX_TYPED)],
        render_kw={"autocomplete": "current-password"},
    )
    submit = SubmitField(_l("Continue"))

    def validate(self, **kwargs: Any) -> bool:
        if not theirs.Form.validate(self, **kwargs):
            return False
        attempt = try_once(self, "prove", str(current_user.id))
        if attempt is None:
            return False
        if super().validate(**kwargs):
            throttle.succeeded(attempt)
            return True
        _note_failure("proof", current_user)
        return False


class ChangePasswordForm(theirs.ChangePasswordForm):
    """The present password and a new one."""

    password = PasswordField(
        _l("Present password"),
        validators=[DataRequired(_ENTER_PASSWORD), Length(max=_MAX_TYPED)],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        _l("New password"),
        validators=[DataRequired(_l("Enter a new password.")), Length(max=_MAX_TYPED)],
        render_kw={"autocomplete": "new-password"},
    )
    new_password_confirm = None
    submit = SubmitField(_l("Change the password"))

    def validate(self, **kwargs: Any) -> bool:
        if not theirs.Form.validate(self, **kwargs):
            return False
        attempt = try_once(self, "prove", str(current_user.id))
        if attempt is None:
            return False
        is_good = super().validate(**kwargs)
        if is_good or not self.password.errors:
            throttle.succeeded(attempt)
        else:
            _note_failure("proof", current_user)
        return is_good


class ChangeAddressForm(theirs.Form):
    """A new e-mail address, and the present password. Whether the address is taken is nobody's business here."""

    email = EmailField(
        _l("New e-mail address"),
        validators=[DataRequired(_l("Enter the new e-mail address.")), Length(max=254), is_address],
        filters=[lambda text: text.strip().lower() if text else text],
        render_kw={"autocomplete": "email", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Present password"),
        validators=[DataRequired(_ENTER_PASSWORD), Length(max=_MAX_TYPED)],
        render_kw={"autocomplete": "current-password"},
    )

    def validate_email(self, field: EmailField) -> None:
        """One's own address needs no change."""
        if field.data == current_user.email:
            raise ValidationError(error_text("address_same"))

    def validate(self, **kwargs: Any) -> bool:
        if not super().validate(**kwargs):
            return False
        attempt = try_once(self, "prove", str(current_user.id))
        if attempt is None:
            return False
        plain = current_app.extensions["security"].password_util.normalize(self.password.data)
        if current_user.password and verify_password(plain, current_user.password):
            throttle.succeeded(attempt)
            return True
        self.password.errors = [get_message("INVALID_PASSWORD")[0]]
        _note_failure("proof", current_user)
        return False


class ResetPasswordForm(theirs.ResetPasswordForm):
    """A new password, by the link of a letter."""

    password = PasswordField(
        _l("New password"),
        validators=[DataRequired(_l("Enter a new password.")), Length(max=_MAX_TYPED)],
        render_kw={"autocomplete": "new-password"},
    )
    password_confirm = None
    submit = SubmitField(_l("Set the password"))


class SetUpForm(theirs.TwoFactorSetupForm):
    """Set up the app, or switch it off; there is one method, so there is nothing to choose."""

    setup = HiddenField()
    phone = HiddenField()


class RescueForm(theirs.TwoFactorRescueForm):
    """Unused (a recovery code is the way in without the app), but the library builds it with every code page."""

    help_setup = RadioField(choices=[SelectChoice("help", "")])


class CodeForm(theirs.TwoFactorVerifyCodeForm):
    """Six digits of the authenticator app. Each code works once."""

    code = StringField(
        _l("Code from the app"),
        validators=[DataRequired(_l("Enter the six digits.")), Length(max=20)],
        filters=[lambda text: "".join(text.split()) if text else text],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    submit = SubmitField(_l("Continue"))

    def validate(self, **kwargs: Any) -> bool:
        if not theirs.Form.validate(self, **kwargs):
            return False
        attempt = try_once(self, "code", self.user.email if self.user else "")
        if attempt is None:
            return False
        if super().validate(**kwargs):
            throttle.succeeded(attempt)
            return True
        _note_failure("code", self.user)
        return False


class RecoveryForm(MfRecoveryForm):
    """One of the recovery codes instead of the app. Each works once."""

    code = StringField(
        _l("Recovery code"),
        validators=[DataRequired(_l("Enter one of your recovery codes.")), Length(max=40)],
        filters=[lambda text: text.strip().lower() if text else text],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    submit = SubmitField(_l("Continue"))

    def validate(self, **kwargs: Any) -> bool:
        if not theirs.Form.validate(self, **kwargs):
            return False
        attempt = try_once(self, "code", self.user.email if self.user else "")
        if attempt is None:
            return False
        if super().validate(**kwargs):
            throttle.succeeded(attempt)
            return True
        _note_failure("recovery_code", self.user)
        return False


class PasskeyForm(WebAuthnRegisterForm):
    """A name for a new passkey. It signs in alone, so it must check the person (PIN, finger, face)."""

    name = StringField(
        _l("A name for this passkey"),
        description=_l("For example: office laptop"),
        validators=[DataRequired(_l("Give the passkey a name.")), Length(max=40)],
    )
    usage = HiddenField(default="first")
    submit = SubmitField(_l("Continue"))

    def validate(self, **kwargs: Any) -> bool:
        self.usage.data = "first"  # whatever was sent
        return super().validate(**kwargs)
