"""Where phones send what was done on them: commands with POST /sync, photos apart. The protocol is docs/sync.md."""

import base64
import binascii
import re
from uuid import UUID

import msgspec
from litestar import Response, Router, post, put
from litestar.exceptions import (
    ClientException,
    HTTPException,
    NotAuthorizedException,
    ServiceUnavailableException,
    TooManyRequestsException,
)
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from litestar.status_codes import HTTP_426_UPGRADE_REQUIRED

from server.cases import awaited, links
from server.devices import reading, syncing, working_set
from server.devices.protocol import MOST_COMMANDS, NEWEST, OLDEST, PhotoAnswer, Sync, Synced
from server.devices.syncing import BUSY, NO_COOKIE, Opened
from server.kernel import clock, errors
from server.kernel.actor import Actor
from server.patrols import visit_photos
from server.photos import receive
from server.photos.refusals import PhotoRefused
from web import machines, security, session
from web.errors import RETRY_SECONDS, Problem, write_down
from web.fragments import AnyRequest, actor_of
from web.pages import photos

_PROBLEM = "application/problem+json"
_FRESH = {"Cache-Control": "no-store"}


class TooLarge(HTTPException):
    """Over 1 MB, or more than 50 commands: send fewer."""

    status_code = 413


class UpgradeRequired(HTTPException):
    """The protocol is not understood (any more): the app has to be updated; what waits stays on the phone."""

    status_code = HTTP_426_UPGRADE_REQUIRED


class Unprocessable(HTTPException):
    """The photo cannot be taken; the words say why."""

    status_code = 422


class Conflict(HTTPException):
    """The same id with other content, or from somebody else."""

    status_code = 409


@post(
    "/sync",
    status_code=200,
    tags=["phone"],
    summary="Send what was done on a phone",
    operation_class=machines.takes(
        protocol={"type": "integer"},
        commands={"type": "array", "items": {"type": "object"}, "optional": True},
        have={"type": "object", "additionalProperties": {"type": "string"}, "optional": True},
    ),
    raises=[ClientException, NotAuthorizedException, TooLarge, UpgradeRequired, TooManyRequestsException],
    responses={200: ResponseSpec(data_container=bytes, media_type="application/json", description="Synced")},
)
async def sync(request: AnyRequest) -> Response[bytes]:
    """One receipt for each command, in their order, and the sections of the working set that changed.

    The body is a `Sync`, the answer a `Synced` (static/protocol.d.ts). The whole request is refused only where nothing
    in it can be read; everything else is a receipt. Sending again is harmless.
    """
    sent = reading.body(await request.body())
    if sent is None:
        return _problem(400, "没看懂", "这次发来的内容看不懂,没有收下;手机上的都还在。")
    if not OLDEST <= sent.protocol <= NEWEST:
        return _problem(426, "需要更新", "呼应需要更新。没发出的都还在手机上,更新后会接着发。")
    if len(sent.commands) > MOST_COMMANDS:
        return _problem(413, "太多了", f"一次最多发 {MOST_COMMANDS} 条,请分几次发。")
    try:
        return await _synced(request, sent, actor_of(request))
    except errors.TooMany as error:
        return _problem(429, "请稍等", error.words, {"Retry-After": str(error.retry_seconds)})
    except Exception as error:
        write_down(request, error)
        return _problem(503, "请稍等", BUSY, {"Retry-After": str(RETRY_SECONDS)})


