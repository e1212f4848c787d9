"""What a match is worth: a table for every component, neutral gaps, reasons, and what people's answers change."""

from __future__ import annotations

import pytest

from marketplace.matching import rules
from marketplace.matching.rules import Answer, Code, Components, Weights
from marketplace.matching.states import Reason, Verdict
from search_index.requests import SharedTerm
from tests.search_index.making import achievement, need


@pytest.mark.parametrize(
    ("wanted", "offered", "value", "code"),
    [
        ((("F11",), ("C03",)), (("F11",), ("C03",)), 1.0, Code.SAME_FIELD),
        ((("F11", "F02"), ()), (("F11", "F05"), ()), 1.0, Code.SAME_FIELD),
        ((("F11", "F02"), ()), (("F05", "F02"), ()), 0.8, Code.SHARED_FIELD),
        ((("F11",), ()), (("F05", "F11"), ()), 0.8, Code.SHARED_FIELD),
        ((("F11",), ("C03",)), (("F12",), ("C03", "C04")), 0.4, Code.SAME_CHAIN),
        ((("F11",), ("C03",)), (("F20",), ("C09",)), 0.0, Code.OTHER_FIELD),
        (((), ()), (("F20",), ()), None, Code.FIELD_NOT_STATED),
        ((("F11",), ()), ((), ("C03",)), None, Code.FIELD_NOT_STATED),
    ],
)
def test_field(wanted: tuple, offered: tuple, value: float | None, code: Code) -> None:
    pair = need(1, fields=wanted[0], chains=wanted[1]), achievement(1, fields=offered[0], chains=offered[1])
    assert rules.field_value(*pair) == value
    assert rules.reasons(*pair, [])[1].code is code


@pytest.mark.parametrize(
    ("wanted", "reached", "value", "code"),
    [
        (7, 7, 1.0, Code.MATURITY_REACHED),
        (5, 9, 1.0, Code.MATURITY_REACHED),
        (7, 6, 0.8, Code.MATURITY_GAP),
        (7, 5, 0.6, Code.MATURITY_GAP),
        (7, 4, 0.35, Code.MATURITY_GAP),
        (7, 3, 0.2, Code.MATURITY_GAP),
        (7, 2, 0.1, Code.MATURITY_GAP),
        (9, 1, 0.1, Code.MATURITY_GAP),
        (None, 4, None, Code.MATURITY_NOT_STATED),
        (7, None, None, Code.MATURITY_NOT_STATED),
    ],
)
def test_maturity(wanted: int | None, reached: int | None, value: float | None, code: Code) -> None:
    assert rules.maturity_value(wanted, reached) == value
    reason = rules.reasons(need(1, maturity=wanted), achievement(1, maturity=reached), [])[2]
    assert reason.code is code
    assert reason.params == ({} if value is None else {"have": reached, "wanted": wanted})


@pytest.mark.parametrize(
    ("budget", "price", "value", "code"),
    [
        ((100, 200), (150, 180), 1.0, Code.BUDGET_INSIDE),
        ((100, 200), (100, 200), 1.0, Code.BUDGET_INSIDE),
        ((100, 200), (150, 300), 0.7, Code.BUDGET_PARTLY),
        ((100, 200), (50, 80), 0.9, Code.BUDGET_UNDER),
        ((100, 200), (50, 150), 1.0, Code.BUDGET_INSIDE),
        ((100, 200), (300, 400), 0.35, Code.BUDGET_OVER),
        ((100, 200), (400, 900), 0.0, Code.BUDGET_OVER),
        ((100, 200), (4000, 9000), 0.0, Code.BUDGET_OVER),
        ((None, 200), (150, None), 1.0, Code.BUDGET_INSIDE),
        ((None, 200), (1, None), 1.0, Code.BUDGET_INSIDE),
        ((100, None), (300, None), 0.0, Code.BUDGET_OVER),
        ((200, 100), (150, 150), 1.0, Code.BUDGET_INSIDE),
        ((0, 0), (5, 5), 0.0, Code.BUDGET_OVER),
        ((None, None), (150, 180), None, Code.BUDGET_NOT_STATED),
        ((100, 200), (None, None), None, Code.BUDGET_NOT_STATED),
    ],
)
def test_budget(budget: tuple, price: tuple, value: float | None, code: Code) -> None:
    wanted = need(1, money_min=budget[0], money_max=budget[1])
    offered = achievement(1, money_min=price[0], money_max=price[1])
    assert rules.budget_value(wanted, offered) == (None if value is None else pytest.approx(value))
    assert rules.reasons(wanted, offered, [])[3].code is code


@pytest.mark.parametrize(
    ("city", "other", "value", "code"),
    [
        ("370100", "370100", 1.0, Code.SAME_CITY),
        ("370100", "370200", 0.6, Code.SAME_PROVINCE),
        ("370100", "110100", 0.3, Code.OTHER_PROVINCE),
        ("", "370100", None, Code.PLACE_NOT_STATED),
        ("370100", "", None, Code.PLACE_NOT_STATED),
    ],
)
def test_place(city: str, other: str, value: float | None, code: Code) -> None:
    assert rules.place_value(city, other) == value
    assert rules.reasons(need(1, city=city), achievement(1, city=other), [])[4].code is code


