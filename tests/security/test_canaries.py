"""Words that stand only in hidden fields turn up nowhere they must not: pages, JSON, feeds, files, index, mail, logs.

Each secret of the market is looked for in everything every role can fetch, and whoever may read it must find it: a
search that never finds anything proves nothing.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import tantivy

from search_index.embedded.packing import LEARNT, Packer
from tests.factories.market import HIDDEN_NAME, PUBLIC_WORD, ROLES, SECRETS, email_of
from tests.security.asking import Asking, crawl, get_rules, post
from tests.security.tables import fingerprint

API = "/api/v1"
BOTH_LANGUAGES = ("anonymous", "other", "owner")  # the others read in Chinese: the same templates and queries


def _starts(asking: Asking) -> list[str]:
    """Every address of every readable route, in both languages."""
    found = []
    for rule in get_rules(asking.app):
        for lang in ("zh", "en") if "lang" in rule.arguments else ("zh",):
            found += asking.urls_of(rule, lang=lang)
    return [*found, f"/zh/search?q={PUBLIC_WORD}", f"/en/search?q={PUBLIC_WORD}", f"{API}/search?q={PUBLIC_WORD}"]


@dataclass
class Reading:
    """What one role could fetch: how many pages, where each looked-for word stood, which tables changed on the way."""

    pages: int
    places: dict[str, list[str]]
    changed: set[str]
    broken: dict[str, int]

    def of(self, word: str) -> list[str]:
        return self.places[word]


_readings: dict[str, Reading] = {}


@pytest.fixture
def reading(asking):
    """Everything a role can fetch, looked through once in a process (reading changes nothing, which is checked)."""

    def read(role: str) -> Reading:
        if role not in _readings:
            _readings[role] = _read(asking, role)
        return _readings[role]

    return read


def _read(asking: Asking, role: str) -> Reading:
    before = fingerprint()
    skip = "" if role in BOTH_LANGUAGES else "/en/"
    answers = crawl(asking.client(role), [url for url in _starts(asking) if not skip or not url.startswith(skip)], skip=skip)
    after = fingerprint()
    said = {url: _said(answer) for url, answer in answers.items()}
    words = [s.word for s in SECRETS.values()] + [email_of(r) for r in ROLES[1:]]
    words += [PUBLIC_WORD, HIDDEN_NAME.zh, HIDDEN_NAME.en, "$argon2", "totp_secret", asking.market.things["invitation_token"]]
    places = {word: [url for url, text in said.items() if word.encode() in text] for word in words}
    changed = {name for name in before if before[name] != after[name]}
    return Reading(len(said), places, changed, {url: a.status_code for url, a in answers.items() if a.status_code >= 500})


def _said(answer) -> bytes:
    """What an answer tells: headers and body."""
    headers = "\n".join(f"{key}: {value}" for key, value in answer.headers if key.lower() != "set-cookie").encode()
    return headers + b"\n" + answer.get_data()


@pytest.mark.parametrize("role", ROLES)
def test_nobody_meets_what_is_not_for_them(reading, role):
    found = reading(role)
    leaks = {name: found.of(s.word) for name, s in SECRETS.items() if role not in s.readers and found.of(s.word)}
    assert leaks == {}
    assert [name for name, s in SECRETS.items() if s.seen_by == role and not found.of(s.word)] == []
    assert found.of(PUBLIC_WORD) or role == "admin_weak", "the control: what is public is found"
    assert found.broken == {}
    assert found.changed == set()


def test_every_secret_is_seen_by_somebody():
    assert [name for name, secret in SECRETS.items() if secret.seen_by not in secret.readers] == []
    assert len({secret.word for secret in SECRETS.values()}) == len(SECRETS)


@pytest.mark.parametrize("role", ["anonymous", "loner", "unverified", "other", "viewer", "owner", "asker"])
def test_the_owner_of_an_anonymous_need_is_named_on_their_own_page_only(asking, reading, role):
    org_id, need_id = asking.market.orgs["hidden_org"], asking.market.things["anonymous_need"]
    own = {f"/{lang}/organisations/{org_id}" for lang in ("zh", "en")} | {"/sitemap-1.xml"}
    named = {*reading(role).of(HIDDEN_NAME.zh), *reading(role).of(HIDDEN_NAME.en)}
    assert named
    assert named - own == set()
    client = asking.client(role)
    for lang in ("zh", "en"):
        assert f"/needs/{need_id}" not in client.get(f"/{lang}/organisations/{org_id}").text
        page = client.get(f"/{lang}/needs/{need_id}")
        assert page.status_code == 200
        assert f"organisations/{org_id}" not in page.text


def test_addresses_of_people_stand_on_no_page_of_others(reading):
    """An e-mail address is seen by its person, by colleagues of the same organisation, and by administrators."""
    unit = {"owner", "editor", "viewer"}
    readers = ("anonymous", "loner", "unverified", "other", "asker", "viewer", "owner")
    strangers = [(r, p) for r in readers for p in ROLES[1:] if p != r and not {p, r} <= unit]
    assert {(r, p): reading(r).of(email_of(p)) for r, p in strangers if reading(r).of(email_of(p))} == {}
    assert reading("owner").of(email_of("owner")), "the control: one's own stands in the settings"


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_no_page_ever_holds_what_opens_an_account(asking, reading, role):
    """Hashes of passwords, second factors and the secrets of invitations are for nobody."""
    token = asking.market.things["invitation_token"]
    assert reading(role).of("$argon2") + reading(role).of("totp_secret") == []
    assert [url for url in reading(role).of(token) if token not in url] == []


NEVER_FOUND = ("draft", "submitted", "withdrawn", "expired", "unverified_need")


@pytest.mark.parametrize("role", ["anonymous", "loner", "unverified", "other", "owner"])
def test_asking_for_a_hidden_word_finds_nothing(asking, role):
    """Not even that something matches may be told."""
    client = asking.client(role)
    for name, secret in SECRETS.items():
        if name == "listing for verified organisations" and role in secret.readers:
            continue
        found = [item["id"] for item in client.get(f"{API}/search", query_string={"q": secret.word}).json["items"]]
        # A Chinese word shares characters with other texts; then at least its own listing must stay away.
        expected_away = set(found) if secret.word.isascii() else {asking.market.things["achievement"]}
        assert not expected_away & set(found), name
    assert client.get(f"{API}/search", query_string={"q": HIDDEN_NAME.en.split()[0]}).json["total"] == 0
    assert client.get(f"{API}/search", query_string={"q": PUBLIC_WORD}).json["total"] == 1


@pytest.mark.parametrize("role", ["anonymous", "other", "owner"])
def test_what_is_not_on_show_is_in_no_list(asking, role):
    client = asking.client(role)
    hidden = {asking.market.things[name] for name in NEVER_FOUND}
    hidden |= {asking.market.things["verified_only"]} if role == "anonymous" else set()
    for query in ("", "膜", "electrode testing"):
        found = {item["id"] for item in client.get(f"{API}/search", query_string={"q": query}).json["items"]}
        assert found
        assert not found & hidden, query


def test_letters_tell_their_readers_only_what_they_may_know(asking):
    folder = Path(asking.app.config["MAIL_FOLDER"])
    by_address = {email_of(role): role for role in ROLES[1:]} | {"zqneeder@example.org": "hidden"}
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml")]
    assert letters
    leaks, talks = [], 0
    for letter in letters:
        role = by_address.get(str(letter["To"]), "anonymous")
        text = str(letter["Subject"]) + "".join(part.get_content() for part in letter.walk() if not part.is_multipart())
        leaks += [(role, name) for name, secret in SECRETS.items() if role not in secret.readers and secret.word in text]
        if role != "hidden" and HIDDEN_NAME.en in text and "/enquiries/" not in text:
            leaks.append((role, HIDDEN_NAME.en))
        talks += "/enquiries/" in text
        others = [address for address in by_address if address != str(letter["To"])]
        leaks += [(role, address) for address in others if address in text]
    assert leaks == []
    assert talks, "people hear of enquiries by mail"


def test_the_index_on_disk_holds_nothing_hidden(asking):
    """Neither its words nor its stored texts: what is hidden from readers is not in the index under any audience."""
    stored, words = _in_index(Path(asking.app.config["SEARCH_FOLDER"]))
    assert PUBLIC_WORD in stored, "the control: what is public is stored"
    assert words(PUBLIC_WORD) == 1, "the control: what is public is found"
    allowed = {"listing for verified organisations"}  # in the index, behind the filter by audience (pages prove that)
    hidden = {name: secret.word for name, secret in SECRETS.items() if name not in allowed}
    hidden |= {
        "owner of an anonymous need": HIDDEN_NAME.zh,
        "in English": HIDDEN_NAME.en.split()[0],
        "address": email_of("owner"),
    }
    assert [name for name, word in hidden.items() if word in stored] == []
    assert [name for name, word in hidden.items() if word.isalpha() and word.isascii() and words(word)] == []


def _in_index(folder: Path):
    """Everything an index stores, as one text, and a way to count the documents that hold a word in any field."""
    path = max((meta.parent for meta in folder.rglob("meta.json")), key=lambda p: p.stat().st_mtime)
    index = tantivy.Index.open(str(path))
    searcher = index.searcher()
    hits = searcher.search(tantivy.Query.all_query(), 1000).hits
    packer = Packer.of(path)
    documents = [searcher.doc(address).to_dict() for _score, address in hits]
    values = [value for document in documents for values in document.values() for value in values]
    stored = " ".join(packer.unpack(value).decode() if isinstance(value, bytes) else str(value) for value in values)
    learnt = path / LEARNT
    stored += learnt.read_bytes().decode(errors="ignore") if learnt.exists() else ""
    schema = json.loads((path / "meta.json").read_text())["schema"]
    texts = [field["name"] for field in schema if field["type"] == "text"]

    def count(word: str) -> int:
        queries = [tantivy.Query.term_query(index.schema, name, word.lower()) for name in texts]
        either = tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])
        return len(searcher.search(either, 10).hits)

    return stored, count


def test_logs_name_no_secret_and_no_address(asking, caplog):
    """One line a request: who searched for what, whose address, which token is not in it."""
    with caplog.at_level(logging.INFO):
        client = asking.client("owner")
        for url in _starts(asking)[::4]:
            client.get(url, buffered=True)
        post(asking.client(), "/zh/account/login", {"email": email_of("owner"), "password": "zqpassword"})
    text = "\n".join(str(record.msg) + record.getMessage() for record in caplog.records)
    assert "'path': '/zh/account/login'" in text, "the control: requests are logged"
    words = [*(s.word for s in SECRETS.values()), "zqpassword", email_of("owner"), HIDDEN_NAME.zh]
    assert [word for word in words if word in text] == []
