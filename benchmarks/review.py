"""Request statistics: how fast, how useful, how safe.

    .venv/bin/python -m benchmarks.review [--histories 200] [--years 5] [--requests 10000000]

Fast: the report of one network's year against DuckDB (one thread) that scans the same requests in the same run.
Useful: the share of requests in exact cells. Safe: what an attacker can infer from all releases of random histories.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np

from bot.cli.base import pack_of
from bot.review import period as calendar
from bot.review.audit import audit
from bot.review.closing import Due, Rhythm, close, thin, weekly
from bot.review.publish import release_due
from bot.review.report import as_json, select
from bot.review.tables import Lists, lists, of_period, shown_cells
from bot.store import Batch, Count, Done
from bot.store.database import opened
from bot.store.releases import Releases
from bot.store.sql import SqlStore
from config.settings import Settings
from tests.bot.review.histories import NEXT_YEAR, YEAR, closed, history

ROUNDS = 7
NETWORKS = 50
VOLUMES = (20, 60, 300)
AUDIENCES = {"teacher": 0.5, "parent": 0.35, "student": 0.15}
CHANNELS = ("web", "telegram", "matrix")


def fast(known: Lists, number: int) -> None:
    """*number* requests of one year in fifty networks; the year of one of them."""
    print(f"one network's year of {number:,} requests in {NETWORKS} networks; CPU time, median of {ROUNDS} rounds")
    chance = np.random.default_rng(1)
    cells = _cells(known)
    picked = chance.choice(len(cells), number, p=_shares(known))
    columns = (
        chance.integers(NETWORKS, size=number), chance.integers(len(YEAR), size=number), picked,
        chance.integers(len(CHANNELS), size=number),
    )  # fmt: skip
    peer = _duckdb(columns)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'x.db'}"
        _fill(url, known, columns)
        store = Releases(opened(url))
        release_due(store, {"n7": known}, Rhythm.MONTH, NEXT_YEAR)
        ways: dict[str, Callable[[], object]] = {
            "DuckDB, one thread, scan": lambda: peer.execute(SCAN).fetchall(),
            "the report from releases": lambda: as_json(select(store.all("n7"), [], period="2026")),
            "the counts it was made from": lambda: store.counts("n7", YEAR),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, call in ways.items():
                begun = time.process_time()
                call()
                times[name].append(1000 * (time.process_time() - begun))
    floor = statistics.median(times["DuckDB, one thread, scan"])
    for name, found in times.items():
        print(f"  {name:<30}{statistics.median(found):>9.1f} ms  × {statistics.median(found) / floor:.2f}")


SCAN = "SELECT week, cell, channel, count(*) FROM request WHERE network = 7 GROUP BY ALL ORDER BY ALL"


def _duckdb(columns: tuple[np.ndarray, ...]) -> duckdb.DuckDBPyConnection:
    peer = duckdb.connect(":memory:", config={"threads": 1})
    network, week, cell, channel = (column.astype(np.int16) for column in columns)
    data = {"network": network, "week": week, "cell": cell, "channel": channel}
    peer.register("arrays", data)
    peer.execute("CREATE TABLE request AS SELECT * FROM arrays")
    return peer


def _fill(url: str, known: Lists, columns: tuple[np.ndarray, ...]) -> None:
    """The same requests as counts, the way the bot keeps them."""
    cells = _cells(known)
    rows, n = np.unique(np.column_stack([column.astype(np.int64) for column in columns]), axis=0, return_counts=True)
    store = SqlStore(url)
    counts = []
    for (network, week, cell, channel), times in zip(rows.tolist(), n.tolist(), strict=True):
        concern, audience = cells[cell]
        actor = min(known.firsts[concern, audience])
        counts.append(Count(f"n{network}", YEAR[week], concern, audience, actor, CHANNELS[channel], "referred", times))
    for start in range(0, len(counts), 50_000):
        store.write(Batch(done=(Done((), None, tuple(counts[start : start + 50_000])),)))
    store.close()


def _cells(known: Lists) -> list[tuple[str, str]]:
    return [(concern, who) for concern in known.concerns for who in AUDIENCES if known.firsts.get((concern, who))]


def _shares(known: Lists) -> np.ndarray:
    """Zipf's law over concerns, as in counts of help lines; three audiences."""
    weights = np.array([AUDIENCES[who] / (1 + known.concerns.index(concern)) for concern, who in _cells(known)])
    return weights / weights.sum()


def useful(known: Lists) -> None:
    print("share of requests in exact cells (mean of 40 periods); month: those that are not thin")
    for mean in VOLUMES:
        quarters = [_share(known, mean, "2026-Q2", seed) for seed in range(40)]
        months = [share for seed in range(40) if (share := _share(known, mean, "2026-05", seed)) is not None]
        told = f"{statistics.mean(months):6.1%} of {len(months)} months" if months else "all months are thin"
        print(f"  {mean:>3} a week: quarter {statistics.mean(share or 0 for share in quarters):6.1%}, month {told}")


def _share(known: Lists, mean: float, period: str, seed: int) -> float | None:
    chance, cells, weeks = np.random.default_rng(seed), _cells(known), calendar.weeks_of(period)
    counts = []
    for week in weeks:
        for index in chance.choice(len(cells), chance.poisson(mean), p=_shares(known)):
            concern, who = cells[index]
            counts.append(Count("x", week, concern, who, min(known.firsts[concern, who]), "web", "referred"))
    if calendar.is_month(period) and thin(weeks, weekly(counts)):
        return None
    made = close(Due(period, weeks), "x", counts, [], known).table("concerns")
    return sum(shown_cells(made).values()) / len(counts) if made else None


def safe(known: Lists, histories: int, years: int) -> None:
    print(f"random histories, every period of a year closed and attacked together; {years} of each with the year table")
    for mean in VOLUMES:
        begun, found, coarser, releases = time.process_time(), 0, 0, 0
        for seed in range(histories):
            counts = history(known, 10_000 * mean + seed, mean)
            made = closed(known, counts, Rhythm.MONTH, years=seed < years)
            releases += len(made)
            found += len(audit(made, known))
            coarser += sum(_given_less(one.weeks, counts, known, one.tables) for one in made if len(one.period) > 4)
        spent = time.process_time() - begun
        told = f"{releases} releases, {found} numbers inferable, {coarser} given with less; {spent:.0f} s"
        print(f"  {mean:>3} a week: {told}", flush=True)


def _given_less(weeks: tuple[str, ...], counts: list[Count], known: Lists, tables: tuple[object, ...]) -> bool:
    return tables != of_period([count for count in counts if count.week in weeks], weeks, known, frozenset())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--requests", type=int, default=10_000_000)
    chosen = parser.parse_args()
    known = lists(pack_of(Settings(), "dortmund"))
    fast(known, chosen.requests)
    useful(known)
    safe(known, chosen.histories, chosen.years)


if __name__ == "__main__":
    main()
