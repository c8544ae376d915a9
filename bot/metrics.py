"""Numbers for those who run the bot: closed labels, and counts of what people do rounded down to tens."""

from collections import Counter as Tally
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

ROUNDED = 10  # so that two looks at the numbers do not show one person's message
COUNTED = {
    "received": "Messages taken into the inbox",
    "answered": "Messages answered",
    "sent": "Replies delivered",
    "retried": "Attempts to send that have to be repeated",
    "dropped": "Replies that could not be delivered",
    "flooded": "Messages beyond what one chat may have waiting",
    "failed": "Messages answered with an apology",
    "lost": "Messages or replies whose key was gone",
    "skipped": "Updates of a platform that could not be read",
}


class Metrics:
    """Counts events by channel."""

    def __init__(self) -> None:
        self._counts: Tally[tuple[str, str]] = Tally()
        self._up: dict[str, bool] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def add(self, name: str, channel: str, n: int = 1) -> None:
        """Count *n* of one of COUNTED."""
        if name not in COUNTED:
            raise ValueError(f"'{name}' is not counted; known are: {', '.join(COUNTED)}")
        self._counts[name, channel] += n

    def set_up(self, channel: str, *, up: bool) -> None:
        """Whether *channel* is receiving."""
        self._up[channel] = up

    @property
    def ready(self) -> bool:
        """Whether every channel is receiving."""
        return all(self._up.values())

    def collect(self) -> Iterable[Metric]:
        """For Prometheus."""
        yield from self._counters()
        gauge = GaugeMetricFamily("schullotse_up", "Whether a channel is receiving", labels=["channel"])
        for channel, up in sorted(self._up.items()):
            gauge.add_metric([channel], float(up))
        yield gauge

    def _counters(self) -> Iterator[Metric]:
        for name, said in COUNTED.items():
            family = CounterMetricFamily(f"schullotse_{name}", said, labels=["channel"])
            for (counted, channel), n in sorted(self._counts.items()):
                if counted == name:
                    family.add_metric([channel], n // ROUNDED * ROUNDED)
            yield family

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self._registry)
