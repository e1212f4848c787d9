"""One visitor in Chromium who complains: of script errors, blocked content, other hosts, sideways scroll, barriers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from tests.browser.site import ROOT, Site

SCREENSHOTS = ROOT / "build" / "screenshots"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW = (320, 360, 600)  # phones, and what is neither phone nor tablet
HEIGHT = 900
# What the page's own scripts cannot tell us afterwards: blocked content, and a script of a stranger that ran.
_WATCH = """
window.__blocked = [];
document.addEventListener('securitypolicyviolation', (e) =>
  window.__blocked.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
"""
_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width + 1) return [];
  const wide = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width + 1);
  const name = (e) => `${e.tagName.toLowerCase()}.${e.className.baseVal ?? e.className}`;
  return wide.slice(0, 5).map((e) => `${name(e)} to ${Math.round(e.getBoundingClientRect().right)}`)
    .concat(`scrollWidth ${document.documentElement.scrollWidth} > ${width}`);
}"""


@dataclass
class Visitor:
    """A browser window of one person. `complaints` gathers what went wrong since the last look."""

    site: Site
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    expected_statuses: set[int] = field(default_factory=set)

    def watch(self) -> None:
        """Listen to everything that must not happen."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)
        self.page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium reports a status >= 400 as an error of its own; _response judges those.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.site.url + "/", "data:", "blob:")):
            self.complaints.append(f"another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected_statuses:
            self.complaints.append(f"{response.status} for {response.url.removeprefix(self.site.url)}")

    def visit(self, path: str, *, status: int = 200) -> Page:
        """Open a page and check it; `status` is the expected one. Returns Chromium's page."""
        with self.expecting(status):
            answer = self.page.goto(self.site.url + path, wait_until="load")
            assert answer is not None
            assert answer.status == status, f"{path}: {answer.status} instead of {status}"
            self.check()
        return self.page

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Inside, answers with these statuses are no fault (a form with errors, a refusal)."""
        self.expected_statuses.update(statuses)
        try:
            yield
        finally:
            self.expected_statuses.difference_update(statuses)

    def check(self) -> None:
        """Fail with every complaint gathered since the last check."""
        blocked = self.page.evaluate("() => (window.__blocked || []).splice(0)")
        found = [*self.complaints, *(f"blocked by the policy: {line}" for line in blocked)]
        self.complaints.clear()
        assert not found, f"{self.page.url.removeprefix(self.site.url)}:\n" + "\n".join(found)

    def sideways(self) -> list[str]:
        """What makes the page scroll sideways on a phone and at 400 % zoom; nothing, if all is well."""
        found = []
        for width in NARROW:
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            found += [f"at {width} px: {line}" for line in self.page.evaluate(_WIDE)]
        return found

    def barriers(self, **options: Any) -> list[str]:
        """What axe-core finds on the page as it stands."""
        self.check()
        if not self.page.evaluate("() => Boolean(window.axe)"):
            self.page.evaluate(AXE_SCRIPT)
        run = {"resultTypes": ["violations"], "preload": False, "runOnly": {"type": "tag", "values": AXE_TAGS}, **options}
        report = self.page.evaluate("(options) => axe.run(document, options)", run)
        # axe measures with styles of its own, which the policy rightly blocks: those complaints are not the page's.
        self.page.evaluate("() => (window.__blocked || []).splice(0)")
        self.complaints.clear()
        return [
            f"{violation['id']} ({violation['help']}): {node['html'][:160]} — {_reason(node)}"
            for violation in report["violations"]
            for node in violation["nodes"][:5]
        ]

    def dark_contrast(self) -> list[str]:
        """Barriers of contrast in dark colours; the structure is the same in both."""
        self.page.emulate_media(color_scheme="dark")
        found = self.barriers(runOnly={"type": "rule", "values": ["color-contrast"]})
        self.page.emulate_media(color_scheme="light")
        return [f"dark: {line}" for line in found]

    def picture(self, name: str, width: int) -> None:
        """Keep a picture of the whole page as build output."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        path = SCREENSHOTS / f"{width}" / f"{file_name(name)}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=True, animations="disabled")

    def tab_to(self, selector: str, *, limit: int = 150) -> None:
        """Go to a control with the Tab key only, and see that its focus is visible."""
        target = self.page.locator(selector).first
        target.wait_for(state="attached")
        for _ in range(limit):
            if target.evaluate("(e) => e === document.activeElement"):
                assert self.page.evaluate(_FOCUS_SEEN), f"no visible focus on {selector}"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached with {limit} presses of Tab on {self.page.url}")

    def type_into(self, selector: str, text: str) -> None:
        """Reach a field with Tab and type."""
        self.tab_to(selector)
        self.page.keyboard.insert_text(text)

    def press(self, selector: str, key: str = "Enter") -> None:
        """Reach a control with Tab and press a key on it."""
        self.tab_to(selector)
        self.page.keyboard.press(key)


_FOCUS_SEEN = """() => {
  const seen = (e) => {
    const s = getComputedStyle(e);
    return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none';
  };
  const e = document.activeElement;
  return seen(e) || (e.parentElement && seen(e.parentElement)) || (e.labels && [...e.labels].some(seen));
}"""


def _reason(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for check in [*node["any"], *node["all"], *node["none"]])[:200]


def file_name(name: str) -> str:
    """A page's address as a file name."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "home"


@contextmanager
def visitor(
    site: Site, browser: Browser, *, user_id: int | None = None, script: bool = True, **options: Any
) -> Iterator[Visitor]:
    """A fresh window, signed in as `user_id` when given; what it complains of at the end fails the test."""
    settings: dict[str, Any] = {
        "viewport": {"width": 1280, "height": HEIGHT},
        "java_script_enabled": script,
        "reduced_motion": "reduce",  # colours that still change would be measured half way
        **options,
    }
    context = browser.new_context(**settings)
    context.add_init_script(_WATCH)
    if user_id is not None:
        context.add_cookies(site.cookies_of(user_id))  # type: ignore[arg-type]
    who = Visitor(site, context, context.new_page())
    who.watch()
    try:
        yield who
        if script:
            who.check()
    finally:
        context.close()


def kept(path: Path) -> bool:
    """Was this screenshot made?"""
    return path.is_file() and path.stat().st_size > 1000
