"""Fifty kills for each messenger and database; `make soak` kills a thousand times each."""

import pytest

from tests.nemesis.hunt import season
from tests.nemesis.platforms import PLATFORMS

KILLS = 50


@pytest.mark.parametrize("channel", sorted(PLATFORMS))
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
async def test_nothing_is_lost_or_counted_twice_however_often_the_bot_is_killed(store: str, channel: str) -> None:
    toll = await season(store, channel, KILLS)

    assert (toll.lost, toll.unanswered, toll.twice) == (0, 0, 0), toll
    assert toll.said >= KILLS, toll
    assert toll.worst <= KILLS, toll
