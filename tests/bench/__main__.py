"""`make bench`: every measurement in turn, each with its table. `ARGS="--count 20000 --only page"` makes it shorter."""

from __future__ import annotations

import argparse

from tests.bench import bench_engines, bench_page, bench_rebuild, bench_search

BENCHES = {
    "search": (bench_search.main, 100_000),
    "page": (bench_page.main, 100_000),
    "rebuild": (bench_rebuild.main, bench_rebuild.USUAL),
    "engines": (bench_engines.main, bench_engines.USUAL),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, help="how many listings, instead of the usual number of each")
    parser.add_argument("--only", choices=sorted(BENCHES))
    given, rest = parser.parse_known_args()
    if rest and not given.only:
        parser.error(f"{' '.join(rest)}: only together with --only")
    for name, (bench, usual) in BENCHES.items():
        if given.only in (None, name):
            count = given.count or usual
            print(f"\n{name}, {count} listings\n", flush=True)
            bench(["--count", str(count), *rest])


if __name__ == "__main__":
    main()
