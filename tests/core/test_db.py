"""How a write transaction begins, and that it cannot be opened twice."""

from __future__ import annotations

import pytest

from marketplace.core import clock, settings
from marketplace.core.db import TransactionMisuse, current_session, in_transaction, transaction
from marketplace.core.policy import SYSTEM


@pytest.mark.both
def test_an_error_rolls_everything_back(app):
    with pytest.raises(ZeroDivisionError), transaction():
        settings.change("deals.reply_default_days", 5, actor=SYSTEM, now=clock.now())
        _ = 1 / 0
    assert settings.whole("deals.reply_default_days") == 3
    assert not in_transaction()


@pytest.mark.both
def test_a_commit_is_seen_by_another_session(app):
    with transaction():
        settings.change("deals.reply_default_days", 5, actor=SYSTEM, now=clock.now())
    current_session().rollback()
    assert settings.whole("deals.reply_default_days") == 5


def test_nesting_is_a_mistake(app):
    with transaction(), pytest.raises(TransactionMisuse), transaction():
        pass


def test_changes_outside_are_a_mistake(app):
    current_session().add(settings.SettingRow(key="x", value=1, changed_at=clock.now()))
    with pytest.raises(TransactionMisuse), transaction():
        pass
    current_session().rollback()
