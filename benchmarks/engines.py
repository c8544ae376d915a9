"""Other ways to find the concern of a message, fitted on the same messages: what the benchmark compares with.

Each ranks example messages; a concern is as good as its best example. The in-scope score is the best of ours against
the best example that is out of scope.
"""

import re
import sqlite3
from collections.abc import Callable, Sequence

import bm25s
import numpy as np
import tantivy
from rapidfuzz import fuzz, process

from benchmarks.corpus import Message
from knowledge.search import Search
from knowledge.search.learn import fit

OUTSIDE = "sonstiges"
HITS = 100  # best examples an engine is asked for
Answer = tuple[list[str], float]  # concerns, best first; in-scope score, higher is more in scope
Engine = Callable[[str], Answer]


def schullotse(messages: Sequence[Message], terms: dict[str, list[str]]) -> tuple[Engine, Search]:
    """Our own search, and itself."""
    tree: dict[str, dict[str, list[str]]] = {}
    for message in messages:
        tree.setdefault(message.lang, {}).setdefault(message.concern, []).append(message.text)
    search = fit(tree, terms)

    def ask(text: str) -> Answer:
        ranking = search.rank(text)
        return [concern for concern, _ in ranking.concerns], ranking.confidence

    return ask, search


def wratio(messages: Sequence[Message]) -> Engine:
    """rapidfuzz WRatio over all examples."""
    texts = [message.text.lower() for message in messages]

    def ask(text: str) -> Answer:
        found = process.extract(text.lower(), texts, scorer=fuzz.WRatio, limit=HITS)
        return _ranked([(messages[i].concern, score) for _, score, i in found])

    return ask


def sqlite_words(messages: Sequence[Message]) -> Engine:
    """SQLite FTS5, unicode61 words without diacritics, any word, bm25."""
    return _sqlite(messages, "unicode61 remove_diacritics 2", lambda text: re.findall(r"\w+", text))


def sqlite_trigrams(messages: Sequence[Message]) -> Engine:
    """SQLite FTS5, trigrams, any trigram, bm25."""
    return _sqlite(messages, "trigram", lambda text: [text[i : i + 3] for i in range(len(text) - 2)])


def tantivy_words(messages: Sequence[Message]) -> Engine:
    """tantivy's default words, any word, bm25."""
    schema = tantivy.SchemaBuilder().add_text_field("text").add_unsigned_field("at", stored=True).build()
    index = tantivy.Index(schema)
    writer = index.writer()
    for i, message in enumerate(messages):
        writer.add_document(tantivy.Document(text=message.text, at=i))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def ask(text: str) -> Answer:
        words = " ".join(re.findall(r"\w+", text.lower()))
        if not words:
            return [], 0.0
        hits = searcher.search(index.parse_query(words, ["text"]), HITS).hits
        return _ranked([(messages[searcher.doc(at)["at"][0]].concern, score) for score, at in hits])

    return ask


def bm25s_words(messages: Sequence[Message]) -> Engine:
    """bm25s over lower-case words."""
    index = bm25s.BM25()
    index.index([_words(message.text) for message in messages], show_progress=False)

    def ask(text: str) -> Answer:
        words = [word for word in _words(text) if word in index.vocab_dict]
        if not words:
            return [], 0.0
        scores = index.get_scores(words)
        best = np.argsort(-scores, kind="stable")[:HITS]
        return _ranked([(messages[i].concern, float(scores[i])) for i in best.tolist()])

    return ask


def _sqlite(messages: Sequence[Message], tokenizer: str, parts: Callable[[str], list[str]]) -> Engine:
    base = sqlite3.connect(":memory:")
    base.execute(f"CREATE VIRTUAL TABLE said USING fts5(text, tokenize='{tokenizer}')")
    rows = [(i, message.text.lower()) for i, message in enumerate(messages)]
    base.executemany("INSERT INTO said(rowid, text) VALUES (?, ?)", rows)

    def ask(text: str) -> Answer:
        wanted = " OR ".join('"' + part.replace('"', '""') + '"' for part in dict.fromkeys(parts(text.lower())))
        if not wanted:
            return [], 0.0
        query = "SELECT rowid, bm25(said) FROM said WHERE said MATCH ? ORDER BY 2 LIMIT ?"
        return _ranked([(messages[i].concern, -score) for i, score in base.execute(query, (wanted, HITS))])

    return ask


def _ranked(hits: Sequence[tuple[str, float]]) -> Answer:
    best: dict[str, float] = {}
    for concern, score in hits:
        best[concern] = max(score, best.get(concern, score))
    inside = max((score for concern, score in best.items() if concern != OUTSIDE), default=0.0)
    return sorted(best, key=lambda concern: (-best[concern], concern))[:5], inside - best.get(OUTSIDE, 0.0)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
