"""How organisations answer, from their enquiries of the last year."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select

from marketplace.accounts.models import Organisation
from marketplace.core import clock
from marketplace.core.db import current_session
from marketplace.deals.models import Enquiry
from marketplace.deals.rules import FIGURES_OVER, Answer, ResponseFigures, figures
from marketplace.deals.states import Side
from marketplace.taxonomy import queries as taxonomy


def response_figures(org_ids: Collection[int], *, now: dt.datetime | None = None) -> dict[int, ResponseFigures]:
    """Organisation id -> its figures; what they mean stands at `rules.ResponseFigures`. Three queries for any number."""
    now = now or clock.now()
    session = current_session()
    promised = session.execute(
        select(Organisation.id, Organisation.promised_reply_days).where(Organisation.id.in_(list(org_ids)))
    ).all()
    columns = (Enquiry.sent_at, Enquiry.due_at, Enquiry.reacted_at, Enquiry.first_reply_at, Enquiry.closed_side)
    query = select(Enquiry.to_org_id, *columns).where(Enquiry.to_org_id.in_(list(org_ids)), Enquiry.sent_at > now - FIGURES_OVER)
    answers: dict[int, list[Answer]] = defaultdict(list)
    for org_id, sent_at, due_at, reacted_at, replied_at, closed_side in session.execute(query):
        taken_back = closed_side == Side.ENQUIRER
        answers[org_id].append(Answer(sent_at, due_at, reacted_at, replied_at, taken_back))
    calendar = taxonomy.work_calendar()
    return {org_id: figures(answers[org_id], promised_days=days, now=now, calendar=calendar) for org_id, days in promised}


def market_figures(*, now: dt.datetime | None = None) -> ResponseFigures:
    """The same figures over all organisations together (without a promise of its own), for the first page."""
    now = now or clock.now()
    columns = (Enquiry.sent_at, Enquiry.due_at, Enquiry.reacted_at, Enquiry.first_reply_at, Enquiry.closed_side)
    rows = current_session().execute(select(*columns).where(Enquiry.sent_at > now - FIGURES_OVER))
    answers = [Answer(sent, due, reacted, replied, side == Side.ENQUIRER) for sent, due, reacted, replied, side in rows]
    return figures(answers, promised_days=0, now=now, calendar=taxonomy.work_calendar())
