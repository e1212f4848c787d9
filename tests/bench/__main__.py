"""`make bench`: every measurement in turn. Arguments go to the search bench."""

from tests.bench import bench_search

if __name__ == "__main__":
    bench_search.main()
