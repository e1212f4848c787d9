"""A person's own file: complete over every table that names people, and silent about what is not theirs to see."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, delete

from marketplace import wiring
from marketplace.accounts.models import Member
from marketplace.core import labels, personal
from marketplace.core.db import db, transaction
from marketplace.core.personal import Section
from tests.factories import accounts as make
from tests.factories.market import HIDDEN_NAME, ROLES, SECRETS, email_of
from tests.security.asking import Asking

FILE = "/zh/account/my-data"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "my-data.md"


def file_of(asking: Asking, role: str) -> dict:
    answer = asking.client(role).get(FILE)
    assert answer.status_code == 200, role
    return json.loads(answer.text)


def leave(asking: Asking, role: str) -> None:
    """Take a person out of every organisation."""
    with transaction() as session:
        session.execute(delete(Member).where(Member.user_id == asking.market.users[role]))


# -- complete --------------------------------------------------------------------------------------------------------


def test_every_column_that_names_a_person_is_followed_or_explained(app):
    """A new table with a reference to people fails here: give it a section in its feature's queries.PERSONAL_DATA, or a
    reason in PERSONAL_DATA_LEFT_OUT."""
    assert personal.missed(db.metadata, wiring.PERSONAL_DATA, wiring.PERSONAL_DATA_LEFT_OUT) == set()


def test_that_test_notices_a_new_table(app):
    """The control, for both ways to name a person; and what is covered exists."""
    metadata = MetaData()
    for table in db.metadata.tables.values():
        table.to_metadata(metadata)
    Table("followers", metadata, Column("id", Integer, primary_key=True), Column("fan", ForeignKey("users.id")))
    Table("stars", metadata, Column("id", Integer, primary_key=True), Column("given_by", Integer))
    found = personal.missed(metadata, wiring.PERSONAL_DATA, wiring.PERSONAL_DATA_LEFT_OUT)
    assert found == {"followers.fan", "stars.given_by"}
    named = {column for section in wiring.PERSONAL_DATA for column in section.covers} | set(wiring.PERSONAL_DATA_LEFT_OUT)
    assert named - personal.pointing_to_people(db.metadata) == set()
    without = [section for section in wiring.PERSONAL_DATA if section.name != "enquiry_reads"]
    assert personal.missed(db.metadata, without, {}) == {"enquiry_reads.user_id", "settings.changed_by"}


def test_every_section_has_a_name_of_its_own_and_words(app):
    names = [section.name for section in wiring.PERSONAL_DATA]
    assert len(names) == len(set(names))
    assert set(names) == set(labels.PERSONAL_DATA)
    assert "about" not in names


def test_every_section_is_documented(app):
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [section.name for section in wiring.PERSONAL_DATA if f"| `{section.name}` |" not in text] == []


def test_what_a_person_did_is_in_the_file(asking):
    things = asking.market.things
    owner, asker, editor, admin = (file_of(asking, role) for role in ("owner", "asker", "editor", "admin"))
    assert owner["account"]["email"] == email_of("owner")
    assert [row["role"] for row in owner["memberships"]] == ["owner"]
    assert owner["sessions"]
    assert owner["invitations_sent"]
    assert owner["documents"][0]["name"].startswith(SECRETS["organisation's document, name"].word)
    assert owner["reports"][0]["note"] == SECRETS["report, note"].word
    assert owner["blocks"][0]["blocked"]["en"] == "Daibei Materials (demo)"
    written = {row["id"]: row for row in owner["listings"]}
    assert {things[key] for key in ("achievement", "draft", "verified_only", "withdrawn")} <= set(written)
    assert SECRETS["draft"].word in json.dumps(written[things["draft"]])
    assert [row["listing_id"] for row in owner["listing_revisions"] if row["listing_id"] == things["achievement"]]
    assert {row["id"] for row in owner["listing_files"]} >= {things["public_file"], things["verified_file"]}
    assert owner["notifications"]
    assert owner["steps"]
    assert {row["action"] for row in owner["record"]} >= {"listings.publish", "deals.block", "deals.report", "accounts.invite"}
    thread = next(row for row in asker["enquiries"] if row["id"] == things["enquiry"])
    assert [(said["by_you"], said["name"]) for said in thread["messages"]] == [(True, "演示asker"), (False, "演示owner")]
    assert SECRETS["enquiry"].word in thread["messages"][0]["text"]
    assert SECRETS["reply"].word in thread["messages"][1]["text"]
    assert thread["messages"][0]["files"][0].startswith(SECRETS["enquiry file, name"].word)
    assert things["achievement"] in {row["id"] for row in editor["listings"]}, "whose draft was saved last"
    assert admin["account"]["site_roles"] == ["admin"]


# -- silent ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in ROLES[1:] if role != "admin_weak"])
def test_nothing_of_others_stands_in_it(asking, role):
    text = json.dumps(file_of(asking, role), ensure_ascii=False)
    assert email_of(role) in text, "the control"
    assert [other for other in ROLES[1:] if other != role and email_of(other) in text] == []
    assert [name for name, secret in SECRETS.items() if role not in secret.readers and secret.word in text] == []
    secrets = ("$argon2", "fs_uniquifier", "totp", "token_hash", SECRETS["invited address"].word)
    assert [word for word in secrets if word in text] == []
    if role != "hidden":
        assert HIDDEN_NAME.zh not in text
        assert HIDDEN_NAME.en not in text


@pytest.mark.parametrize("role", ["owner", "editor", "asker"])
def test_whoever_left_keeps_their_own_words_only(asking, role):
    """Drafts, threads and names of the organisation are the organisation's; that and when one wrote is one's own."""
    before = file_of(asking, role)
    leave(asking, role)
    after = file_of(asking, role)
    letters = json.dumps(after.pop("letters"), ensure_ascii=False)
    text = json.dumps(after, ensure_ascii=False)
    may_write = {"owner": {"reply", "message to a hidden owner", "report, note"}, "asker": {"enquiry", "enquiry, telephone",
                 "enquiry file, name", "reported message"}, "editor": set()}[role]  # fmt: skip
    left = {name for name, secret in SECRETS.items() if secret.word in text}
    assert left == may_write
    assert SECRETS["enquiry"].word not in letters
    assert [row["id"] for row in after["listings"]] == [row["id"] for row in before["listings"]]
    assert [row["still_yours_to_read"] for row in after["listings"]] == [False] * len(after["listings"])
    assert len(after["record"]) == len(before["record"])


def test_the_closed_account_of_another_has_no_name(asking):
    with transaction() as session:
        owner = session.get_one(make.User, asking.market.users["owner"])
        owner.name = ""
    thread = next(row for row in file_of(asking, "asker")["enquiries"] if row["id"] == asking.market.things["enquiry"])
    assert thread["messages"][1]["name"] == ""


def test_a_section_is_asked_as_the_person(asking):
    """The control of `gather`: every section is given the actor and named in order."""
    seen = []
    sections = [Section(name, lambda actor, name=name: seen.append((name, actor)) or name) for name in ("one", "two")]
    assert personal.gather(sections, "me") == {"one": "one", "two": "two"}
    assert seen == [("one", "me"), ("two", "me")]


# -- in both databases -----------------------------------------------------------------------------------------------


@pytest.mark.both
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_file_is_made_on_both_databases_and_in_both_languages(app, client, language):
    user, _org = make.create_member()
    make.sign_in(client, user)
    answer = client.get(f"/{language}/account/my-data")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    content = json.loads(answer.text)
    assert set(content) == {"about", *(section.name for section in wiring.PERSONAL_DATA)}
    assert (
        content["about"]["sections"]["sessions"]
        == {
            "zh": "您登录中或曾登录的浏览器",
            "en": "Browsers in which you are or were signed in",
        }[language]
    )
