"""Words of matching: facets and their values, errors of a search, components and reasons of a match, answers to it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.accounts import labels as accounts
from marketplace.core import labels
from marketplace.core.i18n import language, pick
from marketplace.listings import labels as listings
from marketplace.matching.rules import Code, MatchReason
from marketplace.taxonomy import queries as taxonomy
from search_index.requests import InvalidSearch

MOST_TERMS = 5
SORTS: Mapping[str, LazyString] = {"relevance": _l("Relevance"), "fresh": _l("Newest"), "maturity": _l("Maturity")}
FACETS: Mapping[str, LazyString] = {
    "field": _l("Chain and strategic field"),
    "maturity": _l("Maturity"),
    "city": _l("City"),
    "mode": _l("Transfer mode"),
    "ip": _l("Intellectual property"),
    "org_kind": _l("Kind of organisation"),
    "released": _l("Selection"),
}
BANDS: Mapping[str, LazyString] = {
    "1-3": _l("1–3: principle to laboratory proof"),
    "4-6": _l("4–6: sample to prototype"),
    "7-9": _l("7–9: in real use"),
}
IP: Mapping[str, LazyString] = {**listings.IP_STATUSES, "none": _l("None stated")}
RELEASED: Mapping[str, LazyString] = {"yes": _l("Good Shandong Achievement"), "no": _l("Not selected")}
COMPONENTS: Mapping[str, LazyString] = {
    "text": _l("Text"),
    "field": _l("Field"),
    "maturity": _l("Maturity"),
    "budget": _l("Budget"),
    "place": _l("Place"),
    "quality": _l("Quality of the record"),
}
VERDICTS: Mapping[str, LazyString] = {"relevant": _l("Relevant"), "not_relevant": _l("Not relevant")}
REASONS: Mapping[str, LazyString] = {
    "field": _l("Another field or problem"),
    "maturity": _l("Not mature enough, or too mature"),
    "price": _l("Price and budget do not fit"),
    "place": _l("Too far away"),
    "other": _l("Another reason"),
}

_SEARCH_ERRORS: Mapping[str, LazyString] = {
    "bad_cursor": _l("The address of this page is damaged. Start the search again."),
    "bad_filter": _l("A filter in the address is not one of ours. Start the search again."),
    "bad_page": _l("The page number in the address is not a number from 1 upwards."),
    "page_too_deep": _l("Only the first %(limit)s pages of a search can be opened. Add a word or a filter to narrow it."),
    "query_too_long": _l("A search may have at most %(limit)s characters. Shorten it to the words that matter."),
    "too_many_terms": _l("A search may have at most %(limit)s words. Shorten it to the words that matter."),
    "too_many_values": _l("At most %(limit)s values of one filter can be chosen."),
    "unknown_sort": _l("This order does not exist. Choose one of those above the results."),
}

labels.register_errors(
    {
        "admins_only": _l("Only administrators may do this."),
        "match_not_on_show": _l("One side of this match is no longer on show."),
        "match_reason_missing": _l("Say why the match is not relevant."),
        "not_your_match": _l("Only owners and editors of one of the two verified organisations can judge a match."),
        "weights_not_usable": _l("Every weight must be a number from 0 upwards, and one of them must be above 0."),
        "weights_note_missing": _l("Say in a sentence why the weights change."),
    }
)


def invalid_search(error: InvalidSearch) -> str:
    """Why a search was refused, in words."""
    words = _SEARCH_ERRORS.get(error.code, _SEARCH_ERRORS["bad_cursor"])
    return str(words) % error.params


def kind(value: str) -> str:
    """Achievement or need."""
    return listings.word(listings.KINDS, value)


def kinds(value: str) -> str:
    """The tab of one kind."""
    return str(_("Achievements") if value == "achievement" else _("Needs"))


def all_kinds() -> str:
    """The tab of both kinds."""
    return str(_("All"))


def results(number: int) -> str:
    """ "46 results"."""
    return str(ngettext("%(num)s result", "%(num)s results", number))


def choice(name: str, value: str) -> str:
    """One value of a facet, in the reader's language; an unknown one as it is, so that old links stay readable."""
    return _choice(name, value, language(), taxonomy.current().version)


