"""Numbers of a benchmark: Wilson intervals, percentiles of time, area under the ROC curve."""

from collections.abc import Sequence
from math import sqrt


def wilson(hits: int, of: int) -> str:
    """Share in percent with its 95 % Wilson interval, as "91.2 (88.0–93.6)"; "–" for none."""
    if not of:
        return "–"
    z, share = 1.96, hits / of  # 95 % of a normal distribution lie within 1.96 deviations
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{100 * share:.1f} ({100 * (middle - half):.1f}–{100 * (middle + half):.1f})"


def milliseconds(seconds: Sequence[float]) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds; *seconds* is not empty."""
    ordered = sorted(seconds)
    return 1000 * ordered[len(ordered) // 2], 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """Chance that a score of *inside* is higher than one of *outside*; ties count half; nan if one is empty."""
    if not inside or not outside:
        return float("nan")
    marked = sorted([(score, 1) for score in inside] + [(score, 0) for score in outside])
    ranks, at = 0.0, 0
    while at < len(marked):
        end = at
        while end < len(marked) and marked[end][0] == marked[at][0]:
            end += 1
        ranks += sum(kind for _, kind in marked[at:end]) * (at + 1 + end) / 2
        at = end
    return (ranks - len(inside) * (len(inside) + 1) / 2) / (len(inside) * len(outside))
