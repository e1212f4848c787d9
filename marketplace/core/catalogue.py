"""The message catalogues: extract from the sources, merge translations, check that nothing is missing, compile.

Message ids are English, so the English catalogue is the ids themselves; the Chinese one must be complete, with the
same placeholders and plural shape.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parent
CHINESE = PACKAGE / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
_METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
# Not silent: a template that cannot be read would be taken for one without words.
_OPTIONS = {"jinja2": {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "encoding": "utf-8", "silent": "false"}}
_KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|<(/?\w+)[^>]*>")


def extract() -> Catalog:
    """Every message of the Python sources and templates."""
    found = Catalog(locale="zh_Hans_CN", project="shandong-tech-market", charset="utf-8")
    for folder in ("marketplace", "templates"):
        options = {pattern: _OPTIONS.get(method, {}) for pattern, method in _METHODS}
        # Every folder: by itself Babel passes over those that begin with an underscore, as our _partials do.
        rows = extract_from_dir(
            ROOT / folder,
            _METHODS,
            options,
            _KEYWORDS,
            ("i18n:",),
            strip_comment_tags=True,
            directory_filter=lambda path: not Path(path).name.startswith((".", "__pycache__")),
        )
        for filename, _line, message, comments, context in rows:
            found.add(message, None, [(f"{folder}/{filename}", 0)], auto_comments=comments, context=context)
    return found


def read() -> Catalog:
    """The Chinese catalogue as it stands in the repository."""
    if not CHINESE.exists():
        return Catalog(locale="zh_Hans_CN")
    with CHINESE.open("rb") as source:
        return read_po(source, locale="zh_Hans_CN")


@contextmanager
def _locked() -> Iterator[None]:
    CHINESE.parent.mkdir(parents=True, exist_ok=True)
    with (CHINESE.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def merge(fragment: Path) -> int:
    """Take the translations of a fragment (a .po file) into the Chinese catalogue; returns how many."""
    with fragment.open("rb") as source:
        new = read_po(source, locale="zh_Hans_CN")
    with _locked():
        catalogue = read()
        for message in new:
            if message.id and message.string:
                catalogue.delete(message.id, message.context)  # add alone keeps the old translation
                catalogue.add(message.id, message.string, context=message.context)
        _write(catalogue)
    return sum(1 for message in new if message.id)


def refresh() -> None:
    """Bring references and order in line with the sources and drop what no source uses any more."""
    with _locked():
        old, fresh = read(), extract()
        for message in fresh:
            known = old.get(message.id, message.context) if message.id else None
            if known is not None:
                message.string = known.string
        _write(fresh)


def _write(catalogue: Catalog) -> None:
    with CHINESE.open("wb") as out:
        write_po(out, catalogue, sort_output=True, width=120, omit_header=False, ignore_obsolete=True, include_lineno=False)
    compile_all()


def compile_all() -> None:
    """Write the .mo file that the site reads (not kept in the repository)."""
    target = CHINESE.with_suffix(".mo")
    partial = target.with_suffix(f".{os.getpid()}.part")
    with partial.open("wb") as out:
        write_mo(out, read())
    partial.replace(target)  # several processes may compile at once; none may read half a file


def problems() -> list[str]:
    """What is missing or wrong: untranslated messages, lost placeholders or tags."""
    known = read()
    found = []
    for message in extract():
        if not message.id:
            continue
        translated = known.get(message.id, message.context)
        if translated is None or not translated.string or (isinstance(translated.string, tuple) and not all(translated.string)):
            found.append(f"not translated: {_first(message)!r} ({message.locations[0][0] if message.locations else '?'})")
        elif not _same_marks(message, translated):
            found.append(f"placeholders or tags differ: {_first(message)!r}")
    return found


def _first(message: Message) -> str:
    return message.id[0] if isinstance(message.id, (tuple, list)) else str(message.id)


def _marks(text: str) -> list[str]:
    return sorted(m.group(0).split()[0] for m in _PLACEHOLDER.finditer(text))


def _same_marks(message: Message, translated: Message) -> bool:
    ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    strings = translated.string if isinstance(translated.string, (tuple, list)) else (translated.string,)
    # Chinese has one plural form; it answers to the English plural, which always names the number.
    return all(_marks(str(ids[-1])) == _marks(str(text)) for text in strings)
