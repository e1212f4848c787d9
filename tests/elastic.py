"""A real Elasticsearch on loopback for tests and for a person to try: fetched with Maven, own folder, free ports.

It is the official server without its optional modules. `python -m tests.elastic` (`make elastic`) starts one and prints
the line to export; tests share one (see `Shared`). What a machine lacks for it is told by NoElastic.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

VERSION = "8.19.21"
ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shandong-market"
READY_SECONDS = 100
FETCH_SECONDS = 600
# Whatever becomes of the process that started it, a server ends after so long.
LIFETIME_SECONDS = 3600
ENDS = (signal.SIGINT, signal.SIGTERM)
HEAP = "768m"
PASSWORD = "only-for-tests"
KEYSTORE_PASSWORD = "xpack.security.http.ssl.keystore.secure_password"
SECURITY = {
    "xpack.security.enabled": "true",
    "xpack.security.http.ssl.enabled": "true",
    "xpack.security.http.ssl.keystore.path": "http.p12",
}
# The serial collector and the quick compiler alone: a small server on few cores starts in half the time.
JVM_OPTIONS = """\
-Xms{heap}
-Xmx{heap}
-XX:+UseSerialGC
-XX:TieredStopAtLevel=1
-XX:-UsePerfData
-Djava.io.tmpdir=${ES_TMPDIR}
-XX:+ExitOnOutOfMemoryError
"""


class NoElastic(RuntimeError):
    """This machine cannot run the server; the text says what is missing."""


def ran(what: str, command: list[str], *, seconds: float, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a tool to its end; NoElastic tells that `what` could not be started, failed, or took too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False, **more)
    except subprocess.TimeoutExpired:
        raise NoElastic(f"{what}: not done within {seconds} s") from None
    except OSError as error:
        raise NoElastic(f"{what}: {error}") from None
    if done.returncode:
        raise NoElastic(f"{what}: {(done.stdout + done.stderr)[-400:].strip() or f'ended with {done.returncode}'}")
    return done


def java_home() -> Path:
    """The folder of a Java 17 or newer."""
    found = os.environ.get("ES_JAVA_HOME") or os.environ.get("JAVA_HOME")
    java = Path(found) / "bin" / "java" if found else Path(shutil.which("java") or "")
    if not java.is_file():
        raise NoElastic("Java 17 is not installed")
    return java.resolve().parent.parent


def archive() -> Path:
    """The server's archive, fetched once into the user's cache."""
    target = CACHE / f"elasticsearch-{VERSION}.zip"
    if target.exists():
        return target
    maven = shutil.which("mvn")
    if maven is None:
        raise NoElastic("Maven, which fetches the server, is not installed")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        command = [maven, "-q", "-B", COPY, f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}"]
        ran(f"fetching {ARTIFACT} with Maven", command, seconds=FETCH_SECONDS, cwd=folder)
        fetched = Path(folder) / target.name
        if not fetched.exists():
            raise NoElastic(f"Maven fetched {ARTIFACT}, but not as {target.name}")
        fetched.replace(target)
    return target


def unpacked(folder: Path, jvm_options: str) -> Path:
    """The server's files in `folder`, readable for the user it runs as."""
    if shutil.which("unzip") is None:
        raise NoElastic("unzip is not installed")
    found = archive()
    what = f"unpacking {found} (remove it if it is damaged, and it is fetched again)"
    ran(what, ["unzip", "-q", str(found), "-d", str(folder)], seconds=120)
    home = folder / f"elasticsearch-{VERSION}"
    (home / "config" / "jvm.options").write_text(jvm_options)
    return home


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Node:
    """One server process with its own configuration and data, sharing the unpacked files with its neighbours."""

    def __init__(self, home: Path, folder: Path, name: str, settings: Mapping[str, object]) -> None:
        self.home, self.folder, self.name = home, folder / name, name
        self.port, self.transport = free_port(), free_port()
        self.settings = {
            "cluster.name": folder.name,
            "node.name": name,
            "path.data": self.folder / "data",
            "path.logs": self.folder / "logs",
            "network.host": "127.0.0.1",
            "http.port": self.port,
            "transport.port": self.transport,
            "xpack.security.enabled": "false",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            "cluster.max_shards_per_node": 3000,
            **settings,
        }
        self.group = 0

    @property
    def prefix(self) -> list[str]:
        """The server refuses root, so root hands it to `nobody`."""
        return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []

    @property
    def environment(self) -> dict[str, str]:
        """What the server and its tools read; none of the caller's own variables."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder),
            "ES_JAVA_HOME": str(java_home()),
            "ES_PATH_CONF": str(self.folder / "config"),
            "ES_TMPDIR": str(self.folder / "tmp"),
        }

    def prepare(self) -> None:
        """Write the configuration; call `own` before the start."""
        shutil.copytree(self.home / "config", self.folder / "config")
        for name in ("data", "logs", "tmp"):
            (self.folder / name).mkdir()
        lines = [f"{key}: {json.dumps(value, default=str)}\n" for key, value in self.settings.items()]
        (self.folder / "config" / "elasticsearch.yml").write_text("".join(lines))

    def tool(self, *command: str, given: str = "") -> None:
        """Run one of the server's tools as its user."""
        full = [*self.prefix, str(self.home / "bin" / command[0]), *command[1:]]
        ran(command[0], full, seconds=120, input=given, env=self.environment, cwd="/")

    def start(self) -> None:
        """Start in a process group of its own; `output` holds what it says."""
        command = ["timeout", "-k", "5", str(LIFETIME_SECONDS), *self.prefix, str(self.home / "bin" / "elasticsearch")]
        with (self.folder / "output").open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.environment,
                cwd="/",
                start_new_session=True,
            )
        self.group = process.pid

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Send the whole process group a signal."""
        if self.group:
            with suppress(ProcessLookupError):
                os.killpg(self.group, how)
            with suppress(ChildProcessError):
                os.waitpid(self.group, 0)
        self.group = 0

    def said(self) -> str:
        """The end of what it wrote."""
        return (self.folder / "output").read_text(errors="replace")[-1500:]


class Cluster:
    """One or several nodes on loopback; `secure` ones speak TLS and know the user `elastic` with PASSWORD."""

    def __init__(
        self,
        nodes: int = 1,
        *,
        settings: Mapping[str, object] | None = None,
        secure: bool = False,
        heap: str = HEAP,
        jvm_options: str = JVM_OPTIONS,
        ready_seconds: int = READY_SECONDS,
    ) -> None:
        self.ready_seconds = ready_seconds
        self.folder = Path(tempfile.mkdtemp(prefix="market-es-"))
        self.nodes: list[Node] = []
        self.secure = secure
        given = {**(settings or {}), **(SECURITY if secure else {})}
        try:
            self._prepare(nodes, given, jvm_options.replace("{heap}", heap))
        except BaseException:
            self.stop()
            raise

    def _prepare(self, nodes: int, settings: Mapping[str, object], jvm_options: str) -> None:
        """All files of all nodes."""
        self.folder.chmod(0o755)
        home = unpacked(self.folder, jvm_options)
        self.nodes += [Node(home, self.folder, f"node{n}", settings) for n in range(nodes)]
        self._introduce()
        for node in self.nodes:
            node.prepare()
        if self.secure:
            self._certify(self.nodes[0])
        self.own()
        if self.secure:
            both = f"{PASSWORD}\n{PASSWORD}\n"
            self.nodes[0].tool("elasticsearch-keystore", "add", "-f", "-x", "bootstrap.password", KEYSTORE_PASSWORD, given=both)

    def _introduce(self) -> None:
        """Tell the nodes of each other."""
        if len(self.nodes) == 1:
            self.nodes[0].settings["discovery.type"] = "single-node"
            return
        for node in self.nodes:
            node.settings["discovery.seed_hosts"] = [f"127.0.0.1:{one.transport}" for one in self.nodes]
            node.settings["cluster.initial_master_nodes"] = [one.name for one in self.nodes]

    @property
    def ca_file(self) -> Path:
        """The certificate to trust."""
        return self.folder / "ca.pem"

    def _certify(self, node: Node) -> None:
        """A certificate of our own for loopback, and the file that vouches for it."""
        keytool, store = str(java_home() / "bin" / "keytool"), str(node.folder / "config" / "http.p12")
        common = ["-keystore", store, "-storetype", "PKCS12", "-storepass", PASSWORD, "-alias", "node"]
        names = ["-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1,dns:localhost", "-ext", "bc=ca:true"]
        ran("keytool", [keytool, "-genkeypair", "-keyalg", "EC", "-validity", "2", *names, *common], seconds=60)
        exported = ran("keytool", [keytool, "-exportcert", "-rfc", *common], seconds=60)
        self.ca_file.write_text(exported.stdout)

    def own(self) -> None:
        """Give the files to the user the server runs as."""
        if os.geteuid() == 0:
            ran("chown", ["chown", "-R", "65534:65534", str(self.folder)], seconds=60)

    @property
    def hosts(self) -> list[str]:
        """The address of each node."""
        return [f"{'https' if self.secure else 'http'}://127.0.0.1:{node.port}" for node in self.nodes]

    @property
    def url(self) -> str:
        """All addresses, as SEARCH_URL takes them."""
        return ",".join(self.hosts)

    def start(self) -> str:
        """Start all nodes and wait until they answer; returns the URL."""
        try:
            for node in self.nodes:
                node.start()
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self.url

    def wait(self) -> None:
        """Until every node answers and they have found each other."""
        end = time.monotonic() + self.ready_seconds * (2 if len(self.nodes) > 1 else 1)
        for node, host in zip(self.nodes, self.hosts, strict=True):
            ask = f"{host}/_cluster/health?wait_for_nodes={len(self.nodes)}&wait_for_status=yellow&timeout=1s"
            while not self._answers(ask):
                if time.monotonic() > end:
                    raise NoElastic(f"{node.name} did not become ready: {node.said()}")
                time.sleep(0.2)

    def _answers(self, url: str) -> bool:
        request = urllib.request.Request(url)
        context = None
        if self.secure:
            token = base64.b64encode(f"elastic:{PASSWORD}".encode()).decode()
            request.add_header("Authorization", f"Basic {token}")
            context = ssl.create_default_context(cafile=str(self.ca_file))
        try:
            with urllib.request.urlopen(request, timeout=5, context=context) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def stop(self) -> None:
        """Stop at once and remove everything."""
        for node in self.nodes:
            node.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Shared:
    """One server for all processes of a test run: the first that wants it starts it, the last one stops it."""

    def __init__(self, folder: Path) -> None:
        self._state = folder / "elastic.json"
        self._lock = folder / "elastic.lock"

    @contextmanager
    def _locked(self) -> Iterator[dict[str, object]]:
        with self._lock.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            state = json.loads(self._state.read_text()) if self._state.exists() else {}
            yield state
            self._state.write_text(json.dumps(state))

    def url(self) -> str:
        """Join; starts the server when nobody has. Raises NoElastic, also for one that failed for another process."""
        with self._locked() as state:
            if "failed" in state:
                raise NoElastic(str(state["failed"]))
            if not state:
                try:
                    cluster = Cluster()
                    state |= {"url": cluster.start(), "group": cluster.nodes[0].group, "folder": str(cluster.folder), "users": 0}
                except NoElastic as reason:
                    state["failed"] = str(reason)
                    self._state.write_text(json.dumps(state))
                    raise
            state["users"] = int(str(state["users"])) + 1
            return str(state["url"])

    def leave(self) -> None:
        """Give it back."""
        with self._locked() as state:
            state["users"] = int(str(state["users"])) - 1
            if state["users"] == 0:
                with suppress(ProcessLookupError):
                    os.killpg(int(str(state["group"])), signal.SIGKILL)
                shutil.rmtree(str(state["folder"]), ignore_errors=True)
                state.clear()


def _interrupt(*_: object) -> None:
    """Once: a second Ctrl-C would leave behind what the first is about to remove."""
    for one in ENDS:
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> None:
    """Start one for a person to try, until Ctrl-C or SIGTERM; nothing stays behind, however far it had come."""
    for one in ENDS:
        signal.signal(one, _interrupt)
    cluster = None
    try:
        cluster = Cluster()
        url = cluster.start()
        print(f"Elasticsearch {VERSION} is ready until Ctrl-C (at most {LIFETIME_SECONDS // 60} minutes). In another shell:")
        print(f"\n    export SEARCH_URL={url}\n")
        print("then `make run`; `flask index rebuild` builds the index there.", flush=True)
        signal.pause()
    except NoElastic as reason:
        sys.exit(f"Elasticsearch cannot run here: {reason}")
    except KeyboardInterrupt:
        print("stopped", flush=True)
    finally:
        if cluster is not None:
            cluster.stop()


if __name__ == "__main__":
    main()
