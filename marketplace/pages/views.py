"""Pages that belong to no single feature: home, help, how ranking works, accessibility, privacy, display, style guide.

They only read; figures come from the features' queries, and the long texts stand in templates in both languages.
"""

from __future__ import annotations

import functools
import hashlib
import time
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, format_percent, gettext, ngettext
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from marketplace.core import clock
from marketplace.core.i18n import language, money_range, pick, pick_marked
from marketplace.core.web import absolute_url, bp_prefix, public, safe_next
from marketplace.core.web.languages import has_endpoint, static_url
from marketplace.demo import queries as demo
from marketplace.listings.queries import Card
from marketplace.matching import labels as words
from marketplace.matching import queries as matching
from marketplace.pages import queries
from marketplace.pages.forms import DisplayForm, SampleForm
from marketplace.taxonomy import queries as taxonomy

bp = Blueprint("pages", __name__, url_prefix=bp_prefix())
YEAR_SECONDS = 365 * 24 * 3600
FULLEST = 4


@bp.app_template_global()
def asset(filename: str) -> str:
    """The address of one of our own static files, with a mark of its content so that browsers may keep it.

    Whether the file has changed is looked up once a second: a page names six of them.
    """
    return f"{static_url(filename)}?v={_mark_now(Path(str(current_app.static_folder)), filename, int(time.monotonic()))}"


@functools.lru_cache(maxsize=64)
def _mark_now(static: Path, filename: str, _second: int) -> str:
    path = static / filename
    return _content_mark(path, path.stat().st_mtime_ns)


@bp.app_template_global()
def kept(template: str) -> Markup:
    """A part of every page that depends on nothing but the language, drawn once."""
    return _kept(template, language())


@functools.lru_cache(maxsize=16)
def _kept(template: str, _language: str) -> Markup:
    # A template of ours, which escapes what it is given as every other does.
    return Markup(render_template(template))  # noqa: S704 # nosec B704


