"""Makes .venv and installs the locked dependencies, with uv where present, else pip.

Runs under whatever Python `make` found, so it speaks plainly about one that is too old, and uses nothing but the
standard library. The lock files carry hashes; nothing else is installed.
"""

import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
OLDEST = (3, 11)


def fail(sentence):
    """Say one clear sentence and stop."""
    sys.stderr.write(sentence + "\n")
    sys.exit(1)


def bootstrap(kind):
    """Bring .venv to the lock file of `kind` ("run" or "dev"); quick when it is there already."""
    if sys.version_info < OLDEST:
        fail(
            "Python %d.%d or newer is needed; this is %s. Set PYTHON=/path/to/python3.11." % (OLDEST + (sys.version.split()[0],))
        )
    lock = os.path.join(ROOT, LOCKS[kind])
    stamp = os.path.join(VENV, "." + kind)
    if is_fresh(stamp, lock) or (kind == "run" and is_fresh(os.path.join(VENV, ".dev"), os.path.join(ROOT, LOCKS["dev"]))):
        return
    if not os.access(ROOT, os.W_OK):
        fail("The folder %s cannot be written; the environment is made there." % ROOT)
    python = os.path.join(VENV, "bin", "python")
    if not os.path.exists(python):
        call(
            [sys.executable, "-m", "venv", VENV],
            "The virtual environment could not be made (on Debian: apt install python3-venv).",
        )
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", lock]
    else:
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock]
    print("Installing the dependencies of %s ..." % LOCKS[kind])
    call(command, "The dependencies could not be installed; see the lines above.")
    with open(stamp, "w") as out:
        out.write(LOCKS[kind])


def is_fresh(stamp, lock):
    """Is what was installed at least as new as the lock file?"""
    return os.path.exists(stamp) and os.path.getmtime(stamp) >= os.path.getmtime(lock)


def call(command, sentence):
    """Run a command; on failure say what it means."""
    if subprocess.call(command, cwd=ROOT) != 0:
        fail(sentence)


if __name__ == "__main__":
    bootstrap(sys.argv[1] if len(sys.argv) > 1 else "run")
