"""The report as one page: no script, nothing loaded, fit for printing and for a screen reader."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.review.report import Report
from bot.review.words import Words


def as_html(report: Report, words: Words) -> str:
    """The same report gives the same bytes."""
    loader = FileSystemLoader(Path(__file__).parent / "texts")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html").render(report=report, words=words)
