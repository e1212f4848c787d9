"""Changing one's e-mail address: asking for it, confirming by the link in the new box, taking it back by the one in the old.

These stand in for Flask-Security's views of the same names (its signature, its time limit and its addresses are used): a
GET changes nothing, the answer is one for free and taken addresses, and a link confirms only in a browser of the same
person, so that a typing error gives the account to nobody.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from typing import Any

from flask import current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import hash_password
from flask_security.utils import check_and_get_token_status

from marketplace.accounts import handlers, queries, services
from marketplace.accounts.forms import ConfirmForm
from marketplace.accounts.models import AddressChange
from marketplace.accounts.rules import OLD_ADDRESS_KEPT, token_hash
from marketplace.accounts.views import entrance, ledger, sessions, throttle
from marketplace.accounts.views.blueprint import bp
from marketplace.accounts.views.sign_in_forms import ChangeAddressForm
from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.errors import Forbidden, RuleError
from marketplace.core.web import actor, member_only, public

_ASKED_PER_HOUR = 5
_HOUR = dt.timedelta(hours=1)


def _within() -> dt.timedelta:
    found: dt.timedelta = current_app.config["SECURITY_CHANGE_EMAIL_WITHIN"]
    return found


def change_email() -> ResponseReturnValue:
    """Ask for another address, with the password."""
    who = actor()
    if not who.is_authenticated:
        raise Forbidden("sign_in")
    form = ChangeAddressForm()
    if not form.validate_on_submit():
        page: str = current_app.extensions["security"].render_template("security/change_email.html", change_email_form=form)
        return page  # with the status of its errors or of used-up tries: security.py
    new, now = str(form.email.data), clock.now()
    for whose in (f"by {who.user_id}", new):
        throttle.reserve("new address", whose, limit=_ASKED_PER_HOUR, window=_HOUR)
    ledger.later(lambda: services.ask_for_address(new, actor=who, within=_within(), now=now))
    flash(
        _(
            "A letter to %(address)s is on its way. Open its link within two hours; until then your present address counts.",
            address=new,
        ),
        "success",
    )
    return redirect(url_for("accounts.settings"))


def change_email_confirm(token: str) -> ResponseReturnValue:
    """Show what will be confirmed; the button confirms."""
    if not actor().is_authenticated:
        raise Forbidden("sign_in")
    return _confirm_page(_change_of(token, "confirm", _within()), token)


def _change_of(token: str, purpose: str, within: dt.timedelta) -> AddressChange | None:
    is_expired, is_invalid, content = check_and_get_token_status(token, "change_email", within)
    if is_expired or is_invalid or not isinstance(content, list) or len(content) != 2 or content[0] != purpose:
        return None
    return queries.address_change(str(content[1]))


def _confirm_page(change: AddressChange | None, token: str, problem: str = "") -> ResponseReturnValue:
    """The page behind the link in the new box: a button, or why there is none."""
    is_mine = change is not None and change.user_id == actor().user_id
    works = is_mine and change is not None and change.is_open(clock.now()) and not problem
    values: dict[str, Any] = {
        "form": ConfirmForm(formdata=None) if works else None,
        "is_anothers": change is not None and not is_mine,
        "change": change if is_mine else None,
        "token": token,
    }
    return render_template("security/change_email_confirm.html", **values), 200 if works else 400


@bp.post("/account/change-email/<token>")
@member_only
def confirm_address(token: str) -> ResponseReturnValue:
    """Take the new address."""
    change = _change_of(token, "confirm", _within())
    form = ConfirmForm()
    if change is None or change.user_id != actor().user_id or not form.validate_on_submit():
        return _confirm_page(change, token)
    keep = token_hash(str(session.get(sessions.TOKEN, "")))
    try:
        with transaction():
            row, user = services.confirm_address(change.key, keep_token_hash=keep, actor=actor(), now=clock.now())
            handlers.tell_address_changed(row, user)
            address, uniquifier = user.email, user.fs_uniquifier
    except RuleError as error:
        if error.code != "address_link_ended":
            raise
        return _confirm_page(queries.address_change(change.key), token, error.code)
    session["_user_id"] = uniquifier  # the other sessions stay behind with the old one
    throttle.remember_device(address)
    flash(_("Your e-mail address is %(address)s now. All your other sessions have ended.", address=address), "success")
    return redirect(url_for("accounts.settings"))


@bp.post("/account/new-address/give-up")
@member_only
def give_up_address() -> ResponseReturnValue:
    """Keep the present address after all."""
    with transaction():
        services.give_up_address(actor=actor(), now=clock.now())
    flash(_("Your address stays as it is; the link in the letter no longer works."), "success")
    return redirect(url_for("accounts.settings"))


@bp.route("/account/take-back-address/<token>", methods=["GET", "POST"])
@public
def take_back_address(token: str) -> ResponseReturnValue:
    """Say, by the link in the old box, that it was not oneself: the old address counts again and everybody is signed out."""
    change = _change_of(token, "take_back", 2 * OLD_ADDRESS_KEPT)
    if change is None or not change.can_be_taken_back(clock.now()):
        return render_template("accounts/take_back_address.html", form=None), 400
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("accounts/take_back_address.html", form=form, change=change)
    nobody_knows = hash_password(secrets.token_urlsafe(32))  # before the transaction: it takes a while
    with transaction():
        user = services.take_back_address(change.key, password_hash=nobody_knows, now=clock.now())
        address = user.email
    flash(_("%(address)s counts again, and everybody is signed out. Set a new password now.", address=address), "success")
    return entrance.asked(address)


REPLACED: dict[str, Callable[..., ResponseReturnValue]] = {
    "change_email": change_email,
    "change_email_confirm": change_email_confirm,
}
