"""Words of the desk: what waits, what to press, how an organisation answers."""

from __future__ import annotations

import datetime as dt

from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _l

from marketplace.core.clock import SHANGHAI
from marketplace.core.i18n import pick
from marketplace.insights.queries import Task

# What waits -> (sentence, button, what happens otherwise).
_TASKS: dict[str, tuple[LazyString, LazyString, LazyString | str]] = {
    "reply": (
        _l("Reply to %(name)s: %(title)s"),
        _l("Reply"),
        _l("A late reply counts against your response rate."),
    ),
    "unread": (_l("%(name)s has written about %(title)s"), _l("Read"), ""),
    "review": (_l("Check and publish: %(title)s"), _l("Check"), _l("A colleague has finished it and waits for you.")),
    "changes": (_l("Publish the changes to %(title)s"), _l("Look"), _l("Readers still see the version before.")),
    "sent_back": (_l("Put right and hand in again: %(title)s"), _l("Put right"), ""),
}


def task_title(task: Task) -> str:
    """The sentence of one task."""
    if task.what == "confirm":
        if task.title is not None:
            return str(gettext("Confirm that this still holds: %(title)s", title=pick(task.title)))
        return str(ngettext("Confirm that %(num)s listing still holds", "Confirm that %(num)s listings still hold", task.count))
    if task.what == "verify":
        return str(ngettext("%(num)s organisation waits to be verified", "%(num)s organisations wait to be verified", task.count))
    return str(_TASKS[task.what][0]) % {"title": pick(task.title), "name": pick(task.name)}


def task_action(task: Task) -> str:
    """What the button of a task says."""
    if task.what == "confirm":
        return str(gettext("Confirm"))
    if task.what == "verify":
        return str(gettext("Open the queue"))
    return str(_TASKS[task.what][1])


def task_note(task: Task) -> str:
    """The small line under it: what was asked for, or what happens otherwise."""
    if task.note:
        return task.note
    if task.what == "confirm":
        return str(gettext("Unconfirmed listings fade, then leave the search."))
    return str(_TASKS[task.what][2]) if task.what in _TASKS else ""


def greeting(now: dt.datetime, count: int) -> str:
    """Good morning, and how much waits."""
    hour = now.astimezone(SHANGHAI).hour
    hello = (
        gettext("Good morning") if 5 <= hour < 12 else gettext("Good afternoon") if 12 <= hour < 18 else gettext("Good evening")
    )
    if not count:
        return str(gettext("%(hello)s. Nothing waits for you.", hello=hello))
    waits = ngettext("%(num)s thing waits for you", "%(num)s things wait for you", count)
    return str(gettext("%(hello)s. %(waits)s.", hello=hello, waits=waits))
