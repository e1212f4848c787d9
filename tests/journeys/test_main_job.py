"""The main job without a browser, on both databases, in both languages; afterwards every invariant holds."""

from __future__ import annotations

import pytest

from marketplace.core import audit, invariants
from tests.journeys.client import ClientWorld
from tests.journeys.story import Story


@pytest.mark.both
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_enterprise_and_a_university_find_each_other_and_talk(app, lang):
    made = Story(ClientWorld(app, 1), lang, 1).tell()
    assert all(made.values())
    findings = invariants.run(app.extensions["market_invariants"])
    assert {finding.name: finding.problems for finding in findings if finding.problems} == {}
    assert audit.verify().is_sound
