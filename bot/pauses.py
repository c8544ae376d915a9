"""Growing pauses between attempts."""

import random
from collections.abc import Iterator

FIRST, LONGEST = 0.2, 30.0  # seconds


def pauses() -> Iterator[float]:
    """Growing pauses with chance in them, so that many who wait do not come back at once."""
    pause = FIRST
    while True:
        yield pause * random.uniform(0.5, 1)  # noqa: S311 - no secret
        pause = min(2 * pause, LONGEST)
