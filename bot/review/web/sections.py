"""What a page says about a release: sections of a plain sentence, a chart and its table, from the same numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.review import charts, figures
from bot.review.charts import Point
from bot.review.figures import Line
from bot.review.number import How, Number
from bot.review.period import is_year
from bot.review.release import OTHERS, Release, Running
from bot.review.web.names import Names

ALIKE = 0.1  # rounded weeks hide a difference as small as this
TOP = 3  # names in a sentence; the chart has all of them


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table on the page."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One thing to say. *columns* are the heads of the table, the first one over the names; no rows, no table."""

    id: str
    title: str
    sentence: str
    chart: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """What sections are made from: one release, all releases of the region, and the words for them."""

    release: Release
    releases: tuple[Release, ...]
    names: Names
    key: tuple[str, ...] = ()  # the hashes of *releases*, and the period: the same key, the same sections
    offered: tuple[Release, ...] = ()  # what can be chosen, the latest first


def overview(source: Source) -> list[Section]:
    return [_total(source), _weeks(source), _trend(source), _audiences(source), _channels(source), _languages(source)]


def _total(source: Source) -> Section:
    say, release = source.names.words, source.release
    period, number = source.names.release(release), figures.requests(release)
    if number is None:
        return Section("gesamt", say("overview_title"), say("overview_none", period=period))
    told = [say("overview_total", period=period, n=source.names.number(number))]
    if concerns := [line for line in figures.shown(figures.lines(release, "concerns")) if line.id != OTHERS]:
        told.append(say("overview_most", **_top(source, concerns, source.names.concern, "concern")))
    if actors := figures.shown(figures.lines(release, "actors")):
        told.append(say("overview_actor", **_top(source, actors, source.names.actor, "actor")))
    return Section("gesamt", say("overview_title"), " ".join(told))


def _weeks(source: Source) -> Section:
    say, names = source.names.words, source.names
    found = [line for line in figures.recent_weeks(source.releases, source.release) if line.total]
    if not found:
        return Section("wochen", say("weeks_title"), say("weeks_none"))
    most, least = max(found, key=_size), min(found, key=_size)
    told = say(
        "weeks_sentence",
        most=names.period(most.id),
        n=_of(source, most),
        least=names.period(least.id),
        few=_of(source, least),
    )
    if _size(most) == _size(least):
        told = say("weeks_same", n=_of(source, most))
    points = [Point(names.week(line.id), _size(line), _of(source, line)) for line in found]
    chart = charts.line("wochen", say("weeks_title"), told, points)
    rows = tuple(Row(names.period(line.id), (_of(source, line),)) for line in found)
    return Section(
        "wochen", say("weeks_title"), told, chart, (say("head_week"), say("requests")), rows, say("weeks_note")
    )


def _trend(source: Source) -> Section:
    say, names = source.names.words, source.names
    found = [
        (release, number)
        for release in figures.alike(source.releases, source.release)
        if release.synthetic == source.release.synthetic and (number := figures.requests(release))
    ]
    if len(found) < 2:
        return Section("vergleich", say("trend_title"), say("trend_none"))
    (before, earlier), (now, later) = found[-2:]
    near = abs(later.n - earlier.n) <= max(later.n, earlier.n) * ALIKE
    key = "trend_same" if near else "trend_more" if later.n > earlier.n else "trend_less"
    numbers = {"n": names.number(later), "m": names.number(earlier)}
    told = say(key, now=names.period(now.period), before=names.period(before.period), **numbers)
    points = [Point(names.period(release.period), number.n, names.short(number)) for release, number in found]
    chart = charts.bars("vergleich", say("trend_title"), told, points)
    rows = tuple(Row(names.release(release), (names.number(number),)) for release, number in found)
    return Section("vergleich", say("trend_title"), told, chart, (say("head_period"), say("requests")), rows)


