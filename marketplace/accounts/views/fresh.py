"""Sensitive pages ask for the password again when the sign-in is older than half an hour (ASVS 7.5.1)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, session, url_for
from flask_babel import gettext as _

from marketplace.accounts.views.security import FRESH
from marketplace.core import clock

View = Callable[..., Any]


def needs_fresh_sign_in(view: View) -> View:
    """Send to the password page first, unless it was given lately. Stands under the access decorator."""

    @functools.wraps(view)
    def guarded(**arguments: Any) -> Any:
        if clock.now().timestamp() - float(session.get("fs_paa", 0)) > FRESH.total_seconds():
            flash(_("Enter your password once more before you change this."), "info")
            back = request.full_path.rstrip("?") if request.method == "GET" else url_for("accounts.settings")
            return redirect(url_for("security.verify", next=back))
        return view(**arguments)

    return guarded
