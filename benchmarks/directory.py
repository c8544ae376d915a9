"""Schools by the thousand: read from schools.csv, indexed and found, beside tantivy's fuzzy search, in one run.

pip install tantivy
python -m benchmarks.directory [--sizes 1000 10000 40000 100000] [--messages 100]
"""

import argparse
import time

from benchmarks.intervals import milliseconds, wilson
from benchmarks.invented import directory, queries
from benchmarks.names import Finder, tantivy_fuzzy
from knowledge import rows, schools
from knowledge.schools import School

OFFERED = 4  # names the bot offers to choose from


def main() -> None:
    """Prints, for each size and engine, the seconds to read and index and the recall and time of a message."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 40_000, 100_000])
    parser.add_argument("--messages", type=int, default=100, help="of each of the four kinds")
    asked = parser.parse_args()
    print(f"{'schools':>8}  {'engine':14}{'read s':>8}{'index s':>8}{'found':>22}{'p50 ms':>8}{'p99 ms':>8}")
    for size in asked.sizes:
        _compare(size, asked.messages)


def _compare(size: int, count: int) -> None:
    table = rows.written(_invented(size))
    start = time.perf_counter()
    known = _read(table)
    read = time.perf_counter() - start
    entries = [(school.id, school.names) for school in known.values()]
    start = time.perf_counter()
    names = schools.index(known)
    index = time.perf_counter() - start
    _line(size, "schullotse", read, index, lambda text: [key for key, _, _ in names.find(text, OFFERED)], count)
    start = time.perf_counter()
    fuzzy = tantivy_fuzzy(entries)
    _line(size, "tantivy fuzzy", read, time.perf_counter() - start, fuzzy, count)


def _line(size: int, engine: str, read: float, index: float, find: Finder, count: int) -> None:
    hits, times = [], []
    for query in queries(directory(size), count):
        start = time.perf_counter()
        found = find(query.text)
        times.append(time.perf_counter() - start)
        hits.append(query.wanted in found)
    p50, p99 = milliseconds(times)
    share = wilson(sum(hits), len(hits))
    print(f"{size:>8,}  {engine:14}{read:>8.2f}{index:>8.2f}{share:>22}{p50:>8.2f}{p99:>8.2f}")


def _invented(size: int) -> list[dict[str, str]]:
    """Rows as full as those of a real list; nothing in them is real."""
    common = {"form": "grundschule", "street": "Musterweg 1", "postcode": "00011", "city": "Beispielstadt"}
    common |= {"phone": "030 23125000", "source": "invented", "as_of": "2026-01"}
    return [{"id": key, "name": name, "email": f"{key}@schule.example", **common} for key, (name,) in directory(size)]


def _read(table: str) -> dict[str, School]:
    document, problems = rows.parse(table, rows.FILE)
    if document is None or problems:
        raise ValueError(problems)
    found = [School(**row) for row in document.tree if isinstance(row, dict)]  # type: ignore[arg-type]
    return {school.id: school for school in found}


if __name__ == "__main__":
    main()