def _audiences(source: Source) -> Section:
    say, names = source.names.words, source.names
    found = sorted(figures.columns(source.release).items(), key=lambda item: -(item[1].n if item[1] else -1))
    given = [(name, number) for name, number in found if number and number.n]
    if not given:
        return Section("gruppen", say("audiences_title"), say("audiences_none"))
    first, most = given[0]
    told = say("overview_who", who=say(f"from_{first}"), n=names.number(most))
    points = [Point(names.column(name), number.n, names.short(number)) for name, number in given]
    rows = tuple(Row(names.column(name), (names.number(number),)) for name, number in found)
    chart = charts.bars("gruppen", say("audiences_title"), told, points)
    return Section("gruppen", say("audiences_title"), told, chart, (say("head_audience"), say("requests")), rows)


def _channels(source: Source) -> Section:
    return _listed(source, "channels", "wege", source.names.channel)


def _languages(source: Source) -> Section:
    say = source.names.words
    return Section("sprachen", say("languages_title"), say("languages_sentence"))


def unreleased(names: Names, running: Running) -> Section:
    """The weeks that are over and wait for their release."""
    say = names.words
    if not running.weeks:
        return Section("offen", say("running_title"), say("running_none"))
    found = [(week, names.number(Number(n, How.ABOUT if n else How.EXACT)), n) for week, n in running.weeks]
    told = say("running_sentence", count=len(found))
    told = f"{say('synthetic')} {told}" if running.synthetic else told
    points = [Point(names.week(week), n, shown) for week, shown, n in found]
    rows = tuple(Row(names.period(week), (shown,)) for week, shown, _ in found)
    chart = charts.line("offen", say("running_title"), told, points)
    heads = (say("head_week"), say("requests"))
    return Section("offen", say("running_title"), told, chart, heads, rows, say("running_note"))


def crisis(source: Source) -> list[Section]:
    say = source.names.words
    number = figures.of_row(source.release, "crisis", "crisis-shown")
    told = say("crisis_sentence", n=source.names.number(number)) if number else say("crisis_none")
    return [Section("notruf", say("crisis_title"), told)]


def concerns(source: Source) -> list[Section]:
    say, names, release = source.names.words, source.names, source.release
    found = figures.by_size(figures.lines(release, "concerns"))
    given = [line for line in found if line.id != OTHERS and line.total and line.total.n]
    if not given:
        return [Section("anliegen", say("concerns_title"), say("concerns_none"))]
    firsts = [say("concerns_item", concern=names.concern(line.id), n=_of(source, line)) for line in given[:3]]
    told = say("concerns_sentence", first=_enumerated(source, firsts))
    points = [Point(names.concern(line.id), _size(line), names.short(line.total)) for line in given]
    table = release.table("concerns")
    heads = tuple(names.column(column) for column in table.columns) if table else ()
    rows = tuple(
        Row(names.concern(line.id), tuple(names.cell(cell) for cell in line.cells))
        for line in found
        if line in given or line.id == OTHERS
    )
    note = say("concerns_note_year" if is_year(release.period) else "concerns_note")
    chart = charts.bars("anliegen", say("concerns_title"), told, points)
    return [Section("anliegen", say("concerns_title"), told, chart, (say("head_concern"), *heads), rows, note)]


def actors(source: Source) -> list[Section]:
    return [_listed(source, "actors", "stellen", source.names.actor)]


def questions(source: Source) -> list[Section]:
    say, names = source.names.words, source.names
    given = figures.shown(figures.lines(source.release, "questions"))
    if not given:
        return [Section("leitfragen", say("questions_title"), say("questions_none"))]
    told = say("questions_sentence", **_top(source, given, lambda place: names.question(place)[1], "question"))
    if len(given) > TOP and _size(given[0]) == _size(given[-1]):
        told = say("questions_even", count=len(given), n=say("each", n=_of(source, given[0])))
    points = [Point(names.question(line.id)[1], _size(line), _of(source, line)) for line in given]
    rows = tuple(Row(names.question(line.id)[1], (names.question(line.id)[0], _of(source, line))) for line in given)
    chart = charts.bars("leitfragen", say("questions_title"), told, points)
    heads = (say("questions_question"), say("questions_flow"), say("head_dropped"))
    return [Section("leitfragen", say("questions_title"), told, chart, heads, rows, say("questions_note"))]


