"""Sending twice is harmless, for one sender and for two at once."""

import asyncio

import pytest

from server import cases
from server.devices.receipts import once
from server.kernel import database
from server.kernel.errors import Invalid, NotAllowed
from server.kernel.ids import new_id
from tests import cast as casting


async def test_the_same_command_is_done_once_and_answered_twice(db: None) -> None:
    cast = await casting.gather()
    command, telling = new_id(), cases.Telling(text="路灯坏了", community_id=cast.community)

    async def send() -> cases.Reported:
        return await once(
            command, "report", telling, cast.resident, cases.Reported, lambda: cases.report(telling, cast.resident)
        )

    first, second = await send(), await send()
    assert first == second
    assert await database.fetch_value("SELECT count(*) FROM cases") == 1


async def test_the_same_id_with_other_content_is_refused(db: None) -> None:
    cast = await casting.gather()
    command = new_id()

    async def send(text: str) -> cases.Reported:
        telling = cases.Telling(text=text, community_id=cast.community)
        return await once(
            command, "report", telling, cast.resident, cases.Reported, lambda: cases.report(telling, cast.resident)
        )

    await send("路灯坏了")
    with pytest.raises(NotAllowed):
        await send("井盖松了")
    assert await database.fetch_value("SELECT count(*) FROM cases") == 1


async def test_somebody_elses_command_answers_nothing(db: None) -> None:
    cast = await casting.gather()
    command, telling = new_id(), cases.Telling(text="路灯坏了", community_id=cast.community)
    await once(command, "report", telling, cast.resident, cases.Reported, lambda: cases.report(telling, cast.resident))
    with pytest.raises(NotAllowed):
        await once(
            command, "report", telling, cast.neighbour, cases.Reported, lambda: cases.report(telling, cast.neighbour)
        )


async def test_what_was_refused_leaves_no_receipt_and_can_be_sent_again(db: None) -> None:
    cast = await casting.gather()
    command = new_id()
    wrong = cases.Telling(text="", community_id=cast.community)
    with pytest.raises(Invalid):
        await once(command, "report", wrong, cast.resident, cases.Reported, lambda: cases.report(wrong, cast.resident))
    assert await database.fetch_value("SELECT count(*) FROM receipts") == 0
    mended = cases.Telling(text="路灯坏了", community_id=cast.community)
    await once(command, "report", mended, cast.resident, cases.Reported, lambda: cases.report(mended, cast.resident))


async def test_twenty_at_once_make_one_case(fresh_db: str) -> None:
    cast = await casting.gather()
    command, telling = new_id(), cases.Telling(text="路灯坏了", community_id=cast.community)

    async def send() -> cases.Reported:
        return await once(
            command, "report", telling, cast.resident, cases.Reported, lambda: cases.report(telling, cast.resident)
        )

    answers = await asyncio.gather(*(send() for _ in range(20)))
    assert len({one.number for one in answers}) == 1
    assert await database.fetch_value("SELECT count(*) FROM cases") == 1
