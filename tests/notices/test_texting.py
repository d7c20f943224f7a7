"""Who has no account and left a phone gets a text message of what they must know."""

from uuid import UUID

import msgspec
import pytest

from server import cases
from server.cases import links
from server.kernel import database
from server.kernel.actor import Actor
from server.notices.following import follow
from server.people.messages import Message, SealedMessage, opened
from tests import cast as casting
from tests.cast import Cast
from tests.notices.conftest import Setting
from tests.notices.fakes import KEY


async def messages() -> list[Message]:
    """What is on its way, oldest first; it is taken out of the queue."""
    rows = await database.fetch(
        "WITH gone AS (DELETE FROM pgqueuer WHERE entrypoint = 'notices.sms' RETURNING id, payload) "
        "SELECT payload FROM gone ORDER BY id"
    )
    found = [opened(msgspec.json.decode(row["payload"], type=SealedMessage)) for row in rows]
    return [one for one in found if one is not None]


async def told(cast: Cast, by: Actor, **more: object) -> cases.Reported:
    telling = msgspec.structs.replace(cases.Telling(text="井盖松了", community_id=cast.community), **more)
    return await cases.report(telling, by)


async def link_opens(message: Message, report: UUID) -> bool:
    secret = message.text.partition("/r/")[2].split()[0]
    return report in await links.reports_of((await links.open_link(secret, None)).token)


async def test_who_has_no_account_gets_number_and_a_link_that_opens(db: None) -> None:
    cast = await casting.gather()
    report = await told(cast, cast.stranger, phone="138 0000 0009")
    await follow()
    (message,) = await messages()
    assert message.phone == "13800000009"
    assert report.number in message.text
    assert await link_opens(message, report.report_id)


async def test_the_other_person_learns_of_it_without_a_link(db: None) -> None:
    cast = await casting.gather()
    await told(cast, cast.resident, for_phone="13700000002", for_agreed=True)
    await follow()
    (message,) = await messages()
    assert message.phone == "13700000002"
    assert "/r/" not in message.text and message.text.endswith("/mine")


async def test_the_other_person_with_an_account_has_a_notice_as_they_chose(db: None, setting: Setting) -> None:
    setting(sms_gateway_url="http://gateway.test/", sms_gateway_key=KEY)
    cast = await casting.gather()
    await told(cast, cast.resident, for_phone="13800000002", for_agreed=True)
    await follow()
    assert await messages() == []
    own = "SELECT id FROM notices WHERE account = $1 AND kind = 'received'"
    notice = await database.fetch_value(own, cast.neighbour.account_id)
    planned = await database.fetch("SELECT notice, account FROM deliveries WHERE kind = 'received'")
    assert [tuple(row) for row in planned] == [(notice, cast.neighbour.account_id)]


@pytest.mark.parametrize("phone", ["", "13800000001"])
async def test_who_is_signed_in_gets_no_message_of_what_they_did(db: None, phone: str) -> None:
    cast = await casting.gather()
    await told(cast, cast.resident, phone=phone)
    await follow()
    assert await messages() == []


async def test_without_account_what_must_be_known_is_texted_and_nothing_else(db: None) -> None:
    cast = await casting.gather()
    report = await told(cast, cast.stranger, phone="13800000009")
    await cases.accept(report.case_id, cast.staff, seen=None)
    await follow()
    assert len(await messages()) == 1, "that it was received, not that it was accepted"
    await cases.ask(report.case_id, cast.staff, seen=None, text="几号楼?")
    await follow()
    (asked,) = await messages()
    assert "有话要问您" in asked.text and "几号楼" not in asked.text
    assert await link_opens(asked, report.report_id)


async def test_their_own_answer_is_not_told_to_them(db: None) -> None:
    cast = await casting.gather()
    report = await told(cast, cast.stranger, phone="13800000009", for_phone="13700000002", for_agreed=True)
    own = msgspec.structs.replace(cast.stranger, links=(report.report_id,))
    await cases.answer(report.case_id, cast.staff, seen=None, text="已办")
    await follow()
    await messages()
    await cases.reopen(report.case_id, own, seen=None, reason="没好")
    await cases.reject(report.case_id, cast.staff, seen=None, reason="不归这里")
    await follow()
    assert [one.phone for one in await messages()] == ["13800000009", "13700000002"]


async def test_a_report_that_was_claimed_is_told_in_the_inbox(db: None) -> None:
    cast = await casting.gather()
    report = await told(cast, cast.stranger, phone="13800000001")
    await links.claim(cast.resident)
    await cases.accept(report.case_id, cast.staff, seen=None)
    await follow()
    rows = await database.fetch("SELECT href FROM notices WHERE account = $1", cast.resident.account_id)
    assert {row["href"] for row in rows} == {f"/mine/{report.number}"}


async def test_nothing_personal_rests_in_the_queue_or_in_the_notices(db: None) -> None:
    cast = await casting.gather()
    await told(cast, cast.stranger, phone="13800000009", name="张三")
    await follow()
    queued = [row["payload"] for row in await database.fetch("SELECT payload FROM pgqueuer")]
    kept = "".join(str(dict(row)) for row in await database.fetch("SELECT * FROM notices"))
    assert b"13800000009" not in b"".join(queued)
    assert "13800000009" not in kept and "张三" not in kept and "井盖" not in kept
