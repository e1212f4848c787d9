"""The audit chain: it grows in order, it cannot be changed, and a change made behind its back is found."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from marketplace.core import audit, clock
from marketplace.core.db import current_session, db, transaction
from marketplace.core.policy import SYSTEM, Actor


def note(count: int = 1) -> None:
    with transaction():
        for n in range(count):
            audit.record("test.note", ("things", n), actor=Actor(user_id=5), at=clock.now(), n=n, words="文字")


@pytest.mark.both
def test_the_chain_is_sound_and_names_who_did_what(app):
    before = audit.verify().checked
    note(3)
    note(2)
    report = audit.verify()
    assert report.is_sound
    assert report.checked == before + 5
    entry = current_session().scalars(select(audit.AuditEntry).order_by(audit.AuditEntry.id.desc())).first()
    assert (entry.action, entry.actor_id, entry.object_type, entry.object_id) == ("test.note", 5, "things", "1")


def test_nothing_is_recorded_when_the_transaction_fails(app):
    before = audit.verify().checked
    with pytest.raises(ZeroDivisionError), transaction():
        audit.record("test.note", ("things", 1), actor=SYSTEM, at=clock.now())
        _ = 1 / 0
    note()
    assert audit.verify().checked == before + 1


@pytest.mark.both
@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"])
def test_the_database_refuses_to_change_the_past(app, statement):
    note()
    with pytest.raises(DBAPIError, match="append-only"), transaction() as session:
        session.execute(text(statement))
    assert audit.verify().is_sound


def test_a_change_behind_its_back_is_found(app):
    note(3)
    with db.engine.begin() as connection:  # what an attacker with the file in hands could do
        connection.execute(text("DROP TRIGGER audit_entries_no_update"))
        connection.execute(text("UPDATE audit_entries SET actor_id = 99 WHERE object_id = '1'"))
    report = audit.verify()
    assert not report.is_sound


@pytest.mark.both
def test_writers_side_by_side_make_one_chain(app):
    """Twenty transactions on four threads; without the chain's lock two entries would follow the same one."""
    before = audit.verify().checked

    def work() -> None:
        with app.app_context():
            for _ in range(5):
                note()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    current_session().rollback()
    report = audit.verify()
    assert report.is_sound
    assert report.checked == before + 20
