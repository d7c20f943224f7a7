"""The history can be added to and erased from; whatever else is done to it shows."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel import clock, database, events
from server.kernel.actor import Actor, the_system
from server.kernel.events import Event, Head, verifies

BY = Actor(account_id=uuid4(), name="李书记")
MOMENT = datetime(2026, 3, 2, 1, 2, 3, 456789, tzinfo=UTC)

words = st.dictionaries(
    st.text(max_size=8), st.text(max_size=40) | st.integers(-(2**53), 2**53) | st.none(), max_size=3
)


def chain(said: list[dict[str, Any]], stream: str = "case:1") -> list[Event]:
    """A stream as `record` would write it, without a database."""
    made: list[Event] = []
    head = Head()
    for number, data in enumerate(said):
        with clock.at(MOMENT + timedelta(seconds=number)):
            event = events._compose(stream, f"case.kind{number % 3}", data, BY, 7, number % 2 == 0, head)
        made.append(event)
        head = Head(event.sequence, event.link)
    return made


@given(st.lists(words, max_size=8))
def test_a_stream_as_it_was_written_verifies(said: list[dict[str, Any]]) -> None:
    made = chain(said)
    head = Head(len(made), made[-1].link) if made else Head()
    assert verifies(made) and verifies(made, head)


@given(st.lists(words, min_size=1, max_size=8), st.data())
def test_a_changed_event_does_not(said: list[dict[str, Any]], data: st.DataObject) -> None:
    made = chain(said)
    place = data.draw(st.integers(0, len(made) - 1))
    changes: list[dict[str, Any]] = [
        {"content": (made[place].content or b"") + b" "},
        {"content": b"{}", "salt": None},
        {"content": None},
        {"salt": bytes(16)},
        {"digest": bytes(32)},
        {"link": bytes(32)},
        {"kind": "case.closed"},
        {"at": made[place].at + timedelta(microseconds=1)},
        {"sequence": made[place].sequence + 1},
        {"account_id": uuid4()},
        {"post_id": 8},
        {"internal": not made[place].internal},
        {"stream": "case:2"},
    ]
    made[place] = msgspec.structs.replace(made[place], **data.draw(st.sampled_from(changes)))
    assert not verifies(made)


@given(st.lists(words, min_size=2, max_size=8), st.data())
def test_a_missing_or_moved_event_does_not(said: list[dict[str, Any]], data: st.DataObject) -> None:
    made = chain(said)
    head = Head(len(made), made[-1].link)
    place = data.draw(st.integers(0, len(made) - 1))
    assert not verifies([*made[:place], *made[place + 1 :]], head)
    other = data.draw(st.integers(0, len(made) - 1).filter(lambda number: number != place))
    made[place], made[other] = made[other], made[place]
    assert not verifies(made)


def test_events_missing_at_the_end_show_only_against_the_head() -> None:
    made = chain([{"n": 1}, {"n": 2}])
    assert verifies(made[:1])
    assert not verifies(made[:1], Head(2, made[-1].link))


@given(st.lists(words, min_size=1, max_size=8), st.data())
def test_a_stream_with_erased_content_still_verifies(said: list[dict[str, Any]], data: st.DataObject) -> None:
    made = chain(said)
    head = Head(len(made), made[-1].link)
    for place in data.draw(st.sets(st.integers(0, len(made) - 1))):
        made[place] = msgspec.structs.replace(made[place], content=None, salt=None)
    assert verifies(made, head)


def test_the_same_words_have_another_digest_each_time() -> None:
    first, second = chain([{"phone": "138"}])[0], chain([{"phone": "138"}])[0]
    assert first.digest != second.digest, "a digest without salt could be guessed"


async def test_recording_appends_and_the_history_tells_it(db: None) -> None:
    await events.record("case:9", "case.reported", {"text": "路灯不亮"}, BY)
    head = await events.record("case:9", "case.noted", {"text": "内部"}, BY, post_id=None, internal=True)
    told = await events.history("case:9")
    assert [event.kind for event in told] == ["case.reported", "case.noted"]
    assert told[0].data == {"by": "李书记", "text": "路灯不亮"}
    assert verifies(told, head)


async def test_streams_do_not_mix(db: None) -> None:
    one = await events.record("case:1", "case.reported", {}, BY)
    two = await events.record("case:2", "case.reported", {}, BY)
    assert (one.sequence, two.sequence) == (1, 1)


async def test_erasing_keeps_that_it_happened(db: None) -> None:
    await events.record("case:9", "case.reported", {"text": "我的电话"}, BY)
    head = await events.record("case:9", "case.closed", {}, BY)
    await events.erase((await events.history("case:9"))[0].id)
    told = await events.history("case:9")
    assert told[0].data == {} and told[0].kind == "case.reported"
    assert verifies(told, head)


async def test_what_is_changed_in_the_database_shows(db: None) -> None:
    await events.record("case:9", "case.reported", {"text": "a"}, BY)
    head = await events.record("case:9", "case.closed", {"text": "b"}, BY)
    await database.execute("UPDATE events SET account_id = NULL WHERE stream = 'case:9' AND sequence = 2")
    assert not verifies(await events.history("case:9"), head)


async def test_twenty_at_once_make_one_chain(fresh_db: str) -> None:
    async def one(number: int) -> None:
        async with database.transaction():
            await events.record("case:1", "case.noted", {"n": number}, the_system("test"))

    await asyncio.gather(*(one(number) for number in range(20)))
    told = await events.history("case:1")
    assert len(told) == 20 and verifies(told)
    assert {event.data["n"] for event in told} == set(range(20))


async def test_many_streams_get_their_event_in_one_go(db: None) -> None:
    await events.record("case:1", "case.reported", {}, BY)
    await events.record_many("case.moved", [("case:1", {"n": 1}), ("case:2", {"n": 2})], BY)
    one, two = await events.history("case:1"), await events.history("case:2")
    assert [event.kind for event in one] == ["case.reported", "case.moved"] and verifies(one)
    assert [event.kind for event in two] == ["case.moved"] and verifies(two)
    with pytest.raises(ValueError, match="one event"):
        await events.record_many("case.moved", [("case:1", {}), ("case:1", {})], BY)


async def test_a_follower_acts_in_the_same_transaction(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_followers", {})

    @events.follows("post.vacated")
    async def follower(event: Event, by: Actor) -> None:
        raise LookupError(event.data["post"])

    with pytest.raises(LookupError, match="5"):
        async with database.transaction():
            await events.record("post:5", "post.vacated", {"post": 5}, BY)
    assert await events.history("post:5") == []
