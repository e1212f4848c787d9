"""Every page of accounts answers in both languages, to whom it should."""

from __future__ import annotations

import pytest

from marketplace.accounts.states import ORGANISATION
from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.policy import SYSTEM
from tests.factories import accounts as make

PUBLIC = ["login", "register", "reset", "confirm", "check-mail", "wan-signin"]
OWN = ["settings", "change", "tf-setup", "mf-recovery-codes", "wan-register", "verify", "close", "my-data"]
ADMIN = ["organisations", "people", "settings", "audit"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", PUBLIC)
def test_the_sign_in_family_is_open_to_all(client, lang, page):
    answer = client.get(f"/{lang}/account/{page}")
    assert answer.status_code == 200
    assert "<h1>" in answer.text


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", OWN)
def test_own_pages_need_a_sign_in(client, lang, page):
    assert client.get(f"/{lang}/account/{page}").status_code == 302
    user, _org = make.create_member()
    make.sign_in(client, user)
    answer = client.get(f"/{lang}/account/{page}")
    assert answer.status_code == 200


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", ADMIN)
def test_administration_is_for_administrators(client, lang, page):
    assert client.get(f"/{lang}/admin/{page}").status_code == 302
    user, _org = make.create_member()
    make.sign_in(client, user)
    assert client.get(f"/{lang}/admin/{page}").status_code == 403
    waiting = make.create_organisation(verified=False, owner=user)
    with transaction() as session:
        ORGANISATION.move(session.merge(waiting), "hand_in_document", actor=SYSTEM, at=clock.now())
    make.sign_in(client, make.create_admin())
    answer = client.get(f"/{lang}/admin/{page}")
    assert answer.status_code == 200
    assert client.get(f"/{lang}/admin/organisations/{waiting.id}").status_code == 200
    assert client.get(f"/{lang}/admin/people/{user.id}").status_code == 200


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_of_an_organisation(client, lang):
    user, org = make.create_member(verified=False)
    address = f"/{lang}/organisations/{org.id}"
    assert client.get(address).status_code == 404
    make.sign_in(client, user)
    for page in ("", "/settings", "/members", "/verification"):
        assert client.get(address + page).status_code == 200, page
    assert client.get(f"/{lang}/organisations/new").status_code == 200
