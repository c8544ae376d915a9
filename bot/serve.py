"""Every configured channel in one process, until it is told to stop."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette

from bot.assistant import sweep
from bot.channels.port import Channel, ChannelError, LaterError
from bot.keyring import Keyring
from bot.library import Library
from bot.pauses import pauses
from bot.pipeline import Pipeline, Works
from bot.reload import Reload
from bot.store import Lease, Store, StoreError
from config import logs

DRAIN = 8.0  # seconds for what is being answered when we are told to stop
CLOSING = 1.0  # seconds more for connections
OPENING = 15.0  # seconds one attempt to log in may take
AGAIN = 2.0  # seconds between looks at a lease that another process holds
SWEEP = 60.0  # seconds between sweeps of what has ended


@dataclass(frozen=True, slots=True)
class Site:
    """A web application and the socket it answers on, bound already."""

    application: Starlette
    socket: socket.socket


@dataclass(frozen=True, slots=True)
class Service:
    """All that serve() runs. *hourly* are duties that may fail and are tried again an hour later."""

    works: Works
    store: Store
    conversations: Keyring
    library: Library
    channels: Sequence[Channel] = ()
    sites: Sequence[Site] = ()
    hourly: Sequence[Callable[[], None]] = ()
    reload: Reload | None = None


def bound(host: str, port: int, setting: str) -> socket.socket:
    """A socket that listens on *port* (0: any free one). ChannelError if that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, or asyncio leaves Nagle on
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(128)  # here, because two sockets may be bound to one port until one of them listens
    except (OSError, OverflowError) as error:
        made.close()
        reason = getattr(error, "strerror", None) or error
        raise ChannelError(f"{setting}: port {port} on {host} cannot be used: {reason}; choose another port") from None
    made.set_inheritable(False)
    return made


async def serve(service: Service, stop: asyncio.Event) -> None:
    """Run until *stop* is set, then answer what is here and end within ten seconds.

    ChannelError if a channel refuses its configuration.
    """
    watching = [asyncio.create_task(_duties(service))]
    if service.reload:
        watching.append(asyncio.create_task(service.reload.run()))
    servers = [_Server(site) for site in service.sites]
    try:
        async with asyncio.TaskGroup() as group:
            for server in servers:
                group.create_task(server.run())
            for channel in service.channels:
                service.works.metrics.set_up(channel.name, up=False)
                group.create_task(_run(service, channel, stop))
            await stop.wait()
            for server in servers:
                server.should_exit = True
    except* ChannelError as refused:
        raise _first(refused) from None
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        await service.works.writer.close()


def _first(group: BaseExceptionGroup[ChannelError]) -> ChannelError:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, ChannelError)  # noqa: S101 - the group holds nothing else; narrows the type
    return error


async def _run(service: Service, channel: Channel, stop: asyncio.Event) -> None:
    """One channel: alone among the processes, logged in, then at work; anew if another process took its place."""
    while not stop.is_set():
        lease = await _leased(service, channel.name, stop)
        if lease is None:
            return
        try:
            if await _opened(channel, stop):
                await _at_work(service, channel, lease, stop)
        finally:
            service.works.metrics.set_up(channel.name, up=False)
            await _quietly(channel)
            lease.release()


async def _leased(service: Service, name: str, stop: asyncio.Event) -> Lease | None:
    """The right to run the channel *name*; None if we are told to stop first."""
    said = False
    while not stop.is_set():
        try:
            lease: Lease | None = await service.works.writer.call(lambda: service.store.lease(name))
        except StoreError:
            lease = None
        if lease:
            return lease
        if not said:
            logs.event(logging.WARNING, "waiting_for_another_process", channel=name)
            said = True
        await _stopped_within(stop, AGAIN)
    return None


async def _opened(channel: Channel, stop: asyncio.Event) -> bool:
    """Log in, however long the platform is away; False if we are told to stop first."""
    for pause in pauses():
        if stop.is_set():
            return False
        try:
            async with asyncio.timeout(OPENING):
                await channel.open()
        except (LaterError, TimeoutError) as later:
            logs.event(logging.WARNING, "platform_away", channel=channel.name)
            await _stopped_within(stop, getattr(later, "seconds", None) or pause)
        else:
            return True
    return False


async def _at_work(service: Service, channel: Channel, lease: Lease, stop: asyncio.Event) -> None:
    """Receive and answer until we are told to stop or the lease is lost."""
    ending = asyncio.Event()
    pipeline = Pipeline(channel, service.works)
    watch = asyncio.create_task(_watch(service, lease, stop, ending))
    logs.event(logging.INFO, "channel_up", channel=channel.name)
    service.works.metrics.set_up(channel.name, up=True)
    try:
        for pause in pauses():
            try:
                return await pipeline.run(ending, drain=DRAIN)
            except StoreError:
                logs.event(logging.WARNING, "database_away", channel=channel.name)
            if await _stopped_within(ending, pause):
                return None
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)


async def _watch(service: Service, lease: Lease, stop: asyncio.Event, ending: asyncio.Event) -> None:
    try:
        while not await _stopped_within(stop, AGAIN):
            if not await service.works.writer.call(lease.held):
                logs.event(logging.WARNING, "lease_lost")
                break
    finally:
        ending.set()  # whatever happened: without a watch nobody could stop the channel


async def _duties(service: Service) -> None:
    """What has ended is deleted each minute; what a clock must start is started each hour."""
    works, ticks = service.works, 0
    while True:
        try:
            at = works.clock()
            await works.writer.call(lambda at=at: sweep(service.store, service.conversations, at))  # type: ignore[misc]
            lost = await works.writer.call(lambda at=at: service.store.age(works.post.oldest(at)))  # type: ignore[misc]
            if lost:
                logs.event(logging.ERROR, "lost", count=lost)
                works.metrics.add("lost", "all", lost)
        except StoreError:
            logs.event(logging.WARNING, "database_away")
        if ticks % 60 == 0:
            for duty in service.hourly:
                await asyncio.to_thread(_dutiful, duty)
        ticks += 1
        await asyncio.sleep(SWEEP)


def _dutiful(duty: Callable[[], None]) -> None:
    try:
        duty()
    except Exception as error:  # noqa: BLE001 - tried again in an hour; the bot goes on
        logs.event(logging.ERROR, "duty_failed", error=type(error).__name__)


async def _stopped_within(stop: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return False
    return True


async def _quietly(channel: Channel) -> None:
    try:
        async with asyncio.timeout(CLOSING):
            await channel.close()
    except Exception as error:  # noqa: BLE001 - we are leaving anyway
        logs.event(logging.DEBUG, "close_failed", channel=channel.name, error=type(error).__name__)


class _Server(uvicorn.Server):
    """uvicorn inside our loop: it neither logs nor takes our signals."""

    def __init__(self, site: Site) -> None:
        config = uvicorn.Config(
            site.application,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            timeout_graceful_shutdown=int(DRAIN),
        )
        super().__init__(config)
        self._socket = site.socket

    async def run(self) -> None:  # type: ignore[override]
        await self.serve(sockets=[self._socket])

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run(service: Service) -> None:
    """serve() until SIGTERM or Ctrl-C."""
    asyncio.run(_until_signal(service))


async def _until_signal(service: Service) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if service.reload:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, service.reload.wake.set)
    await serve(service, stop)
