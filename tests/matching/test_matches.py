"""Matches both ways: what they show to whom, what answers do to them, whom they are announced to, how weights change."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Organisation
from marketplace.core import clock
from marketplace.core.audit import AuditEntry
from marketplace.core.db import current_session, transaction
from marketplace.core.errors import EditConflict, Forbidden, NotFound, RuleError
from marketplace.core.policy import ANONYMOUS
from marketplace.listings import queries as listing_queries
from marketplace.listings import services as listing_services
from marketplace.matching.models import MatchFeedback, MatchWeights
from marketplace.matching.queries import answers, preview, weights
from marketplace.matching.queries.matches import matches_of
from marketplace.matching.rules import DEFAULT_WEIGHTS, Code, Weights
from marketplace.matching.services import judging, weighing
from marketplace.matching.states import Reason, Verdict
from tests.factories import accounts, listings
from tests.factories.matching import index_now

FAR = {
    "title": {"zh": "小麦抗旱新品种", "en": "Drought-proof wheat"},
    "summary": {"zh": "亩产提高一成，节水三成，已在德州示范种植。", "en": "A tenth more yield with a third less water."},
    "description": {"zh": "通过分子标记选育，抗旱基因稳定遗传，适宜黄淮海旱地。" * 4, "en": "Bred by markers for dry land. " * 7},
    "keywords": {"zh": ["小麦", "抗旱"], "en": ["wheat"]},
    "fields": ["F28"],
}


def of(listing, actor=ANONYMOUS, **kwargs):
    """The matches of a listing as `actor` sees them."""
    return matches_of(listing_queries.listing(listing.id), actor, clock.now(), **kwargs)


def counterparts(found) -> list[int]:
    return [match.card.id for match in found.items]


@pytest.fixture
def pair(app):
    """A need with its owner, three fitting achievements with theirs, and one that has nothing to do with it."""
    buyer, firm = accounts.create_member(kind="enterprise")
    maker, lab = accounts.create_member(kind="university")
    need = listings.create_need(firm, actor=accounts.actor_of(buyer))
    fitting = [listings.create_achievement(lab, actor=accounts.actor_of(maker), maturity=level) for level in (7, 5, 3)]
    listings.create_achievement(**FAR)
    index_now()

    class Pair:
        pass

    made = Pair()
    made.need, made.fitting, made.buyer, made.maker = need, fitting, buyer, maker
    made.firm_id, made.lab_id = firm.id, lab.id
    return made


def test_both_directions_with_components_and_reasons(pair):
    found = of(pair.need)
    assert counterparts(found)[:3] == [row.id for row in pair.fitting]
    best = found.items[0]
    assert 0.7 < best.score <= 1
    assert {reason.component for reason in best.reasons} == {"text", "field", "maturity", "budget", "place"}
    codes = {reason.code for reason in best.reasons}
    assert {Code.SHARED_TERMS, Code.SAME_FIELD, Code.MATURITY_REACHED, Code.BUDGET_INSIDE, Code.SAME_PROVINCE} == codes
    assert found.items[2].reasons[2].params == {"have": 3, "wanted": 7}
    back = of(pair.fitting[0])
    assert counterparts(back) == [pair.need.id]
    assert back.items[0].score == pytest.approx(best.score)
    assert best.weights_version == DEFAULT_WEIGHTS.version


def test_only_what_the_reader_may_see_is_matched(app):
    need = listings.create_need()
    hidden = listings.create_achievement(audience="verified")
    shown = listings.create_achievement()
    own = listings.create_achievement(
        current_session().get(Organisation, need.org_id),
        actor=listings.owner_of(current_session().get(Organisation, need.org_id)),
    )
    index_now()
    member, _ = accounts.create_member(kind="enterprise")
    assert counterparts(of(need)) == [shown.id]
    assert set(counterparts(of(need, accounts.actor_of(member)))) == {shown.id, hidden.id}
    assert own.id not in counterparts(of(need, accounts.actor_of(member)))  # the same organisation is no counterpart


def test_an_anonymous_need_stays_masked_beside_an_achievement(client):
    org = accounts.create_organisation(kind="enterprise")
    need = listings.create_need(org, is_anonymous=True)
    achievement = listings.create_achievement()
    index_now()
    name = current_session().get(Organisation, need.org_id).name.zh
    page = client.get(f"/zh/matches/{achievement.id}").text
    assert f"match-{need.id}" in page
    assert name not in page


def test_pages_show_reasons_in_words_and_mark_shared_words(client, pair):
    page = client.get(f"/zh/matches/{pair.need.id}").text
    assert "共同提到：" in page
    assert "成熟度 3，期望 7：还差 4 级" in page
    assert "<mark>" in page
    english = client.get(f"/en/matches/{pair.need.id}").text
    assert "both speak of" in english
    assert 'name="verdict"' not in page  # a visitor cannot answer
    assert client.get(f"/zh/matches/{pair.need.id + 1000}").status_code == 404


# -- answers ----------------------------------------------------------------------------------------------------------


def answer(client, need_id, achievement_id, listing=None, **values):
    address = f"/zh/matches/{need_id}/{achievement_id}/answer"
    return client.post(address, data={"listing": str(listing or need_id), **values})


@pytest.fixture
def _no_csrf(app):
    app.config["WTF_CSRF_ENABLED"] = False
    yield
    app.config["WTF_CSRF_ENABLED"] = True


@pytest.mark.usefixtures("_no_csrf")
def test_an_answer_reorders_at_once_and_can_be_taken_back(client, pair):
    accounts.sign_in(client, pair.buyer)
    first, second, third = (row.id for row in pair.fitting)
    sent = answer(client, pair.need.id, first, verdict="not_relevant", reason="price", note="超出预算")
    assert sent.status_code == 302
    assert sent.location.endswith(f"/zh/matches/{pair.need.id}#match-{first}")
    actor = accounts.actor_of(pair.buyer)
    assert counterparts(of(pair.need, actor))[0] == second
    assert first not in counterparts(of(pair.need, actor))[:2]
    page = client.get(f"/zh/matches/{pair.need.id}").text
    assert "价格与预算不合" in page or first not in counterparts(of(pair.need, actor))
    answer(client, pair.need.id, third, verdict="relevant")
    assert counterparts(of(pair.need, actor))[0] == third
    assert "撤回评价" in client.get(f"/zh/matches/{pair.need.id}").text
    row = current_session().scalar(select(MatchFeedback).where(MatchFeedback.achievement_id == first))
    assert (row.org_id, row.reason, row.note, row.weights_version) == (pair.firm_id, Reason.PRICE, "超出预算", 1)
    assert row.components["text"] > 0.5
    assert 0.5 < row.score <= 1
    answer(client, pair.need.id, third, verdict="none")
    answer(client, pair.need.id, first, verdict="none")
    assert counterparts(of(pair.need, actor))[:3] == [first, second, third]


@pytest.mark.usefixtures("_no_csrf")
def test_an_answer_needs_its_reason(client, pair):
    accounts.sign_in(client, pair.buyer)
    assert answer(client, pair.need.id, pair.fitting[0].id, verdict="not_relevant").status_code == 422
    assert answer(client, pair.need.id, pair.fitting[0].id, verdict="perhaps").status_code == 422
    assert answer(client, pair.need.id, pair.fitting[0].id, verdict="not_relevant", reason="mood").status_code == 422
    assert current_session().scalar(select(MatchFeedback)) is None


@pytest.mark.both
def test_the_latest_word_of_an_organisation_counts(app):
    buyer, firm = accounts.create_member(kind="enterprise")
    colleague = accounts.create_user()
    accounts.add_member(colleague, firm, "editor")
    need = listings.create_need(firm, actor=accounts.actor_of(buyer))
    achievement = listings.create_achievement()
    index_now()
    for user, verdict, reason in ((buyer, Verdict.NOT_RELEVANT, Reason.PLACE), (colleague, Verdict.RELEVANT, Reason.OTHER)):
        actor = accounts.actor_of(user)
        with transaction():
            judging.judge(need.id, achievement.id, verdict=verdict, reason=reason, note="x", actor=actor, now=clock.now())
    (row,) = current_session().scalars(select(MatchFeedback)).all()
    assert (row.user_id, row.verdict, row.reason, row.note) == (colleague.id, Verdict.RELEVANT, None, "")
    actions = current_session().scalars(select(AuditEntry.action).where(AuditEntry.action.like("matching.%"))).all()
    assert actions == ["matching.judge", "matching.judge"]


def test_only_the_two_sides_may_answer(pair):
    viewer = accounts.create_user()
    accounts.add_member(viewer, current_session().get(Organisation, pair.firm_id), "viewer")
    stranger, _ = accounts.create_member(kind="university")
    unverified, _ = accounts.create_member(kind="enterprise", verified=False)
    actors = {
        "buyer": (accounts.actor_of(pair.buyer), None),
        "maker": (accounts.actor_of(pair.maker), None),
        "viewer": (accounts.actor_of(viewer), Forbidden),
        "stranger": (accounts.actor_of(stranger), Forbidden),
        "unverified": (accounts.actor_of(unverified), Forbidden),
        "admin": (accounts.actor_of(accounts.create_admin()), Forbidden),
        "visitor": (ANONYMOUS, Forbidden),
    }
    for name, (actor, refusal) in actors.items():
        values = {"verdict": Verdict.RELEVANT, "actor": actor, "now": clock.now()}
        if refusal is None:
            with transaction():
                judging.judge(pair.need.id, pair.fitting[0].id, **values)
            continue
        with pytest.raises(refusal), transaction():
            judging.judge(pair.need.id, pair.fitting[0].id, **values)
        assert name
    with pytest.raises(NotFound), transaction():
        judging.judge(pair.fitting[0].id, pair.need.id, verdict=Verdict.RELEVANT, actor=actors["buyer"][0], now=clock.now())


def test_an_owner_of_an_achievement_cannot_push_it_up_in_a_needs_list(pair):
    """What the other side says orders its own list only."""
    maker = accounts.actor_of(pair.maker)
    before = counterparts(of(pair.need))
    with transaction():
        judging.judge(pair.need.id, pair.fitting[2].id, verdict=Verdict.RELEVANT, actor=maker, now=clock.now())
    assert counterparts(of(pair.need)) == before
    assert of(pair.fitting[2], maker).items[0].answer is not None
    assert of(pair.fitting[2], maker).was_reordered


def test_who_refuses_personal_ranking_sees_the_plain_order(pair):
    buyer = accounts.actor_of(pair.buyer)
    plain = counterparts(of(pair.need))
    with transaction():
        judging.judge(pair.need.id, pair.fitting[2].id, verdict=Verdict.RELEVANT, actor=buyer, now=clock.now())
    assert counterparts(of(pair.need, buyer)) != plain
    with transaction() as session:
        session.get(type(pair.buyer), pair.buyer.id).wants_personal_ranking = False
    assert counterparts(of(pair.need, buyer)) == plain


def test_what_is_no_longer_on_show_cannot_be_judged(pair):
    maker = accounts.actor_of(pair.maker)
    with transaction():
        listing_services.withdraw(pair.fitting[0].id, actor=maker, now=clock.now())
    with pytest.raises(RuleError, match="match_not_on_show"), transaction():
        judging.judge(pair.need.id, pair.fitting[0].id, verdict=Verdict.RELEVANT, actor=maker, now=clock.now())


# -- weights and figures ------------------------------------------------------------------------------------------------


@pytest.mark.both
def test_a_change_of_weights_is_a_new_version_in_force_at_once(app):
    admin = accounts.actor_of(accounts.create_admin())
    given = {**DEFAULT_WEIGHTS.to_dict(), "place": 0.5}
    with transaction():
        weighing.change_weights(given, based_on=1, note="就近优先", actor=admin, now=clock.now())
    assert weights.current() == Weights.of(2, given)
    for version, values, problem in ((1, given, EditConflict), (2, {**given, "text": -1}, RuleError), (2, {"text": 0.0}, None)):
        if problem:
            with pytest.raises(problem), transaction():
                weighing.change_weights(values, based_on=version, note="x", actor=admin, now=clock.now())
    user, _ = accounts.create_member()
    with pytest.raises(Forbidden), transaction():
        weighing.change_weights(given, based_on=2, note="x", actor=accounts.actor_of(user), now=clock.now())
    assert len(current_session().scalars(select(MatchWeights)).all()) == 1
    entry = current_session().scalar(select(AuditEntry).where(AuditEntry.action == "matching.change_weights"))
    assert (entry.data["before"]["place"], entry.data["after"]["place"]) == (0.05, 0.5)


@pytest.mark.usefixtures("_no_csrf")
def test_the_weights_page_shows_the_effect_before_it_saves(client, pair):
    accounts.sign_in(client, accounts.create_admin())
    shown = client.get("/zh/admin/match-weights")
    assert shown.status_code == 200
    values = {
        "text": "0",
        "field": "0",
        "maturity": "100",
        "budget": "0",
        "place": "0",
        "quality": "0",
        "note": "试",
        "based_on": "1",
    }
    looked = client.post("/zh/admin/match-weights", data={**values, "note": "", "preview": "1"})
    assert looked.status_code == 200
    assert pair.need.title.zh in looked.text
    assert weights.current() == DEFAULT_WEIGHTS
    saved = client.post("/zh/admin/match-weights", data={**values, "save": "1"})
    assert saved.status_code == 302
    assert weights.current().maturity == 100
    stale = client.post("/zh/admin/match-weights", data={**values, "save": "1"})
    assert stale.status_code == 422
    for wrong in ({"text": "viel"}, {"text": "-3"}, {"note": ""}, {"maturity": "0"}):
        assert client.post("/zh/admin/match-weights", data={**values, "based_on": "2", **wrong, "save": "1"}).status_code == 422
    assert weights.current().version == 2


def test_the_effect_names_places_and_scores(pair):
    (effect,) = preview.effects(
        Weights(version=2, text=0, field=0, maturity=1, budget=0, place=0, quality=0), DEFAULT_WEIGHTS, clock.now()
    )
    assert effect.listing_id == pair.need.id
    moves = {move.title.zh: move for move in effect.moves}
    first = moves[pair.fitting[0].title.zh]
    assert (first.before, first.after, first.score_after) == (1, 1, 1.0)


@pytest.mark.both
def test_quality_figures_by_band(app):
    org = accounts.create_organisation()
    need, made = listings.create_need(), [listings.create_achievement() for _ in range(4)]
    rows = [(0.95, Verdict.RELEVANT, None), (1.0, Verdict.RELEVANT, None), (0.81, Verdict.NOT_RELEVANT, Reason.PRICE)]
    rows.append((0.05, Verdict.NOT_RELEVANT, Reason.FIELD))
    with transaction() as session:
        for listing, (score, verdict, reason) in zip(made, rows, strict=True):
            session.add(
                MatchFeedback(
                    need_id=need.id,
                    achievement_id=listing.id,
                    org_id=org.id,
                    verdict=verdict,
                    reason=reason,
                    score=score,
                    components={},
                    weights_version=1,
                    at=clock.now(),
                )
            )
    found = answers.quality()
    assert [(band.low, band.high, band.relevant, band.answered) for band in found.bands if band.answered] == [
        (80, 100, 2, 3),
        (0, 20, 0, 1),
    ]
    assert found.precision == 0.5
    assert found.reasons == {Reason.PRICE: 1, Reason.FIELD: 1}


def test_administrators_pages_are_theirs(client, pair):
    for address in ("/zh/admin/match-weights", "/zh/admin/match-quality"):
        assert client.get(address).status_code == 302
    accounts.sign_in(client, pair.buyer)
    for address in ("/zh/admin/match-weights", "/zh/admin/match-quality"):
        assert client.get(address).status_code == 403
    accounts.sign_in(client, accounts.create_admin())
    assert "尚无评价" in client.get("/zh/admin/match-quality").text


def test_my_matches_lead_to_my_listings(client, pair):
    assert client.get("/zh/matches").status_code == 302
    accounts.sign_in(client, pair.buyer)
    assert client.get("/zh/matches").location.endswith(f"/zh/matches/{pair.need.id}")
    accounts.sign_in(client, pair.maker)
    page = client.get("/zh/matches").text
    assert all(row.title.zh in page for row in pair.fitting)
    newcomer, _ = accounts.create_member()
    accounts.sign_in(client, newcomer)
    assert "/listings/new" in client.get("/zh/matches").text


def test_without_the_engine_the_page_says_so(client):
    need = listings.create_need()
    page = client.get(f"/zh/matches/{need.id}")
    assert page.status_code == 200
    assert "note wait" in page.text
