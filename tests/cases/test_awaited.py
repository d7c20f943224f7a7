"""A photo and the record that names it may come in any order, also in the same moment: it hangs once."""

import asyncio
from io import BytesIO

import pytest
from PIL import Image

from server import cases
from server.cases import Phone
from server.cases.awaited import may_send
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.ids import new_id
from server.photos import receive, sweep
from tests import cast as casting

PHONE = Phone(at="2026-11-21T18:02:11+08:00")


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 30), "green").save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize("turn", range(6))
async def test_record_and_photo_in_the_same_moment_find_each_other(fresh_db: str, turn: int) -> None:
    cast = await casting.gather()
    photos = tuple(new_id() for _ in range(4))
    telling = cases.Telling(text="路灯坏了", community_id=cast.community, photos=photos)

    async def tell() -> None:
        await asyncio.sleep(turn * 0.01)
        await cases.report(telling, cast.resident, phone=PHONE)

    await asyncio.gather(tell(), *(receive.receive(picture(), by=cast.resident, photo_id=one) for one in photos))
    assert await database.fetch_value("SELECT count(*) FROM case_photos") == 4
    assert await database.fetch_value("SELECT count(*) FROM awaited_photos") == 0


async def test_what_somebody_else_sends_under_an_awaited_id_does_not_hang(db: None) -> None:
    cast = await casting.gather()
    photo = new_id()
    telling = cases.Telling(text="路灯坏了", community_id=cast.community, photos=(photo,))
    await cases.report(telling, cast.resident, phone=PHONE)
    assert not await may_send(photo, cast.neighbour) and not await may_send(photo, Actor())
    await receive.receive(picture(), by=cast.neighbour, photo_id=photo)
    assert await database.fetch_value("SELECT count(*) FROM case_photos") == 0


async def test_a_page_does_not_wait_for_photos(db: None) -> None:
    from server.kernel.errors import Invalid

    cast = await casting.gather()
    with pytest.raises(Invalid):
        await cases.report(cases.Telling(text="坏了", community_id=cast.community, photos=(new_id(),)), cast.resident)


async def test_a_photo_that_another_record_has_is_told_and_the_report_stands(db: None) -> None:
    cast = await casting.gather()
    photo = await casting.photo(cast.resident)
    telling = cases.Telling(text="路灯坏了", community_id=cast.community, photos=(photo,))
    await cases.report(telling, cast.resident, phone=PHONE)
    await cases.report(telling, cast.resident, phone=PHONE)
    assert await database.fetch_value("SELECT count(*) FROM case_photos") == 1
    assert await database.fetch_value("SELECT refused FROM awaited_photos") != ""


async def test_a_photo_that_came_late_is_held_and_never_swept(db: None) -> None:
    cast = await casting.gather()
    photo = new_id()
    await cases.report(
        cases.Telling(text="坏了", community_id=cast.community, photos=(photo,)), cast.resident, phone=PHONE
    )
    await receive.receive(picture(), by=cast.resident, photo_id=photo)
    await database.execute("UPDATE photos SET created_at = created_at - interval '9 days'")
    await sweep.sweep()
    assert await database.fetch_value("SELECT count(*) FROM photos") == 1
