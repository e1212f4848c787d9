"""The JSON of achievements and needs: what everybody may read, whoever asks; documented."""

from __future__ import annotations

import pytest

from marketplace.listings import schemas
from tests.factories import accounts, listings

SECRET = {"zh": "金丝雀", "en": "canary"}


def test_an_achievement(client, app):
    people = [{"name": SECRET, "contribution": SECRET}] * 2
    row = listings.create_achievement(verified_detail=SECRET, people=people)
    answer = client.get(f"/api/v1/achievements/{row.id}")
    assert answer.status_code == 200
    data = answer.json
    assert data["title"] == row.title.as_dict()
    assert data["fields"] == ["F11"]
    assert data["money"] == {"currency": "CNY", "min": "2600000.00", "max": "3000000.00"}
    assert data["benefits"][0]["value"] == "5.8"
    assert data["ip"][0]["number"] == row.ip_rights[0].number
    assert data["organisation"]["id"] == row.org_id
    assert data["url"].endswith(f"/achievements/{row.id}")
    assert "金丝雀" not in answer.text
    assert "canary" not in answer.text
    assert not {"verified_detail", "people", "org_id", "created_by", "version_id", "attachments"} & data.keys()


def test_an_anonymous_need(client, app):
    row = listings.create_need(is_anonymous=True, verified_detail=SECRET)
    answer = client.get(f"/api/v1/needs/{row.id}")
    assert answer.json["organisation"] == {
        "id": None,
        "name": {"zh": "济南某企业", "en": "a company in Jinan"},
        "kind": "enterprise",
    }
    assert row.organisation.name.zh not in answer.text
    assert "canary" not in answer.text
    assert answer.json["indicators"][0]["op"] == "le"
    assert answer.json["closes_on"] == row.closes_on.isoformat()


def test_it_shows_the_public_layer_even_to_those_who_may_read_more(app, visit):
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    hidden = listings.create_achievement(org, actor=actor, audience="verified")
    draft = listings.create_achievement(org, actor=actor, published=False)
    visitor = visit(user)
    assert visitor.get(f"/api/v1/achievements/{hidden.id}").status_code == 404
    assert visitor.get(f"/api/v1/achievements/{draft.id}").status_code == 404


@pytest.mark.parametrize("path", ["achievements/999", "needs/999", "achievements/x", "needs/-1"])
def test_what_is_not_there(client, app, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer.is_json


def test_each_kind_at_its_own_address(client, app):
    row = listings.create_need()
    assert client.get(f"/api/v1/achievements/{row.id}").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_read_only(client, app, method):
    row = listings.create_need()
    assert getattr(client, method)(f"/api/v1/needs/{row.id}").status_code in (400, 405)


def test_the_document_describes_both(client, app):
    paths = client.get("/api/v1/openapi.json").json["paths"]
    for name, schema in (("achievements", schemas.AchievementSchema), ("needs", schemas.NeedSchema)):
        path = next(p for p in paths if p.startswith(f"/api/v1/{name}/") and p.count("/") == 4)
        reference = paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        assert reference.endswith("/" + schema.__name__.removesuffix("Schema"))


def test_answers_have_exactly_the_documented_keys(client, app):
    row = listings.create_need()
    documented = {field.data_key or name for name, field in schemas.NeedSchema().fields.items()}
    assert set(client.get(f"/api/v1/needs/{row.id}").json) == documented
