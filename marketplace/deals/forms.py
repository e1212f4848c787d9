"""The shape of what people type in conversations: enquiry, message, closing, report, resolution."""

from __future__ import annotations

import secrets
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from config import MEGABYTE, Default
from marketplace.core.errors import UploadRefused
from marketplace.core.files import MAX_BYTES, Accepted, accept
from marketplace.core.labels import error_text
from marketplace.core.policy import Actor
from marketplace.deals import labels, policy
from marketplace.deals.rules import MAX_FILES, MAX_MESSAGE

_ONE_TIME = r"[A-Za-z0-9_-]{20,64}"


def new_token() -> str:
    """What makes two posts of one page view one thing."""
    return secrets.token_urlsafe(24)


class TokenForm(FlaskForm):
    """A form that leaves once: its token is new for each page view."""

    form_token = HiddenField(default=new_token, validators=[Regexp(_ONE_TIME)])

    def fresh_token(self) -> None:
        """Keep a well-formed token over a failed try; replace anything else."""
        if "form_token" in self.errors or not self.form_token.data:
            self.form_token.data = new_token()


class MessageForm(TokenForm):
    """A message with its files."""

    body = TextAreaField(
        _l("Message"),
        [
            DataRequired(_l("Write a message.")),
            Length(max=MAX_MESSAGE, message=_l("Shorten the message to %(max)d characters.")),
        ],
    )
    files = MultipleFileField(
        _l("Files"),
        [Optional()],
        description=_l(
            "PDF, Word, Excel, PowerPoint or pictures; at most %(count)s files of %(size)s MB, %(all)s MB in all. "
            "Only the two sides can open them.",
            count=MAX_FILES,
            size=MAX_BYTES // MEGABYTE,
            all=Default.MAX_CONTENT_LENGTH // MEGABYTE,
        ),
    )

    def accepted_files(self) -> list[Accepted] | None:
        """The uploads that were really chosen, judged; None (with words at the field) when one is refused."""
        chosen = [upload for upload in self.files.data or [] if upload and upload.filename]
        if len(chosen) > MAX_FILES:
            self.files.errors = [error_text("too_many_files", most=MAX_FILES)]
            return None
        accepted = []
        for upload in chosen:
            try:
                accepted.append(accept(upload.stream, upload.filename))
            except UploadRefused as refused:
                self.files.errors = [f"{upload.filename}: {error_text(refused.code, **refused.params)}"]
                return None
        return accepted


class EnquiryForm(MessageForm):
    """The first message: in whose name, and what for."""

    as_org = RadioField(_l("In the name of"), [InputRequired(_l("Choose in whose name you ask."))], coerce=int)
    purpose = RadioField(
        _l("What is it about?"),
        [InputRequired(_l("Choose what it is about."))],
        choices=[SelectChoice(key.value, words) for key, words in labels.PURPOSES.items()],
    )

    def offer(self, actor: Actor, language: str) -> None:
        """Fill in the actor's organisations that may ask; a single one is chosen already."""
        may = policy.orgs_to_ask_with(actor)
        mine = [m for m in actor.memberships if m.org_id in may]
        names = [_name(m.org_name_zh, m.org_name_en, language) for m in mine]
        self.as_org.choices = [SelectChoice(m.org_id, name) for m, name in zip(mine, names, strict=True)]
        if len(mine) == 1 and self.as_org.data is None:
            self.as_org.data = mine[0].org_id


def _name(zh: str, en: str, language: str) -> str:
    return (en or zh) if language == "en" else (zh or en)


class CloseForm(TokenForm):
    """How the talk ended, with a last word."""

    outcome = RadioField(
        _l("How did it end?"),
        [InputRequired(_l("Choose how it ended."))],
        choices=[SelectChoice(key.value, words) for key, words in labels.OUTCOMES.items()],
    )
    note = TextAreaField(
        _l("A last message"), [Optional(), Length(max=MAX_MESSAGE, message=_l("Shorten the message to %(max)d characters."))]
    )


class ReportForm(FlaskForm):
    """What is wrong."""

    reason = RadioField(
        _l("What is wrong?"),
        [InputRequired(_l("Choose what is wrong."))],
        choices=[SelectChoice(key.value, words) for key, words in labels.REASONS.items()],
    )
    note = TextAreaField(
        _l("What should the administrators know?"),
        [Optional(), Length(max=1000, message=_l("Shorten the text to %(max)d characters."))],
    )


class ResolveForm(FlaskForm):
    """What was done about a report."""

    resolution = RadioField(
        _l("What was done?"),
        [InputRequired(_l("Choose what was done."))],
        choices=[SelectChoice(key.value, words) for key, words in labels.RESOLUTIONS.items()],
    )
    note = TextAreaField(
        _l("Note for the file"), [Optional(), Length(max=1000, message=_l("Shorten the text to %(max)d characters."))]
    )


def data_of(form: MessageForm, **more: Any) -> dict[str, Any]:
    """What the services take from a message form."""
    return {"body": form.body.data or "", "form_token": form.form_token.data or "", **more}
