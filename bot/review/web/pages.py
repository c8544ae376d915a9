"""The pages of one region: figures of a release, the gap map, freshness, corrections, downloads."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.review import figures
from bot.review.files import FORMATS, exported, file_name
from bot.review.web import guard, maps, sections
from bot.review.web.desk import Desk
from bot.review.web.guard import Visit
from bot.review.web.names import Names
from bot.review.web.sections import Section, Source
from knowledge.model import Pack

Parts = tuple[Callable[[Source], list[Section]], ...]
FIGURES: Mapping[str, Parts] = {
    "": (sections.overview, sections.crisis),
    "anliegen": (sections.concerns,),
    "stellen": (sections.actors,),
    "leitfragen": (sections.questions,),
    "wirkung": (sections.understood, sections.helped),
    "bericht": (
        sections.overview,
        sections.concerns,
        sections.actors,
        sections.questions,
        sections.understood,
        sections.helped,
        sections.crisis,
    ),
}


class Pages:
    """The pages of one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def home(self, visit: Visit) -> Response:
        """The only region of somebody who has one, else a choice."""
        mine = [region for region in visit.account.roles if region in self.desk.regions]
        return guard.to(visit.request, f"{mine[0]}/") if len(mine) == 1 else self.desk.page(visit, "regions.html")

    def figures(self, slug: str) -> Callable[[Visit], Response]:
        """The page *slug*: sections from the chosen release, and on the overview what is not released yet."""

        def shown(visit: Visit) -> Response:
            source = self._source(visit)
            parts: list[Any] = []
            if source:
                key = (slug, source.key)
                made = lambda: {"sections": [found for part in FIGURES[slug] for found in part(source)]}  # noqa: E731
                parts.append(self.desk.once(key, source.names.pack, "sections.html", made))
            if slug == "bericht":
                parts.append(self._gap_map(visit, source))
            if not slug:
                parts.append(self._unreleased(visit))
            return self._page(visit, slug, source, parts)

        return shown

    def gaps(self, visit: Visit) -> Response:
        source = self._source(visit)
        return self._page(visit, "luecken", source, [self._gap_map(visit, source)])

    def freshness(self, visit: Visit) -> Response:
        values = maps.freshness(self._names(visit), self.desk.places, self.desk.clock().date())
        part = self.desk.once(("fresh", visit.region, str(values)), self._pack(visit), "freshness.html", lambda: values)
        return self._page(visit, "aktualitaet", self._source(visit), [part])

    def corrections(self, visit: Visit) -> Response:
        source = self._source(visit)
        if source is None:
            return self._page(visit, "korrekturen", None, [])
        key, pack = ("wrong", source.key), source.names.pack
        made = lambda: maps.wrong_facts(source.names, self.desk.places, source.release)  # noqa: E731
        return self._page(visit, "korrekturen", source, [self.desk.once(key, pack, "corrections.html", made)])

    def downloads(self, visit: Visit) -> Response:
        source = self._source(visit)
        rows = (
            [(source.names.release(one), one.period, one.synthetic, one.sha256) for one in source.offered]
            if source
            else []
        )
        return self._page(visit, "daten", source, [], releases=rows)

    def download(self, visit: Visit) -> Response:
        wanted, form = str(visit.request.path_params["period"]), str(visit.request.path_params["form"])
        found = [one for one in figures.offered(self.desk.shelf.of(visit.region).releases) if one.period == wanted]
        if not found or form not in FORMATS:
            raise HTTPException(404)
        content = exported(found[0], self._names(visit).shared, form)
        headers = {"content-disposition": f'attachment; filename="{file_name(found[0], form)}"'}
        return Response(content, media_type=FORMATS[form], headers=headers)

    def _page(self, visit: Visit, slug: str, source: Source | None, parts: list[Any], **values: Any) -> Response:
        known = {
            "slug": slug,
            "parts": parts,
            "release": source.release if source else None,
            "release_name": source.names.release(source.release) if source else "",
            "periods": [(release.period, source.names.release(release)) for release in source.offered]
            if source
            else [],
        }
        return self.desk.page(visit, "downloads.html" if "releases" in values else "page.html", **known | values)

    def _source(self, visit: Visit) -> Source | None:
        """The release that was asked for, else the latest; None if the region has none. 404 for an unknown period."""
        shelved = self.desk.shelf.of(visit.region)
        offered = figures.offered(shelved.releases)
        wanted = visit.request.query_params.get("zeitraum")
        found = [release for release in offered if wanted in {None, release.period}]
        if not found:
            if wanted is not None:
                raise HTTPException(404)
            return None
        key = (*shelved.hashes, found[0].period)
        return Source(found[0], shelved.releases, self._names(visit), key, offered)

    def _gap_map(self, visit: Visit, source: Source | None) -> Any:
        today, release = self.desk.clock().date(), source.release if source else None
        key = ("gaps", visit.region, source.key if source else (), today)
        made = lambda: maps.gap_map(self._names(visit), release, today)  # noqa: E731
        return self.desk.once(key, self._pack(visit), "gaps.html", made)

    def _unreleased(self, visit: Visit) -> Any:
        running = self.desk.unreleased(visit.region)
        made = lambda: {"sections": [sections.unreleased(self._names(visit), running)]}  # noqa: E731
        return self.desk.once(running, self._pack(visit), "sections.html", made)

    def _names(self, visit: Visit) -> Names:
        return Names(self.desk.words, self.desk.shared, self._pack(visit))

    def _pack(self, visit: Visit) -> Pack:
        return self.desk.packs(visit.region)
