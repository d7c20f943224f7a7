"""The desk opens what somebody's phone could not send: a file of their own, handed over (docs/export.md)."""

from typing import Any
from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from server.cases.case import DESK_ROLES
from server.devices import export_file, exports
from server.devices.exports import PURPOSE, Seen
from server.devices.protocol import Finish, Report, TakeOn, Visit
from server.devices.reading import Read
from server.kernel import kept_files
from server.kernel.errors import Invalid, NotAllowed, TooMany
from web import security, session
from web.fragments import AnyRequest, actor_of, go, page, uploads

VERBS = {
    "report": "上报",
    "take_on": "接单",
    "finish": "办结",
    "visit": "巡查记录",
    "go": "去现场",
    "call": "打电话",
    "contact": "走访",
    "ring": "打电话",
}
SAID = {"busy": "有几条这次没收下,过一会儿再点一次,已收下的不会重复。"}


@get("/")
async def ask(request: AnyRequest) -> Template:
    """Where a file is chosen."""
    return page(request, "desk/exports.html", error="")


@post("/", request_max_body_size=security.PHOTO_BYTES)
async def take(request: AnyRequest) -> Template | Redirect:
    """Open the file and keep it, as it is, until it is brought in or two hours have gone."""
    by = actor_of(request)
    try:
        content = await _sent(request)
        await exports.opened(content, by)
    except Invalid as error:
        return page(request, "desk/exports.html", status=422, error=error.fields["file"])
    return go(request, f"/desk/exports/{await kept_files.keep(content, PURPOSE, by)}")


@get("/{file_id:uuid}")
async def show(request: AnyRequest, file_id: FromPath[UUID], said: FromQuery[str] = "") -> Template:
    """What is in it, and what became of it by now."""
    by = actor_of(request)
    try:
        content = await kept_files.kept(file_id, PURPOSE, by)
    except NotAllowed as gone:
        return page(request, "desk/exports.html", status=409, error=gone.words)
    _, seen = await exports.look(content, by)
    return page(
        request,
        "desk/export.html",
        file_id=file_id,
        items=[_shown(one) for one in seen],
        can=sum(one.can for one in seen),
        fresh=sum(one.can and one.state == "waiting" for one in seen),
        received=sum(one.state == "received" for one in seen),
        refused=sum(one.state == "refused" or (one.state == "waiting" and not one.can) for one in seen),
        photos_left=sum(_photos_left(one) for one in seen),
        said=SAID.get(said, ""),
    )


@post("/{file_id:uuid}/intake")
async def bring_in(request: AnyRequest, file_id: FromPath[UUID]) -> Redirect:
    """Take in what has not arrived, in the names of those who made it. Again is harmless."""
    by = actor_of(request)
    try:
        await exports.bring_in(await kept_files.kept(file_id, PURPOSE, by), by)
    except TooMany:
        return go(request, f"/desk/exports/{file_id}?said=busy")
    return go(request, f"/desk/exports/{file_id}")


router = Router(
    "/desk/exports",
    route_handlers=[ask, take, show, bring_in],
    guards=[session.roles(*DESK_ROLES)],
    include_in_schema=False,
)


async def _sent(request: AnyRequest) -> bytes:
    files = uploads(await request.form(), "file")
    if len(files) != 1:
        raise Invalid({"file": "请选择一个文件。"})
    content = await files[0].read(export_file.MOST_BYTES + 1)
    if len(content) > export_file.MOST_BYTES:
        raise Invalid({"file": export_file.WORDS["large"]})
    return content


def _photos_left(one: Seen) -> int:
    left = len(one.item.photos) - one.photos_in - len(one.photos_refused)
    return left if one.state == "received" else 0


def _shown(one: Seen) -> dict[str, Any]:
    """One command in words."""
    given = one.item.given
    result = one.kept.outcome.result if one.kept and one.state == "received" else None
    return {
        "seen": one,
        "verb": VERBS[given.command.verb] if isinstance(given, Read) else "看不懂的一条",
        "private": isinstance(given, Read) and isinstance(given.data, Report) and given.data.private,
        "about": given.data.number if isinstance(given, Read) and isinstance(given.data, TakeOn | Finish) else "",
        "words": "" if one.hidden else _words(given.data if isinstance(given, Read) else None),
        "place": given.data.place if isinstance(given, Read) and isinstance(given.data, Report) else "",
        "made": given.command.at[:16].replace("T", " ") if isinstance(given, Read) and not given.phone.odd else "",
        "result": result,
        "at": one.kept.outcome.at if one.kept else None,
        "photos_left": _photos_left(one),
    }


def _words(data: object) -> str:
    match data:
        case Report() | Finish():
            return data.text
        case TakeOn():
            return data.promise
        case Visit():
            return "\n".join(filter(None, (data.place_words, data.note, *(one.words for one in data.findings))))
    return ""
