"""The weights in force and those before."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from marketplace.core.db import current_session
from marketplace.matching.models import MatchWeights
from marketplace.matching.rules import DEFAULT_WEIGHTS, Weights


def current() -> Weights:
    """The newest version of the table; while it is empty, the weights the market came with."""
    row = current_session().scalar(select(MatchWeights).order_by(MatchWeights.version.desc()).limit(1))
    return Weights.of(row.version, row.weights) if row else DEFAULT_WEIGHTS


def versions() -> Sequence[MatchWeights]:
    """Every version an administrator made, newest first."""
    return current_session().scalars(select(MatchWeights).order_by(MatchWeights.version.desc())).all()


def newest_version_for_update() -> int:
    """The version in force, read under a lock so that two changes do not take the same number."""
    query = select(MatchWeights).order_by(MatchWeights.version.desc()).limit(1).with_for_update()
    row = current_session().scalar(query.execution_options(populate_existing=True))
    return row.version if row else DEFAULT_WEIGHTS.version
