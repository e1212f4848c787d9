"""Reading changes nothing: no link, no prefetch, no scanner of mail can do something in somebody's name."""

from __future__ import annotations

import pytest

from tests.security.asking import get_rules, post
from tests.security.tables import fingerprint


@pytest.mark.parametrize("role", ["anonymous", "asker", "owner", "admin"])
def test_getting_every_page_changes_no_row(asking, role):
    """Every route about everything it may be about; pages found by links are in the crawl of test_canaries.py."""
    client = asking.client(role)
    before = fingerprint()
    answers = {url: client.get(url, buffered=True).status_code for rule in get_rules(asking.app) for url in asking.urls_of(rule)}
    assert {url: status for url, status in answers.items() if status >= 500} == {}
    assert sum(status == 200 for status in answers.values()) > 40
    after = fingerprint()
    assert {name for name in before if before[name] != after[name]} == set()


def test_control_a_post_changes_rows(asking):
    before = fingerprint()
    assert post(asking.client("asker"), asking.url("deals.seen", method="POST")).status_code == 302
    after = fingerprint()
    assert {name for name in before if before[name] != after[name]} >= {"enquiry_reads"}
