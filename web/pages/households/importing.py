"""A file of households, brought in by their community: dry run first, then the confirmation."""

from litestar import get, post
from litestar.response import Template

from server.households import importing
from server.households.household import KEEPERS
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.sheets import Imported
from web import security
from web.fragments import AnyRequest, actor_of
from web.pages.admin import imports
from web.pages.admin.acting import Filled, Page
from web.pages.households.acting import BASE

COLUMN_WORDS = {
    "external_code": "在原来清单里的编号;再导入时按它对上",
    "place": "地址,例 民治路 12 号、民乐新村",
    "room": "房号",
    "name": "找谁,怎么称呼",
    "building": "楼栋",
    "unit": "单元",
    "area_code": "网格或社区的编码;空着就是您的社区",
    "phone": "电话",
    "relation": "是谁,例 本人、女儿",
    "tags": "标签的名称或编码,几个用 | 分开",
    "private": "是、否:这户的事只让书记看到",
}


async def _households(content: bytes, _: str, by: Actor, dry: bool) -> Imported:
    return await importing.import_households(content, by=by, dry_run=dry)


KIND = imports.Kind(
    name="households",
    title="导入联系户",
    unit="户",
    place="行",
    help="CSV 或 XLSX,第一行是栏名,先后不限;external_code、place、room、name 要有,其他可以没有。"
    f"一个文件最多 {importing.MOST} 户。已登记的按 external_code 对上,空着的格子不改;只记要找的人,不要导入全家名单。",
    columns=tuple(COLUMN_WORDS.items()),
    accept=imports.SHEETS,
    back=BASE,
    path=f"{BASE}/import",
    run=_households,
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
    if not any(post.role in KEEPERS and post.area_level == "community" for post in actor_of(request).posts):
        raise NotFound()
    return KIND


handlers = [ask, bring]
