"""Files brought in whole: divisions, polygons, addresses, categories. First a dry run, then the confirmation.

Between the two the file is kept on the server; what the confirmation writes is checked anew, under the same locks, and
where it would no longer do what was shown, it is shown again and nothing is written.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Template

from server.addresses import rows as address_rows
from server.addresses.importing import import_addresses
from server.areas.divisions import import_divisions
from server.areas.geometry import CONVERTERS
from server.areas.polygons import import_polygons
from server.devices import receipts
from server.forms import categories, publishing, standards
from server.kernel import database, kept_files
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.kernel.sheets import Imported
from web import security
from web.fragments import AnyRequest, actor_of, decode, go, uploads
from web.pages.admin.acting import Filled, Form, Line, Page, shown, texts

MOST_PROBLEMS = 500
"""Wrong rows that a page lists; the file is mended and brought again."""

SHEETS = ".csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Run = Callable[[bytes, str, Actor, bool], Awaitable[Imported]]


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of file: what it is, what it is called in counts, how it is brought in (content, choice, who, dry)."""

    name: str
    title: str
    unit: str
    place: str
    """What a problem's number counts."""
    help: str
    accept: str
    back: str
    run: Run
    columns: tuple[tuple[str, str], ...] = ()
    """What the first line names, and what stands below each; said as a list where it is long."""
    path: str = ""
    """Where it is brought in; empty within the administration."""

    @property
    def action(self) -> str:
        return self.path or f"/admin/imports/{self.name}"


class Import(Form, frozen=True):
    """First with a file, then with the id of the kept one and the counts that were shown."""

    choice: Line = ""
    """The datum of polygons, the name of a standard."""
    kept: UUID | None = None
    counts: Line = ""


async def _divisions(content: bytes, _: str, by: Actor, dry: bool) -> Imported:
    return await import_divisions(content, by=by, dry_run=dry)


async def _polygons(content: bytes, datum: str, by: Actor, dry: bool) -> Imported:
    return await import_polygons(content, datum=datum or "WGS-84", by=by, dry_run=dry)


async def _addresses(content: bytes, datum: str, by: Actor, dry: bool) -> Imported:
    if datum and datum not in address_rows.CONVERTERS:
        raise Invalid({"choice": "请选择坐标系。"})
    return await import_addresses(content, datum=datum or "WGS-84", by=by, dry_run=dry)


async def _categories(content: bytes, standard: str, by: Actor, dry: bool) -> Imported:
    await publishing.must_administer_categories(by)
    return await standards.import_categories(content, standard, by=by, dry_run=dry)


DATUMS = {
    "polygons": tuple(CONVERTERS),
    "places": tuple(CONVERTERS),
    "addresses": tuple(address_rows.CONVERTERS),
}
"""Kinds of files that hold positions, and the datums that they may be in."""
DATUM_WORDS = {
    "WGS-84": ("WGS-84 / CGCS2000", "天地图、测绘成果、GPS"),
    "GCJ-02": ("GCJ-02(高德、腾讯、微信)", "国内手机地图上画的"),
    "BD-09": ("BD-09(百度)", "百度地图上取的"),
}

KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            name="divisions",
            title="导入区划",
            unit="区域",
            place="行",
            help="CSV,第一行是 code,name,level,parent_code;UTF-8 或 GB18030 都可以。文件里没有的区域不会动。",
            accept=".csv,text/csv",
            back="/admin/areas",
            run=_divisions,
        ),
        Kind(
            name="polygons",
            title="导入边界",
            unit="边界",
            place="个图形",
            help="GeoJSON 的 FeatureCollection,每个图形的属性 code 是区域编码。",
            accept=".geojson,.json,application/geo+json,application/json",
            back="/admin/areas",
            run=_polygons,
        ),
        Kind(
            name="addresses",
            title="导入地址",
            unit="地址",
            place="行",
            help="CSV 或 Excel(.xlsx),第一行要有 text 和 community_code,可以有 code、grid_code、longitude、latitude、"
            "accuracy、datum、aliases(用 | 分开)、source。最多 100 万行、128 MB。文件里没有的地址不会动。",
            accept=SHEETS,
            back="/admin/addresses",
            run=_addresses,
        ),
        Kind(
            name="categories",
            title="导入类别标准",
            unit="类别",
            place="行",
            help="CSV,第一行是 level1,level2,level3。同一标准里文件没有的类别会停用,工单不受影响。",
            accept=".csv,text/csv",
            back="/admin/categories",
            run=_categories,
        ),
    )
}