@functools.lru_cache(maxsize=4096)
def _choice(name: str, value: str, _language: str, _taxonomy_version: str) -> str:
    worded = _WORDED.get(name)
    return worded(value) if worded else value


def _from(words: Mapping[str, LazyString]) -> Callable[[str], str]:
    return lambda value: str(words.get(value, value))


_WORDED: Mapping[str, Callable[[str], str]] = {
    "kind": _from(listings.KINDS),
    "chain": lambda code: pick(taxonomy.current().chain_name(code)),
    "field": lambda code: pick(taxonomy.current().field_name(code)),
    "city": lambda code: pick(taxonomy.current().city_name(code)),
    "maturity": _from(BANDS),
    "mode": _from(listings.MODES),
    "ip": _from(IP),
    "org_kind": _from(accounts.KINDS),
    "released": _from(RELEASED),
}


def reason(one: MatchReason) -> str:
    """One reason of a match as a sentence or half of one."""
    return _REASON_WORDS[one.code](one.params)


def joined(words: Iterable[str]) -> str:
    """Words in a row, as each language writes it."""
    return ("、" if language() == "zh" else ", ").join(words)


def _terms(params: Mapping[str, Any]) -> str:
    """The heaviest shared words that the reader can read; all of them when none is in that language."""
    words = [str(term["text"]) for term in params["terms"]]
    own = [word for word in words if word.isascii() == (language() == "en") or not word.isalpha()]
    return str(_("both speak of %(terms)s", terms=joined((own or words)[:MOST_TERMS])))


_REASON_WORDS: Mapping[Code, Callable[[Mapping[str, Any]], str]] = {
    Code.SHARED_TERMS: _terms,
    Code.SIMILAR_MEANING: lambda _p: _("similar meaning, in other words"),
    Code.FEW_SHARED_WORDS: lambda _p: _("few words in common"),
    Code.SAME_FIELD: lambda p: _("same field: %(field)s", field=choice("field", p["field"])),
    Code.SHARED_FIELD: lambda p: _("a shared field: %(field)s", field=choice("field", p["field"])),
    Code.SAME_CHAIN: lambda p: _("same chain: %(chain)s", chain=choice("chain", p["chain"])),
    Code.OTHER_FIELD: lambda _p: _("other fields"),
    Code.FIELD_NOT_STATED: lambda _p: _("field not stated"),
    Code.MATURITY_REACHED: lambda p: _("maturity %(have)s, wanted %(wanted)s: reached", **p),
    Code.MATURITY_GAP: lambda p: ngettext(
        "maturity %(have)s, wanted %(wanted)s: %(num)s level to go",
        "maturity %(have)s, wanted %(wanted)s: %(num)s levels to go",
        p["wanted"] - p["have"],
        **p,
    ),
    Code.MATURITY_NOT_STATED: lambda _p: _("maturity not stated on one side"),
    Code.BUDGET_INSIDE: lambda _p: _("price inside the budget"),
    Code.BUDGET_PARTLY: lambda _p: _("price partly inside the budget"),
    Code.BUDGET_OVER: lambda _p: _("price above the budget"),
    Code.BUDGET_UNDER: lambda _p: _("price below the budget"),
    Code.BUDGET_NOT_STATED: lambda _p: _("price or budget not stated"),
    Code.SAME_CITY: lambda p: _("same city: %(city)s", city=choice("city", p["city"])),
    Code.SAME_PROVINCE: lambda _p: _("same province, another city"),
    Code.OTHER_PROVINCE: lambda _p: _("another province"),
    Code.PLACE_NOT_STATED: lambda _p: _("city not stated on one side"),
}
