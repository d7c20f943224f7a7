"""Who learns that a report has arrived."""

from uuid import UUID

import msgspec
import pytest

from server import cases
from server.cases import links
from server.cases.reporting import Received
from server.kernel import database
from server.kernel.actor import Actor
from server.notices.received import tell_received
from server.people.messages import Message, SealedMessage, opened
from tests import cast as casting
from tests.cast import Cast


async def enqueued(name: str) -> list[bytes]:
    return [row["payload"] for row in await database.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = $1", name)]


async def messages() -> list[Message]:
    found = [opened(msgspec.json.decode(one, type=SealedMessage)) for one in await enqueued("notices.sms")]
    return [one for one in found if one is not None]


async def told(cast: Cast, by: Actor, **more: object) -> UUID:
    telling = msgspec.structs.replace(cases.Telling(text="井盖松了", community_id=cast.community), **more)
    return (await cases.report(telling, by)).report_id


async def test_who_has_no_account_gets_number_and_a_link_that_opens(db: None) -> None:
    cast = await casting.gather()
    report = await told(cast, cast.stranger, phone="138 0000 0009")
    assert len(await enqueued("notices.received")) == 1
    await tell_received(Received(report))
    (message,) = await messages()
    assert message.phone == "13800000009"
    secret = message.text.partition("/r/")[2].split()[0]
    assert report in await links.reports_of((await links.open_link(secret, None)).token)


async def test_the_other_person_learns_of_it_without_a_link(db: None) -> None:
    cast = await casting.gather()
    report = await told(cast, cast.resident, for_phone="13800000002", for_agreed=True)
    await tell_received(Received(report))
    (message,) = await messages()
    assert message.phone == "13800000002"
    assert "/r/" not in message.text


@pytest.mark.parametrize("phone", ["", "13800000001"])
async def test_who_is_signed_in_gets_no_message(db: None, phone: str) -> None:
    cast = await casting.gather()
    await told(cast, cast.resident, phone=phone)
    assert await enqueued("notices.received") == []


async def test_nothing_personal_rests_in_the_queue(db: None) -> None:
    cast = await casting.gather()
    await tell_received(Received(await told(cast, cast.stranger, phone="13800000009")))
    queued = b"".join(await enqueued("notices.sms") + await enqueued("notices.received"))
    assert b"13800000009" not in queued
