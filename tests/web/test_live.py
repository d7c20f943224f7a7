"""Live pages: who hears of what, and what becomes of streams when sessions, databases and servers go."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import pytest
from litestar import Litestar

from server import cases
from server.cases import Reported
from server.kernel import database
from server.kernel.actor import Actor
from server.notices import live
from server.notices.following import follow
from server.people import posts, sessions
from server.people.sessions import open_session
from tests import cast as casting
from tests.cast import Cast
from web.__main__ import DRAIN_SECONDS
from web.live import hub as hubs
from web.live.hub import EVERYTHING, Hub


@pytest.fixture
async def cast_(db: None) -> Cast:
    return await casting.gather()


class Listener:
    """A browser's end of one stream, without a network: what came, and how it ended."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.text = ""
        self.done = False
        self.left = asyncio.Event()

    @property
    def names(self) -> list[str]:
        """Everything that was named, in order, without what came at the opening."""
        return [name for data in re.findall(r"^data: (.*)$", self.text, re.M) for name in msgspec.json.decode(data)]

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {key.decode(): value.decode() for key, value in message["headers"]}
        else:
            self.text += message.get("body", b"").decode()
            self.done = not message.get("more_body", False)


@asynccontextmanager
async def listening(app: Litestar, by: Actor | None, query: str = "age=0") -> AsyncIterator[Listener]:
    """The stream of a browser in which `by` is signed in."""
    headers = []
    if by is not None and by.account_id is not None:
        token = await open_session(by.account_id, password=True, second=True)
        headers = [(b"cookie", f"huying={token}".encode())]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/live",
        "raw_path": b"/live",
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"testserver.local"), *headers],
        "client": ("192.0.2.1", 1),
        "server": ("testserver.local", 80),
        "state": {},
    }
    one = Listener()
    answering = asyncio.create_task(cast(Any, app)(scope, one.receive, one.send))
    await _settled()
    try:
        yield one
    finally:
        one.left.set()
        await asyncio.wait_for(answering, 5)


async def _settled() -> None:
    """Until every stream has said what it had to."""
    for _ in range(30):
        await asyncio.sleep(0)
    await asyncio.sleep(0.02)


@pytest.fixture
def hub(app: Litestar) -> Hub:
    one = cast(Hub, app.state.hub)
    one._recent.clear()
    return one


async def changed(hub: Hub, *reports: Reported, accounts: tuple[UUID, ...] = ()) -> None:
    """What the worker says of these cases reaches this process."""
    found = await live.changes([f"case:{one.case_id}" for one in reports], [str(one) for one in accounts])
    hub.hear(found)
    await _settled()


async def reported(cast_: Cast, **more: Any) -> Reported:
    return await cases.report(cases.Telling(text="井盖松了", community_id=cast_.community, **more), cast_.resident)


async def test_a_stream_hears_of_its_own_cases_and_never_of_the_neighbours(
    app: Litestar, hub: Hub, cast_: Cast
) -> None:
    report = await reported(cast_)
    await cases.accept(report.case_id, cast_.staff, seen=None)
    await cases.dispatch(report.case_id, cast_.staff, seen=None, unit_id=cast_.unit)
    hear = [cast_.resident, cast_.staff, cast_.secretary, cast_.centre, cast_.handler, cast_.street_secretary]
    deaf = [cast_.neighbour, cast_.next_staff, cast_.next_handler, cast_.next_secretary, cast_.system_admin]
    deaf += [cast_.party_member, cast_.area_admin, cast_.next_grid_worker]
    async with AsyncExitStack() as stack:
        streams = [(who, await stack.enter_async_context(listening(app, who))) for who in hear + deaf]
        assert [(one.status, one.names) for _, one in streams] == [(200, [])] * len(streams)
        await changed(hub, report)
        for who, one in streams:
            assert one.names == ([f"case:{report.case_id}"] if who in hear else []), who.name


async def test_of_a_private_case_the_staff_hear_nothing(app: Litestar, hub: Hub, cast_: Cast) -> None:
    report = await reported(cast_, private=True)
    hear, deaf = [cast_.secretary, cast_.resident], [cast_.staff, cast_.centre]
    async with AsyncExitStack() as stack:
        streams = [(who, await stack.enter_async_context(listening(app, who))) for who in hear + deaf]
        await changed(hub, report)
        for who, one in streams:
            assert bool(one.names) is (who in hear), who.name


async def test_an_inbox_is_named_to_its_person_alone(app: Litestar, hub: Hub, cast_: Cast) -> None:
    assert cast_.resident.account_id is not None
    async with listening(app, cast_.resident) as mine, listening(app, cast_.neighbour) as other:
        await changed(hub, accounts=(cast_.resident.account_id,))
        assert (mine.names, other.names) == (["inbox"], [])


async def test_the_unit_that_just_lost_it_hears_that_it_is_gone(app: Litestar, hub: Hub, cast_: Cast) -> None:
    report = await reported(cast_)
    await cases.accept(report.case_id, cast_.staff, seen=None)
    await cases.dispatch(report.case_id, cast_.staff, seen=None, unit_id=cast_.unit)
    await cases.return_case(report.case_id, cast_.handler, seen=None, reason="不归我们")
    async with listening(app, cast_.handler) as one:
        await changed(hub, report)
        assert one.names == [f"case:{report.case_id}"]


async def test_nothing_but_names_is_said_and_no_proxy_holds_it_back(app: Litestar, hub: Hub, cast_: Cast) -> None:
    report = await reported(cast_)
    async with listening(app, cast_.staff) as one:
        await changed(hub, report)
        assert one.text == f'retry: 3000\n\ndata: ["case:{report.case_id}"]\n\n'
        assert one.headers["content-type"].startswith("text/event-stream")
        assert one.headers["cache-control"] == "no-store"
        assert one.headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in one.headers


