"""What a search page shows, on every engine: hits, order, facets, visibility, pages, highlights."""

from __future__ import annotations

import pytest

from search_index.engine import SearchEngine
from search_index.requests import FACETS, NOTHING, AllOf, AnyOf, InvalidSearch, SearchRequest, Terms, from_dict
from tests.search_index.conftest import NOON
from tests.search_index.making import achievement, facet, found, joined, need

PLATES = achievement(
    1,
    "氢燃料电池双极板实验室",
    title_en="Bipolar plates for fuel cells",
    summary_zh="面向重卡的石墨复合双极板,耐温 200 ℃,电阻率低于 6 毫欧。",
    keywords=("双极板", "石墨"),
    fields=("F11", "F12"),
    chains=("C03",),
    city="370100",
    maturity=5,
    modes=("licence",),
    ip_status=("granted",),
    ip_numbers=("ZL202410123456.5",),
    released=True,
    org_kind="university",
    fresh_at=300,
)
ALLOY = achievement(
    2,
    "TC4钛合金热处理工艺",
    title_en="Heat treatment of Ti-6Al-4V",
    summary_en="Cuts the treatment time by half.",
    body_zh="样机型号 QK-230,适合 6061-T6 铝板。",
    fields=("F12",),
    chains=("C04",),
    city="370200",
    maturity=8,
    modes=("licence", "transfer"),
    org_kind="institute",
    fresh_at=200,
)
COATING = need(
    1, "寻求双极板涂层技术", fields=("F11",), chains=("C03",), city="370100", maturity=7, closes_at=NOON + 10, fresh_at=250
)
HIDDEN = achievement(3, "双极板冲压模具", audience="verified", owner_org=9, city="370300", fresh_at=100)


@pytest.fixture(autouse=True)
def _filled(engine: SearchEngine) -> None:
    engine.put([PLATES, ALLOY, COATING, HIDDEN])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("双极板", {"achievement:1", "need:1", "achievement:3"}),
        ("極板", {"achievement:1", "need:1", "achievement:3"}),
        ("石墨", {"achievement:1"}),
        ("shiyanshi", {"achievement:1"}),
        ("sys", {"achievement:1"}),
        ("qingranliaodianchi", {"achievement:1"}),
        ("fuel cell", {"achievement:1"}),
        ("treatments", {"achievement:2"}),
        ("ＴＣ４", {"achievement:2"}),
        ("6061", {"achievement:2"}),
        ("6061-t6", {"achievement:2"}),
        ("qk-230", {"achievement:2"}),
        ("200℃", {"achievement:1"}),
        ("zl202410123456.5", {"achievement:1"}),
        ("202410123456", {"achievement:1"}),
        ("钛合金 热处理", {"achievement:2"}),
        ("TC4热处理", {"achievement:2"}),
        ("钛合金 双极板", set()),
        ("池双", {"achievement:1"}),  # across a word border, in a title
        ("没有这个词语", set()),
        ("!!!", set()),
    ],
)
def test_queries_find_what_they_mean(engine: SearchEngine, query: str, expected: set[str]) -> None:
    result = engine.search(SearchRequest.of(query))
    assert {hit.id for hit in result.hits if not result.relaxed} == expected
    assert result.relaxed or result.total == len(expected)


def test_words_no_listing_holds_together_show_those_with_one(engine: SearchEngine) -> None:
    result = engine.search(SearchRequest.of("钛合金 涂层"))
    assert result.relaxed
    assert {hit.id for hit in result.hits} == {"achievement:2", "need:1"}
    assert result.total == 2


def test_a_misspelt_word_is_not_relaxed_away(engine: SearchEngine) -> None:
    assert engine.search(SearchRequest.of("钛合金 bipolra")).total == 0


def test_synonyms_widen_a_query(engine: SearchEngine) -> None:
    assert found(engine, "集流板") == []
    assert set(found(engine, "集流板", synonyms={"集流板": ["双极板"]})) == {"achievement:1", "need:1", "achievement:3"}
    assert found(engine, "Ti64 工艺", synonyms={"ti64": ["TC4"]}) == ["achievement:2"]
    # A key of two words is met as two neighbouring words.
    assert set(found(engine, "集流 隔板", synonyms={"集流 隔板": ["双极板"]})) >= {"achievement:1", "need:1"}


def test_a_title_hit_ranks_above_a_text_hit(engine: SearchEngine) -> None:
    engine.put([achievement(7, "轴承", summary_zh="用于焊接产线"), achievement(8, "焊接", summary_zh="用于轴承产线")])
    assert found(engine, "焊接") == ["achievement:8", "achievement:7"]


def test_equal_scores_go_by_id(engine: SearchEngine) -> None:
    engine.put([achievement(n, "密封垫片") for n in (40, 31, 22, 53)])
    assert found(engine, "密封垫片") == [f"achievement:{n}" for n in (22, 31, 40, 53)]


def test_fading_listings_rank_lower_and_full_records_higher(engine: SearchEngine) -> None:
    engine.put(
        [
            achievement(40, "密封垫片", boost_faded=True, quality=1.0),
            achievement(41, "密封垫片", quality=0.2),
            achievement(42, "密封垫片", quality=0.9),
        ]
    )
    assert found(engine, "密封垫片") == ["achievement:42", "achievement:41", "achievement:40"]


def test_sorts(engine: SearchEngine) -> None:
    assert found(engine, sort="fresh") == ["achievement:1", "need:1", "achievement:2", "achievement:3"]
    assert found(engine, sort="maturity") == ["achievement:2", "need:1", "achievement:1", "achievement:3"]
    assert found(engine) == found(engine, sort="fresh")
    assert found(engine, "双极板", sort="fresh") == ["achievement:1", "need:1", "achievement:3"]


