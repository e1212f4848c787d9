"""Every route says who may call it: `@public`, `@member_only` or `@access(rule)`. A walk over the URL map fails otherwise."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, g, request

from marketplace.core.errors import Forbidden, NotFound
from marketplace.core.policy import ANONYMOUS, Actor, Decision

View = TypeVar("View", bound=Callable[..., Any])
Rule = Callable[..., Decision]
# Endpoints of libraries and of Flask itself; their access is decided there. Each line says by whom.
DECLARED_ELSEWHERE = {
    "static": "files of the site, public",
    "security.": "Flask-Security decides per view; anonymous pages by nature",
    "api-docs.": "flask-smorest: the OpenAPI document, public",
}
_loader: list[Callable[[], Actor]] = []


def set_actor_loader(load: Callable[[], Actor]) -> None:
    """Tell how the actor of a request is read (accounts does, from the database, at each request)."""
    _loader[:] = [load]


def actor() -> Actor:
    """Who is asking in this request, read once per request and never kept longer."""
    if "actor" not in g:
        g.actor = _loader[0]() if _loader else ANONYMOUS
    found: Actor = g.actor
    return found


def public(view: View) -> View:
    """Anyone may call this view."""
    view.access_rule = "public"  # type: ignore[attr-defined]
    return view


def member_only(view: View) -> View:
    """Anyone who is signed in may call this view; it shows only what belongs to the actor."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not actor().is_authenticated:
            raise Forbidden("sign_in")
        return view(*args, **kwargs)

    guarded.access_rule = "member"  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def access(rule: Rule, *, load: Callable[..., Any] | None = None, as_name: str = "thing") -> Callable[[View], View]:
    """Ask `rule(actor)` or, with `load`, `rule(actor, thing)` before the view runs.

    `load` is called with the values of the address and its result is given to the view as `thing` (or `as_name`)
    instead of them; None means 404.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(**kwargs: Any) -> Any:
            who = actor()
            if load is None:
                rule(who).or_raise()
                return view(**kwargs)
            thing = load(**kwargs)
            if thing is None:
                raise NotFound(request.path)
            rule(who, thing).or_raise()
            return view(**{as_name: thing})

        guarded.access_rule = f"{rule.__module__}.{rule.__qualname__}"  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def undeclared(app: Flask) -> list[str]:
    """Endpoints that say nothing about access: must be empty."""
    missing = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        is_listed = any(
            rule.endpoint == key or (key.endswith(".") and rule.endpoint.startswith(key)) for key in DECLARED_ELSEWHERE
        )
        has_rule = hasattr(view, "access_rule") or hasattr(getattr(view, "view_class", None), "access_rule")
        if not is_listed and not has_rule:
            missing.append(rule.endpoint)
    return sorted(set(missing))
