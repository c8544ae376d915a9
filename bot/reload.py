"""Pack folders that change while the bot runs: read and checked beside it, taken over only if they are without errors.

A process of its own reads, checks and fits (seconds of work) and leaves the outcome in the cache; here it only has to
be loaded from there. Nothing that is wrong in a pack ever replaces what works.
"""

import asyncio
import gc
import json
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from bot import prepare
from bot.library import Library, sharing
from bot.watch import signature
from config import logs
from knowledge.base import Knowledge
from knowledge.folders import SHIPPED
from knowledge.load import PackError, load
from knowledge.source import Problem

EVERY = 3.0  # seconds between two looks at the folders
LONGEST = 300.0  # seconds that reading and fitting may take on a slow machine


class Reload:
    """Keeps *library* up to date with the packs below *roots* and the shipped ones. *wake* asks for a look now."""

    def __init__(
        self, library: Library, roots: Sequence[Path], cache: Path | None, *, clock: Callable[[], datetime]
    ) -> None:
        self.wake = asyncio.Event()
        self._library = library
        self._roots = tuple(roots)
        self._cache = cache
        self._clock = clock
        self._seen = signature((SHIPPED, *self._roots))

    async def run(self) -> None:
        """Until cancelled. Whatever fails, what works stays."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), EVERY)
            asked = self.wake.is_set()
            self.wake.clear()
            try:
                await self.look(asked=asked)
            except Exception as error:  # noqa: BLE001 - tried again after the next change
                logs.event(logging.ERROR, "reload_failed", error=type(error).__name__)

    async def look(self, *, asked: bool = False) -> None:
        """Take over the packs if a file was changed since the last look, or if somebody has *asked* to try again."""
        seen = await asyncio.to_thread(signature, (SHIPPED, *self._roots))
        if seen == self._seen and not asked:
            return
        self._seen = seen
        try:
            await self._prepare()
            known = await asyncio.to_thread(self._loaded)
        except PackError as error:
            first = error.problems[0]
            place = f"{first.file}:{first.line}"
            logs.event(logging.ERROR, "pack_refused", count=len(error.problems), place=place)
            return
        if known.version != self._library.present.version:
            await asyncio.to_thread(self._library.take, known, self._clock())
            gc.freeze()  # it stays for long; the collector, which stops everything, need not look at it
            logs.event(logging.INFO, "pack_taken", code=known.version)

    async def _prepare(self) -> None:
        """Read, check and fit in a process of its own, so that nobody waits for it. PackError says all problems."""
        if self._cache is None:
            return
        command = prepare.command(self._cache, self._roots, nice=prepare.PATIENT)
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        try:
            said, _ = await asyncio.wait_for(process.communicate(), LONGEST)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode == 1:
            raise PackError([Problem(file, line, "") for file, line in json.loads(said)])

    def _loaded(self) -> Knowledge:
        """The packs, ready for the first message: nothing is left to be made when it comes."""
        known = sharing(load(self._roots, cache=self._cache), self._library.present)
        for pack in known.packs.values():
            assert pack.id  # noqa: S101 - being asked for makes a translation
        known.gate.look("")
        return known
