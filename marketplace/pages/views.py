"""Pages that belong to no single feature: home, help, how ranking works, accessibility, privacy, display, style guide.

They only read; figures come from the features' queries, and the long texts stand in templates in both languages.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from marketplace.core.web import bp_prefix, public, safe_next
from marketplace.pages import queries
from marketplace.pages.forms import DisplayForm, SampleForm
from marketplace.taxonomy import queries as taxonomy

bp = Blueprint("pages", __name__, url_prefix=bp_prefix())
YEAR_SECONDS = 365 * 24 * 3600


@bp.app_template_global()
def asset(filename: str) -> str:
    """The address of one of our own static files, with a mark of its content so that browsers may keep it."""
    static = Path(str(current_app.static_folder))
    path = static / filename
    return url_for("static", filename=filename, v=_content_mark(path, path.stat().st_mtime_ns))


@functools.lru_cache(maxsize=64)
def _content_mark(path: Path, _changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


@bp.get("/")
@public
def home() -> str:
    """Search first, then what is here: counts, chains and fields, newest achievements, open needs."""
    return render_template("pages/home.html", home=queries.home())


@bp.get("/help", endpoint="help")
@public
def help_page() -> str:
    """How to use the market, the words it uses, and where its lists come from."""
    return render_template("pages/help.html", taxonomy=taxonomy.current())


@bp.get("/how-ranking-works")
@public
def ranking() -> str:
    """What decides the order of a search and the score of a match."""
    return render_template("pages/ranking.html", weights=queries.match_weights())


@bp.get("/accessibility")
@public
def accessibility() -> str:
    """What was checked, how, and what is not good yet."""
    return render_template("pages/accessibility.html")


@bp.get("/privacy")
@public
def privacy() -> str:
    """Which personal data is kept, for what, how long, and how to have it changed or removed."""
    return render_template("pages/privacy.html", idle_minutes=current_app.config["SESSION_IDLE_MINUTES"])


@bp.route("/display", methods=["GET", "POST"])
@public
def display() -> ResponseReturnValue:
    """Choose colours and text size; two cookies, no account needed, no script needed."""
    kept = {"theme": request.cookies.get("theme", "system"), "text": request.cookies.get("text", "normal")}
    form = DisplayForm(data={**kept, "back": safe_next(request.args.get("back"))})
    if not form.validate_on_submit():
        return render_template("pages/display.html", form=form)
    response = redirect(safe_next(form.back.data) or url_for("pages.home"))
    for name in ("theme", "text"):
        response.set_cookie(
            name,
            form[name].data,
            max_age=YEAR_SECONDS,
            samesite="Lax",
            httponly=True,
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        )
    return response


@bp.get("/styleguide")
@public
def styleguide() -> str:
    """Every component with sample data, for developers; there is no such page in production."""
    if current_app.config["ENV_NAME"] == "production":
        abort(404)
    plain = SampleForm(formdata=None, meta={"csrf": False})
    return render_template("pages/styleguide.html", plain=plain, wrong=_wrong_sample(), form=None)


def _wrong_sample() -> SampleForm:
    """The sample form after a failed try, to show errors as they look."""
    sent = MultiDict({"summary": "长" * 210, "maturity": "12", "form_kind": "product", "patents-0-number": ""})
    sent.update({"patents-0-status": "granted", "patents-1-number": "1", "patents-1-status": "granted"})
    wrong = SampleForm(formdata=sent, prefix="", meta={"csrf": False})
    wrong.validate()
    for field in wrong:
        field.id = f"wrong-{field.id}"
    return wrong
