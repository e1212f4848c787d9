"""The first page of a signed-in person: what waits, what changed, what to start."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from marketplace.accounts.states import OrgRole
from marketplace.core import clock
from marketplace.core.i18n import day, pick
from marketplace.core.web import actor, bp_prefix, member_only
from marketplace.insights import labels, queries
from marketplace.insights.queries import OrgNumbers, Task
from marketplace.listings.states import ListingKind
from marketplace.notifications import labels as news_words

bp = Blueprint("insights", __name__, url_prefix=bp_prefix("/desk"))


@bp.get("")
@member_only
def desk() -> str:
    """What waits for me, what changed, what can I start."""
    who, now = actor(), clock.now()
    found = queries.desk(who, now=now)
    return render_template(
        "insights/desk.html",
        heading=labels.greeting(now, len(found.tasks)),
        tasks=[_task(task) for task in found.tasks],
        organisations=[_organisation(org) for org in found.organisations],
        by_state={str(state): count for state, count in found.by_state.items()},
        news=[_news(row) for row in found.news],
        starts=[_start(kind) for kind in queries.starts(who)] or _looks(found.organisations),
        matches_by_listing=found.matches,
        office=queries.office_counts(who, now=now),
    )


def _task(task: Task) -> dict[str, Any]:
    endpoint, values = task.link
    return {
        "days": task.days,
        "at": "" if task.days is not None else day(task.since),
        "title": labels.task_title(task),
        "text": labels.task_note(task),
        "url": url_for(endpoint, **values),
        "action_label": labels.task_action(task),
        "action_kind": "next" if task.days is not None and task.days <= 1 else "",
    }


def _organisation(org: OrgNumbers) -> dict[str, Any]:
    return {
        "name": pick(org.name),
        "url": url_for("accounts.organisation", org_id=org.org_id),
        "manage_url": url_for("accounts.members", org_id=org.org_id),
        "is_verified": org.is_verified,
        "is_in_review": org.is_in_review,
        "verification_url": url_for("accounts.verification", org_id=org.org_id) if org.role == OrgRole.OWNER else "",
        "is_office": org.is_office,
        "achievements": org.on_show.achievements,
        "needs": org.on_show.needs,
        "figures": org.figures,
    }


def _news(row: Any) -> dict[str, Any]:
    return {
        "title": day(row.at),
        "text": news_words.sentence(row.kind, row.data),
        "url": url_for("notifications.inbox"),
        "state": "done" if row.read_at else "now",
    }


def _start(kind: ListingKind) -> dict[str, str]:
    words = {ListingKind.ACHIEVEMENT: gettext("List an achievement"), ListingKind.NEED: gettext("Post a need")}
    return {"label": words[kind], "url": url_for("listings.new", kind=kind.value)}


def _looks(organisations: list[OrgNumbers]) -> list[dict[str, str]]:
    """What somebody begins with who writes no listings: reading, an office of a city what is there."""
    city = next((org.city for org in organisations if org.city), None)
    words = {
        ListingKind.ACHIEVEMENT: gettext("Achievements of your city") if city else gettext("Find achievements"),
        ListingKind.NEED: gettext("Needs of your city") if city else gettext("See needs"),
    }
    return [{"label": words[kind], "url": url_for("matching.search", kind=kind.value, city=city)} for kind in words]
