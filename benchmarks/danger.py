"""Danger measured, rules alone and both nets: recall, false alarms with Wilson intervals by set, language, class; time.

python -m benchmarks.danger [FILE.tsv …]; columns lang, danger, class or source, perhaps half, text; without files:
our own sets. A file with a column half is measured half by half.
"""

from __future__ import annotations

import csv
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml

from benchmarks.intervals import milliseconds, wilson
from handlers.crisis import in_danger
from knowledge.danger import Gate
from knowledge.danger.fold import fold
from knowledge.danger.rules import examples as rule_examples
from knowledge.load import load as load_knowledge

ROOT = Path(__file__).parents[1]
PACK = ROOT / "knowledge" / "packs" / "common"
SETS = ROOT / "tests" / "data" / "danger"
CACHE = ROOT / "build" / "cache"
Row = tuple[str, bool, str, str]  # language, danger, class, text


def load() -> dict[str, Any]:
    """The rules of the common pack by language."""
    files = sorted((PACK / "danger").glob("*.yaml"))
    return {file.stem: yaml.safe_load(file.read_text("utf-8")) for file in files}


def rows(file: Path) -> list[Row]:
    """The labelled messages of a TSV file."""
    return [row for part in halves(file).values() for row in part]


def halves(file: Path) -> dict[str, list[Row]]:
    """The same by the column half; all under "" where there is none."""
    found: dict[str, list[Row]] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            said = (row["lang"], row["danger"] == "1", row.get("class") or row["source"], row["text"])
            found.setdefault(row.get("half") or "", []).append(said)
    return found


def examples() -> list[Row]:
    """The example messages of the pack; those of akute-gefahr are the danger."""
    return [
        (file.parent.name, file.stem == "akute-gefahr", file.stem, str(text))
        for file in sorted((PACK / "examples").glob("*/*.yaml"))
        for text in yaml.safe_load(file.read_text("utf-8")) or ()
    ]


def table(heard: Callable[[str], bool], name: str, said: Iterable[Row]) -> None:
    """Print recall and false alarms in all, by language and by class."""
    asked: Counter[tuple[bool, str]] = Counter()
    shown: Counter[tuple[bool, str]] = Counter()
    for lang, danger, kind, text in said:
        hit = heard(text)
        for part in ("all", f"language {lang}", f"class {kind}"):
            asked[danger, part] += 1
            shown[danger, part] += hit
    print(f"\n## {name}\n\n| | recall % | of | false alarms % | of |\n|---|---|---|---|---|")
    for part in sorted({part for _, part in asked}):
        recall, alarms = (wilson(shown[danger, part], asked[danger, part]) for danger in (True, False))
        print(f"| {part} | {recall} | {asked[True, part]} | {alarms} | {asked[False, part]} |")


def speed(gate: Gate, texts: list[str]) -> None:
    """Print median and 99th percentile of a message, and the worst of hostile ones."""
    for text in texts[:200]:
        gate.look(text)
    print("\n## Time\n")
    for name, asked in (
        ("messages", texts),
        ("hostile, 2,000 characters", [part * 2000 for part in ("ich ", "s ", "leben", "💊")]),
    ):
        spent = []
        for text in asked:
            start = time.perf_counter()
            gate.look(text)
            spent.append(time.perf_counter() - start)
        middle, late = milliseconds(spent)
        print(f"{name}: p50 {middle:.3f} ms, p99 {late:.3f} ms, worst {1000 * max(spent):.1f} ms (n = {len(spent)})")


def main() -> None:
    """Run everything; with files, those instead of our own sets."""
    data = load()
    known = {fold(text) for _, text, _ in rule_examples(data)}
    start = time.perf_counter()
    gate = Gate(data)
    print(f"gate built in {time.perf_counter() - start:.2f} s")
    knowledge = load_knowledge(cache=CACHE)

    def by_rule(text: str) -> bool:
        return gate.look(text) is not None

    def by_both(text: str) -> bool:
        return in_danger(knowledge, text, knowledge.search.rank(text))

    files = [Path(name) for name in sys.argv[1:]] or sorted(SETS.glob("*.tsv"))
    for file in files:
        for half, said in halves(file).items():
            name = f"{file.name} {half}".strip()
            table(by_rule, f"{name}, rules alone", said)
            table(by_both, f"{name}, both nets", said)
        fresh = [row for row in rows(file) if fold(row[3]) not in known]
        table(by_rule, f"{file.name}, rules alone, without messages that are also an example of a rule", fresh)
    if not sys.argv[1:]:
        table(by_rule, "examples of the common pack, rules alone", examples())
    speed(gate, [text for file in files for _, _, _, text in rows(file)])


if __name__ == "__main__":
    main()