@get("/imports/{name:str}")
async def ask(request: AnyRequest, name: FromPath[str]) -> Template:
    """Where a file is chosen."""
    return await show_kind(request, _kind(name), Filled())


@post("/imports/{name:str}", request_max_body_size=security.IMPORT_BYTES)
async def bring(request: AnyRequest, name: FromPath[str]) -> Page:
    """The dry run of a file, or with the kept one its import."""
    return await bring_kind(request, _kind(name))


async def bring_kind(request: AnyRequest, kind: Kind) -> Page:
    """The same for a page that knows its kind of file."""
    by, typed = actor_of(request), await request.form()
    try:
        sent = decode(typed, Import)
        if not sent.sure:
            return await _dry_run(request, kind, sent, uploads(typed, "file"))
        content = [kind.name, msgspec.structs.replace(sent, sure=False)]
        done = await receipts.once(
            sent.command, f"admin.import.{kind.name}", content, by, Imported, lambda: _write(kind, sent, by)
        )
    except _Moved as moved:
        return await _outcome(request, kind, sent, moved.now, moved=True)
    except (Invalid, NotAllowed) as refusal:
        return await show_kind(request, kind, Filled(doing="import", typed=texts(typed), refusal=refusal))
    changed = done.created + done.changed + done.retired
    return go(request, f"{kind.back}?said={'import' if changed else 'import.same'}")


async def _dry_run(request: AnyRequest, kind: Kind, sent: Import, files: list[UploadFile]) -> Template:
    if len(files) != 1:
        raise Invalid({"file": "请选择一个文件。"})
    by, content = actor_of(request), await files[0].read()
    found = await kind.run(content, sent.choice, by, True)
    kept = None if found.problems else await kept_files.keep(content, kind.name, by)
    return await _outcome(request, kind, msgspec.structs.replace(sent, kept=kept), found)


async def _write(kind: Kind, sent: Import, by: Actor) -> Imported:
    if sent.kept is None:
        raise NotAllowed("请先选文件检查一遍。")
    content = await kept_files.kept(sent.kept, kind.name, by)
    async with database.transaction():
        done = await kind.run(content, sent.choice, by, False)
        if done.problems or _counts(done) != sent.counts:
            raise _Moved(done)  # which undoes it
        return done


async def _outcome(request: AnyRequest, kind: Kind, sent: Import, found: Imported, moved: bool = False) -> Template:
    template = shown(
        request,
        "admin/import_outcome.html",
        Filled(),
        kind=kind,
        sent=sent,
        found=found,
        problems=found.problems[:MOST_PROBLEMS],
        counts=_counts(found),
        moved=moved,
    )
    template.status_code = 409 if moved else 422 if found.problems else 200
    return template


async def show_kind(request: AnyRequest, kind: Kind, filled: Filled) -> Template:
    """Where a file of this kind is chosen."""
    if kind.name == "categories":
        await publishing.must_administer_categories(actor_of(request))
    return shown(
        request,
        "admin/import.html",
        filled,
        kind=kind,
        datum_words=DATUM_WORDS,
        datums=DATUMS.get(kind.name, ()),
        standards=await categories.standards() if kind.name == "categories" else [],
    )


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise NotFound()
    return KINDS[name]


def _counts(found: Imported) -> str:
    return f"{found.created}.{found.changed}.{found.unchanged}.{found.retired}"


class _Moved(Exception):
    """What the import would do is no longer what was shown."""

    def __init__(self, now: Imported) -> None:
        super().__init__()
        self.now = now


handlers = [ask, bring]
