"""A small market in which everything exists once: every role, every state of a listing, talks, files, an invitation.

Whatever must not reach everybody carries a word that stands nowhere else; `SECRETS` says who may read it. The matrix,
the canaries, the crawls and the browser tests all stand on this one market.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask

from marketplace.accounts import services as accounts_services
from marketplace.accounts.models import Organisation, User
from marketplace.accounts.states import OrgRole
from marketplace.core import clock, files, jobs
from marketplace.core.db import current_session, transaction
from marketplace.core.policy import SYSTEM, Actor
from marketplace.core.types import Bilingual
from marketplace.deals import services as deals
from marketplace.deals.models import Message, MessageFile
from marketplace.deals.states import Outcome, Purpose, ReportReason
from marketplace.listings import services as listings
from marketplace.listings.rules import content as contents
from marketplace.listings.states import Audience, ListingKind
from marketplace.notifications.models import Notification
from tests.factories import accounts
from tests.factories import listings as listing_factory

ROLES = ("anonymous", "loner", "unverified", "other", "viewer", "editor", "owner", "asker", "hidden", "admin", "admin_weak")
VERIFIED = frozenset({"other", "viewer", "editor", "owner", "asker", "hidden", "admin"})
UNIT = frozenset({"viewer", "editor", "owner"})


@dataclass(frozen=True, slots=True)
class Secret:
    """A word that only `readers` may come across, and one of them (`seen_by`) certainly does."""

    word: str
    readers: frozenset[str]
    seen_by: str = ""


def _secret(word: str, *readers: str, seen_by: str = "") -> Secret:
    return Secret(word, frozenset(readers), seen_by)


SECRETS: dict[str, Secret] = {
    "verified detail": _secret("zqverifieddetail", *VERIFIED, seen_by="other"),
    "verified detail, Chinese": _secret("密工艺窗口甲乙丙", *VERIFIED, seen_by="other"),
    "verified file, name": _secret("zqverifiedfilename", *VERIFIED, seen_by="other"),
    "verified file, note": _secret("zqverifiedfilenote", *VERIFIED, seen_by="other"),
    "verified file, content": _secret("zqverifiedfilecontent", *VERIFIED, seen_by="other"),
    "need for verified organisations": _secret("zqneeddetail", *VERIFIED, seen_by="other"),
    "listing for verified organisations": _secret("zqverifiedlisting", *VERIFIED, seen_by="other"),
    "draft": _secret("zqdrafttitle", *UNIT, seen_by="viewer"),
    "draft, text": _secret("zqdrafttext", *UNIT, seen_by="viewer"),
    "draft file, content": _secret("zqdraftfilecontent", *UNIT, seen_by="owner"),
    "changes not published yet": _secret("zqpendingchange", *UNIT, seen_by="owner"),
    "submitted listing": _secret("zqsubmittedtitle", *UNIT, "admin", seen_by="owner"),
    "withdrawn listing": _secret("zqwithdrawntitle", *UNIT, "admin", seen_by="owner"),
    "expired listing": _secret("zqexpiredtitle", *UNIT, "admin", seen_by="owner"),
    "anonymous need, its person": _secret("zqneedperson", "hidden", "admin", seen_by="hidden"),
    "enquiry": _secret("zqenquirytext", *UNIT, "asker", seen_by="owner"),
    "enquiry, telephone": _secret("13800977531", *UNIT, "asker", seen_by="owner"),
    "reply": _secret("zqreplytext", *UNIT, "asker", seen_by="asker"),
    "enquiry file, name": _secret("zqenquiryfilename", *UNIT, "asker", seen_by="owner"),
    "enquiry file, content": _secret("zqenquiryfilecontent", *UNIT, "asker", seen_by="owner"),
    "message to a hidden owner": _secret("zqhiddenenquiry", *UNIT, "hidden", seen_by="hidden"),
    "reported message": _secret("zqreportedtext", *UNIT, "asker", "admin", seen_by="admin"),
    "report, note": _secret("zqreportnote", "admin", "owner", seen_by="admin"),
    "organisation's document, name": _secret("zqdocumentname", "owner", "admin", seen_by="admin"),
    "organisation's document, content": _secret("zqdocumentcontent", "owner", "admin", seen_by="admin"),
    "document of an organisation to verify": _secret("zqlicencename", "unverified", "admin", seen_by="admin"),
    "unverified organisation": _secret("zqunverifiedname", "unverified", "admin", seen_by="admin"),
    "invited address": _secret("zqinvited@example.org", *UNIT, "admin", seen_by="owner"),
}
# The name of the organisation behind an anonymous need: it may stand on that organisation's own page, not with the need.
HIDDEN_NAME = Bilingual("演示曲水密封件厂", "Zqhiddenworks Seals (demo)")
PUBLIC_WORD = "zqpublicword"  # the positive control of search engines and logs: everybody may find it


@dataclass
class Market:
    """Who and what there is, by name. Only ids: objects would outlive their session."""

    users: dict[str, int] = field(default_factory=dict)
    orgs: dict[str, int] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """The id (or token) of a thing, an organisation or a person."""
        for known in (self.things, self.orgs, self.users):
            if name in known:
                return known[name]
        return name


def email_of(role: str) -> str:
    """The address of a role's person; the word in it is a canary too."""
    return f"zqmail{role.replace('_', '')}@example.org"


