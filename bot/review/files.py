"""One release as a file for a spreadsheet, a program or a printer."""

from bot.review import page, report, sheet
from bot.review.release import Release
from bot.review.words import Words

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
}
"""Format → media type, as in HTTP."""


def exported(release: Release, words: Words, form: str) -> bytes:
    """*release* in one of FORMATS; the same release gives the same bytes."""
    only = report.Report((release,), ())
    if form == "csv":
        return report.as_csv(only, words).encode()
    if form == "xlsx":
        return sheet.as_xlsx(only, words)
    return (report.as_json(only) if form == "json" else page.as_html(only, words)).encode()


def file_name(release: Release, form: str) -> str:
    return f"schullotse-{release.region}-{release.period}.{form}"