def test_facets_are_counted_with_the_other_filters(engine: SearchEngine) -> None:
    chosen = {"city": ["370100"], "kind": ["achievement"]}
    assert facet(engine, "city", filters=chosen) == {"370100": 1, "370200": 1, "370300": 1}
    assert facet(engine, "kind", filters=chosen) == {"achievement": 1, "need": 1}
    assert facet(engine, "field", filters=chosen) == {"F11": 1, "F12": 1}
    assert facet(engine, "maturity") == {"4-6": 1, "7-9": 2}
    assert facet(engine, "mode") == {"licence": 2, "transfer": 1}
    assert facet(engine, "released") == {"no": 3, "yes": 1}
    assert facet(engine, "org_kind", "双极板") == {"university": 1}


def test_a_chosen_value_stays_at_zero(engine: SearchEngine) -> None:
    assert facet(engine, "city", "钛合金", filters={"city": ["370100"]}) == {"370200": 1, "370100": 0}
    shown = engine.search(SearchRequest.of("钛合金", filters={"city": ["370100"]})).facets["city"]
    assert [(choice.value, choice.selected) for choice in shown] == [("370200", False), ("370100", True)]


def test_only_wanted_facets_are_counted(engine: SearchEngine) -> None:
    assert set(engine.search(SearchRequest.of(facets=("city",))).facets) == {"city"}
    assert set(engine.search(SearchRequest.of()).facets) == set(FACETS)


def test_visibility_is_part_of_hits_counts_and_facets(engine: SearchEngine) -> None:
    public = from_dict({"all": [{"field": "audience", "in": ["public"]}]})
    own = from_dict({"any": [{"field": "audience", "in": ["public"]}, {"field": "owner_org", "in": [9]}]})
    assert "achievement:3" not in found(engine, "双极板", scope=public)
    assert engine.search(SearchRequest.of("双极板", scope=public)).total == 2
    assert "370300" not in facet(engine, "city", scope=public)
    assert "achievement:3" in found(engine, "双极板", scope=own)
    assert engine.count(public) == 3
    assert engine.count(own) == 4


def test_nothing_and_everything(engine: SearchEngine) -> None:
    assert engine.count(AllOf()) == 4
    assert engine.count(NOTHING) == 0
    assert engine.count(AnyOf(())) == 0
    assert engine.count(Terms("city", ())) == 0
    with pytest.raises(InvalidSearch) as refused:
        engine.count(Terms("ctiy", ("370100",)))
    assert refused.value.code == "unknown_field"


def test_closed_listings_are_hidden_from_their_hour_on(engine: SearchEngine) -> None:
    assert "need:1" in found(engine, "涂层", open_at=NOON + 10)
    assert found(engine, "涂层", open_at=NOON + 11) == []


def test_pages_by_score_do_not_overlap(engine: SearchEngine) -> None:
    engine.put([achievement(n, "密封垫片") for n in range(100, 145)])
    pages = [found(engine, "密封垫片", page=page, per_page=10) for page in range(1, 6)]
    assert [listing for page in pages for listing in page] == [f"achievement:{n}" for n in range(100, 145)]


@pytest.mark.parametrize("sort", ["fresh", "maturity"])
def test_a_cursor_walks_through_everything(engine: SearchEngine, sort: str) -> None:
    engine.put([achievement(n, "密封垫片", fresh_at=n % 3, maturity=n % 2 + 1) for n in range(100, 130)])
    seen: list[str] = []
    cursor = None
    for _ in range(20):
        result = engine.search(SearchRequest.of(sort=sort, per_page=7, cursor=cursor))
        seen += [hit.id for hit in result.hits]
        assert result.total == 34
        cursor = result.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 34
    assert seen[:7] == found(engine, sort=sort, per_page=7)


def test_a_cursor_of_another_order_or_none_is_refused(engine: SearchEngine) -> None:
    cursor = engine.search(SearchRequest.of(sort="fresh", per_page=1)).next_cursor
    for wrong in ({"sort": "maturity", "cursor": cursor}, {"sort": "fresh", "cursor": "%%%"}, {"sort": "fresh", "cursor": ""}):
        with pytest.raises(InvalidSearch) as refused:
            engine.search(SearchRequest.of(**wrong))
        assert refused.value.code == "bad_cursor"
    with pytest.raises(InvalidSearch) as refused:
        engine.search(SearchRequest.of("双极板", cursor=cursor))
    assert refused.value.code == "cursor_needs_order"


def test_highlights_are_segments_of_the_original(engine: SearchEngine) -> None:
    hit = engine.search(SearchRequest.of("雙極板 200℃")).hits[0]
    assert hit.id == "achievement:1"
    assert joined(hit.title_zh) == "氢燃料电池[双极板]实验室"
    assert joined(hit.snippet_zh) == "面向重卡的石墨复合[双极板],耐温 [200 ℃],电阻率低于 6 毫欧。".replace("[200 ℃]", "[200] [℃]")
    assert joined(engine.search(SearchRequest.of("treatments")).hits[0].snippet_en) == "Cuts the [treatment] time by half."


def test_a_hit_carries_its_facts(engine: SearchEngine) -> None:
    hit = next(hit for hit in engine.search(SearchRequest.of("石墨")).hits)
    assert (hit.kind, hit.rev, hit.document.city, hit.document.fields) == ("achievement", 1, "370100", ("F11", "F12"))
    assert hit.document == PLATES
