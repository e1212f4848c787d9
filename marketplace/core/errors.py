"""What can go wrong by rule. Services raise these; core.web turns each into one page, one status, in one place."""

from __future__ import annotations

from typing import Any


class MarketError(Exception):
    """Parent of all. `code` names the message in labels; `params` fill it."""

    code = "error"

    def __init__(self, code: str | None = None, **params: Any) -> None:
        if code is not None:
            self.code = code
        self.params = params
        super().__init__(self.code)


class RuleError(MarketError):
    """A rule of the domain says no: 409, or an error at the form."""


class Forbidden(MarketError):
    """The actor may not do this: 403, or the log-in page for a visitor. `code` is the reason of the policy."""


class NotFound(MarketError):
    """There is no such thing, or this actor must not learn that there is: 404."""


class StepNotAllowed(RuleError):
    """The workflow has no such step from the present state."""

    code = "step_not_allowed"


class EditConflict(RuleError):
    """Somebody else saved in between; `theirs` tells the version found."""

    code = "edit_conflict"


class Throttled(MarketError):
    """Too many tries; `seconds` says when the next is allowed: 429."""

    code = "throttled"


class UploadRefused(RuleError):
    """A file that is not accepted; the code says why."""

    code = "upload_refused"
