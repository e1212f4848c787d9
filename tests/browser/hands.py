"""The story's hands in Chromium: a pointer, or the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask_security import hash_password
from playwright.sync_api import Browser, Locator, Page

from tests.browser.letters import letters_to, link_in
from tests.browser.site import Site
from tests.browser.visiting import Visitor, visitor
from tests.factories import accounts
from tests.journeys.story import PASSWORD, Values
from tests.waiting import until

LETTER_SECONDS = 8.0
_PLACE = "main form[method=post]"


class ChromiumHands:
    """Somebody with a pointer: fills fields and clicks. Every page on the way is checked for complaints."""

    def __init__(self, who: Visitor) -> None:
        self.who = who
        self.page: Page = who.page

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def html(self) -> str:
        return self.page.content()

    def open(self, path: str) -> None:
        self.who.visit(path)

    def send(self, values: Values) -> None:
        form = self._form(next(iter(values)))
        for name, value in values.items():
            self._fill(form, name, value)
        self._submit(form)

    def press(self, action_end: str = "") -> None:
        chosen = f'{_PLACE}[action$="{action_end}"]' if action_end else _PLACE
        self._submit(self.page.locator(chosen).first)

    def follow(self, link_part: str) -> None:
        self._go(self.page.locator(f'main a[href*="{link_part}"]:visible').first)

    def _form(self, name: str) -> Locator:
        return self.page.locator(_PLACE).filter(has=self.page.locator(f'[name="{name}"]')).first

    def _fill(self, form: Locator, name: str, value: Any) -> None:
        fields = form.locator(f'[name="{name}"]')
        if isinstance(value, tuple):
            fields.set_input_files({"name": value[0], "mimeType": "application/pdf", "buffer": value[1]})
            return
        texts = value if isinstance(value, list) else [value]
        kind = fields.first.evaluate("(e) => e.type")
        if kind in ("checkbox", "radio"):
            for text in texts:
                form.locator(f'[name="{name}"][value="{text}"]').check()
        elif kind.startswith("select"):
            fields.first.select_option(texts)
        elif kind != "hidden":
            fields.first.fill(texts[0])

    def _submit(self, form: Locator) -> None:
        main = form.locator("button.go:visible, button.next:visible")
        self._go((main if main.count() else form.locator('button[type="submit"]:visible:not(.vh)')).first)

    def _go(self, control: Locator) -> None:
        with self.page.expect_navigation(wait_until="load"):
            control.click()
        self.who.check()


class KeyboardHands(ChromiumHands):
    """Somebody who never touches a pointer: Tab, arrows, Space, Enter; every stop must show its focus."""

    def _fill(self, form: Locator, name: str, value: Any) -> None:
        texts = value if isinstance(value, list) else [value]
        first = form.locator(f'[name="{name}"]').first
        kind = first.evaluate("(e) => e.type")
        if isinstance(value, tuple) or kind == "hidden":
            super()._fill(form, name, value)
        elif kind == "checkbox":
            for text in texts:
                self.who.press(self._css(form, f'[name="{name}"][value="{text}"]'), "Space")
        elif kind == "radio":
            self._choose(form, name, texts[0])
        elif kind.startswith("select"):
            self._pick(form, name, texts[0])
        else:
            self.who.tab_to(self._css(form, f'[name="{name}"]'))
            self.page.keyboard.press("ControlOrMeta+A")
            self.page.keyboard.insert_text(texts[0])

    def _choose(self, form: Locator, name: str, wanted: str) -> None:
        """Into the group with Tab, through it with the arrow."""
        group = form.locator(f'[name="{name}"]')
        for _ in range(200):
            if self._focused("e.name") == name:
                break
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if self._focused("e.value") == wanted:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{wanted} of {name} is not reached")

    def _pick(self, form: Locator, name: str, wanted: str) -> None:
        """With Tab to the list, then down it."""
        self.who.tab_to(self._css(form, f'[name="{name}"]'))
        self.page.keyboard.press("Home")
        for _ in range(200):
            if self._focused("e.value") == wanted:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{wanted} of {name} is not reached")

    def _focused(self, what: str) -> Any:
        return self.page.evaluate(f"() => {{ const e = document.activeElement; return {what}; }}")

    def _css(self, form: Locator, part: str) -> str:
        """A selector for a field in this very form."""
        action = form.get_attribute("action")
        place = f'{_PLACE}[action="{action}"]' if action else f"{_PLACE}:not([action])"
        return f"{place} {part}"

    def _go(self, control: Locator) -> None:
        for _ in range(300):
            if control.evaluate("(e) => e === document.activeElement"):
                break
            self.page.keyboard.press("Tab")
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press("Enter")
        self.who.check()


@dataclass
class ChromiumWorld:
    """The running site. `hands_of` makes the hands of a new person; every window closes at the end, with its complaints."""

    site: Site
    browser: Browser
    number: int
    lang: str
    hands_of: type[ChromiumHands] = ChromiumHands
    options: dict[str, Any] = field(default_factory=dict)
    opened: list[Any] = field(default_factory=list)

    def hands(self) -> ChromiumHands:
        window = visitor(self.site, self.browser, **self.options)
        self.opened.append(window)
        return self.hands_of(window.__enter__())

    def close(self) -> None:
        """Close every window; each tells what it still complains of."""
        while self.opened:
            self.opened.pop().__exit__(None, None, None)

    def letter_link(self, address: str, path_part: str) -> str:
        folder = self.site.folder / "mail"
        return until(
            lambda: link_in(letters_to(folder, address), path_part),
            seconds=LETTER_SECONDS,
            what=f"letter to {address}: {path_part}",
        )

    def letter_count(self, address: str, path_part: str) -> int:
        return sum(bool(link_in([letter], path_part)) for letter in letters_to(self.site.folder / "mail", address))

    def administrator(self) -> str:
        address = f"admin{self.number}{self.lang}@example.org"
        with self.site.app.app_context():
            with self.site.app.test_request_context("/"):
                password = hash_password(PASSWORD)
            accounts.create_user(address, roles=("admin",), has_second_factor=False, password=password, language=self.lang)
        return address

    def until(self, ask: Callable[[], bool], *, seconds: float, what: str) -> None:
        until(ask, seconds=seconds, what=what)


@contextmanager
def world(site: Site, browser: Browser, **values: Any) -> Iterator[ChromiumWorld]:
    """A world whose windows are closed afterwards."""
    made = ChromiumWorld(site, browser, **values)
    try:
        yield made
        made.close()
    finally:
        for window in made.opened:
            window.gen.close()
