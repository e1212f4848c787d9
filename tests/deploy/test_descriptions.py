"""The descriptions in deploy/ keep to what the application reads and expects; a renamed setting must not leave them behind."""

from __future__ import annotations

import ipaddress
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import config
from marketplace.core.files import MAX_BYTES
from tests.conftest import missing

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))
NGINX = (DEPLOY / "nginx" / "market.conf").read_text("utf-8")
EXAMPLE = dict(
    line.split("=", 1)
    for line in (DEPLOY / "market.env.example").read_text("utf-8").splitlines()
    if "=" in line and line[0] != "#"
)
UNITS = {path.name: path.read_text("utf-8") for path in (DEPLOY / "systemd").glob("*.service")}
READ_ELSEWHERE = {"INSTANCE_FOLDER", "PYTHONUNBUFFERED", "MALLOC_ARENA_MAX", "POSTGRES_PASSWORD", "ELASTIC_PASSWORD"}


def is_read(name: str) -> bool:
    """Does config.py read this name from the environment?"""
    return name in config.PLAIN or f'"{name}"' in (DEPLOY.parent / "config.py").read_text("utf-8")


def ours() -> dict[str, dict]:
    return {name: service for name, service in COMPOSE["services"].items() if "env_file" in service}


def test_every_setting_that_is_given_is_one_that_is_read():
    given = set(EXAMPLE) | {name for service in ours().values() for name in service["environment"]}
    for unit in UNITS.values():
        line = re.search(r"^Environment=(.*)$", unit, re.MULTILINE)
        given |= {pair.split("=")[0] for pair in line[1].split()}
    assert len(given) > 12
    assert [name for name in given - READ_ELSEWHERE if not is_read(name)] == []


def test_the_example_filled_in_is_a_production_start_and_as_it_stands_is_not(tmp_path):
    service = ours()["web"]["environment"]
    secret = "zQ4-" + "abcdefghijklmnop0123456789" * 2
    filled = {**EXAMPLE, **{name: secret for name, value in EXAMPLE.items() if not value}}
    env = {name: re.sub(r"\$\{(\w+)[^}]*\}", lambda found: filled[found[1]], str(value)) for name, value in service.items()}
    env["SEARCH_CA_FILE"] = str(tmp_path / "ca.crt")
    (tmp_path / "ca.crt").touch()
    made = config.from_env({**filled, **env})
    assert made.is_production
    assert made.SQLALCHEMY_DATABASE_URI.startswith("postgresql+psycopg://market:zQ4-")
    with pytest.raises(config.WeakConfiguration):
        config.from_env({**EXAMPLE, **env})


def test_web_and_worker_wait_for_the_preparation_and_it_for_the_services():
    services = ours()
    assert set(services) == {"prepare", "web", "worker"}
    for name in ("web", "worker"):
        assert services[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"
    assert {v["condition"] for v in services["prepare"]["depends_on"].values()} == {"service_healthy"}
    assert all(name in COMPOSE["services"] for service in COMPOSE["services"].values() for name in service.get("depends_on", {}))
    used = {volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service.get("volumes", ())}
    assert {name for name in used if not name.startswith(".")} == set(COMPOSE["volumes"])


def test_the_proxy_lets_through_what_the_application_words_itself():
    most = int(re.search(r"client_max_body_size (\d+)m;", NGINX)[1]) * config.MEGABYTE
    assert most > config.Default.MAX_CONTENT_LENGTH > MAX_BYTES
    for header in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Host"):
        assert f"proxy_set_header {header} " in NGINX
    assert "add_header" not in NGINX


def test_the_proxy_asks_for_figures_from_inside_only_and_as_for_a_page():
    inside = re.search(r"location = /metrics \{(.*?)\}", NGINX, re.DOTALL)[1]
    rules = re.findall(r"(allow|deny) ([^;]+);", inside)
    assert rules[-1] == ("deny", "all")
    networks = [ipaddress.ip_network(network) for word, network in rules[:-1] if word == "allow"]
    assert len(networks) == len(rules) - 1
    assert all(network.is_private for network in networks)
    assert "proxy_pass http://market;" in inside
    assert not re.search(r"location [^{]*\{[^}]*proxy_set_header", NGINX), "it would take the server's headers from that location"


# Stands in for elasticsearch-certutil: an archive of the same names; a file `broken` beside it stops it at the node.
CERTUTIL = """#!{python}
import pathlib, sys, zipfile
name = "ca" if sys.argv[1] == "ca" else "node"
if name == "node" and pathlib.Path("broken").exists():
    sys.exit(1)
with zipfile.ZipFile(sys.argv[sys.argv.index("--out") + 1], "w") as out:
    for end in ("crt", "key"):
        out.writestr(f"{{name}}/{{name}}.{{end}}", "x")
"""


def test_interrupted_certificates_are_made_anew_and_keys_are_for_their_owner(tmp_path):
    if shutil.which("unzip") is None:
        missing("unzip is not installed")
    certs = tmp_path / "certs"
    (tmp_path / "bin").mkdir()
    certs.mkdir()
    tool = tmp_path / "bin" / "elasticsearch-certutil"
    tool.write_text(CERTUTIL.format(python=sys.executable))
    tool.chmod(0o755)
    *shell, script = COMPOSE["services"]["certificates"]["command"]
    script = re.sub(r"/(certs|tmp)/", lambda found: f"{tmp_path}/{found[1] if found[1] == 'certs' else ''}/", script)
    script = "chown() { :; }\n" + script.replace("755 /certs ", f"755 {certs} ")  # only root may give files away

    def run() -> int:
        return subprocess.run([*shell, script], cwd=tmp_path, capture_output=True, check=False, timeout=30).returncode

    (tmp_path / "broken").touch()
    assert run() != 0
    (tmp_path / "broken").unlink()
    assert run() == 0
    made = {str(path.relative_to(certs)): path.stat() for path in certs.rglob("*.*")}
    assert {name: oct(found.st_mode & 0o777) for name, found in made.items()} == {
        "ca/ca.crt": "0o644",
        "ca/ca.key": "0o600",
        "node/node.crt": "0o644",
        "node/node.key": "0o600",
    }
    assert run() == 0
    assert {str(path.relative_to(certs)): path.stat().st_mtime_ns for path in certs.rglob("*.*")} == {
        name: found.st_mtime_ns for name, found in made.items()
    }


def test_units_start_what_the_package_has():
    assert set(UNITS) == {"market-web.service", "market-worker@.service"}
    for unit in UNITS.values():
        assert "NoNewPrivileges=yes" in unit
        assert "User=market" in unit
        assert re.search(
            r"^ExecStart=/opt/market/\.venv/bin/(gunicorn wsgi:app -c deploy/gunicorn\.py|flask --app wsgi market worker)",
            unit,
            re.MULTILINE,
        )


def test_nginx_reads_its_description(tmp_path):
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        missing("nginx and openssl are not installed")
    openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    subprocess.run(
        [*openssl, "-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"], check=True, capture_output=True
    )
    site = NGINX.replace("/etc/nginx/tls", str(tmp_path)).replace("web:8000", "127.0.0.1:8000")
    site = re.sub(r"listen (\[::\]:)?(80|443)", lambda found: f"listen {found[1] or ''}2{found[2].zfill(4)}", site)
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}} http {{ {site} }}")
    done = subprocess.run(["nginx", "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
