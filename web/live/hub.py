"""Who listens in this process, and what reaches them: one LISTEN for all, no query for any stream.

What changed comes from server.notices.live with the keys of those who may hear of it; a stream has the keys of its
actor. What waits for a slow reader is a set of names, so it cannot grow.
"""

import asyncio
import signal
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.settings import settings
from server.notices import live
from server.notices.live import Change
from server.people import sessions

EVERYTHING = "*"
"""The name that stands for all: nobody can say what was missed, so everything is fetched again."""
MOST = 4000
"""Streams of one process."""
MOST_OF_ONE = 12
"""Streams of one account in one process: its browsers, each of which has one."""
MOST_NAMES = 40
"""More names than this wait as `EVERYTHING`."""
BEAT = 25.0
"""Seconds between two signs of life; proxies cut a stream that is silent for a minute."""
REMEMBERED = 60.0
"""Seconds for which a page that was made before its stream opened is told what it missed."""
LONGEST_PAUSE = 30.0
_AWAY = (*database.AWAY, OSError, asyncpg.PostgresError)

log = structlog.get_logger("live")


class Stream:
    """One open stream: by which keys it hears, and what it has not said yet."""

    __slots__ = ("account", "beat", "keys", "names", "over", "session", "waiting")

    def __init__(self, account: UUID, session: UUID, keys: frozenset[str]) -> None:
        self.account = account
        self.session = session
        self.keys = keys
        self.names: set[str] = set()
        self.beat = False
        self.over = False
        self.waiting: asyncio.Future[None] | None = None

    def tell(self, name: str) -> None:
        """Have it said that `name` changed."""
        if EVERYTHING not in self.names:
            self.names.add(name)
            if name == EVERYTHING or len(self.names) > MOST_NAMES:
                self.names = {EVERYTHING}
        self.wake()

    def end(self) -> None:
        """Have it closed; the browser opens another and shows by its cookies who it is then."""
        self.over = True
        self.wake()

    def wake(self, *_: object) -> None:
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_result(None)

    def take(self) -> list[str]:
        """What there is to say, and it is said."""
        names, self.names = self.names, set()
        return sorted(names)


class Full(Exception):
    """No further stream is taken; the page works without."""


class Hub:
    """The streams of this process."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self._by_key: dict[str, set[Stream]] = defaultdict(set)
        self._of_account: dict[UUID, int] = defaultdict(int)
        self._recent: deque[tuple[float, Change]] = deque(maxlen=5000)
        self._closing = False

    @contextmanager
    def stream(self, by: Actor, age: float | None) -> Iterator[Stream]:
        """A stream for whoever is signed in; raises `Full`. `age`: seconds since the page was made that asks for it.

        What it has missed since is told at once; without an age, or with a large one, that is everything.
        """
        assert by.account_id is not None and by.session_id is not None
        if self._closing or len(self.streams) >= MOST or self._of_account[by.account_id] >= MOST_OF_ONE:
            raise Full
        one = Stream(by.account_id, by.session_id, live.keys_of(by))
        self.streams.add(one)
        self._of_account[one.account] += 1
        for key in one.keys:
            self._by_key[key].add(one)
        for name in self._missed(one.keys, age):
            one.tell(name)
        try:
            yield one
        finally:
            self._drop(one)

    def hear(self, changes: Iterable[Change]) -> None:
        """Pass on what changed to those who may hear of it."""
        now = time.monotonic()
        for change in changes:
            self._recent.append((now, change))
            for one in {one for key in change.keys for one in self._by_key.get(key, ())}:
                one.tell(change.topic)

    def all_again(self) -> None:
        """Nobody knows what was missed: every page fetches again."""
        self._recent.clear()
        for one in self.streams:
            one.tell(EVERYTHING)

    def close(self) -> None:
        """Take no more and end all: the process is about to go."""
        self._closing = True
        for one in list(self.streams):
            one.end()

    async def beat(self) -> None:
        """Show that the streams live, and end those of sessions that ended or whose posts are others now."""
        if not self.streams:
            return
        held = await sessions.posts_of({one.session for one in self.streams})
        for one in list(self.streams):
            posts = held.get(one.session)
            if posts is None or {f"p:{post}" for post in posts} != {key for key in one.keys if key.startswith("p:")}:
                one.end()
            else:
                one.beat = True
                one.wake()

    def _missed(self, keys: frozenset[str], age: float | None) -> set[str]:
        if age is None or age > REMEMBERED:
            return {EVERYTHING}
        since = time.monotonic() - age - 1
        return {change.topic for at, change in self._recent if at >= since and not keys.isdisjoint(change.keys)}

    def _drop(self, one: Stream) -> None:
        self.streams.discard(one)
        self._of_account[one.account] -= 1
        if not self._of_account[one.account]:
            del self._of_account[one.account]
        for key in one.keys:
            self._by_key[key].discard(one)
            if not self._by_key[key]:
                del self._by_key[key]


@asynccontextmanager
async def running(app: Any) -> AsyncIterator[None]:
    """The hub of an application, from its start to its end: it listens, and beats."""
    hub: Hub = app.state.hub
    stop = asyncio.Event()
    listening = asyncio.create_task(_listen(hub, stop))
    beating = asyncio.create_task(_beat(hub, stop))
    before = _on_the_way_out(hub)
    try:
        yield
    finally:
        stop.set()
        hub.close()
        for which, handler in before.items():
            signal.signal(which, handler)
        await asyncio.gather(listening, beating)


def _on_the_way_out(hub: Hub) -> dict[signal.Signals, Any]:
    """End the streams at the signal that ends the process: the server waits for answers that are under way."""
    loop, before = asyncio.get_running_loop(), dict[signal.Signals, Any]()

    def passing_on(which: signal.Signals) -> None:
        then = signal.getsignal(which)

        def handle(number: int, frame: Any) -> None:
            loop.call_soon_threadsafe(hub.close)
            if callable(then):
                then(number, frame)

        signal.signal(which, handle)
        before[which] = then

    for which in (signal.SIGTERM, signal.SIGINT):
        # Signals belong to the main thread; elsewhere (a test) nobody sends one.
        with suppress(ValueError):
            passing_on(which)
    return before


async def _listen(hub: Hub, stop: asyncio.Event) -> None:
    pause, first = 0.5, True
    while not stop.is_set():
        try:
            connection = await asyncpg.connect(settings().database_url, timeout=10)
            try:
                await _hear(connection, hub, stop, first)
            finally:
                with suppress(*_AWAY):
                    await connection.close(timeout=2)
            pause = 0.5
        except _AWAY as error:
            log.warning("listens again", error=type(error).__name__, again_in=pause)
            await _sleep(pause, stop)
            pause = min(pause * 2, LONGEST_PAUSE)
        first = False


async def _hear(connection: Any, hub: Hub, stop: asyncio.Event, first: bool) -> None:
    """Listen until the connection is lost (then raise), or until `stop`."""
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _: lost.set())
    await connection.add_listener(live.CHANNEL, lambda *said: hub.hear(live.read(said[3])))
    if not first:
        hub.all_again()
    ended = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            gone = asyncio.create_task(lost.wait())
            await asyncio.wait({gone, ended}, timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
            gone.cancel()
            if lost.is_set():
                raise ConnectionResetError("the database closed the connection")
            # A network that swallows everything says nothing: asked, it is found out.
            await connection.execute("SELECT 1", timeout=10)
    finally:
        ended.cancel()


async def _beat(hub: Hub, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await _sleep(BEAT, stop)
        try:
            await hub.beat()
        except _AWAY as error:
            log.warning("cannot ask who is still there", error=type(error).__name__)


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