@put(
    "/sync/photos/{photo_id:uuid}",
    request_max_body_size=security.PHOTO_BYTES,
    tags=["phone"],
    summary="Send a photo that a command names, before or after it",
    raises=[
        ClientException,
        Conflict,
        TooLarge,
        Unprocessable,
        TooManyRequestsException,
        ServiceUnavailableException,
    ],
)
async def put_photo(request: AnyRequest, photo_id: FromPath[UUID]) -> Response[PhotoAnswer]:
    """Idempotent; the body is the photo, and `Content-Digest: sha-256=:…:` (RFC 9530) says what it must be."""
    by = actor_of(request)
    digest = digest_in(request.headers.get("content-digest", ""))
    if digest is None:
        return _photo(photo_id, 400, "not_yet", "没有照片的校验码,会再传一次。")
    if session.device_of(request) is None and not by.signed_in:
        return _photo(photo_id, 503, "not_yet", NO_COOKIE)
    before = await receive.known(photo_id, digest, by)
    if before is not None:
        return _photo(photo_id, 200, "already") if before else _other(photo_id)
    if not (await awaited.may_send(photo_id, by) and await visit_photos.may_send(photo_id, by)):
        return _other(photo_id)
    return await _take(request, photo_id, digest, by)


def digest_in(header: str) -> bytes | None:
    """The SHA-256 of a Content-Digest header; None where it names none."""
    found = re.search(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]{44}):", header)
    if found is None:
        return None
    try:
        digest = base64.b64decode(found[1], validate=True)
    except binascii.Error:
        return None
    return digest if len(digest) == 32 else None


router = Router("/", route_handlers=[sync, put_photo])


async def _synced(request: AnyRequest, sent: Sync, by: Actor) -> Response[bytes]:
    given = syncing.read(sent.commands)
    if syncing.needs_sign_in(given, by):
        return _problem(401, "请先登录", "登录已过期。没发出的都还在手机上,登录后接着发。")
    phone = session.device_of(request)
    done = await syncing.sync(given, by, known_device=phone is not None)
    token, opened = await _open(done.opened, by, session.link_token(request.cookies))
    by = msgspec.structs.replace(by, links=(*by.links, *opened))
    answer = Synced(
        protocol=sent.protocol,
        now=clock.now(),
        receipts=done.receipts,
        sections=await working_set.changed(by, sent.have, phone),
    )
    response = Response(msgspec.json.encode(answer), media_type="application/json", headers=_FRESH)
    if opened and token:
        response.set_cookie(session.cookie(session.LINKS, token))
    return response


async def _open(found: tuple[Opened, ...], by: Actor, token: str | None) -> tuple[str | None, list[UUID]]:
    """Open the links of what was told without an account; a link that was revoked since stays closed."""
    opened = []
    for one in found:
        if one.report_id in by.links:
            continue
        try:
            token = (await links.open_link(links.secret_of(one.link), token)).token
        except errors.NotFound:
            continue
        opened.append(one.report_id)
    return token, opened


async def _take(request: AnyRequest, photo_id: UUID, digest: bytes, by: Actor) -> Response[PhotoAnswer]:
    try:
        await photos.limit(by)
        await receive.receive(request.stream(), by=by, photo_id=photo_id, expected=digest)
    except errors.TooMany as error:
        return _photo(photo_id, 429, "not_yet", error.words, error.retry_seconds)
    except PhotoRefused as error:
        if error.code == "other_content":
            return _other(photo_id)
        if error.passing:
            return _photo(photo_id, 400 if error.code == "harmed" else 503, "not_yet", error.reason)
        await awaited.will_not_come(photo_id, error.reason, by)
        await visit_photos.will_not_come(photo_id, error.reason, by)
        return _photo(photo_id, 422, "refused", error.reason)
    return _photo(photo_id, 200, "done")


def _other(photo_id: UUID) -> Response[PhotoAnswer]:
    return _photo(photo_id, 409, "refused", "同一编号已收到另一张照片,请重新选照片。")


def _photo(photo_id: UUID, status: int, outcome: str, words: str = "", retry: int = 0) -> Response[PhotoAnswer]:
    answer = msgspec.convert({"id": photo_id, "outcome": outcome, "words": words}, PhotoAnswer)
    headers = _FRESH | ({"Retry-After": str(retry)} if retry else {})
    return Response(answer, status_code=status, media_type="application/json", headers=headers)


def _problem(status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Response[bytes]:
    problem = msgspec.json.encode(Problem(status=status, title=title, detail=detail))
    return Response(problem, status_code=status, media_type=_PROBLEM, headers=_FRESH | (headers or {}))
