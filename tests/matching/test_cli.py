"""The measuring commands: their arguments, their files, and the JSON line they end with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config import Default
from marketplace.matching.cli import match_cli, search_cli

NEEDS = [
    {"id": "n-1", "title": "双极板涂层", "text": "要求耐腐蚀", "field": "F11"},
    {"id": "n-2", "title": "小麦抗病品种", "text": ""},
]
ACHIEVEMENTS = [
    {"id": "a-1", "title": "金属双极板耐腐蚀涂层", "text": "", "field": "F11"},
    {"id": "a-2", "title": "小麦抗病品种选育", "text": ""},
    {"id": "a-3", "title": "高速电机轴承", "text": ""},
]
JUDGED = [("n-1", "a-1", 4), ("n-1", "a-3", 1), ("n-2", "a-2", 3), ("n-2", "a-1", 1)]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    rows = {
        "needs": NEEDS,
        "achievements": ACHIEVEMENTS,
        "judgements": [{"need": n, "achievement": a, "level": level} for n, a, level in JUDGED],
    }
    for name, content in rows.items():
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in content), "utf-8")
    (tmp_path / "pairs").write_text("".join(f"{n}\t{a}\n" for n, a, _ in JUDGED), "utf-8")
    (tmp_path / "queries").write_text("双极板\ta-1\n轴承\ta-3\n", "utf-8")
    return {name: str(tmp_path / name) for name in (*rows, "pairs", "queries", "out")}


@pytest.fixture
def commands() -> Any:
    app = Flask("commands")
    app.cli.add_command(match_cli)
    app.cli.add_command(search_cli)
    return app.test_cli_runner()


def sources(files: dict[str, str]) -> list[str]:
    return ["--needs", files["needs"], "--achievements", files["achievements"]]


def test_score_pairs_keeps_the_lines_and_adds_scores(files: dict[str, str], commands: Any) -> None:
    arguments = ["match", "score-pairs", *sources(files), "--pairs", files["pairs"], "--out", files["out"]]
    result = commands.invoke(args=arguments)
    assert result.exit_code == 0, result.output
    lines = [line.split("\t") for line in Path(files["out"]).read_text("utf-8").splitlines()]
    assert [(n, a) for n, a, _ in lines] == [(n, a) for n, a, _ in JUDGED]
    scores = [float(score) for _, _, score in lines]
    assert scores[0] > scores[1]
    assert scores[2] > scores[3]
    again = commands.invoke(args=arguments)
    assert again.exit_code == 0
    assert [float(line.split("\t")[2]) for line in Path(files["out"]).read_text("utf-8").splitlines()] == scores


def test_rank_writes_need_achievement_score_and_place(files: dict[str, str], commands: Any) -> None:
    result = commands.invoke(args=["match", "rank", *sources(files), "--top", "2", "--out", files["out"]])
    assert result.exit_code == 0, result.output
    lines = [line.split("\t") for line in Path(files["out"]).read_text("utf-8").splitlines()]
    assert [(n, a, place) for n, a, _, place in lines if place == "1"] == [("n-1", "a-1", "1"), ("n-2", "a-2", "1")]
    assert all(int(place) <= 2 for *_, place in lines)


def test_evaluate_ends_with_one_json_object(files: dict[str, str], commands: Any) -> None:
    result = commands.invoke(args=["match", "evaluate", *sources(files), "--judgements", files["judgements"]])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.output.splitlines()[-1])
    assert set(figures) == {"engine", "embedder", "n", "ndcg@10", "spearman", "auc", "recall@50"}
    assert (figures["engine"], figures["embedder"], figures["ndcg@10"], figures["auc"]) == ("embedded", "none", 1.0, 1.0)


def test_search_evaluate_ends_with_one_json_object(files: dict[str, str], commands: Any) -> None:
    result = commands.invoke(args=["search", "evaluate", "--documents", files["achievements"], "--queries", files["queries"]])
    assert result.exit_code == 0, result.output
    expected = {"engine": "embedded", "n": 2, "recall@1": 1.0, "recall@10": 1.0, "mrr": 1.0}
    assert json.loads(result.output.splitlines()[-1]) == expected


@pytest.mark.parametrize(
    ("wrong", "content", "sentence"),
    [
        ("needs", "[]\n", "line 1: not an object"),
        ("needs", '{"id": "n-1", "title": "x"}\n', "row 1 (n-1)"),
        ("pairs", "n-1\tnobody\n", "unknown pair n-1 nobody"),
    ],
)
def test_bad_input_is_one_sentence(files: dict[str, str], commands: Any, wrong: str, content: str, sentence: str) -> None:
    Path(files[wrong]).write_text(content, "utf-8")
    result = commands.invoke(args=["match", "score-pairs", *sources(files), "--pairs", files["pairs"], "--out", files["out"]])
    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_a_level_outside_one_to_four_is_refused(files: dict[str, str], commands: Any) -> None:
    Path(files["judgements"]).write_text('{"need": "n-1", "achievement": "a-1", "level": 9}\n', "utf-8")
    result = commands.invoke(args=["match", "evaluate", *sources(files), "--judgements", files["judgements"]])
    assert result.exit_code == 1
    assert "level of 1 to 4" in result.output


def test_both_engines_give_the_same_figures(files: dict[str, str], commands: Any, elastic_url: str) -> None:
    commands.app.config.update(config_for(elastic_url))
    told = {}
    for engine in ("embedded", "elastic"):
        arguments = ["match", "evaluate", *sources(files), "--judgements", files["judgements"], "--engine", engine]
        matching = commands.invoke(args=arguments)
        assert matching.exit_code == 0, matching.output
        arguments = [
            "search",
            "evaluate",
            "--documents",
            files["achievements"],
            "--queries",
            files["queries"],
            "--engine",
            engine,
        ]
        searching = commands.invoke(args=arguments)
        assert searching.exit_code == 0, searching.output
        told[engine] = [json.loads(result.output.splitlines()[-1]) for result in (matching, searching)]
    assert [figures.pop("engine") for figures in told["elastic"]] == ["elastic", "elastic"]
    assert [figures.pop("engine") for figures in told["embedded"]] == ["embedded", "embedded"]
    assert told["elastic"] == told["embedded"]


def config_for(url: str) -> dict[str, Any]:
    settings = {name: getattr(Default, name) for name in dir(Default) if name.startswith("SEARCH_")}
    return {**settings, "SEARCH_URL": url}


def test_without_an_address_the_cluster_is_asked_for(files: dict[str, str], commands: Any) -> None:
    arguments = ["search", "evaluate", "--documents", files["achievements"], "--queries", files["queries"], "--engine", "elastic"]
    result = commands.invoke(args=arguments)
    assert result.exit_code == 1
    assert "SEARCH_URL" in result.output
