"""Photos over HTTP: one comes in at once when it is chosen, and is shown to whoever may see what it hangs on."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath

from server.areas import locate, tree
from server.cases.view import may_see_photo
from server.kernel import limits
from server.kernel.actor import Actor
from server.kernel.errors import HuyingError, Invalid, NotFound, TooMany
from server.patrols import visit_photos
from server.people import sealing
from server.photos import read, receive
from server.photos.refusals import PhotoRefused
from server.photos.stores import StoreSilent
from web import security
from web.fragments import AnyRequest, actor_of, uploads

KEPT = "private, max-age=86400, immutable"


class Position(msgspec.Struct, frozen=True):
    """Where a photo says it was taken, WGS-84; `community_id` is None outside every area."""

    latitude: float
    longitude: float
    accuracy: float | None
    community_id: int | None
    community: str


class Taken(msgspec.Struct, frozen=True):
    """A photo that was taken in, as the form shows it."""

    id: UUID
    thumb: str
    display: str
    taken_at: datetime | None
    position: Position | None


class NotTaken(msgspec.Struct, frozen=True):
    """Why it was not; `passing` where the same photo may be taken later."""

    detail: str
    code: str
    passing: bool = False


@post("/photos", request_max_body_size=security.PHOTO_BYTES, include_in_schema=False, status_code=201)
async def send(request: AnyRequest) -> Response[Taken | NotTaken]:
    """Take in one file named `photo`; 422 says in words why not."""
    by = actor_of(request)
    await limit(by)
    files = uploads(await request.form(), "photo")
    if len(files) != 1:
        raise Invalid({"photo": "请一次传一张照片。"})
    try:
        got = await receive.receive(files[0], by=by)
    except PhotoRefused as error:
        return Response(NotTaken(error.reason, error.code, error.passing), status_code=422)
    position = await _position(got)
    return Response(Taken(got.id, path(got.id, "thumb"), path(got.id, "display"), got.taken_at, position))


@get("/photos/{photo_id:uuid}/{size:str}", include_in_schema=False)
async def show(request: AnyRequest, photo_id: FromPath[UUID], size: FromPath[str]) -> Response[bytes]:
    """The JPEG, without anything in it but the picture, for whoever may see the record it hangs on."""
    if size not in ("display", "thumb") or not await _may_see(photo_id, actor_of(request)):
        raise NotFound("没有这张照片,或者您没有权限查看。")
    try:
        content = await read.read(photo_id, "thumb" if size == "thumb" else "display")
    except StoreSilent as error:
        raise HuyingError("照片暂时取不出来,请稍后再看。") from error
    headers = {"Cache-Control": KEPT, "Vary": "Cookie", "Content-Disposition": "inline"}
    return Response(content, media_type="image/jpeg", headers=headers)


router = Router("/", route_handlers=[send, show])


def path(photo_id: UUID, size: Literal["display", "thumb"]) -> str:
    """The address of a photo."""
    return f"/photos/{photo_id}/{size}"


async def limit(by: Actor) -> None:
    """Keep one device or address from filling the store; a photo counts whether it is taken or not."""
    if by.is_staff:
        return
    for key, burst, per_hour in ((by.device, 60, 60), (by.address, 400, 400)):
        if key and not await limits.take(sealing.bucket("photo", key), burst=burst, per_hour=per_hour):
            raise TooMany("照片传得太多了,请过一会儿再传。文字可以先发。", 60)


async def _may_see(photo_id: UUID, by: Actor) -> bool:
    return await may_see_photo(photo_id, by) or await visit_photos.may_see(photo_id, by)


async def _position(got: receive.Received) -> Position | None:
    if got.latitude is None or got.longitude is None:
        return None
    place = await locate.locate(got.longitude, got.latitude)
    community = place.community_id if place else None
    name = (await tree.line(community)).community_name if community else ""
    return Position(got.latitude, got.longitude, got.accuracy, community, name)
