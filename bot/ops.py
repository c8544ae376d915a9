"""For those who run the bot: is it alive, is it ready, what does it count. On a local port only."""

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.metrics import Metrics
from bot.store import StoreError
from bot.store.writer import Writer

PATIENCE = 2.0  # seconds the database may take to count as there


def application(writer: Writer, metrics: Metrics) -> Starlette:
    """/healthz, /readyz and /metrics."""

    async def alive(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_: Request) -> Response:
        missing = [] if metrics.ready else ["channels"]
        try:
            async with asyncio.timeout(PATIENCE):
                await writer.call(lambda: writer.store.cursor(""))
        except (StoreError, TimeoutError):
            missing.append("database")
        return PlainTextResponse(f"waiting for: {', '.join(missing)}\n" if missing else "ok\n", 503 if missing else 200)

    async def counted(_: Request) -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return Starlette(routes=[Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", counted)])
