"""What must be true of the whole database at any time, as named checks; `flask market doctor` runs them.

A feature declares its own in `queries.INVARIANTS`; wiring gathers them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from marketplace.core import audit, clock, jobs
from marketplace.core.db import current_session
from marketplace.core.files import StoredFile, path_of

Check = Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant and what breaks it; no problems: it holds."""

    name: str
    problems: Sequence[str]


def run(checks: Mapping[str, Check]) -> list[Finding]:
    """Run every check, each in a clean read; an error inside a check is itself a problem."""
    found = []
    for name, check in checks.items():
        try:
            problems = list(check())
        except Exception as error:  # noqa: BLE001 - a check that breaks is a finding, not the end of the others
            problems = [f"{type(error).__name__}: {error}"]
        current_session().rollback()
        found.append(Finding(name, problems))
    return found


def audit_chain_is_sound() -> Sequence[str]:
    """Every link of the audit chain can be recomputed."""
    report = audit.verify()
    return [] if report.is_sound else [f"entry {report.broken_at} does not follow from the one before"]


def no_job_was_given_up() -> Sequence[str]:
    """No handler has failed for good."""
    failed = jobs.lag(clock.now()).failed
    return [f"{failed} jobs have failed for good (flask market retry-failed)"] if failed else []


def files_are_present() -> Sequence[str]:
    """Every stored file is on disk with its size."""
    from flask import current_app

    root = current_app.config["FILES"]
    rows = current_session().execute(select(StoredFile.sha256, StoredFile.size_bytes))
    paths = ((sha256, size, path_of(root, sha256)) for sha256, size in rows)
    return [f"file {sha256[:12]} is missing" for sha256, size, path in paths if not path.exists() or path.stat().st_size != size]


CORE: dict[str, Check] = {
    "audit chain is sound": audit_chain_is_sound,
    "no job was given up": no_job_was_given_up,
    "stored files are present": files_are_present,
}
