"""A production start with missing or weak settings is refused with one clear sentence."""

from __future__ import annotations

import pytest

import config

STRONG = "k7Qz" * 3 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
GOOD = {
    "MARKET_ENV": "production",
    "SECRET_KEY": STRONG,
    "SECURITY_PASSWORD_SALT": STRONG[::-1],
    "TOTP_SECRET": STRONG.lower() + "X9",
    "PUBLIC_URL": "https://market.example",
    "SMTP_URL": "smtp://mail.example:25",
}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(config.Default, "INSTANCE", tmp_path)


def test_a_good_production_start():
    settings = config.from_env(GOOD)
    assert settings.is_production
    assert settings.SESSION_COOKIE_SECURE
    assert settings.SESSION_COOKIE_NAME.startswith("__Host-")
    assert settings.TRUSTED_HOSTS == ["market.example"]
    assert settings.MAIL_BACKEND == "smtp"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
        ({"SECURITY_PASSWORD_SALT": ""}, "SECURITY_PASSWORD_SALT"),
        ({"TOTP_SECRET": ""}, "TOTP_SECRET"),
        ({"PUBLIC_URL": "http://market.example"}, "PUBLIC_URL"),
        ({"SMTP_URL": ""}, "SMTP_URL"),
        ({"PROXY_HOPS": "two"}, "PROXY_HOPS"),
        ({"SEARCH_URL": "cluster:9200"}, "SEARCH_URL"),
        ({"SEARCH_URL": "https://one:9200,ftp://two"}, "SEARCH_URL"),
        ({"SEARCH_URL": "http://user:word@cluster:9200"}, "https:// in production"),
        ({"SEARCH_URL": "http://cluster:9200", "SEARCH_API_KEY": "key"}, "https:// in production"),
        ({"SEARCH_URL": "https://cluster:9200", "SEARCH_INDEX": "Market*"}, "SEARCH_INDEX"),
        ({"SEARCH_URL": "https://cluster:9200", "SEARCH_SHARDS": "0"}, "SEARCH_SHARDS"),
        ({"SEARCH_URL": "https://cluster:9200", "SEARCH_REPLICAS": "many"}, "SEARCH_REPLICAS"),
        ({"SEARCH_URL": "https://cluster:9200", "SEARCH_CA_FILE": "/no/such/file"}, "SEARCH_CA_FILE"),
    ],
)
def test_a_weak_production_start_is_refused(change, named):
    with pytest.raises(config.WeakConfiguration, match=named):
        config.from_env({**GOOD, **change})


def test_postgres_goes_through_psycopg():
    for url in ("postgres://u@h/d", "postgresql://u@h/d"):
        assert config.from_env({"DATABASE_URL": url}).SQLALCHEMY_DATABASE_URI == "postgresql+psycopg://u@h/d"


def test_secrets_of_a_development_start_are_kept_private(tmp_path):
    first, second = config.from_env({}), config.from_env({})
    assert first.SECRET_KEY == second.SECRET_KEY
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_a_cluster_is_named_by_settings():
    settings = config.from_env(
        {**GOOD, "SEARCH_URL": "https://one:9200, https://two:9200", "SEARCH_API_KEY": "key", "SEARCH_SHARDS": "3"}
    )
    assert (settings.SEARCH_SHARDS, settings.SEARCH_REPLICAS, settings.SEARCH_INDEX) == (3, 1, "market")