async def test_who_is_not_signed_in_gets_none(app: Litestar, cast_: Cast) -> None:
    async with listening(app, None) as one:
        assert (one.status, one.done) == (204, True)


async def test_a_page_made_before_its_stream_is_told_what_it_missed(app: Litestar, hub: Hub, cast_: Cast) -> None:
    report = await reported(cast_)
    await changed(hub, report)
    async with listening(app, cast_.staff, "age=20") as one:
        assert one.names == [f"case:{report.case_id}"]
    async with listening(app, cast_.next_staff, "age=20") as one:
        assert one.names == []
    for query in ("", "age=900", "age=nonsense", "age=-1", "age=nan"):
        async with listening(app, cast_.next_staff, query) as one:
            assert one.names == [EVERYTHING], query


async def test_a_slow_reader_holds_back_nobody_and_its_names_do_not_pile_up(
    app: Litestar, hub: Hub, cast_: Cast
) -> None:
    area = f"a:{cast_.community}"
    async with listening(app, cast_.staff) as one:
        hub.hear([live.Change(f"case:{number}", (area,)) for number in range(10_000)])
        assert [stream.names for stream in hub.streams] == [{EVERYTHING}]
        await _settled()
        assert one.names == [EVERYTHING]


async def test_a_session_that_ended_or_has_other_posts_ends_its_stream(app: Litestar, hub: Hub, cast_: Cast) -> None:
    async with listening(app, cast_.staff) as staff, listening(app, cast_.resident) as resident:
        await hub.beat()
        await _settled()
        assert ":\n\n" in staff.text and ":\n\n" in resident.text and not (staff.done or resident.done)
        await posts.vacate(cast_.staff.posts[0].id, cast_.area_admin)
        await hub.beat()
        await _settled()
        assert (staff.done, resident.done) == (True, False)
        assert cast_.resident.account_id is not None
        await sessions.end_all(cast_.resident.account_id)
        await hub.beat()
        await _settled()
        assert resident.done
        assert hub.streams == set()


async def test_too_many_are_told_to_come_back_and_room_is_made_when_one_leaves(
    app: Litestar, cast_: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "MOST_OF_ONE", 1)
    async with listening(app, cast_.staff), listening(app, cast_.staff) as second:
        assert (second.status, second.headers["retry-after"]) == (503, "60")
        async with listening(app, cast_.secretary) as other:
            assert other.status == 200
    async with listening(app, cast_.staff) as again:
        assert again.status == 200
    monkeypatch.setattr(hubs, "MOST", 0)
    async with listening(app, cast_.staff) as none:
        assert none.status == 503


async def test_what_the_worker_tells_arrives_and_a_lost_connection_is_found_and_said(
    fresh_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await casting.gather()
    monkeypatch.setattr(hubs, "settings", lambda: SimpleNamespace(database_url=fresh_db))
    hub = Hub()
    async with hubs.running(SimpleNamespace(state=SimpleNamespace(hub=hub))):
        await _until(lambda: _listeners(fresh_db))
        staff = msgspec.structs.replace(people.staff, session_id=people.staff.account_id)
        with hub.stream(staff, 0.0) as one:
            report = await reported(people)
            await follow()
            await _until(lambda: _true(bool(one.names)))
            assert f"case:{report.case_id}" in one.take()
            await database.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND query LIKE 'LISTEN%'",
                _name(fresh_db),
            )
            await _until(lambda: _true(EVERYTHING in one.names))
            one.take()
            second = await reported(people)
            await follow()
            await _until(lambda: _true(f"case:{second.case_id}" in one.names))
            hub.close()
            assert one.over
            with pytest.raises(hubs.Full), hub.stream(staff, 0.0):
                pass


async def test_a_process_that_is_told_to_go_ends_its_streams_and_goes(fresh_db: str) -> None:
    people = await casting.gather()
    assert people.staff.account_id is not None
    token = await open_session(people.staff.account_id, password=True)
    with socket.socket() as shared:
        shared.bind(("127.0.0.1", 0))
        shared.listen()
        port = shared.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "web", "--fd", str(shared.fileno())],
            env={**os.environ, "DATABASE_URL": fresh_db},
            pass_fds=[shared.fileno()],
        )
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET /live HTTP/1.1\r\nHost: localhost\r\nCookie: huying={token}\r\n\r\n".encode())
            async with asyncio.timeout(30):
                assert b'data: ["*"]' in await reader.readuntil(b'["*"]')
            began = time.perf_counter()
            process.terminate()
            assert await asyncio.to_thread(process.wait, 20) in (0, -signal.SIGTERM)
            assert time.perf_counter() - began < DRAIN_SECONDS / 2
        finally:
            process.kill()
            await asyncio.to_thread(process.wait)
            writer.close()


async def _listeners(url: str) -> bool:
    return bool(
        await database.fetch_value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND query LIKE 'LISTEN%'",
            _name(url),
        )
    )


def _name(url: str) -> str:
    return urlsplit(url).path[1:]


async def _true(value: bool) -> bool:
    return value


async def _until(holds: Any) -> None:
    async with asyncio.timeout(20):
        while not await holds():
            await asyncio.sleep(0.05)


def test_many_changes_go_in_messages_that_the_database_takes() -> None:
    many = [live.Change(f"case:{UUID(int=n)}", tuple(f"r:{UUID(int=k)}" for k in range(n % 100))) for n in range(300)]
    messages = list(live._packed(many))
    assert max(len(one.encode()) for one in messages) <= 8000
    assert [change for message in messages for change in live.read(message)] == many
