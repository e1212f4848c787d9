"""The one door of a state machine."""

from __future__ import annotations

import enum
from types import SimpleNamespace

import pytest

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.errors import StepNotAllowed
from marketplace.core.policy import Actor
from marketplace.core.workflow import Workflow, step


class Light(enum.StrEnum):
    RED = "red"
    GREEN = "green"


LIGHTS = Workflow("lights", step("go", {Light.RED}, Light.GREEN), step("halt", {Light.GREEN}, Light.RED))


def test_a_step_sets_the_state_and_leaves_a_trace(app):
    light = SimpleNamespace(id=7, state=Light.RED)
    with transaction():
        LIGHTS.move(light, "go", actor=Actor(user_id=3), at=clock.now(), note="clear road")
    assert light.state is Light.GREEN
    (row,) = LIGHTS.history(7)
    assert (row.step, row.from_state, row.to_state, row.actor_id, row.note) == ("go", "red", "green", 3, "clear road")


@pytest.mark.parametrize(("name", "state"), [("halt", Light.RED), ("go", Light.GREEN), ("fly", Light.RED)])
def test_a_step_that_is_not_listed_is_refused_and_changes_nothing(app, name, state):
    light = SimpleNamespace(id=7, state=state)
    assert not LIGHTS.allows(light, name)
    with transaction(), pytest.raises(StepNotAllowed):
        LIGHTS.move(light, name, actor=Actor(user_id=3), at=clock.now())
    assert light.state is state
    assert LIGHTS.history(7) == []


def test_the_table_draws_itself():
    assert "red --> green: go" in LIGHTS.diagram()