@bp.app_template_global()
def is_demo() -> bool:
    """Is this the invented market? Every page says so at its foot. Asked again after a minute."""
    return _is_demo(int(time.monotonic() // 60), str(current_app.config["SQLALCHEMY_DATABASE_URI"]))


@functools.lru_cache(maxsize=2)
def _is_demo(_minute: int, _database: str) -> bool:
    return demo.demo_organisations() > 0


@functools.lru_cache(maxsize=64)
def _content_mark(path: Path, _changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


@bp.get("/")
@public
def home() -> str:
    """Search first, then what is here: counts, chains and fields, newest achievements, open needs."""
    if current_app.testing:
        queries.forget()
    return render_template("pages/home.html", home=home_page(queries.home()))


def home_page(facts: queries.Home) -> dict[str, Any]:
    """The facts in words and addresses, as templates/pages/home.html reads them."""
    current = taxonomy.current()
    return {
        "numbers": _numbers(facts),
        "is_working_taxonomy": current.is_working,
        "chains": [_chain(chain, facts) for chain in current.chains],
        "achievements": [_row(card, current) for card in facts.achievements],
        "needs": [_row(card, current) for card in facts.needs],
        "fullest": _fullest(facts, current),
        "post_need_url": _url("listings.new", kind="need"),
        "need": _row(facts.pair[0], current) if facts.pair else None,
        "matches": facts.pair[1] if facts.pair else None,
        "json_ld": _site_data(),
    }


def _url(endpoint: str, **values: Any) -> str:
    """The address of a page, or "" while there is no such page."""
    return url_for(endpoint, **values) if has_endpoint(endpoint) else ""


def _numbers(facts: queries.Home) -> list[dict[str, str]]:
    counts, response = facts.counts, facts.response
    if not counts.achievements and not counts.needs:
        return []
    found = [
        {
            "number": format_decimal(counts.achievements),
            "text": ngettext("achievement on show", "achievements on show", counts.achievements),
            "url": _url("matching.search", kind="achievement"),
        },
        {
            "number": format_decimal(counts.needs),
            "text": ngettext("need of an enterprise is open", "needs of enterprises are open", counts.needs),
            "url": _url("matching.search", kind="need"),
        },
    ]
    definition = _url("pages.help", _anchor="replies")
    if response is not None and response.median_days is not None:
        days = format_decimal(response.median_days)  # a median may be half a day; the text names the unit
        found.append({"number": days, "text": gettext("median time to the first reply, in working days"), "url": definition})
    if response is not None and response.percent is not None:
        text = gettext("of enquiries were answered within the promised time")
        found.append({"number": f"{response.percent} %", "text": text, "url": definition})
    return found


def _chain(chain: taxonomy.ChainItem, facts: queries.Home) -> dict[str, Any]:
    fields = []
    for item in chain.fields:
        counts = facts.by_field.get(item.code)
        number = counts.achievements + counts.needs if counts else 0
        fields.append({"name": pick_marked(item.name), "count": number, "url": _url("matching.search", field=item.code)})
    return {"name": pick_marked(chain.name), "url": _url("matching.search", chain=chain.code), "fields": fields}


def _fullest(facts: queries.Home, current: taxonomy.Taxonomy) -> list[dict[str, str]]:
    """The fields with the most records, as a way in for those who do not know what to type."""
    sizes = {code: counts.achievements + counts.needs for code, counts in facts.by_field.items()}
    codes = sorted(sizes, key=lambda code: (-sizes[code], code))[:FULLEST]
    return [{"label": pick(current.field_name(code)), "url": _url("matching.search", field=code)} for code in codes]


def _row(card: Card, current: taxonomy.Taxonomy) -> dict[str, Any]:
    """A listing as macros/listing.html draws it."""
    code = card.fields[0] if card.fields else ""
    meta = [f"{pick(card.org_name)} · {pick(current.city_name(card.city))}" if card.city else pick(card.org_name)]
    if card.kind == "need":
        meta.append(gettext("Budget %(range)s", range=money_range(card.money_min, card.money_max)))
        if card.closes_on is not None:
            left = (card.closes_on - clock.local_day(clock.now())).days
            meta.append(ngettext("%(num)s day left", "%(num)s days left", left))
    return {
        "title": pick_marked(card.title),
        "url": _url(f"listings.{card.kind}", id=card.id),
        "field": pick(current.field_name(code)) if code else "",
        "field_url": _url("matching.search", field=code, kind=str(card.kind)) if code else "",
        "trl": card.maturity if card.kind == "achievement" else None,
        "meta": meta,
    }


def _site_data() -> dict[str, Any]:
    """schema.org about the site itself, with its search."""
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": gettext("Shandong Tech Market"),
        "url": absolute_url("pages.home"),
    }
    if has_endpoint("matching.search"):
        target = absolute_url("matching.search") + "?q={search_term_string}"
        found["potentialAction"] = {"@type": "SearchAction", "target": target, "query-input": "required name=search_term_string"}
    return found


@bp.get("/help", endpoint="help")
@public
def help_page() -> str:
    """How to use the market, the words it uses, and where its lists come from."""
    return render_template("pages/help.html", taxonomy=taxonomy.current())


@bp.get("/how-ranking-works")
@public
def ranking() -> str:
    """What decides the order of a search and the score of a match."""
    return render_template("pages/ranking.html", weights=_weights())


def _weights() -> dict[str, Any]:
    """The weights of matching in force, as a table in percent."""
    current = matching.current_weights()
    parts = current.to_dict()
    rows = [[words.COMPONENTS[name], format_percent(weight / sum(parts.values()))] for name, weight in parts.items()]
    return {"version": current.version, "rows": rows}


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
    form = DisplayForm(data={**_display_kept(), "back": safe_next(request.args.get("back"))})
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


def _display_kept() -> dict[str, str]:
    """What the visitor chose before, in the words of the form; anything else in the cookies counts as not chosen."""
    theme, text = request.cookies.get("theme"), request.cookies.get("text")
    return {
        "theme": theme if theme in ("light", "dark") else "system",
        "text": "large" if text == "large" else "normal",
    }


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
    for field in [*wrong, *(part for entry in wrong.patents for part in entry.form)]:
        field.id = f"wrong-{field.id}"
    return wrong
