"""Commands that measure matching and search on files, in a throw-away index; the site's data is not touched.

Results go to the named file; `evaluate` prints one JSON object as its last line, progress goes to standard error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import current_app

from marketplace.core.cli import Group
from marketplace.matching import rules
from search_index.documents import ListingDocument
from search_index.embedder import NAMES, EmbedderMissing, embedder
from search_index.engine import EngineUnavailable
from search_index.evaluation import (
    ENGINES,
    BadInput,
    Corpus,
    Matching,
    judge,
    read_pairs,
    read_rows,
    search_quality,
    throw_away,
)
from search_index.requests import Candidate

match_cli = Group("match", help="Measure matching on files of needs and achievements.")
search_cli = Group("search", help="Measure search on files of documents and queries.")

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)


def _sources(command: Callable[..., None]) -> Callable[..., None]:
    """The options that all match commands share, and plain sentences for bad input."""

    @click.option("--needs", required=True, type=_FILE, help="JSON lines, gzip or plain: id, title, text.")
    @click.option("--achievements", required=True, type=_FILE, help="The same for achievements.")
    @click.option("--embedder", "embedder_name", type=click.Choice(NAMES), default="none", show_default=True)
    @click.option("--engine", type=click.Choice(ENGINES), default="embedded", show_default=True)
    @wraps(command)
    def wrapped(**options: Any) -> None:
        with _plain_errors():
            command(**options)

    return wrapped


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except (BadInput, EmbedderMissing, EngineUnavailable) as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _matching(*, needs: Path, achievements: Path, embedder_name: str, engine: str) -> Iterator[Matching]:
    wanted = embedder(embedder_name)
    left = Corpus(read_rows(needs), "need").embedded(wanted)
    right = Corpus(read_rows(achievements), "achievement").embedded(wanted)
    with throw_away(engine, [*left.documents.values(), *right.documents.values()], current_app.config) as index:
        yield Matching(index, left, right, score)


def score(subject: ListingDocument, candidate: Candidate) -> float:
    """The site's formula with its first weights."""
    return rules.score(rules.compare(subject, candidate.document, candidate.text.value))


@match_cli.command("score-pairs")
@click.option("--pairs", required=True, type=_FILE, help="need id <TAB> achievement id.")
@click.option("--out", required=True, type=_OUT, help="The same lines with <TAB> score.")
@_sources
def score_pairs(*, pairs: Path, out: Path, **sources: Any) -> None:
    """Score given pairs."""
    wanted = read_pairs(pairs)
    with _matching(**sources) as matching:
        scores = matching.scores(wanted)
    out.write_text("".join(f"{need}\t{other}\t{scores[need, other]:.6f}\n" for need, other in wanted), "utf-8")
    click.echo(f"{len(wanted)} pairs scored", err=True)


@match_cli.command("rank")
@click.option("--top", type=click.IntRange(1, 400), default=50, show_default=True)
@click.option("--out", required=True, type=_OUT, help="need, achievement, score, rank.")
@_sources
def rank(*, top: int, out: Path, **sources: Any) -> None:
    """Find and rank the best achievements for each need."""
    with _matching(**sources) as matching, out.open("w", encoding="utf-8") as file:
        for need, found in matching.rankings(top):
            file.writelines(f"{need}\t{other}\t{value:.6f}\t{place}\n" for place, (other, value) in enumerate(found, 1))


@match_cli.command("evaluate")
@click.option("--judgements", required=True, type=_FILE, help="JSON lines: need, achievement, level 1 to 4.")
@_sources
def evaluate_matching(*, judgements: Path, embedder_name: str, engine: str, **files: Path) -> None:
    """nDCG@10, Spearman, AUC and recall@50 against judged pairs."""
    levels = {}
    for number, row in enumerate(read_rows(judgements), 1):
        if {"need", "achievement", "level"} - set(row) or row["level"] not in (1, 2, 3, 4):
            raise click.ClickException(f"{judgements}, line {number}: need, achievement and a level of 1 to 4 are wanted")
        levels[str(row["need"]), str(row["achievement"])] = int(row["level"])
    with _matching(embedder_name=embedder_name, engine=engine, **files) as matching:
        figures = judge(matching, levels)
    rounded = {name: round(value, 4) for name, value in figures.items()}
    click.echo(json.dumps({"engine": engine, "embedder": embedder_name, "n": len(levels), **rounded}))


@search_cli.command("evaluate")
@click.option("--documents", required=True, type=_FILE, help="JSON lines: id, title, text.")
@click.option("--queries", required=True, type=_FILE, help="query text <TAB> id of the one document it must find.")
@click.option("--engine", type=click.Choice(ENGINES), default="embedded", show_default=True)
def evaluate_search(documents: Path, queries: Path, engine: str) -> None:
    """recall@1, recall@10 and MRR of known-item queries."""
    with _plain_errors():
        corpus = Corpus(read_rows(documents), "achievement")
        wanted = read_pairs(queries)
        with throw_away(engine, list(corpus.documents.values()), current_app.config) as index:
            figures = search_quality(index, corpus, wanted)
    click.echo(json.dumps({"engine": engine, "n": len(wanted), **figures}))
