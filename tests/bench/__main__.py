"""`make bench`: every measurement in turn, each with its table. `ARGS="--count 20000 --only page"` makes it shorter."""

from __future__ import annotations

import argparse

from tests.bench import bench_page, bench_search

BENCHES = {"search": bench_search.main, "page": bench_page.main}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="how many listings")
    parser.add_argument("--only", choices=sorted(BENCHES))
    given = parser.parse_args()
    for name, bench in BENCHES.items():
        if given.only in (None, name):
            print(f"\n{name}, {given.count} listings\n", flush=True)
            bench(["--count", str(given.count)])


if __name__ == "__main__":
    main()
