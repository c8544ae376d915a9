"""`python -m tests.servers.telegram --port 8081`: until SIGTERM; the first line names the base_url and the token."""

import argparse
import asyncio
import contextlib
import signal

from tests.servers.telegram.server import TelegramServer


async def serve(port: int) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with TelegramServer(port=port) as server:
        print(server.base_url, server.world.token, flush=True)
        await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args().port))
