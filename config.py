"""Where and how one installation runs. Rules of the market that administrators change are core.settings, not here.

`from_env` reads the environment, typed, and refuses a production start with missing or weak settings.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
MEGABYTE = 1024 * 1024
MIN_SECRET_CHARACTERS = 32
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class WeakConfiguration(SystemExit):
    """The start is refused; the text says what to set."""


class Default:
    """Development and demonstration on one machine."""

    ENV_NAME = "development"
    DEBUG = False
    TESTING = False
    INSTANCE = ROOT / "instance"
    PUBLIC_URL = "http://127.0.0.1:8000"
    TRUSTED_HOSTS: list[str] | None = None
    PROXY_HOPS = 0
    # A cluster instead of the embedded engine: addresses separated by commas, and who we are there.
    SEARCH_URL = ""
    SEARCH_INDEX = "market"
    SEARCH_API_KEY = ""
    SEARCH_USER = ""
    SEARCH_PASSWORD = ""
    SEARCH_CA_FILE = ""
    SEARCH_SHARDS = 1
    SEARCH_REPLICAS = 1
    METRICS_TOKEN = ""
    MAIL_BACKEND = "file"
    SMTP_URL = ""
    MAIL_FROM = "noreply@market.invalid"
    MAP_REVIEW_NUMBER = ""
    ICP_NUMBER = ""
    LOGIN_FAILURES_PER_QUARTER_HOUR = 5

    # Input limits (ASVS 5.1): uploads have their own, smaller limit in core.files.
    MAX_CONTENT_LENGTH = 24 * MEGABYTE
    MAX_FORM_MEMORY_SIZE = 2 * MEGABYTE
    MAX_FORM_PARTS = 1_000

    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_SECURE = False
    SESSION_IDLE_MINUTES = 120
    SESSION_ABSOLUTE_HOURS = 72
    WTF_CSRF_TIME_LIMIT = None
    SQLALCHEMY_ENGINE_OPTIONS: ClassVar[dict[str, Any]] = {"pool_pre_ping": True}
    RATELIMIT_STORAGE_URI = "memory://"
    RATELIMIT_HEADERS_ENABLED = True

    def __init__(self) -> None:
        self.SQLALCHEMY_DATABASE_URI = f"sqlite:///{self.INSTANCE / 'market.db'}"
        self.FILES = self.INSTANCE / "files"
        self.SEARCH_FOLDER = self.INSTANCE / "search"
        self.MAIL_FOLDER = self.INSTANCE / "mail"
        self.SECRET_KEY = _kept_secret(self.INSTANCE / "secret_key")
        self.SECURITY_PASSWORD_SALT = _kept_secret(self.INSTANCE / "password_salt")
        self.SECURITY_TOTP_SECRETS = {"1": _kept_secret(self.INSTANCE / "totp_key")}

    @property
    def is_production(self) -> bool:
        return self.ENV_NAME == "production"


class Testing(Default):
    """The test suite: fast hashes, no limits by address, its own folder given by the tests."""

    ENV_NAME = "testing"
    TESTING = True
    RATELIMIT_ENABLED = False
    SECRET_KEY = "testing-only-" + "0" * 32

    def __init__(self, folder: Path | None = None) -> None:
        if folder is not None:
            self.INSTANCE = folder
        super().__init__()


class Production(Default):
    """Behind a proxy with TLS; `from_env` checks it."""

    ENV_NAME = "production"
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    PREFERRED_URL_SCHEME = "https"
    PROXY_HOPS = 1


# Texts taken from the environment as they are, under the same name.
PLAIN = (
    "SECRET_KEY",
    "SECURITY_PASSWORD_SALT",
    "PUBLIC_URL",
    "SEARCH_URL",
    "SEARCH_INDEX",
    "SEARCH_API_KEY",
    "SEARCH_USER",
    "SEARCH_PASSWORD",
    "SEARCH_CA_FILE",
    "METRICS_TOKEN",
    "SMTP_URL",
    "MAIL_FROM",
    "MAP_REVIEW_NUMBER",
    "ICP_NUMBER",
    "RATELIMIT_STORAGE_URI",
)


# Whole numbers, likewise.
WHOLE = ("PROXY_HOPS", "SEARCH_SHARDS", "SEARCH_REPLICAS")


def from_env(env: Mapping[str, str] | None = None) -> Default:
    """The configuration that the environment asks for. Raises WeakConfiguration with one clear sentence."""
    env = os.environ if env is None else env
    config: Default = _kind(env)()
    for name in PLAIN:
        if env.get(name):
            setattr(config, name, env[name])
    if env.get("DATABASE_URL"):
        config.SQLALCHEMY_DATABASE_URI = database_url(env["DATABASE_URL"])
    if env.get("TOTP_SECRET"):
        config.SECURITY_TOTP_SECRETS = {"1": env["TOTP_SECRET"]}
    for name in WHOLE:
        if env.get(name):
            setattr(config, name, _whole(env, name))
    _check_search(config)
    config.MAIL_BACKEND = "smtp" if config.SMTP_URL else "file"
    if config.is_production:
        _refuse_weak(config, env)
    return config


def _kind(env: Mapping[str, str]) -> type[Default]:
    """The class of settings, with another instance folder where one is named."""
    base = Production if env.get("MARKET_ENV") == "production" else Default
    folder = env.get("INSTANCE_FOLDER", "")
    if not folder:
        return base

    class Elsewhere(base):  # type: ignore[misc, valid-type]
        INSTANCE = Path(folder)

    return Elsewhere


def _refuse_weak(config: Default, env: Mapping[str, str]) -> None:
    for name in ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "TOTP_SECRET"):
        value = env.get(name, "")
        if len(value) < MIN_SECRET_CHARACTERS or len(set(value)) < 10:
            raise WeakConfiguration(f"{name} must be set to at least {MIN_SECRET_CHARACTERS} random characters in production.")
    url = urlsplit(config.PUBLIC_URL)
    if url.scheme != "https" or not url.hostname:
        raise WeakConfiguration("PUBLIC_URL must be the https:// address of the site in production.")
    if not config.SMTP_URL:
        raise WeakConfiguration("SMTP_URL must be set in production: people cannot confirm their addresses without mail.")
    if config.TRUSTED_HOSTS is None:
        config.TRUSTED_HOSTS = [url.hostname]


def _check_search(config: Default) -> None:
    """Addresses that are none, and secrets that would travel in the open, are told at the start."""
    if not config.SEARCH_URL:
        return
    from search_index.elastic.settings import from_config  # here, because only an installation with a cluster need carry it

    try:
        found = from_config({name: getattr(config, name) for name in dir(config) if name.startswith("SEARCH_")})
    except ValueError as error:
        raise WeakConfiguration(f"{error}.") from None
    if found.ca_file and not Path(found.ca_file).is_file():
        raise WeakConfiguration(f"SEARCH_CA_FILE names no file: {found.ca_file}")
    hosts = [urlsplit(host) for host in found.hosts]
    is_open = any(host.scheme == "http" and host.hostname not in LOOPBACK for host in hosts)
    if config.is_production and is_open and (found.api_key or found.password):
        raise WeakConfiguration("SEARCH_URL must be https:// in production when it is used with a password or an API key.")


def _whole(env: Mapping[str, str], name: str) -> int:
    try:
        return int(env[name])
    except ValueError:
        raise WeakConfiguration(f"{name} must be a whole number, not {env[name]!r}.") from None


def database_url(url: str) -> str:
    """PostgreSQL addresses go through psycopg 3 however they are written."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    return url


def _kept_secret(path: Path) -> str:
    """A random secret made at the first start and kept in the instance folder, readable by its owner only."""
    if path.exists():
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    value = secrets.token_urlsafe(48)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(value)
    return value
