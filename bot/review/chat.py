"""The statistics in a chat, for coordinators: the last release as text, as a picture, and as files. Pure.

Only those on the list of their channel are answered; for everybody else the word means nothing.
"""

from collections.abc import Sequence

from bot.review import figures, picture
from bot.review.charts import Point
from bot.review.figures import Line
from bot.review.files import FORMATS, exported, file_name
from bot.review.period import is_year
from bot.review.release import OTHERS, Release
from bot.review.web.names import Names
from handlers.dialogue import File, Reply

MOST = 8  # lines that fit on a telephone


def statistics_reply(names: Names, releases: Sequence[Release]) -> tuple[Reply, ...]:
    """The last month or quarter of *releases*, all of one region; one sentence if there is none."""
    offered = [release for release in figures.offered(releases) if not is_year(release.period)]
    if not offered:
        return (Reply(names.words("chat_none")),)
    release = offered[0]
    title = names.words("chat_title", region=names.pack.name, period=names.release(release))
    concerns = [line for line in figures.shown(figures.lines(release, "concerns")) if line.id != OTHERS][:MOST]
    files = [_file(release, form, exported(release, names.shared, form)) for form in ("csv", "xlsx")]
    if concerns:
        points = [Point(names.concern(line.id), _size(line), names.number(line.total)) for line in concerns]
        files.insert(0, File(file_name(release, "png"), "image/png", picture.bars(title, points)))
    return (Reply("\n".join(_text(names, release, title, concerns)), files=tuple(files)),)


def _text(names: Names, release: Release, title: str, concerns: Sequence[Line]) -> list[str]:
    say = names.words
    actors = figures.shown(figures.lines(release, "actors"))[:MOST]
    feedback = {
        letter: names.number(figures.of_row(release, "outcomes", outcome))
        for letter, outcome in (("n", "helped"), ("m", "not-helped"), ("k", "not-understood"))
    }
    total = say("overview_total", period=names.release(release), n=names.number(figures.requests(release)))
    return [
        *([say("synthetic"), ""] if release.synthetic else []),
        title,
        total,
        *_listed(names, "chat_concerns", [(names.concern(line.id), line) for line in concerns]),
        *_listed(names, "chat_actors", [(names.actor(line.id), line) for line in actors]),
        "",
        say("chat_feedback", **feedback),
        say("chat_note"),
    ]


def _listed(names: Names, title: str, lines: Sequence[tuple[str, Line]]) -> list[str]:
    numbered = [
        names.words("chat_line", place=place, name=name, n=names.number(line.total))
        for place, (name, line) in enumerate(lines, 1)
    ]
    return ["", names.words(title), *numbered] if numbered else []


def _file(release: Release, form: str, content: bytes) -> File:
    return File(file_name(release, form), FORMATS[form].partition(";")[0], content)


def _size(line: Line) -> int:
    return line.total.n if line.total else 0
