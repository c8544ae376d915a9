"""Charts as inline SVG: bars and lines. They print, scale without shrinking their words, and follow dark mode.

Lengths across are percentages and heights are pixels, so that no script has to measure the page. Colours come from the
style sheet by class. Every chart has a title and a description for those who hear it; its table stands beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

ROW = 44  # pixels: a line of words over a bar
BAR = 14
WIDEST = 66  # per cent, so that the number fits behind the longest bar
HEIGHT = 190  # of a line chart, without its words
TOP, BOTTOM = 26, 44
NAMES = 4  # below a line: as many fit on the smallest telephone
LABEL = 32  # characters that fit on the smallest telephone; the table has all of them


@dataclass(frozen=True, slots=True)
class Point:
    """One number: its name, the number that sets the length, and how it is written ("<5" has a length, too)."""

    label: str
    n: float
    shown: str


def bars(name: str, title: str, description: str, points: Sequence[Point]) -> Markup:
    """Horizontal bars, from top to bottom in the order given. *name* is unique on the page."""
    most = max((point.n for point in points), default=0) or 1
    rows = Markup("").join(_bar(index, point, point.n / most) for index, point in enumerate(points))
    return _chart(name, title, description, ROW * len(points) + 4, rows)


def _bar(index: int, point: Point, share: float) -> Markup:
    top = index * ROW
    width = round(share * WIDEST, 2)
    return Markup(
        '<text class="name" x="0" y="{words}">{label}</text>'
        '<rect class="bar" x="0" y="{bar}" width="{width}%" height="{height}" rx="2"/>'
        '<text class="value" x="{width}%" dx="6" y="{value}">{shown}</text>'
    ).format(
        words=top + 15,
        label=_short(point.label),
        bar=top + 21,
        width=width,
        height=BAR,
        value=top + 33,
        shown=point.shown,
    )


def line(name: str, title: str, description: str, points: Sequence[Point]) -> Markup:
    """Points from left to right, joined; the axis starts at zero. The most, the least and the last are written."""
    most = max((point.n for point in points), default=0) or 1
    places = [_place(index, len(points), point.n / most) for index, point in enumerate(points)]
    parts = [Markup('<line class="axis" x1="0" y1="{y}" x2="100%" y2="{y}"/>').format(y=TOP + HEIGHT)]
    parts += [
        Markup('<line class="stroke" x1="{}%" y1="{}" x2="{}%" y2="{}"/>').format(*before, *after)
        for before, after in pairwise(places)
    ]
    parts += [Markup('<circle class="dot" cx="{}%" cy="{}" r="4"/>').format(*place) for place in places]
    every = -(-len(points) // NAMES)
    for index, (point, (x, _)) in enumerate(zip(points, places, strict=True)):
        if (len(points) - 1 - index) % every == 0:
            parts.append(_text("name", x, TOP + HEIGHT + 22, _short(point.label)))
    for index, drop in _told(points).items():
        x, y = places[index]
        parts.append(_text("value", x, y + drop, points[index].shown))
    return _chart(name, title, description, TOP + HEIGHT + BOTTOM, Markup("").join(parts))


def _told(points: Sequence[Point]) -> dict[int, int]:
    """Which points get their number, and how far below (above: negative) it is written. Neighbours would overlap."""
    order = range(len(points))
    most, least = max(order, key=lambda index: points[index].n), min(order, key=lambda index: points[index].n)
    found = {most: -12}
    for index, drop in ((len(points) - 1, -12), (least, 24)):
        if all(abs(index - other) * NAMES >= len(points) for other in found):
            found[index] = drop
    return found


def _text(kind: str, x: float, y: float, words: str) -> Markup:
    return Markup('<text class="{}" text-anchor="middle" x="{}%" y="{}">{}</text>').format(kind, x, y, words)


def _place(index: int, count: int, share: float) -> tuple[float, float]:
    across = 50.0 if count == 1 else 8 + 84 * index / (count - 1)
    return round(across, 2), round(TOP + HEIGHT * (1 - share), 1)


def _chart(name: str, title: str, description: str, height: int, inside: Markup) -> Markup:
    return Markup(
        '<svg class="chart" role="img" width="100%" height="{height}" aria-labelledby="{name}-t {name}-d">'
        '<title id="{name}-t">{title}</title><desc id="{name}-d">{description}</desc>{inside}</svg>'
    ).format(height=height, name=name, title=title, description=description, inside=inside)


def _short(label: str) -> str:
    return label if len(label) <= LABEL else label[: LABEL - 1].rstrip() + "…"
