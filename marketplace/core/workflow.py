"""State machines as tables with one door.

`Workflow.move` is the only code that sets a `state`; it refuses a step that is not listed and writes the history row.
Which steps exist is each feature's `states.py`; who may take them is its policy.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, current_session
from marketplace.core.errors import StepNotAllowed
from marketplace.core.policy import Actor
from marketplace.core.types import UtcDateTime


class Stateful(Protocol):
    """A row with a state."""

    id: Any
    state: Any


class Transition(Base):
    """One step that was taken: the history behind every timeline."""

    __tablename__ = "transitions"
    __table_args__ = (Index("ix_transitions_object", "object_type", "object_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    object_type: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[int]
    step: Mapped[str] = mapped_column(String(32))
    from_state: Mapped[str] = mapped_column(String(32))
    to_state: Mapped[str] = mapped_column(String(32))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow: from any of `sources` to `target`."""

    name: str
    sources: frozenset[enum.StrEnum]
    target: enum.StrEnum


def step(name: str, sources: Iterable[enum.StrEnum], target: enum.StrEnum) -> Step:
    """Declare one arrow of a workflow."""
    return Step(name, frozenset(sources), target)


class Workflow:
    """The table of steps of one kind of thing."""

    def __init__(self, object_type: str, *steps: Step) -> None:
        self.object_type = object_type
        self.steps = steps

    def find(self, name: str, state: enum.StrEnum) -> Step | None:
        """The arrow called `name` that leaves `state`, if any."""
        return next((s for s in self.steps if s.name == name and state in s.sources), None)

    def allows(self, thing: Stateful, name: str) -> bool:
        """Does the table have this step from where the thing stands?"""
        return self.find(name, thing.state) is not None

    def move(self, thing: Stateful, name: str, *, actor: Actor, at: dt.datetime, note: str = "") -> Transition:
        """Take the step `name`: set the state and write the history row. Raises StepNotAllowed."""
        arrow = self.find(name, thing.state)
        if arrow is None:
            raise StepNotAllowed(step=name, state=str(thing.state))
        row = Transition(
            object_type=self.object_type,
            object_id=thing.id,
            step=name,
            from_state=str(thing.state),
            to_state=str(arrow.target),
            at=at,
            actor_id=actor.user_id,
            note=note,
        )
        thing.state = arrow.target
        current_session().add(row)
        return row

    def history(self, object_id: int) -> Sequence[Transition]:
        """All steps of one thing, oldest first."""
        query = select(Transition).where(Transition.object_type == self.object_type, Transition.object_id == object_id)
        return current_session().scalars(query.order_by(Transition.id)).all()

    def diagram(self) -> str:
        """The table as a Mermaid state diagram, for docs."""
        lines = [f"  {source} --> {s.target}: {s.name}" for s in self.steps for source in sorted(s.sources)]
        return "\n".join(["stateDiagram-v2", *lines])
