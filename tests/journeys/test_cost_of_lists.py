"""Pages with lists take the same number of statements however long the list is: no reading row by row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from marketplace.accounts.models import Organisation
from marketplace.core import clock, jobs
from marketplace.core.db import current_session, db, transaction
from marketplace.deals import services as deals
from marketplace.deals.states import Purpose
from marketplace.taxonomy import queries as taxonomy
from tests.conftest import Browser
from tests.factories import accounts, market
from tests.factories import listings as listing_factory

ENQUIRIES = 8  # an organisation may send twenty a day
MORE = 10  # as many needs as the first page tries for its example of a match: their number is its only growth
PAGES = [
    ("anonymous", "/zh/"),
    ("anonymous", "/zh/search"),
    ("anonymous", "/zh/search?q=膜"),
    ("anonymous", "/zh/search.atom?q=膜"),
    ("anonymous", "/zh/search.csv?q=膜"),
    ("anonymous", "/api/v1/search?q=膜"),
    ("anonymous", "/sitemap-1.xml"),
    ("anonymous", "/zh/organisations/{university}"),
    ("anonymous", "/zh/needs/{need}"),
    ("owner", "/zh/listings"),
    ("owner", "/zh/listings/review"),
    ("owner", "/zh/listings/confirm"),
    ("owner", "/zh/enquiries"),
    ("owner", "/zh/notifications/"),
    ("owner", "/zh/desk"),
    ("owner", "/zh/matches"),
    ("owner", "/zh/matches/{achievement}"),
    ("owner", "/zh/organisations/{university}/members"),
    ("admin", "/zh/admin/organisations"),
    ("admin", "/zh/admin/people"),
    ("admin", "/zh/admin/audit"),
    ("admin", "/zh/admin/enquiries/overdue"),
    ("admin", "/zh/admin/reports"),
]


@contextmanager
def _counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def _statements(clients: dict[str, Browser], made: market.Market) -> dict[str, int]:
    found = {}
    for role, pattern in PAGES:
        path = pattern.format(**made.orgs, **made.things)
        clients[role].get(path, buffered=True)  # what is kept between requests is kept now
        taxonomy.forget()
        taxonomy.current()  # kept for some seconds: read now, so that its age does not count
        current_session().rollback()
        with _counted() as statements:
            answer = clients[role].get(path, buffered=True)
        assert answer.status_code == 200, path
        found[path] = len(statements)
    return found


def _grow(made: market.Market, label: str) -> None:
    """More of everything that the pages list."""
    owner, asker = market.act(made.users["owner"]), market.act(made.users["asker"])
    session = current_session()
    university, enterprise = (session.get(Organisation, made.orgs[key]) for key in ("university", "enterprise"))
    for number in range(MORE):
        listing_factory.create_achievement(university, actor=owner)
        listing_factory.create_need(enterprise, actor=asker)
        accounts.add_member(accounts.create_user(), university, "viewer")
        person = accounts.create_user()
        accounts.create_organisation(owner=person, verified=False, state="document_seen")
        if number >= ENQUIRIES:
            continue
        with transaction():
            deals.send(
                made.things["achievement"],
                as_org_id=made.orgs["enterprise"],
                purpose=next(iter(Purpose)),
                body="May we test it?",
                form_token=f"{label}{number:0>24}",
                actor=asker,
                now=clock.now(),
            )
    jobs.run_due()


def test_longer_lists_take_no_more_statements(app):
    made = market.build(app)
    clients = {"anonymous": Browser(app, app.response_class, use_cookies=True)}
    for role in ("owner", "admin"):
        clients[role] = Browser(app, app.response_class, use_cookies=True)
        accounts.sign_in(clients[role], current_session().get(accounts.User, made.users[role]))
    current_session().rollback()
    _grow(made, "once")
    before = _statements(clients, made)
    _grow(made, "twice")
    after = _statements(clients, made)
    grown = {path: (before[path], after[path]) for path in before if after[path] > before[path]}
    assert grown == {}
    first_page = after.pop("/zh/")
    assert max(after.values()) <= 60, after  # the desk: five lists, each with its own reads
    assert first_page <= 130, "with ten examples tried; kept for two minutes outside of tests"