def understood(source: Source) -> list[Section]:
    say, release = source.names.words, source.release
    missed, all_requests = figures.of_row(release, "outcomes", "not-understood"), figures.requests(release)
    if missed is None or not all_requests or not all_requests.n:
        return [Section("verstanden", say("understood_title"), say("understood_none"))]
    if not missed.n:
        return [Section("verstanden", say("understood_title"), say("understood_nothing"))]
    rate = round(100 * missed.n / all_requests.n)
    told = say("understood_sentence", n=source.names.number(missed).capitalize(), rate=say("number_about", n=rate))
    pairs = [(source.names.outcome("not-understood"), missed), (say("requests"), all_requests)]
    return [_pairs(source, "verstanden", "understood", told, pairs)]


def helped(source: Source) -> list[Section]:
    say, release, names = source.names.words, source.release, source.names
    yes, no = (figures.of_row(release, "outcomes", name) for name in ("helped", "not-helped"))
    if yes is None or no is None:
        return [Section("geholfen", say("helped_title"), say("helped_none"))]
    if not yes.n + no.n:
        return [Section("geholfen", say("helped_title"), say("helped_nobody"))]
    told = say("helped_sentence", n=names.number(yes), m=names.number(no))
    pairs = [(names.outcome("helped"), yes), (names.outcome("not-helped"), no)]
    return [_pairs(source, "geholfen", "helped", told, pairs)]


def _pairs(source: Source, name: str, key: str, told: str, pairs: Sequence[tuple[str, Number]]) -> Section:
    """A few numbers side by side."""
    say = source.names.words
    points = [Point(label, number.n, source.names.number(number)) for label, number in pairs]
    rows = tuple(Row(point.label, (point.shown,)) for point in points)
    title, heads = say(f"{key}_title"), (say("head_answer"), say("head_count"))
    return Section(name, title, told, charts.bars(name, title, told, points), heads, rows, say(f"{key}_note"))


def _listed(source: Source, table: str, name: str, label: Callable[[str], str]) -> Section:
    """A table with one column: the largest first."""
    say, one = source.names.words, table.removesuffix("s")
    given = figures.shown(figures.lines(source.release, table))
    title = say(f"{table}_title")
    if not given:
        return Section(name, title, say(f"{table}_none"))
    told = say(f"{table}_sentence", **_top(source, given, label, one))
    points = [Point(label(line.id), _size(line), _of(source, line)) for line in given]
    rows = tuple(Row(point.label, (point.shown,)) for point in points)
    chart, heads = charts.bars(name, title, told, points), (say(f"head_{one}"), say("requests"))
    return Section(name, title, told, chart, heads, rows, say(f"{table}_note"))


def _of(source: Source, line: Line) -> str:
    return source.names.number(line.total)


def _top(source: Source, given: Sequence[Line], label: Callable[[str], str], name: str) -> dict[str, str]:
    """The first of *given*, and up to two more with the same number: "„A“ und „B“ (je rund 20)"."""
    first = [line for line in given if _size(line) == _size(given[0])][:TOP]
    n = _of(source, given[0])
    joined = _enumerated(source, [source.names.words("quoted", name=label(line.id)) for line in first])
    return {name: joined, "n": source.names.words("each", n=n) if len(first) > 1 else n}


def _size(line: Line) -> int:
    return line.total.n if line.total else 0


def _enumerated(source: Source, parts: Sequence[str]) -> str:
    *most, last = parts
    return source.names.words("joined", most=", ".join(most), last=last) if most else last
