"""A worker that is killed at a chosen moment: run as `python -m tests.concurrency.dying_worker before|after|middle`.

The hook is here and not in the product: the engine's writes are wrapped, and at the first of them the process gets SIGKILL,
which nothing can catch.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys

import config
from marketplace.app import create_app
from marketplace.core import jobs, search
from marketplace.matching.services import index


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(moment: str) -> None:
    app = create_app(config.from_env())
    jobs.LEASE = dt.timedelta(seconds=1)  # so that the next worker need not wait five minutes for this one's jobs
    with app.app_context():
        engine = search.engine()

        def deadly(write):
            def dying(changes):
                if moment == "before":
                    die()
                outcome = write(changes)
                if moment == "after":
                    die()
                return outcome

            return dying

        engine.put, engine.drop = deadly(engine.put), deadly(engine.drop)
        if moment == "rebuild":
            real = index._documents

            def documents():
                for number, document in enumerate(real()):
                    if number == 2:
                        die()
                    yield document

            index._documents = documents
            index.rebuild()
        jobs.run_due()


if __name__ == "__main__":
    main(sys.argv[1])
