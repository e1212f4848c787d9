"""The main job in Chromium: in both languages with pictures of each page, without script, and by keyboard alone."""

from __future__ import annotations

import pytest

from tests.browser.hands import KeyboardHands, world
from tests.journeys.story import Person, Story

pytestmark = pytest.mark.browser


def _picture(folder: str):
    """Keep each page of the story, in the order it was seen."""

    def keep(person: Person, name: str) -> None:
        person.hands.who.picture(f"journey-{folder}-{keep.count:02}-{name}", 1280)
        keep.count += 1

    keep.count = 1
    return keep


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_they_find_each_other_and_talk(site, chromium, lang):
    with world(site, chromium, number=1, lang=lang) as place:
        made = Story(place, lang, 1 if lang == "zh" else 2, on_page=_picture(lang)).tell()
    assert all(made.values())
    assert "Traceback" not in site.logs()


def test_without_script(site, chromium):
    with world(site, chromium, number=3, lang="zh", options={"script": False}) as place:
        assert all(Story(place, "zh", 3).tell().values())


def test_by_keyboard_alone(site, chromium):
    with world(site, chromium, number=4, lang="en", hands_of=KeyboardHands) as place:
        assert all(Story(place, "en", 4).tell().values())
