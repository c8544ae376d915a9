"""From counts to published releases: what the command and the running server call."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.review import period as calendar
from bot.review.closing import RefusedError, Rhythm, close, due, running, thin, weekly
from bot.review.release import Release, Running
from bot.review.tables import Lists
from bot.review.versions import correct
from bot.store.releases import Releases


@dataclass(frozen=True, slots=True)
class Published:
    """What was released, and one sentence for each period that could not be."""

    releases: tuple[Release, ...]
    refused: tuple[str, ...]


def release_due(
    store: Releases, known: Mapping[str, Lists], rhythm: Rhythm, today: date, *, within: str | None = None
) -> Published:
    """Close every period that is over, region by region; only those that lie *within* a period, if it is given."""
    released: list[Release] = []
    refused: list[str] = []
    for region, lists in known.items():
        history = list(store.all(region))
        for what in due(totals(store, region), history, rhythm, today):
            if within is not None and not set(what.weeks) <= set(calendar.weeks_of(within)):
                continue
            try:
                made = close(what, region, store.counts(region, what.weeks), history, lists)
            except RefusedError as error:
                refused.append(str(error))
                continue
            store.add(made, today)
            history.append(made)
            released.append(made)
    return Published(tuple(released), tuple(refused))


def correct_release(store: Releases, region: str, period: str, known: Lists, today: date) -> Release:
    """Publish the next version of *period*. RefusedError says why not."""
    history = store.all(region)
    weeks = next((release.weeks for release in history if release.period == period), ())
    made = correct(store.counts(region, weeks), history, period, known)
    store.add(made, today)
    return made


def why_not(store: Releases, region: str, period: str, rhythm: Rhythm, today: date) -> str:
    """One sentence on why *period* is not due in *region*."""
    weeks, counted = calendar.weeks_of(period), totals(store, region)
    if any(release.period == period for release in store.all(region)):
        return f"{region} {period} is released already; --correct publishes a corrected version"
    if not calendar.finished(period, today):
        return f"{region} {period} is not over yet: its last week is {weeks[-1]}"
    if not counted or weeks[-1] < min(counted):
        return f"{region} {period} has no requests: counting began later"
    if calendar.is_month(period) and rhythm is Rhythm.QUARTER:
        quarter = calendar.quarter_of(weeks[0])
        return f"{region} publishes quarters (setting review.period), so {period} comes with {quarter}"
    if calendar.is_month(period) and thin(weeks, counted):
        return f"{region} {period} has too few requests; it will be released with {calendar.quarter_of(weeks[0])}"
    return f"{region} {period} is covered by releases already, or waits for one that was refused"


def open_weeks(store: Releases, region: str, today: date) -> Running:
    """The weeks that are over and not yet released, rounded."""
    return running(region, store.counts(region, store.weeks(region)), store.all(region), today)


def totals(store: Releases, region: str) -> dict[str, int]:
    """Requests by week, from the first counted week on."""
    return weekly(store.counts(region, store.weeks(region)))
