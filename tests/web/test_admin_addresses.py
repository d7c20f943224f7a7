"""The address register over the pages: look up, add, correct, retire, aliases, files."""

import io

import httpx
import openpyxl
import pytest

from server.addresses import matcher
from server.kernel import database, events
from server.kernel.ids import new_id
from tests import cast as casting
from tests.cast import Cast
from tests.web.admining import agree, send, send_surely, words
from tests.web.signed_in import another, as_
from tests.web.test_admin import admin_of

TEXT = "榕荫路12号春风花园3栋"


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


@pytest.fixture
async def admin(web: httpx.AsyncClient, cast: Cast) -> httpx.AsyncClient:
    return await as_(web, cast.area_admin)


async def add(admin: httpx.AsyncClient, cast: Cast, **further: object) -> str:
    """Add an address; its path comes back."""
    answer = await send(admin, "/admin/addresses", **({"text": TEXT, "community": cast.community} | further))
    assert answer.status_code == 303, words(answer)
    return answer.headers["location"].partition("?")[0]


async def told(path: str) -> list[str]:
    return [event.kind for event in await events.history(f"address:{path.rpartition('/')[2]}")]


async def test_an_address_is_added_corrected_called_and_retired(admin: httpx.AsyncClient, cast: Cast) -> None:
    path = await add(admin, cast)
    await send(admin, f"{path}/text", text=TEXT, grid=cast.grid, source="走访")
    await send(admin, f"{path}/text", text=TEXT, grid=cast.grid, source="走访")
    await send(admin, f"{path}/aliases", alias="老机械厂")
    assert "老机械厂" in words(await admin.get(path))
    assert (await matcher.match("春风花园三幢")).grid_id == cast.grid
    assert TEXT in words(await admin.get("/admin/addresses?q=春风花园3栋"))
    assert TEXT in words(await admin.get("/admin/addresses?q=老机械厂"))
    assert TEXT in words(await admin.get("/admin/addresses?q=榕荫路12号"))
    assert TEXT in words(await admin.get("/admin/addresses"))
    alias = await database.fetch_value("SELECT id FROM address_aliases")
    for _ in range(2):
        await send(admin, f"{path}/aliases/{alias}/end")
    await send_surely(admin, f"{path}/retirement")
    assert "已停用" in words(await admin.get(path))
    assert (await matcher.match("春风花园三幢")).candidates == ()
    assert (await send(admin, f"{path}/text", text="别处1号")).status_code == 409
    assert await told(path) == [
        "address.added",
        "address.corrected",
        "address.alias_added",
        "address.alias_ended",
        "address.retired",
    ]


async def test_a_point_gives_the_grid(admin: httpx.AsyncClient, cast: Cast) -> None:
    longitude, latitude = casting.middle(1)
    path = await add(admin, cast, longitude=longitude, latitude=latitude)
    assert "民乐二网格" in words(await admin.get(path))
    away = await send(admin, f"{path}/text", text=TEXT, longitude=10, latitude=10)
    assert away.status_code == 422
    assert "点不在区内" in words(away)


@pytest.mark.parametrize(
    ("fields", "mend"),
    [
        ({"text": ""}, "地址是空的"),
        ({"text": "长" * 121}, "太长"),
        ({"text": "!!!"}, "没有文字"),
        ({"text": TEXT}, "已经有这个地址"),
        ({"code": "A1"}, "这个编码已经有"),
        ({"longitude": "114"}, "要一起填"),
        ({"longitude": "1", "latitude": "1", "datum": "MARS"}, "坐标系"),
        ({"community": "1"}, "请选择社区"),
    ],
)
async def test_what_cannot_be_taken_is_named(
    admin: httpx.AsyncClient, cast: Cast, fields: dict[str, str], mend: str
) -> None:
    await add(admin, cast)
    await add(admin, cast, text="别处1号", code="A1")
    if fields.get("community"):
        fields = {"community": str(cast.street)}
    answer = await send(admin, "/admin/addresses", **({"text": "某路9号", "community": cast.community} | fields))
    assert answer.status_code == 422
    assert mend in words(answer)
    assert await database.fetch_value("SELECT count(*) FROM addresses") == 2


async def test_a_neighbour_does_not_find_it(web: httpx.AsyncClient, admin: httpx.AsyncClient, cast: Cast) -> None:
    path = await add(admin, cast)
    neighbour = await as_(web, await admin_of(cast.next_community))
    assert (await neighbour.get(path)).status_code == 404
    assert TEXT not in words(await neighbour.get("/admin/addresses?q=春风花园3栋"))
    assert TEXT not in words(await neighbour.get("/admin/addresses"))
    changes = (("text", {"text": "别处"}), ("retirement", {"sure": "on"}), ("aliases", {"alias": "x"}))
    for to, fields in (*changes, ("aliases/1/end", {})):
        assert (await send(neighbour, f"{path}/{to}", **fields)).status_code == 404
        assert (await send(await as_(web, cast.resident), f"{path}/{to}", **fields)).status_code == 404
        assert (await send(another(web), f"{path}/{to}", **fields)).status_code == 303
    answer = await send(neighbour, "/admin/addresses", text="别处1号", community=cast.community)
    assert answer.status_code == 404
    assert await told(path) == ["address.added"]


async def test_sending_twice_is_once(admin: httpx.AsyncClient, cast: Cast) -> None:
    fields = {"command": str(new_id()), "text": TEXT, "community": str(cast.community)}
    first, second = [await admin.post("/admin/addresses", data=fields) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert await database.fetch_value("SELECT count(*) FROM addresses") == 1


async def test_a_workbook_is_looked_at_then_brought_in(admin: httpx.AsyncClient, cast: Cast) -> None:
    book = openpyxl.Workbook()
    book.active.append(["text", "community_code", "longitude", "latitude", "aliases"])
    book.active.append([TEXT, "440300001001", *casting.middle(0), "老机械厂|厂宿舍"])
    kept = io.BytesIO()
    book.save(kept)
    data = {"command": str(new_id()), "choice": "WGS-84"}
    path = "/admin/imports/addresses"
    assert "BD-09" in words(await admin.get(path))
    dry = await admin.post(path, data=data, files={"file": ("f.xlsx", kept.getvalue())})
    assert "1 添加" in words(dry)
    assert await database.fetch_value("SELECT count(*) FROM addresses") == 0
    for _ in range(2):
        assert (await agree(admin, dry)).headers["location"] == "/admin/addresses?said=import"
    assert await database.fetch_value("SELECT count(*) FROM addresses") == 1
    again = await admin.post(path, data=data | {"command": str(new_id())}, files={"file": ("f", kept.getvalue())})
    assert "没有改动" in words(again)
    wrong = await admin.post(
        path, data=data | {"command": str(new_id()), "choice": "MARS"}, files={"file": ("f", kept.getvalue())}
    )
    assert wrong.status_code == 422
