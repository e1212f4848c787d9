"""The story's hands without a browser: the test client and what html5lib reads from its pages."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from flask_security import hash_password
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from marketplace.core import jobs
from tests.browser.letters import letters_to, link_in
from tests.conftest import Browser
from tests.factories import accounts
from tests.journeys.story import PASSWORD, Values


class ClientHands:
    """A browser without script. After each step the worker's jobs are run, as a worker would at once."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = Browser(app, app.response_class, use_cookies=True)
        self.path = "/"
        self.html = ""

    def open(self, path: str) -> None:
        self._show(path, self.client.get(path, buffered=True))

    def send(self, values: Values) -> None:
        names = set(values)
        form = next(f for f in self._forms() if names <= _names(f))
        self._submit(form, values)

    def press(self, action_end: str = "") -> None:
        form = next(f for f in self._forms() if urlsplit(f.get("action") or "").path.endswith(action_end))
        self._submit(form, {})

    def follow(self, link_part: str) -> None:
        self.open(next(a.get("href", "") for a in self._tree().iter("a") if link_part in a.get("href", "")))

    def _show(self, path: str, answer: TestResponse) -> None:
        jobs.run_due()
        for _ in range(5):
            if not 300 <= answer.status_code < 400:
                break
            path = urljoin(path, answer.location)
            answer = self.client.get(path, buffered=True)
            jobs.run_due()
        assert answer.status_code == 200, f"{path}: {answer.status_code}\n{_errors(answer)}"
        self.path, self.html = urlsplit(path).path, answer.text

    def _tree(self) -> Element:
        tree: Element = html5lib.parse(self.html, namespaceHTMLElements=False)
        return tree

    def _forms(self) -> list[Element]:
        main = next(e for e in self._tree().iter("main"))
        return [form for form in main.iter("form") if form.get("method") == "post"]

    def _submit(self, form: Element, values: Values) -> None:
        data = _filled(form, values)
        for name, value in values.items():
            if isinstance(value, tuple):
                data[name] = (BytesIO(value[1]), value[0])
        path = urljoin(self.path, form.get("action") or self.path)
        self._show(path, self.client.post(path, data=data, headers={"Origin": "http://localhost"}, buffered=True))


def _names(form: Element) -> set[str]:
    return {e.get("name", "") for kind in ("input", "textarea", "select") for e in form.iter(kind)}


def _filled(form: Element, values: Values) -> MultiDict[str, Any]:
    """What a browser would send: the page's own values, with the given ones in their place."""
    data: MultiDict[str, Any] = MultiDict()
    for element in form.iter():
        name = element.get("name")
        if not name or name in values or element.tag not in ("input", "textarea", "select"):
            continue
        for value in _values_of(element):
            data.add(name, value)
    for name, value in values.items():
        if not isinstance(value, tuple):
            data.setlist(name, value if isinstance(value, list) else [value])
    return data


def _values_of(element: Element) -> list[str]:
    if element.tag == "textarea":
        return ["".join(element.itertext()).removeprefix("\n")]
    if element.tag == "select":
        options = list(element.iter("option"))
        chosen = [o for o in options if o.get("selected") is not None] or options[:1]
        return [o.get("value", "") for o in chosen]
    if element.get("type") in ("checkbox", "radio"):
        return [element.get("value", "on")] if element.get("checked") is not None else []
    return [] if element.get("type") in ("submit", "button", "file") else [element.get("value", "")]


def _errors(answer: TestResponse) -> str:
    tree = html5lib.parse(answer.text, namespaceHTMLElements=False)
    boxes = [e for e in tree.iter() if "error" in (e.get("class") or "")]
    return " | ".join(" ".join("".join(box.itertext()).split()) for box in boxes)


class ClientWorld:
    """The application in this process."""

    def __init__(self, app: Flask, number: int) -> None:
        self.app, self.number = app, number

    def hands(self) -> ClientHands:
        return ClientHands(self.app)

    def letter_link(self, address: str, path_part: str) -> str:
        link = link_in(letters_to(Path(self.app.config["MAIL_FOLDER"]), address), path_part)
        assert link, f"no letter to {address} with {path_part}"
        return link

    def letter_count(self, address: str, path_part: str) -> int:
        return sum(bool(link_in([m], path_part)) for m in letters_to(Path(self.app.config["MAIL_FOLDER"]), address))

    def administrator(self) -> str:
        with self.app.test_request_context("/"):
            password = hash_password(PASSWORD)
        address = f"admin{self.number}@example.org"
        accounts.create_user(address, roles=("admin",), has_second_factor=False, password=password)
        return address

    def until(self, ask: Callable[[], bool], *, seconds: float, what: str) -> None:
        assert ask(), what
