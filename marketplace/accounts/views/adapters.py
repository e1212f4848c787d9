"""Where Flask-Security lets an application have its own way: passwords, letters, one-time codes, passkeys."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_security import MailUtil, PasswordUtil, Totp, WebauthnUtil
from webauthn.helpers.structs import AuthenticatorSelectionCriteria, ResidentKeyRequirement, UserVerificationRequirement

from marketplace.accounts.rules import passwords
from marketplace.accounts.views import ledger
from marketplace.core import mail
from marketplace.core.i18n import language
from marketplace.core.labels import error_text


class Passwords(PasswordUtil):
    """Which passwords are accepted: our rules, with the words that belong to the person."""

    def validate(self, password: str, is_register: bool, **values: Any) -> tuple[list[str] | None, str]:
        del is_register
        plain = self.normalize(password)
        user = values.get("user")
        about = [user.name, user.email.split("@")[0]] if user else [str(text) for text in values.get("about", ())]
        return [error_text(code) for code in passwords.problems(plain, about=about)] or None, plain


class Mails(MailUtil):
    """Letters of the library go through our queue, in the transaction at the end of the request."""

    def normalize(self, email: str) -> str:
        return email.strip().lower()

    def send_mail(  # noqa: PLR0917 - the library's signature
        self, template: str, subject: str, recipient: Any, sender: Any, body: str | None, html: str | None, **kwargs: Any
    ) -> None:
        del template, sender, kwargs
        in_language = language()
        ledger.later(lambda: mail.queue(str(recipient), str(subject), body or "", html=html or "", language=in_language))


class OneTimeTotp(Totp):
    """Codes of the authenticator app that work once: the time step of the last one is kept with the person."""

    def verify_totp(self, token: str, totp_secret: str, user: Any, window: int = 0) -> bool:
        # A new secret has no codes behind it; only the one in use has.
        g.totp_is_in_use = totp_secret == user.tf_totp_secret
        return super().verify_totp(token, totp_secret, user, window)

    def get_last_counter(self, user: Any) -> int | None:
        return user.tf_last_counter if g.totp_is_in_use else None

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        user.tf_last_counter = tmatch.counter


class Passkeys(WebauthnUtil):
    """Passkeys that sign in alone: kept in the authenticator, and only after it has checked the person."""

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        del user, usage
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        )

    def user_verification(self, user: Any, usage: list[str]) -> UserVerificationRequirement:
        del user, usage
        return UserVerificationRequirement.REQUIRED
