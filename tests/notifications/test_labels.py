"""Every event that people hear of has words in both languages, and no code shows through."""

from __future__ import annotations

import re

import pytest

from marketplace import wiring
from marketplace.core import catalogue
from marketplace.core.i18n import speaking
from marketplace.notifications import labels
from tests.notifications.samples import PAYLOADS

PEOPLE_FACING = sorted(name for name, handlers in wiring.EVENTS.items() if wiring.NOTIFY in handlers)
# Told to machines only; each with its reason.
NOT_FOR_PEOPLE = {
    "accounts.address_change_asked": "both boxes get letters of their own",
    "accounts.letter_requested": "the letter is itself the answer",
    "accounts.organisation_changed": "only the index follows",
    "core.mail_queued": "a letter on its way",
    "deals.enquiry_seen": "quiets the bell",
}


def test_every_event_is_told_or_has_a_reason_not_to():
    silent = set(wiring.EVENTS) - set(PEOPLE_FACING)
    assert silent == set(NOT_FOR_PEOPLE)


def test_words_and_wiring_name_the_same_events():
    assert set(labels.EVENTS) == set(PEOPLE_FACING) == set(PAYLOADS)
    assert {words.group for words in labels.EVENTS.values()} == set(labels.GROUPS)


@pytest.mark.parametrize("event", PEOPLE_FACING)
def test_words_in_both_languages(app, event):
    words = labels.EVENTS[event]
    spoken = {}
    for language in ("zh", "en"):
        with speaking(language):
            spoken[language] = (
                labels.sentence(event, PAYLOADS[event]), str(words.name), str(words.action), str(words.reason),
            )  # fmt: skip
    for zh, en in zip(spoken["zh"], spoken["en"], strict=True):
        assert re.search(r"[\u4e00-\u9fff]", zh), zh
        assert zh != en
        assert "%(" not in zh + en
        assert "enquiry_" not in en
        assert event not in zh + en


@pytest.mark.parametrize("event", PEOPLE_FACING)
def test_sentences_stand_on_a_poor_payload(app, event):
    for language in ("zh", "en"):
        with speaking(language):
            assert labels.sentence(event, {})


def test_the_day_named_is_the_last_one_before_the_deadline(app):
    with speaking("en"):
        assert "26 November 2026" in labels.sentence("deals.enquiry_sent", PAYLOADS["deals.enquiry_sent"])


def test_the_catalogue_keeps_every_placeholder():
    ours = [problem for problem in catalogue.problems() if "placeholders" in problem]
    assert ours == []
