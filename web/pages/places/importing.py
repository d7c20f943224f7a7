"""A file of places, brought in by who looks after a community or more: dry run first, then the confirmation."""

from litestar import get, post
from litestar.response import Template

from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.sheets import Imported
from server.patrols import importing
from server.patrols.place import KEEPERS
from web import security
from web.fragments import AnyRequest, actor_of
from web.pages.admin import imports
from web.pages.admin.acting import Filled, Page
from web.pages.places.lists import BASE


async def _places(content: bytes, datum: str, by: Actor, dry: bool) -> Imported:
    return await importing.import_places(content, datum=datum or "WGS-84", by=by, dry_run=dry)


COLUMN_WORDS = {
    "code": "标签上的编码;新对象空着",
    "kind": "种类的名称或编码",
    "external_code": "在原来清单里的编码;code 空着时要有",
    "name": "名称;新对象要有",
    "address": "地址",
    "latitude": "纬度,例 22.6569",
    "longitude": "经度,例 114.0329",
    "area_code": "社区或网格的编码;有经纬度时可以空着",
    "operator": "负责人怎么称呼",
    "operator_phone": "负责人的电话",
}
KIND = imports.Kind(
    name="places",
    title="导入对象",
    unit="对象",
    place="行",
    help="CSV 或 XLSX,第一行是下面这些栏名,都要有,先后不限。"
    "已登记的按 code,或者按种类和 external_code 对上;空着的格子不改。"
    "各类自己的问题也可以导入:多加一栏,栏名照写那个问题(例:几间房)。",
    columns=tuple((name, COLUMN_WORDS[name]) for name in importing.COLUMNS),
    accept=imports.SHEETS,
    back=BASE,
    path=f"{BASE}/import",
    run=_places,
)


@get("/import")
async def ask(request: AnyRequest) -> Template:
    """Where a file is chosen."""
    return await imports.show_kind(request, _mine(request), Filled())


@post("/import", request_max_body_size=security.PHOTO_BYTES)
async def bring(request: AnyRequest) -> Page:
    """The dry run of a file, or with the kept one its import."""
    return await imports.bring_kind(request, _mine(request))


def _mine(request: AnyRequest) -> imports.Kind:
    if not actor_of(request).has(*KEEPERS):
        raise NotFound()
    return KIND


handlers = [ask, bring]
