"""Completions and help without hits, on every engine."""

from __future__ import annotations

import pytest

from search_index.engine import SearchEngine
from search_index.requests import InvalidSearch, SearchRequest, SuggestRequest, Terms
from tests.search_index.making import achievement, joined, need

PUBLIC = Terms("audience", ("public",))


@pytest.fixture(autouse=True)
def _filled(engine: SearchEngine) -> None:
    engine.put(
        [
            achievement(1, "氢燃料电池双极板实验室", title_en="Bipolar plates", keywords=("燃料电池", "双极板"), city="370100"),
            achievement(2, "燃料电池空压机", keywords=("燃料电池",), city="370200"),
            need(3, "石墨烯导热膜", keywords=("Graphene film",)),
            achievement(4, "秘密燃烧室", keywords=("秘密燃烧",), audience="verified"),
        ]
    )


def suggested(engine: SearchEngine, prefix: str, **more: object) -> list[tuple[str, str]]:
    return [(s.kind, s.text) for s in engine.suggest(SuggestRequest(prefix=prefix, scope=PUBLIC, **more))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("燃", ("keyword", "燃料电池")),
        ("燃料", ("keyword", "燃料电池")),
        ("ranl", ("keyword", "燃料电池")),
        ("rldc", ("keyword", "燃料电池")),
        ("graph", ("keyword", "Graphene film")),
        ("ＧＲＡＰＨ", ("keyword", "Graphene film")),
        ("sys", ("title", "氢燃料电池双极板实验室")),
        ("bipol", ("title", "Bipolar plates")),
        ("石墨烯导", ("title", "石墨烯导热膜")),
        ("電池空", ("title", "燃料电池空压机")),
    ],
)
def test_completions(engine: SearchEngine, typed: str, first: tuple[str, str]) -> None:
    assert suggested(engine, typed)[0] == first


def test_keywords_carry_counts_titles_carry_ids(engine: SearchEngine) -> None:
    answers = engine.suggest(SuggestRequest(prefix="燃料", scope=PUBLIC))
    assert [(s.text, s.count) for s in answers if s.kind == "keyword"] == [("燃料电池", 2)]
    assert {s.id for s in answers if s.kind == "title"} == {"achievement:1", "achievement:2"}
    assert joined(answers[0].segments) == "[燃料]电池"


def test_a_title_beginning_with_the_words_comes_first(engine: SearchEngine) -> None:
    titles = [text for kind, text in suggested(engine, "燃料电池") if kind == "title"]
    assert titles == ["燃料电池空压机", "氢燃料电池双极板实验室"]


def test_nothing_hidden_is_suggested(engine: SearchEngine) -> None:
    for typed in ("秘", "秘密", "mimi", "mm", "燃"):
        assert not [text for _, text in suggested(engine, typed) if "秘密" in text]
    assert engine.suggest(SuggestRequest(prefix="秘密"))


def test_limits_of_suggestions(engine: SearchEngine) -> None:
    assert suggested(engine, "   ") == []
    assert suggested(engine, "!!!") == []
    assert len(suggested(engine, "燃料", limit=2)) == 2
    assert suggested(engine, "燃料" * 5000) == suggested(engine, ("燃料" * 5000)[:64])
    with pytest.raises(InvalidSearch):
        suggested(engine, "燃料", limit=1000)


@pytest.mark.parametrize(
    ("query", "corrected"),
    [
        ("染料电池", "燃料电池"),
        ("bipolra", "bipolar"),
        ("双极版", "双极板"),
        ("graphenne", "graphene"),
    ],
)
def test_corrected_spelling(engine: SearchEngine, query: str, corrected: str) -> None:
    spellings = engine.assist(SearchRequest.of(query, scope=PUBLIC)).spellings
    assert corrected in [text for text, _ in spellings]
    for text, total in spellings:
        assert engine.search(SearchRequest.of(text, scope=PUBLIC)).total == total > 0


def test_no_correction_reveals_a_hidden_word(engine: SearchEngine) -> None:
    assert engine.assist(SearchRequest.of("秘密燃绕", scope=PUBLIC)).spellings == ()
    assert engine.assist(SearchRequest.of("秘密燃绕")).spellings != ()


def test_a_known_word_is_not_corrected(engine: SearchEngine) -> None:
    assert engine.assist(SearchRequest.of("双极板", scope=PUBLIC, filters={"city": ["370200"]})).spellings == ()


def test_filters_to_let_go_are_named_with_what_they_would_show(engine: SearchEngine) -> None:
    chosen = {"city": ["370300"], "kind": ["achievement"]}
    help_ = engine.assist(SearchRequest.of("燃料电池", scope=PUBLIC, filters=chosen))
    assert [(one.facet, one.values, one.total) for one in help_.looser] == [("city", ("370300",), 2)]
    assert help_.without_filters == 2