def test_text_reasons() -> None:
    terms = [SharedTerm(text="双极板", weight=1.0), SharedTerm(text="涂层", weight=0.4)]
    reason = rules.reasons(need(1), achievement(1), terms)[0]
    assert reason.to_dict() == {
        "component": "text",
        "code": "shared_terms",
        "params": {"terms": [{"text": "双极板", "weight": 1.0}, {"text": "涂层", "weight": 0.4}]},
    }
    assert rules.reasons(need(1), achievement(1), [])[0].code is Code.SIMILAR_MEANING


def test_components_are_the_same_from_both_sides() -> None:
    wanted = need(1, fields=("F11",), maturity=7, money_max=200, city="370100", quality=0.4)
    offered = achievement(1, fields=("F11",), maturity=5, money_min=100, money_max=300, city="370200", quality=0.8)
    there, back = rules.compare(wanted, offered, 0.5), rules.compare(offered, wanted, 0.5)
    assert there == back
    assert there == Components(text=0.5, field=1.0, maturity=0.6, budget=0.7, place=0.6, quality=pytest.approx(0.6))
    assert rules.reasons(wanted, offered, []) == rules.reasons(offered, wanted, [])


def test_two_of_a_kind_are_no_pair() -> None:
    with pytest.raises(ValueError, match="no pair"):
        rules.compare(need(1), need(2), 0.5)


def test_the_score_is_the_weighted_mean() -> None:
    assert rules.score(Components(text=1, field=1, maturity=1, budget=1, place=1, quality=1)) == pytest.approx(1)
    assert rules.score(Components(text=0, field=0, maturity=0, budget=0, place=0, quality=0)) == 0
    assert rules.score(Components(text=1), Weights(text=1, field=1, maturity=0, budget=0, place=0, quality=0)) == 0.75
    assert rules.score(Components(text=0.8), Weights(text=2, field=0, maturity=0, budget=0, place=0, quality=0)) == 0.8


@pytest.mark.parametrize("name", ["field", "maturity", "budget", "place", "quality"])
def test_not_stated_lies_between_good_and_bad(name: str) -> None:
    bad, unknown, good = (rules.score(Components(text=0.5, **{name: value})) for value in (0.0, None, 1.0))
    assert bad < unknown < good
    assert unknown - bad == pytest.approx(good - unknown)


def test_text_weighs_most() -> None:
    weights = Weights().to_dict()
    assert weights["text"] > sum(value for name, value in weights.items() if name != "text")
    assert set(weights) == set(rules.COMPONENT_NAMES)


def test_stored_weights() -> None:
    assert Weights.of(3, {"text": 1.0, "field": 0.0}) == Weights(version=3, text=1.0, field=0.0)
    for wrong in ({"txt": 1.0}, {"text": -1.0}, dict.fromkeys(rules.COMPONENT_NAMES, 0.0)):
        with pytest.raises(ValueError, match="weights"):
            Weights.of(3, wrong)


NEAR = Components(text=0.6, field=0.0, maturity=1.0, budget=1.0, place=1.0, quality=0.5)
FAR = Components(text=0.5, field=1.0, maturity=0.35, budget=0.0, place=0.3, quality=0.5)


def order(answers: list[Answer]) -> list[str]:
    return [one.id for one in rules.rank([("a", NEAR), ("b", FAR)], answers)]


def test_ranking_is_by_score_then_id() -> None:
    assert order([]) == ["a", "b"]
    assert [one.id for one in rules.rank([("b", NEAR), ("a", NEAR)])] == ["a", "b"]


def test_an_answer_re_ranks_at_once() -> None:
    assert order([Answer("b", Verdict.RELEVANT)]) == ["b", "a"]
    assert order([Answer("a", Verdict.NOT_RELEVANT, Reason.OTHER)]) == ["b", "a"]
    assert rules.rank([("a", NEAR)], [Answer("a", Verdict.NOT_RELEVANT, Reason.OTHER)])[0].verdict is Verdict.NOT_RELEVANT


@pytest.mark.parametrize(
    ("reason", "name"),
    [(Reason.FIELD, "field"), (Reason.MATURITY, "maturity"), (Reason.PRICE, "budget"), (Reason.PLACE, "place")],
)
def test_a_reason_makes_its_component_count_more(reason: Reason, name: str) -> None:
    answers = [Answer("elsewhere", Verdict.NOT_RELEVANT, reason)]
    before, after = Weights().to_dict(), rules.weights_after(answers).to_dict()
    assert after[name] == pytest.approx(before[name] * 1.5)
    assert {n: v for n, v in after.items() if n != name} == {n: v for n, v in before.items() if n != name}
    many = rules.weights_after(answers * 50).to_dict()
    assert many[name] == pytest.approx(before[name] * rules.ANSWER_CEILING)


def test_no_reason_changes_no_weights() -> None:
    answers = [Answer("a", Verdict.RELEVANT), Answer("b", Verdict.NOT_RELEVANT, Reason.OTHER)]
    assert rules.weights_after(answers) == Weights()


def test_a_refused_field_lifts_those_of_the_right_field() -> None:
    assert order([Answer("c", Verdict.NOT_RELEVANT, Reason.FIELD)]) == ["a", "b"]
    assert order([Answer("c", Verdict.NOT_RELEVANT, Reason.FIELD)] * 3) == ["b", "a"]
