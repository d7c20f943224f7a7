"""What the tests of desk and unit share: a case at every point of its way, forms as a browser sends them."""

import re
from typing import Any
from uuid import UUID

import httpx

from server import cases
from server.cases import Telling
from server.forms.categories import Allowance
from server.forms.publishing import create, publish
from server.kernel import database
from server.kernel.ids import new_id
from server.photos import receive
from tests.cast import Cast, middle
from tests.photos import pictures

TEXT = (
    "三栋楼下的路灯不亮,晚上看不清台阶。已经好几天了,请来看看,老人走夜路不放心,麻烦尽快处理一下,谢谢你们,我们都等着。"
)


async def reported(cast: Cast, **also: Any) -> str:
    """A report in the middle of the first grid; its number."""
    longitude, latitude = middle(0)
    given: dict[str, Any] = {
        "text": TEXT,
        "place": "民乐新村 3 栋",
        "latitude": latitude,
        "longitude": longitude,
        "position_source": "phone",
        "name": "李小梅",
    }
    held = also.pop("held", "")
    by = also.pop("by", cast.resident)
    return (await cases.report(Telling(**given | also), by, held=held)).number


async def accepted(cast: Cast, category: int | None = None, **also: Any) -> str:
    number = await reported(cast, **also)
    await cases.accept(number, cast.staff, seen=None, category_id=category)
    return number


async def dispatched(cast: Cast, category: int | None = None, **also: Any) -> str:
    number = await accepted(cast, category, **also)
    await cases.dispatch(number, cast.staff, seen=None, unit_id=cast.unit)
    return number


async def in_hand(cast: Cast, category: int | None = None, **also: Any) -> str:
    number = await dispatched(cast, category, **also)
    await cases.take_on(number, cast.handler, seen=None, promise="今天下午去看")
    return number


async def finished(cast: Cast, category: int | None = None, **also: Any) -> str:
    number = await in_hand(cast, category, **also)
    after = await receive.receive(pictures.jpeg(320, 240), by=cast.handler)
    await cases.finish(number, cast.handler, seen=None, text="换了灯头,亮了。", after=[after.id])
    return number


async def checked(cast: Cast, category: int | None = None) -> str:
    number = await finished(cast, category)
    await cases.check(number, cast.grid_worker, seen=None, passed=True)
    return number


async def category(cast: Cast, **demands: Any) -> int:
    """A category with demands of its own; its id."""
    allowances = {
        "normal": Allowance(3, "working_days"),
        "urgent": Allowance(1, "working_days"),
        "emergency": Allowance(2, "hours"),
    }
    name = f"路灯不亮{new_id().hex[-6:]}"
    made = (await create("t", new_id().hex[-8:], name, None, by=cast.system_admin)).category_id
    asked = {"photo_before": False, "photo_after": False, "needs_check": True, "private": False, "questions": []}
    await publish(made, allowances=allowances, by=cast.system_admin, **asked | demands)
    return made


async def version(number: str) -> int:
    """What a page shown now would send back as `seen`."""
    return int(await database.fetch_value("SELECT version FROM cases WHERE number = $1", number))


async def state(number: str) -> str:
    return str(await database.fetch_value("SELECT state FROM cases WHERE number = $1", number))


async def events(number: str, kind: str) -> int:
    """How often something happened to a case."""
    return int(
        await database.fetch_value(
            """SELECT count(*) FROM events WHERE kind = $2
               AND stream = (SELECT 'case:' || id FROM cases WHERE number = $1)""",
            number,
            kind,
        )
    )


def form_of(page: httpx.Response, resource: str) -> dict[str, str]:
    """The hidden fields of the form that goes to `…/{resource}` on a page."""
    found = re.search(rf'<form[^>]*action="[^"]*/{resource}[?"].*?</form>', page.text, re.DOTALL)
    assert found, f"no form to {resource} on the page"
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', found.group()))


def command(seen: int = 1, **fields: Any) -> dict[str, Any]:
    """A form's fields as sent."""
    return {"command": str(new_id()), "seen": str(seen), **{name: _text(value) for name, value in fields.items()}}


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, (int, UUID)) else value
