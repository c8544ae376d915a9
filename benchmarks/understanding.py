"""Which concern is a message about? Our search beside fuzzy matching and full-text search, in one run.

    pip install tantivy bm25s
    python -m benchmarks.understanding [--messages FILE.tsv] [--sample 1000] [--full]

Without a file: one fold in five of our own examples is kept out, blocks of neighbouring lines together, and a sample
of it is asked. With a file (columns id lang audience text concern also): everything is fitted, the file is asked.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks import engines
from benchmarks.corpus import Message, examples, fold, labelled, terms
from benchmarks.intervals import auroc, milliseconds, wilson


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an engine said to a message."""

    message: Message
    concerns: list[str]
    inside: float
    seconds: float

    def within(self, best: int) -> bool:
        """The right concern is among the *best* first."""
        return self.message.concern in self.concerns[:best]


def main() -> None:
    """Prints the table of all engines, then ours by language and by concern, and what it confuses."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=Path, help="TSV file of labelled messages to ask instead of a fold")
    parser.add_argument("--sample", type=int, default=1_000, help="messages asked of the fold that is kept out")
    parser.add_argument("--full", action="store_true", help="all five folds, our search only")
    asked = parser.parse_args()
    every = examples()
    if asked.messages:
        _compare(every, labelled(asked.messages))
    elif asked.full:
        outcomes: list[Outcome] = []
        for out in range(5):
            fit_on, test_on = fold(every, out)
            outcomes += _ask(engines.schullotse(fit_on, terms())[0], test_on)
        _table([("schullotse", outcomes)])
        _details(outcomes)
    else:
        fit_on, test_on = fold(every, 0)
        _compare(fit_on, Random(1).sample(test_on, min(asked.sample, len(test_on))))


def _compare(fit_on: Sequence[Message], test_on: Sequence[Message]) -> None:
    start = time.perf_counter()
    ours, _ = engines.schullotse(fit_on, terms())
    print(f"{len(fit_on):,} examples fitted in {time.perf_counter() - start:.1f} s, {len(test_on):,} messages asked\n")
    others: list[tuple[str, Callable[[Sequence[Message]], engines.Engine]]] = [
        ("rapidfuzz WRatio", engines.wratio),
        ("SQLite FTS5 words", engines.sqlite_words),
        ("SQLite FTS5 trigram", engines.sqlite_trigrams),
        ("tantivy", engines.tantivy_words),
        ("bm25s", engines.bm25s_words),
    ]
    results = [("schullotse", _ask(ours, test_on))]
    results += [(name, _ask(build(fit_on), test_on)) for name, build in others]
    _table(results)
    _details(results[0][1])


def _ask(engine: engines.Engine, messages: Sequence[Message]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for message in messages:
        start = time.perf_counter()
        concerns, inside = engine(message.text)
        outcomes.append(Outcome(message, concerns, inside, time.perf_counter() - start))
    return outcomes


def _table(results: Sequence[tuple[str, list[Outcome]]]) -> None:
    print(
        "Right concern first / among the first three, in percent with 95 % Wilson interval; area under the ROC curve of"
    )
    print('"in scope"; milliseconds a message.\n')
    heads = ("German top-1", "top-3", "others top-1", "top-3", "all top-1", "top-3")
    print(f"{'':20}" + "".join(f"{head:>20}" for head in heads) + f"{'AUROC':>8}{'p50':>8}{'p99':>8}")
    for name, outcomes in results:
        german = [one for one in outcomes if one.message.lang == "de"]
        other = [one for one in outcomes if one.message.lang != "de"]
        cells = "".join(f"{_share(group, best):>20}" for group in (german, other, outcomes) for best in (1, 3))
        p50, p99 = milliseconds([one.seconds for one in outcomes])
        print(f"{name:20}{cells}{_scope(outcomes):>8.3f}{p50:>8.2f}{p99:>8.2f}")


def _details(outcomes: Sequence[Outcome]) -> None:
    print(f"\n{'language':28}{'messages':>9}{'top-1':>20}{'top-3':>20}")
    _groups(outcomes, lambda one: one.message.lang)
    print(f"\n{'concern':28}{'messages':>9}{'top-1':>20}{'top-3':>20}")
    _groups(outcomes, lambda one: one.message.concern)
    wrong = Counter((one.message.concern, (one.concerns or ["nothing"])[0]) for one in outcomes if not one.within(1))
    accepted = sum((one.concerns or [""])[0] in (one.message.concern, *one.message.also) for one in outcomes)
    print(f"\nFirst is right or accepted by careful readers: {wilson(accepted, len(outcomes))}")
    print("\nMost often confused (right concern, ours instead)")
    for (right, ours), count in wrong.most_common(25):
        print(f"{count:>5}  {right} → {ours}")


def _groups(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> None:
    for name in sorted({key(one) for one in outcomes}):
        group = [one for one in outcomes if key(one) == name]
        print(f"{name:28}{len(group):>9}{_share(group, 1):>20}{_share(group, 3):>20}")


def _share(outcomes: Sequence[Outcome], best: int) -> str:
    return wilson(sum(one.within(best) for one in outcomes), len(outcomes))


def _scope(outcomes: Sequence[Outcome]) -> float:
    outside = [one.inside for one in outcomes if one.message.concern == engines.OUTSIDE]
    return auroc([one.inside for one in outcomes if one.message.concern != engines.OUTSIDE], outside)


if __name__ == "__main__":
    main()