def pdf(word: str) -> bytes:
    """A small document that holds a word."""
    return b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\n% " + word.encode() + b"\n%%EOF\n"


def upload(word: str, name: str) -> files.Accepted:
    """An upload that passed the gate."""
    return files.accept(BytesIO(pdf(word)), name)


def act(user_id: int) -> Actor:
    """This person as an actor, now."""
    user = current_session().get(User, user_id)
    assert user is not None
    return accounts.actor_of(user)


def build(app: Flask) -> Market:
    """Make the market in an empty database, run what the worker would run, and leave no open session."""
    market = Market()
    builder = _Builder(market, Path(app.config["FILES"]), clock.now())
    builder.people()
    builder.listings()
    builder.talks()
    builder.administration()
    jobs.run_due()
    builder.news()
    current_session().rollback()
    return market


@dataclass
class _Builder:
    market: Market
    root: Path
    now: dt.datetime

    def actor(self, role: str) -> Actor:
        return act(self.market.users[role])

    def secret(self, name: str) -> str:
        return SECRETS[name].word

    # -- people and organisations -----------------------------------------------------------------------------------

    def people(self) -> None:
        for role in ROLES[1:]:
            person = {"name": f"演示{role}", "language": "en" if role in ("asker", "other") else "zh"}
            if role.startswith("admin"):
                person |= {"roles": ("admin",), "has_second_factor": role == "admin"}
            self.market.users[role] = accounts.create_user(email_of(role), **person).id
        self._organisation("university", "owner", kind="university", name=Bilingual("演示海右大学", "Haiyou University (demo)"))
        for role in ("editor", "viewer"):
            accounts.add_member(self._user(role), self._org("university"), role)
        self._organisation("enterprise", "asker", name=Bilingual("演示泉润装备", "Quanrun Equipment (demo)"), city="370700")
        self._organisation("hidden_org", "hidden", name=HIDDEN_NAME, city="370800", trade=Bilingual("密封件企业", "seal maker"))
        self._organisation("other_org", "other", name=Bilingual("演示岱北材料", "Daibei Materials (demo)"), city="370900")
        name = self.secret("unverified organisation")
        self._organisation("unverified_org", "unverified", name=Bilingual(f"演示{name}", f"{name} (demo)"), verified=False)

    def _organisation(self, key: str, owner: str, **values: Any) -> None:
        self.market.orgs[key] = accounts.create_organisation(owner=self._user(owner), **values).id

    def _user(self, role: str) -> User:
        user = current_session().get(User, self.market.users[role])
        assert user is not None
        return user

    def _org(self, key: str) -> Organisation:
        org = current_session().get(Organisation, self.market.orgs[key])
        assert org is not None
        return org

    # -- listings ---------------------------------------------------------------------------------------------------

    def listings(self) -> None:
        self._shown_achievement()
        self._hidden_states()
        self._needs()

    def _shown_achievement(self) -> None:
        owner = self.actor("owner")
        content = listing_factory.achievement_content(
            title={"zh": "耐湿热质子交换膜", "en": "Proton exchange membrane that stands damp heat"},
            keywords={"zh": ["质子交换膜", "燃料电池", PUBLIC_WORD], "en": ["membrane", "fuel cell", PUBLIC_WORD]},
            verified_detail={
                "zh": f"{self.secret('verified detail, Chinese')}，每平方米成本 420 元。",
                "en": f"{self.secret('verified detail')}: costs CNY 420 per square metre.",
            },
        )
        with transaction():
            listing = listings.start(ListingKind.ACHIEVEMENT, self.market.orgs["university"], actor=owner, now=self.now)
            rows = []
            for tier, key in ((Audience.PUBLIC, "public"), (Audience.VERIFIED, "verified")):
                name = "leaflet.pdf" if key == "public" else f"{self.secret('verified file, name')}.pdf"
                word = PUBLIC_WORD if key == "public" else self.secret("verified file, content")
                note = "" if key == "public" else self.secret("verified file, note")
                kept = listings.attach(
                    listing.id, upload(word, name), tier=tier, note=note, root=self.root, actor=owner, now=self.now
                )
                self.market.things[f"{key}_file"] = kept.id
                rows.append(contents.attachment_row(kept))
            content["attachments"] = rows
            draft = listings.write(listing.id, content, actor=owner, now=self.now)
            listings.publish(listing.id, content, version=draft.version, actor=owner, now=self.now)
        self.market.things["achievement"] = listing.id
        changed = content | {"application": {"zh": self.secret("changes not published yet"), "en": "pending"}}
        with transaction():
            listings.write(listing.id, changed, actor=self.actor("editor"), now=self.now)

    def _achievement(self, key: str, word: str, *, published: bool = True, at: dt.datetime | None = None, **changes: Any) -> int:
        title = {"zh": f"{word} 膜电极检测", "en": f"{word} electrode testing"}
        made = listing_factory.create_achievement(
            self._org("university"), actor=self.actor("owner"), published=published, at=at, title=title, **changes
        )
        self.market.things[key] = made.id
        return made.id

    def _hidden_states(self) -> None:
        owner, editor = self.actor("owner"), self.actor("editor")
        text = {"zh": self.secret("draft, text") * 5, "en": "draft text"}
        draft_id = self._achievement("draft", self.secret("draft"), published=False, description=text)
        with transaction():
            word = self.secret("draft file, content")
            kept = listings.attach(
                draft_id, upload(word, "d.pdf"), tier=Audience.PUBLIC, note="", root=self.root, actor=editor, now=self.now
            )
        self.market.things["draft_file"] = kept.id
        self._submitted()
        self._achievement("verified_only", self.secret("listing for verified organisations"), audience="verified")
        withdrawn = self._achievement("withdrawn", self.secret("withdrawn listing"))
        with transaction():
            listings.withdraw(withdrawn, note="sold", actor=owner, now=self.now)
        self._achievement("fading", "湿度循环", at=self.now - dt.timedelta(days=200))
        expired = self._achievement("expired", self.secret("expired listing"), at=self.now - dt.timedelta(days=400))
        for key in ("fading", "expired"):
            with transaction():
                listings.fade(self.market.things[key], now=self.now - dt.timedelta(days=100 if key == "expired" else 1))
        with transaction():
            listings.expire(expired, now=self.now)

    def _submitted(self) -> None:
        editor = self.actor("editor")
        word = self.secret("submitted listing")
        content = listing_factory.achievement_content(title={"zh": f"{word} 双极板涂层", "en": f"{word} plate coating"})
        with transaction():
            listing = listings.start(ListingKind.ACHIEVEMENT, self.market.orgs["university"], actor=editor, now=self.now)
            draft = listings.write(listing.id, content, actor=editor, now=self.now)
            listings.submit(listing.id, content, version=draft.version, actor=editor, now=self.now)
        self.market.things["submitted"] = listing.id

    def _needs(self) -> None:
        person = accounts.create_user("zqneeder@example.org", name=self.secret("anonymous need, its person"))
        accounts.add_member(person, self._org("hidden_org"), "owner")
        detail = {"zh": self.secret("need for verified organisations"), "en": "8,000 square metres a year"}
        need = listing_factory.create_need(self._org("enterprise"), actor=self.actor("asker"), verified_detail=detail)
        anonymous = listing_factory.create_need(
            self._org("hidden_org"),
            actor=act(person.id),
            is_anonymous=True,
            title={"zh": "水泵轴封漏水", "en": "Pump shaft seals leak"},
        )
        draft = listing_factory.create_need(self._org("unverified_org"), actor=self.actor("unverified"), published=False)
        self.market.things |= {"need": need.id, "anonymous_need": anonymous.id, "unverified_need": draft.id}

    # -- talks ------------------------------------------------------------------------------------------------------

    def talks(self) -> None:
        word, telephone = self.secret("enquiry"), self.secret("enquiry, telephone")
        file = upload(self.secret("enquiry file, content"), f"{self.secret('enquiry file, name')}.pdf")
        first = self._enquiry("enquiry", "asker", "achievement", f"{word} {telephone}", file)
        with transaction():
            deals.write(
                first, body=self.secret("reply"), form_token="r" * 24, actor=self.actor("owner"), now=self.now + _minutes(5)
            )
        reported = self._enquiry("open_enquiry", "asker", "fading", self.secret("reported message"))
        closed = self._enquiry("closed_enquiry", "asker", "achievement", "Is a licence open?")
        with transaction():
            deals.close(
                closed, outcome=Outcome.TOO_EARLY, note="Not yet.", form_token="c" * 24, actor=self.actor("owner"), now=self.now
            )
        self._enquiry("hidden_enquiry", "owner", "anonymous_need", self.secret("message to a hidden owner"))
        blocked = self._enquiry("blocked_enquiry", "other", "achievement", "Buy our seals!")
        with transaction():
            block = deals.block(blocked, actor=self.actor("owner"), now=self.now)
        self.market.things["block"] = block.id
        session = current_session()
        kept = session.query(MessageFile).join(Message).filter(Message.enquiry_id == first).one()
        self.market.things |= {"message": kept.message_id, "message_file": kept.id}
        self._report(reported)

    def _enquiry(self, key: str, who: str, listing: str, body: str, *attachments: files.Accepted) -> int:
        actor = self.actor(who)
        with transaction():
            row = deals.send(
                self.market.things[listing],
                as_org_id=actor.memberships[0].org_id,
                purpose=next(iter(Purpose)),
                body=body,
                form_token=f"{key:t<24}",
                attachments=attachments,
                root=self.root,
                actor=actor,
                now=self.now,
            )
        self.market.things[key] = row.id
        return row.id

    def _report(self, enquiry_id: int) -> None:
        message = current_session().query(Message).filter_by(enquiry_id=enquiry_id).one()
        note = self.secret("report, note")
        with transaction():
            report = deals.report_message(
                message.id, reason=ReportReason.OTHER, note=note, actor=self.actor("owner"), now=self.now
            )
        self.market.things["report"] = report.id

    # -- administration ---------------------------------------------------------------------------------------------

    def administration(self) -> None:
        for key, org, who, secret in (
            ("document", "university", "owner", "organisation's document, name"),
            ("licence", "unverified_org", "unverified", "document of an organisation to verify"),
        ):
            word = self.secret("organisation's document, content") if key == "document" else "licence"
            accepted = upload(word, f"{self.secret(secret)}.pdf")
            with transaction():
                file = files.store(self.root, accepted, now=self.now)
                kept = accounts_services.hand_in_document(
                    self.market.orgs[org], file, name=accepted.name, actor=self.actor(who), now=self.now
                )
            self.market.things[key] = kept.id
        with transaction():
            address = self.secret("invited address")
            invitation, token = accounts_services.invite(
                self.market.orgs["university"], address, OrgRole.EDITOR, actor=self.actor("owner"), now=self.now
            )
        self.market.things |= {"invitation": invitation.id, "invitation_token": token}

    def news(self) -> None:
        news = current_session().query(Notification).filter_by(user_id=self.market.users["owner"]).order_by(Notification.id)
        self.market.things["notification"] = news.first().id  # type: ignore[union-attr]


def _minutes(count: int) -> dt.timedelta:
    return dt.timedelta(minutes=count)


def copy_of(market: Market) -> Market:
    """A market that a test may add to."""
    return dataclasses.replace(market, users=dict(market.users), orgs=dict(market.orgs), things=dict(market.things))


__all__ = ["HIDDEN_NAME", "PUBLIC_WORD", "ROLES", "SECRETS", "SYSTEM", "Market", "Secret", "act", "build", "copy_of", "email_of"]
