"""Confirming from a mail without signing in: the link shows one listing and one button, the button confirms.

The link acts for the person it was sent to, with what that person may do at this moment; a removed member's link is dead.
"""

from __future__ import annotations

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from marketplace.accounts import queries as accounts
from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.errors import MarketError, RuleError
from marketplace.core.labels import error_text
from marketplace.core.policy import ANONYMOUS, Actor
from marketplace.core.web import public
from marketplace.listings import labels, policy, queries, services
from marketplace.listings.models import Listing
from marketplace.listings.rules import links
from marketplace.listings.rules.links import ConfirmLink
from marketplace.listings.states import ON_SHOW
from marketplace.listings.views.blueprint import bp


def _read(token: str) -> ConfirmLink:
    """The link behind the token. Raises RuleError link_expired or link_broken."""
    try:
        return links.read(token, secret=str(current_app.config["SECRET_KEY"]))
    except links.LinkExpired as error:
        raise RuleError("link_expired") from error
    except links.LinkBroken as error:
        raise RuleError("link_broken") from error


def _person(link: ConfirmLink) -> Actor:
    user = accounts.person(link.user_id)
    return accounts.actor_of(user) if user is not None and user.active else ANONYMOUS


def _listing(link: ConfirmLink, who: Actor) -> Listing:
    """The listing, if this person may still confirm it and it was not confirmed since the mail. Raises RuleError."""
    listing = queries.listing(link.listing_id)
    if listing is None or not policy.can_confirm(who, listing):
        raise RuleError("link_broken")
    if listing.state not in ON_SHOW or listing.confirmed_at is None or links.period_of(listing.confirmed_at) != link.period:
        raise RuleError("link_used")
    return listing


def _problem(error: MarketError) -> ResponseReturnValue:
    text = error_text(error.code, **error.params)
    return render_template("listings/confirm_by_link.html", listing=None, problem=text, labels=labels), 410


@bp.get("/confirm/<token>")
@public
def confirm_by_link(token: str) -> ResponseReturnValue:
    """Show the listing and one button. Nothing changes here: mail programs open links by themselves."""
    try:
        link = _read(token)
        listing = _listing(link, _person(link))
    except RuleError as error:
        return _problem(error)
    return render_template("listings/confirm_by_link.html", listing=listing, token=token, terms=queries.terms(), labels=labels)


@bp.post("/confirm/<token>")
@public
def confirm_from_mail(token: str) -> ResponseReturnValue:
    """Confirm."""
    try:
        link = _read(token)
        who = _person(link)
        _listing(link, who)
        with transaction():
            services.confirm(link.listing_id, actor=who, now=clock.now(), period=link.period)
    except RuleError as error:
        return _problem(error)
    listing = queries.listing(link.listing_id)
    return render_template("listings/confirm_by_link.html", listing=listing, is_done=True, terms=queries.terms(), labels=labels)
