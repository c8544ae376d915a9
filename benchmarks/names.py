"""Names in a directory of 100,000 entries: our search beside tantivy's fuzzy search, in one run.

pip install tantivy
python -m benchmarks.names [--size 100000] [--messages 250]
"""

import argparse
import time
from collections.abc import Callable, Sequence

import tantivy

from benchmarks.intervals import milliseconds, wilson
from benchmarks.invented import Query, directory, queries
from knowledge.search.clean import clean
from knowledge.search.names import Names
from knowledge.search.tokens import split

Entries = list[tuple[str, tuple[str, ...]]]
Finder = Callable[[str], list[str]]


def main() -> None:
    """Prints build time, recall@3 by kind of message and the time of a message."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=250, help="of each of the four kinds")
    asked = parser.parse_args()
    entries = directory(asked.size)
    messages = queries(entries, asked.messages)
    print(f"{asked.size:,} entries, {len(messages)} messages; recall@3 with 95 % Wilson interval\n")
    heads = ("as it stands", "typos", "in a sentence", "both")
    print(f"{'':16}{'build s':>8}  " + "".join(f"{head:>22}" for head in heads) + f"{'p50 ms':>8}{'p99 ms':>8}")
    for name, build in (("schullotse", _ours), ("tantivy fuzzy", tantivy_fuzzy)):
        start = time.perf_counter()
        find = build(entries)
        _line(name, time.perf_counter() - start, find, messages)


def _line(name: str, build: float, find: Finder, messages: Sequence[Query]) -> None:
    hits: dict[tuple[bool, bool], list[bool]] = {}
    times: list[float] = []
    for query in messages:
        start = time.perf_counter()
        found = find(query.text)
        times.append(time.perf_counter() - start)
        hits.setdefault((query.misspelt, query.sentence), []).append(query.wanted in found)
    cells = "".join(f"{wilson(sum(hit), len(hit)):>22}" for hit in hits.values())
    p50, p99 = milliseconds(times)
    print(f"{name:16}{build:>8.2f}  {cells}{p50:>8.2f}{p99:>8.2f}")


def _ours(entries: Entries) -> Finder:
    names = Names.build(entries)
    return lambda text: [key for key, _, _ in names.find(text, 3)]


def tantivy_fuzzy(entries: Entries) -> Finder:
    schema = (
        tantivy.SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw").add_text_field("name").build()
    )
    index = tantivy.Index(schema)
    writer = index.writer()
    for key, names in entries:
        writer.add_document(tantivy.Document(id=key, name=" ".join(_words(" ".join(names)))))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def find(text: str) -> list[str]:
        parts = [
            (
                tantivy.Occur.Should,
                tantivy.Query.fuzzy_term_query(schema, "name", word, distance=1 if len(word) < 7 else 2),
            )
            for word in _words(text)
        ]
        found = searcher.search(tantivy.Query.boolean_query(parts), 3).hits
        return [str(searcher.doc(address)["id"][0]) for _, address in found]

    return find


def _words(text: str) -> tuple[str, ...]:
    """The same folding for both, so that only the search differs."""
    return split(clean(text)).folded


if __name__ == "__main__":
    main()
