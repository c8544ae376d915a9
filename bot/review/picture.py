"""A bar chart as a PNG, for messengers. The letters come with the library, so that it looks the same everywhere.

That font has no umlauts and few signs: the dots are drawn here, ß is written ss. The message says every name in full.
"""

import io
import unicodedata
from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw, ImageFont

from bot.review.charts import Point

WIDTH, MARGIN, ROW = 1000, 48, 76
TITLE, WORDS = 34, 26  # pixels of the letters
BAR, WIDEST = 22, 700
PAPER, INK, SOFT, FILL = "#ffffff", "#1b262c", "#51606a", "#2b7a8c"
DOTS = "\u0308"  # the two dots, as Unicode writes them after a letter
SIGNS = str.maketrans({"ß": "ss", "„": '"', "“": '"', "–": "-", "—": "-", "’": "'", "\u00a0": " ", "ı": "i"})


def bars(title: str, points: Sequence[Point]) -> bytes:
    """Horizontal bars from top to bottom. The same points give the same bytes."""
    image = Image.new("RGB", (WIDTH, MARGIN * 2 + TITLE + 24 + ROW * len(points)), PAPER)
    draw = ImageDraw.Draw(image)
    _write(draw, (MARGIN, MARGIN), title, size=TITLE, colour=INK)
    most = max((point.n for point in points), default=0) or 1
    for index, point in enumerate(points):
        top = MARGIN + TITLE + 30 + index * ROW
        length = round(WIDEST * point.n / most)
        _write(draw, (MARGIN, top), point.label, size=WORDS, colour=SOFT)
        draw.rectangle((MARGIN, top + WORDS + 9, MARGIN + length, top + WORDS + 9 + BAR), fill=FILL)
        _write(draw, (MARGIN + length + 14, top + WORDS + 5), point.shown, size=WORDS, colour=INK)
    held = io.BytesIO()
    image.save(held, "PNG")
    return held.getvalue()


def letters(text: str) -> tuple[str, frozenset[int]]:
    """*text* in letters the font has, and the places of those that carry two dots; what it cannot write is a "?"."""
    plain: list[str] = []
    dotted = set()
    for letter in unicodedata.normalize("NFD", text.translate(SIGNS)):
        if letter == DOTS and plain:
            dotted.add(len(plain) - 1)
        elif not unicodedata.combining(letter):
            plain.append(letter if " " <= letter <= "~" or letter in "…«»" else "?")
    return "".join(plain), frozenset(dotted)


def _write(draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, *, size: int, colour: str) -> None:
    font = ImageFont.load_default(size)
    plain, dotted = letters(text)
    draw.text(at, plain, fill=colour, font=font)
    for place in sorted(dotted):
        before = draw.textlength(plain[:place], font=font)
        left, top, right, _ = draw.textbbox((at[0] + before, at[1]), plain[place], font=font)
        for dot in _dots((left + right) / 2, top, size):
            draw.ellipse(dot, fill=colour)


def _dots(middle: float, top: float, size: int) -> Iterator[tuple[float, float, float, float]]:
    """Two circles over the middle of a letter of this *size*."""
    radius = size / 14
    for across in (middle - size / 7.5, middle + size / 7.5):
        yield across - radius, top - radius * 3, across + radius, top - radius
