"""Matches of a need with achievements and back: candidates from the index, scored by the rules, each with its reasons.

Two stages: the engine finds at most some hundred candidates the actor may see (open, the other kind, another
organisation), the rules score all of them. Explanations are made only for those that are shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from marketplace.core import i18n, search
from marketplace.core.db import current_session
from marketplace.core.policy import Actor
from marketplace.listings import queries as listings
from marketplace.listings import search_docs
from marketplace.listings.models import Achievement, Listing, Need
from marketplace.listings.queries import Card
from marketplace.listings.states import ON_SHOW, ListingKind
from marketplace.matching import rules
from marketplace.matching.models import MatchFeedback
from marketplace.matching.policy import WRITERS, Pair
from marketplace.matching.queries import answers as answering
from marketplace.matching.queries import weights as weighing
from marketplace.matching.queries.hits import visible_cards
from marketplace.matching.queries.search import open_at, scope_of
from marketplace.taxonomy import queries as taxonomy
from search_index.documents import KINDS, Kind, ListingDocument, seq_of
from search_index.engine import EngineUnavailable
from search_index.requests import Candidate, SharedTerm, SimilarRequest

CANDIDATES = 400
SHOWN = 10
# A pair below this score is no match worth a person's time; the page says that there is none yet.
LEAST_SCORE = 0.55
MOST_OWN = 100


@dataclass(frozen=True, slots=True)
class Match:
    """One counterpart with its score in [0, 1], its components and the reasons as data (labels word them)."""

    need_id: int
    achievement_id: int
    card: Card
    document: ListingDocument
    score: float
    components: rules.Components
    reasons: tuple[rules.MatchReason, ...]
    terms: tuple[SharedTerm, ...]
    weights_version: int
    answer: MatchFeedback | None = None


@dataclass(frozen=True, slots=True)
class Matches:
    """Best matches of one listing. `is_available` is False while the engine cannot answer."""

    listing: Listing
    subject: ListingDocument
    items: Sequence[Match] = ()
    weights: rules.Weights = rules.DEFAULT_WEIGHTS
    is_available: bool = True
    can_judge: bool = False
    was_reordered: bool = False


def matches_of(listing: Listing, actor: Actor, now: dt.datetime, *, limit: int = SHOWN, language: str | None = None) -> Matches:
    """The best matches of a listing (loaded with `listings.queries.listing`) that the actor may see.

    Shared words are told in `language`, by default the one being spoken, where both texts have it.
    """
    language = language or i18n.language()
    subject = search_docs.document(listing, taxonomy.current())
    judges = listing.org_id in actor.org_ids_as(*WRITERS, verified=True)
    weights = weighing.current()
    answers = answering.answers_about(listing, actor)
    try:
        ranked = _ranked(subject, actor, now, answers=answers, weights=weights)
        chosen = _visible(ranked, actor, limit)
        items = [_explained(subject, one, weights, language=language) for one in chosen]
    except EngineUnavailable:
        return Matches(listing, subject, is_available=False, weights=weights)
    if judges:
        items = _with_answers(items, listing.org_id)
    return Matches(listing, subject, items, weights, can_judge=judges, was_reordered=bool(answers))


def pair(need_id: int, achievement_id: int) -> Pair | None:
    """Both sides of a match, loaded; None when one of them does not exist."""
    need = listings.record(ListingKind.NEED, need_id)
    achievement = listings.record(ListingKind.ACHIEVEMENT, achievement_id)
    return Pair(need, achievement) if isinstance(need, Need) and isinstance(achievement, Achievement) else None


def score_of_pair(need: Listing, achievement: Listing, weights: rules.Weights) -> tuple[rules.Components, float] | None:
    """Components and plain score of one pair, without anybody's answers; None when the index does not hold the pair."""
    subject = search_docs.document(need, taxonomy.current())
    only = (search_docs.document_id(achievement),)
    request = SimilarRequest(subject=subject, kind="achievement", only=only, limit=1)
    found = search.ask(lambda engine: engine.similar(request))
    if not found:
        return None
    components = _components(subject, found[0])
    return components, rules.score(components, weights)


