"""Matches of a listing with their reasons, and the answers people give to them. Works without script: each answer is a
form, and after it the page is shown anew, in its new order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from marketplace.core import clock, i18n
from marketplace.core.db import transaction
from marketplace.core.web import access, actor, errors, member_only
from marketplace.core.web.languages import has_endpoint
from marketplace.listings import policy as listings_policy
from marketplace.listings import queries as listings
from marketplace.listings.models import Listing
from marketplace.matching import labels, policy
from marketplace.matching.forms import AnswerForm
from marketplace.matching.queries import matches as reading
from marketplace.matching.queries.matches import Match, Matches
from marketplace.matching.rules import Code, MatchReason
from marketplace.matching.services import judging
from marketplace.matching.states import Reason, Verdict
from marketplace.matching.views import bp
from marketplace.matching.views.cards import Addresses, meta_of, pick
from marketplace.matching.views.search import response_figures
from search_index.documents import ListingDocument
from search_index.highlights import hits_of, marker_of


@dataclass(frozen=True, slots=True)
class _Shown:
    """A listing's own text with the shared words marked."""

    title: Markup
    title_lang: str
    snippet: Markup
    snippet_lang: str


@bp.get("/matches")
@member_only
def matches() -> ResponseReturnValue:
    """The actor's listings on show, to choose whose matches to see; with only one, its matches at once."""
    own = reading.own_on_show(actor())
    if len(own) == 1:
        return redirect(url_for("matching.of_listing", listing_id=own[0].id))
    may_start = bool(listings_policy.can_start(actor())) and has_endpoint("listings.choose")
    new_url = url_for("listings.choose") if may_start else ""
    return render_template("matching/matches.html", own=[_own_row(card) for card in own], new_url=new_url)


@bp.get("/matches/<int:listing_id>")
@access(listings_policy.can_see, load=listings.listing)
def of_listing(thing: Listing) -> ResponseReturnValue:
    """The matches of one listing that the reader may see."""
    found = reading.matches_of(thing, actor(), clock.now())
    words = [term.text for match in found.items for term in match.terms]
    return render_template(
        "matching/of_listing.html",
        listing=thing,
        matches=found,
        subject=_shown(found.subject, words),
        record_url=Addresses().record(str(thing.kind), thing.id),
    )


@bp.post("/matches/<int:need_id>/<int:achievement_id>/answer")
@access(policy.can_judge, load=reading.pair)
def answer(thing: policy.Pair) -> ResponseReturnValue:
    """Relevant, not relevant because of something, or no answer after all."""
    form = AnswerForm()
    if not form.validate_on_submit() or (form.verdict.data == Verdict.NOT_RELEVANT and not form.reason.data):
        return errors.page(422, _first_error(form))
    ids, who, now = (thing.need.id, thing.achievement.id), actor(), clock.now()
    with transaction():
        if form.verdict.data == "none":
            judging.take_back(*ids, actor=who, now=now)
        else:
            verdict = Verdict(form.verdict.data)
            reason = Reason(form.reason.data) if verdict is Verdict.NOT_RELEVANT else None
            judging.judge(*ids, verdict=verdict, reason=reason, note=form.note.data or "", actor=who, now=now)
    flash(_("Thank you. The matches are ordered anew."), "success")
    listing_id = next((i for i in ids if str(i) == form.listing.data), ids[0])
    other = ids[1] if listing_id == ids[0] else ids[0]
    return redirect(url_for("matching.of_listing", listing_id=listing_id, _anchor=f"match-{other}"))


def _first_error(form: AnswerForm) -> str:
    found = [str(text) for texts in form.errors.values() for text in texts]
    return found[0] if found else _("Say why the match is not relevant.")


@bp.app_template_global()
def match_cards(found: Matches) -> list[dict[str, Any]]:
    """The matches as macros/match.html draws them, and what the answer form needs. For the partial matching/_matches.html."""
    to = Addresses()
    figures = response_figures({match.card.org_id for match in found.items if match.card.org_id})
    return [_card(match, found, to, meta_of(match.card, figures)) for match in found.items]


def _card(match: Match, found: Matches, to: Addresses, meta: list[str]) -> dict[str, Any]:
    shown = _shown(match.document, [term.text for term in match.terms])
    enquire = url_for("deals.enquire", listing_id=match.card.id) if has_endpoint("deals.enquire") else ""
    return {
        "id": match.card.id,
        "title": shown.title,
        "lang": shown.title_lang,
        "url": to.record(match.card.kind, match.card.id),
        "snippet": shown.snippet,
        "snippet_lang": shown.snippet_lang,
        "score": match.score * 100,
        "meta": meta,
        "reasons": [_reason(one, match) for one in match.reasons] + [_quality(match)],
        "enquire_url": "" if match.card.is_own else enquire,
        "answer_url": url_for("matching.answer", need_id=match.need_id, achievement_id=match.achievement_id)
        if found.can_judge
        else "",
        "answer": _answer(match),
    }


def _answer(match: Match) -> dict[str, str] | None:
    if match.answer is None:
        return None
    reason = str(labels.REASONS[match.answer.reason]) if match.answer.reason else ""
    return {"verdict": str(match.answer.verdict), "text": str(labels.VERDICTS[match.answer.verdict]), "reason": reason}


def _reason(one: MatchReason, match: Match) -> dict[str, Any]:
    value = getattr(match.components, one.component)
    has_gap = one.code in (Code.MATURITY_GAP, Code.BUDGET_OVER, Code.BUDGET_PARTLY)
    return {
        "label": labels.COMPONENTS[one.component],
        "value": value,
        "gap": 1 - value if has_gap and value is not None else 0,
        "text": labels.reason(one),
    }


def _quality(match: Match) -> dict[str, Any]:
    value = match.components.quality
    return {"label": labels.COMPONENTS["quality"], "value": value, "gap": 0, "text": _("average of both records")}


def _shown(document: ListingDocument, words: Sequence[str]) -> _Shown:
    hit = hits_of([(0.0, document)], marker_of(list(dict.fromkeys(words))))[0]
    language = i18n.language()
    title, title_lang = pick({"zh": hit.title_zh, "en": hit.title_en}, language)
    snippet, snippet_lang = pick({"zh": hit.snippet_zh, "en": hit.snippet_en}, language)
    return _Shown(title, title_lang, snippet, snippet_lang)


def _own_row(card: Any) -> dict[str, Any]:
    return {
        "title": i18n.pick_marked(card.title),
        "url": url_for("matching.of_listing", listing_id=card.id),
        "tags": [{"text": labels.kind(card.kind), "kind": "info"}],
        "field": labels.choice("field", card.fields[0]) if card.fields else "",
        "meta": meta_of(card, {}),
    }


@bp.app_template_global()
def match_reason_choices() -> list[tuple[str, str]]:
    """(value, words) of "not relevant because"."""
    return [(value, str(words)) for value, words in labels.REASONS.items()]
