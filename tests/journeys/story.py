"""The main job: an enterprise and a university come, are verified, publish, find each other and talk.

The story knows addresses and names of fields, never words of a page, so it is the same in both languages and with any
hands: a client without script, Chromium with or without script, Chromium by keyboard alone.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from marketplace.listings.rules import raw
from marketplace.listings.rules.content import SECTIONS, Content
from marketplace.listings.states import ListingKind
from tests.factories import listings as listing_factory
from tests.factories.accounts import make_uscc
from tests.factories.market import pdf
from tests.journeys import totp

Values = Mapping[str, Any]
PASSWORD = "tractor seven owl lamp"
# The promise of two seconds is held in tests/concurrency, over several listings; a story told beside others may take longer.
SEARCH_SECONDS = 30.0


class Hands(Protocol):
    """How somebody uses the site: open an address, fill and send a form, press a button, see what is there."""

    def open(self, path: str) -> None: ...
    def send(self, values: Values) -> None:
        """Fill these fields on the page and send the form that holds them."""

    def press(self, action_end: str = "") -> None:
        """Press the button of the form whose address ends so (the first form of the page, if empty)."""

    def follow(self, link_part: str) -> None:
        """Follow the first link whose address holds this."""

    @property
    def path(self) -> str: ...
    @property
    def html(self) -> str: ...


class World(Protocol):
    """What the story needs beside the pages: a browser for each person, the post, and an administrator."""

    def hands(self) -> Hands: ...
    def letter_link(self, address: str, path_part: str) -> str:
        """The path of the newest link with this part in a letter to an address, once it has come."""

    def letter_count(self, address: str, path_part: str) -> int: ...
    def administrator(self) -> str:
        """Make an administrator with PASSWORD and no second factor yet; returns the address."""

    def until(self, ask: Callable[[], bool], *, seconds: float, what: str) -> None: ...


@dataclass
class Person:
    """Somebody with a browser of their own."""

    hands: Hands
    email: str
    lang: str
    org_id: int = 0
    seen: list[str] = field(default_factory=list)

    def at(self, path: str) -> str:
        return f"/{self.lang}{path}"

    def go(self, path: str) -> str:
        self.hands.open(self.at(path))
        return self.hands.html


@dataclass
class Story:
    """One telling of the main job in one language."""

    world: World
    lang: str
    number: int
    on_page: Callable[[Person, str], None] = lambda _person, _name: None

    def tell(self) -> dict[str, int]:
        """All of it; returns the ids of what was made."""
        admin = self.administrator()
        university = self.newcomer("university", admin)
        achievement_id = self.publish(university, ListingKind.ACHIEVEMENT, self.achievement())
        self.is_found(achievement_id)
        enterprise = self.newcomer("enterprise", admin)
        need_id = self.publish(enterprise, ListingKind.NEED, self.need())
        self.sees_first_matches(enterprise, achievement_id)
        enquiry_id = self.enquires(enterprise, achievement_id)
        self.has_no_figures(university)
        self.hears_and_replies(university, enquiry_id)
        self.gets_the_reply(enterprise, enquiry_id)
        self.figures_changed(university)
        return {"achievement": achievement_id, "need": need_id, "enquiry": enquiry_id}

    # -- people -----------------------------------------------------------------------------------------------------

    def newcomer(self, kind: str, admin: Person) -> Person:
        """Somebody registers, confirms the address, signs in, enters an organisation and has it verified."""
        person = Person(self.world.hands(), f"{kind}{self.number}{self.lang}@example.org", self.lang)
        self.register(person, kind)
        self.enter_organisation(person, kind)
        self.verify(admin, person)
        return person

    def register(self, person: Person, kind: str) -> None:
        person.go("/account/register")
        self.on_page(person, "register")
        name = {"university": "林老师（演示）", "enterprise": "李工（演示）"}[kind]
        person.hands.send({"name": name, "email": person.email, "password": PASSWORD, "language": self.lang, "agrees": "y"})
        self.on_page(person, "check-mail")
        person.hands.open(self.world.letter_link(person.email, "/account/confirm/"))
        person.hands.press()
        if "/account/login" not in person.hands.path:
            person.go("/account/login")
        self.sign_in(person)

    def sign_in(self, person: Person) -> None:
        if "/account/login" not in person.hands.path:
            person.go("/account/login")
        person.hands.send({"email": person.email, "password": PASSWORD})

    def enter_organisation(self, person: Person, kind: str) -> None:
        person.go("/organisations/new")
        self.on_page(person, "register-organisation")
        code = make_uscc(700_000 + self.number * 10 + (kind == "university"), head="12" if kind == "university" else "91")
        names = {
            "university": ("演示海清大学", "Haiqing University (demo)"),
            "enterprise": ("演示泉盛电堆", "Quansheng Stacks (demo)"),
        }
        zh, en = names[kind]
        facts = {"kind": kind, "name_zh": f"{zh}{self.number}", "name_en": f"{en} {self.number}", "uscc": code}
        facts |= {"city": "370100", "promised_reply_days": "2"}
        if kind == "enterprise":
            facts |= {"trade_zh": "电堆企业", "trade_en": "stack maker"}
        person.hands.send(facts)
        found = re.search(r"/organisations/(\d+)/verification", person.hands.path)
        assert found, person.hands.path
        person.org_id = int(found[1])
        person.hands.send({"document": ("licence.pdf", pdf("licence"))})
        self.on_page(person, "document-handed-in")

    def administrator(self) -> Person:
        """An administrator signs in for the first time and must set up a second factor before anything else."""
        admin = Person(self.world.hands(), self.world.administrator(), self.lang)
        self.sign_in(admin)
        assert "/account/tf-setup" in admin.hands.path, "without a second factor an administrator gets nowhere"
        admin.hands.send({"setup": "authenticator"})
        key = re.search(r"<code>([A-Z2-7 -]{16,})</code>", admin.hands.html)
        assert key, "the key stands beside the picture"
        self.on_page(admin, "second-factor")
        admin.hands.send({"code": totp.code(key[1], time.time())})
        assert "/account/mf-recovery-codes" in admin.hands.path, "recovery codes come next"
        admin.hands.press()
        self.on_page(admin, "recovery-codes")
        admin.go("/admin/organisations")
        assert admin.hands.path.endswith("/admin/organisations"), admin.hands.path
        return admin

    def verify(self, admin: Person, person: Person) -> None:
        admin.go("/admin/organisations")
        self.on_page(admin, "verification-queue")
        admin.hands.follow(f"/admin/organisations/{person.org_id}")
        self.on_page(admin, "check-organisation")
        admin.hands.press("/verify")
        self.world.letter_link(person.email, f"/organisations/{person.org_id}")

    # -- listings ---------------------------------------------------------------------------------------------------

    @staticmethod
    def achievement() -> Content:
        return listing_factory.achievement_content(
            keywords={"zh": ["质子交换膜", "流延", "湿热"], "en": ["membrane", "casting", "humidity"]}
        )

    @staticmethod
    def need() -> Content:
        return listing_factory.need_content(indicators=listing_factory.need_content()["indicators"])

    def publish(self, person: Person, kind: ListingKind, content: Content) -> int:
        """Through the editor: begin, every section in turn, check answers, publish."""
        person.go(f"/listings/new/{kind}")
        person.hands.press(f"/listings/new/{kind}")
        typed = raw.draft_of(kind, content)
        for section in SECTIONS[kind]:
            here = re.search(r"/listings/(\d+)/edit/(\w+)", person.hands.path)
            assert here, f"{section} should follow, not {person.hands.path}"
            assert here[2] == section
            self.on_page(person, f"{kind}-{section}")
            values = {name: texts for name, texts in typed.get(section, {}).items() if any(texts)}
            if values:
                person.hands.send(values)
            else:
                person.hands.press(f"/edit/{section}")
        assert person.hands.path.endswith("/check"), person.hands.path
        self.on_page(person, f"{kind}-check")
        person.hands.press("/publish")
        assert person.hands.path.endswith("/done"), person.hands.path
        self.on_page(person, f"{kind}-done")
        return int(here[1])

    def is_found(self, achievement_id: int) -> None:
        """Whoever is not signed in finds it, within two seconds of its publication."""
        visitor = Person(self.world.hands(), "", self.lang)

        def look() -> bool:
            return f"/achievements/{achievement_id}" in visitor.go("/search?q=质子交换膜")

        self.world.until(look, seconds=SEARCH_SECONDS, what="the published achievement is found")
        self.on_page(visitor, "search")
        visitor.hands.follow(f"/achievements/{achievement_id}")
        self.on_page(visitor, "achievement")

    def sees_first_matches(self, person: Person, achievement_id: int) -> None:
        """On the page that confirms the need: the match, with its reasons."""
        page = person.hands.html
        assert f"/achievements/{achievement_id}" in page
        match = page[page.index('class="match"') :]
        assert 'class="why"' in match, "reasons stand with the match"

    # -- talks ------------------------------------------------------------------------------------------------------

    def enquires(self, person: Person, achievement_id: int) -> int:
        person.hands.follow(f"/listings/{achievement_id}/enquire")
        self.on_page(person, "enquire")
        purpose = re.search(r'name="purpose"[^>]*value="(\w+)"|value="(\w+)"[^>]*name="purpose"', person.hands.html)
        assert purpose
        person.hands.send({"purpose": purpose[1] or purpose[2], "body": "想试 20 米膜。May we try 20 metres?"})
        found = re.search(r"/enquiries/(\d+)", person.hands.path)
        assert found, person.hands.path
        self.on_page(person, "enquiry-sent")
        return int(found[1])

    def hears_and_replies(self, person: Person, enquiry_id: int) -> None:
        """The owner has it at the bell and in the mail, and answers."""
        link = self.world.letter_link(person.email, f"/enquiries/{enquiry_id}")
        assert 'class="badge"' in person.go("/desk"), "the bell shows that something is new"
        self.on_page(person, "desk")
        person.go("/notifications/")
        self.on_page(person, "notifications")
        person.hands.open(urlsplit(link).path)
        assert "May we try 20 metres?" in person.hands.html
        person.hands.send({"body": "可以，本周寄出。Yes, we send it this week."})
        assert "Yes, we send it this week." in person.hands.html
        self.on_page(person, "thread")

    def gets_the_reply(self, person: Person, enquiry_id: int) -> None:
        self.world.letter_link(person.email, f"/enquiries/{enquiry_id}")
        assert "Yes, we send it this week." in person.go(f"/enquiries/{enquiry_id}")

    def has_no_figures(self, university: Person) -> None:
        assert "100 %" not in _text(university.go(f"/organisations/{university.org_id}"))

    def figures_changed(self, university: Person) -> None:
        """Everybody reads how fast the university replies."""
        visitor = Person(self.world.hands(), "", self.lang)
        assert "100 %" in _text(visitor.go(f"/organisations/{university.org_id}"))
        self.on_page(visitor, "organisation")


def _text(page: str) -> str:
    """A page without its tags, with plain blanks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page).replace("\u202f", " ").replace("\xa0", " "))