@dataclass(frozen=True, slots=True)
class _Ranked:
    scored: rules.Scored
    candidate: Candidate

    @property
    def listing_id(self) -> int:
        return seq_of(self.scored.id) >> 1


def candidates_of(subject: ListingDocument, actor: Actor, now: dt.datetime) -> dict[str, tuple[rules.Components, Candidate]]:
    """Document id -> components and candidate, for everything the actor may see that could be a counterpart."""
    other: Kind = KINDS[1 - KINDS.index(subject.kind)]
    request = SimilarRequest(subject=subject, kind=other, scope=scope_of(actor), limit=CANDIDATES, open_at=open_at(now))
    found = search.ask(lambda engine: engine.similar(request))
    return {one.document.id: (_components(subject, one), one) for one in found}


def _ranked(
    subject: ListingDocument, actor: Actor, now: dt.datetime, *, answers: Sequence[rules.Answer], weights: rules.Weights
) -> list[_Ranked]:
    found = candidates_of(subject, actor, now)
    pairs = [(name, components) for name, (components, _) in found.items()]
    return [_Ranked(one, found[one.id][1]) for one in rules.rank(pairs, answers, weights) if one.score >= LEAST_SCORE]


def _components(subject: ListingDocument, found: Candidate) -> rules.Components:
    return rules.compare(subject, found.document, found.text.value)


def _visible(ranked: Sequence[_Ranked], actor: Actor, limit: int) -> list[tuple[_Ranked, Card]]:
    """The first `limit` that the database shows to the actor now; an index that lags behind decides nothing alone."""
    first = ranked[: limit + 5]
    cards = {card.id: card for card in visible_cards([one.listing_id for one in first], actor)}
    return [(one, cards[one.listing_id]) for one in first if one.listing_id in cards][:limit]


def _explained(subject: ListingDocument, chosen: tuple[_Ranked, Card], weights: rules.Weights, *, language: str) -> Match:
    one, card = chosen
    other = one.candidate.document
    terms = search.ask(lambda engine: engine.explain(subject, other, language=language))
    need, achievement = rules.sides(subject, other)
    return Match(
        need_id=seq_of(need.id) >> 1,
        achievement_id=seq_of(achievement.id) >> 1,
        card=card,
        document=other,
        score=one.scored.score,
        components=one.scored.components,
        reasons=rules.reasons(
            subject, other, [_written(term, subject, other) for term in terms], by_meaning=bool(one.candidate.text.meaning)
        ),
        terms=terms,
        weights_version=weights.version,
    )


@dataclass(frozen=True, slots=True)
class _Term:
    text: str
    weight: float


def _written(term: SharedTerm, subject: ListingDocument, other: ListingDocument) -> _Term:
    """A shared term as one of the texts writes it: the index knows it as a stem."""
    for document, spans in ((other, term.in_candidate), (subject, term.in_subject)):
        for span in spans:
            return _Term(getattr(document, span.field)[span.start : span.end], term.weight)
    return _Term(term.text, term.weight)


def _with_answers(items: Sequence[Match], org_id: int) -> list[Match]:
    found = answering.own_answers([m.need_id for m in items], [m.achievement_id for m in items], org_id)
    return [_answered(match, found.get((match.need_id, match.achievement_id))) for match in items]


def _answered(match: Match, answer: MatchFeedback | None) -> Match:
    return replace(match, answer=answer)


def own_on_show(actor: Actor) -> list[Card]:
    """The listings on show of the actor's organisations, newest first: those that can have matches."""
    query = select(Listing.id).where(Listing.org_id.in_(actor.org_ids), Listing.state.in_(ON_SHOW))
    ids = current_session().scalars(query.order_by(Listing.published_at.desc(), Listing.id.desc()).limit(MOST_OWN)).all()
    return listings.cards(ids, actor)
