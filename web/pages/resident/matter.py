"""One report: the track, what was done, and what its reporter can do now."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from server import cases
from server.cases import Changed, closing, links
from server.cases.view import CaseView, Telling, view
from server.cases.way import Relation
from server.devices import receipts
from server.households import helping
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound, SignInNeeded, Stale
from server.kernel.ids import new_id
from server.kernel.settings import settings
from server.photos import extent
from web import security, session
from web.fragments import AnyRequest, Mends, actor_of, decode, go, page
from web.pages.resident import taken, told
from web.pages.resident.taken import Taken

REFUSED = "huying_refused"
"""Cookie: why photos of the form just sent were not taken; told once, on the page that follows."""
DONE = {
    "add": "补充的内容已收到。",
    "reply": "谢谢,您的回答已送到,事情继续办。",
    "rate": "谢谢您的评价。",
    "reopen": "已要求重办,社区会重新安排。",
    "withdraw": "已撤回。",
}


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What a form of this page sent, as it was typed."""

    command: str = ""
    seen: str = ""
    text: str = ""
    stars: str = ""
    reason: str = ""
    again: bool = False
    photo: list[str] = []
    refused: list[str] = []


Verb = Callable[[Actor, int, Typed, Taken], Awaitable[Changed]]


@get("/mine/{number:str}")
async def show(request: AnyRequest, number: FromPath[str], done: FromQuery[str] = "") -> Template:
    """The report and how its case goes."""
    said = DONE.get(done, "")
    refused = unquote(request.cookies.get(REFUSED, "")).splitlines() if said else []
    response = await _shown(request, number, done=said, not_taken=refused)
    if refused:
        session.forget(response, REFUSED, f"/mine/{number}")
    return response


@get("/mine/{number:str}/receipt")
async def receipt(request: AnyRequest, number: FromPath[str]) -> Template:
    """What somebody gets for having told: the number, the link to keep, what happens next and by when."""
    return await receipt_page(request, number)


@post("/mine/{number:str}/additions", request_max_body_size=security.PHOTO_BYTES)
async def add(request: AnyRequest, number: FromPath[str]) -> Template | Redirect:
    """Say or show more. Takes no notice of what happened meanwhile: more is always welcome."""

    async def verb(by: Actor, seen: int, typed: Typed, took: Taken) -> Changed:
        return await cases.add(number, by, text=typed.text, photos=took.ids)

    return await _do(request, number, "add", verb)


@post("/mine/{number:str}/reply", request_max_body_size=security.PHOTO_BYTES)
async def reply(request: AnyRequest, number: FromPath[str]) -> Template | Redirect:
    """Answer what the desk asked."""

    async def verb(by: Actor, seen: int, typed: Typed, took: Taken) -> Changed:
        return await cases.reply(number, by, seen=seen, text=typed.text, photos=took.ids)

    return await _do(request, number, "reply", verb)


@post("/mine/{number:str}/rating")
async def rate(request: AnyRequest, number: FromPath[str]) -> Template | Redirect:
    """Say whether it helped; a low rating can ask for it to be done again in the same breath."""

    async def verb(by: Actor, seen: int, typed: Typed, took: Taken) -> Changed:
        stars = int(typed.stars) if typed.stars in ("1", "2", "3", "4", "5") else None
        low = stars is not None and stars <= closing.LOW
        reason = typed.reason if low else ""
        changed = await cases.rate(number, by, seen=seen, stars=stars, reason=reason, text=typed.text)
        if not (low and typed.again):
            return changed
        why = typed.text or closing.REASONS[reason]
        return await cases.reopen(number, by, seen=changed.version, reason=why)

    return await _do(request, number, "rate", verb)


@post("/mine/{number:str}/reopening")
async def reopen(request: AnyRequest, number: FromPath[str]) -> Template | Redirect:
    """Not fixed: ask for it to be done again."""

    async def verb(by: Actor, seen: int, typed: Typed, took: Taken) -> Changed:
        return await cases.reopen(number, by, seen=seen, reason=typed.text)

    return await _do(request, number, "reopen", verb)


@post("/mine/{number:str}/withdrawal")
async def withdraw(request: AnyRequest, number: FromPath[str]) -> Template | Redirect:
    """Take the report back."""

    async def verb(by: Actor, seen: int, typed: Typed, took: Taken) -> Changed:
        return await cases.withdraw(number, by, seen=seen, reason=typed.text)

    return await _do(request, number, "withdraw", verb)


async def receipt_page(request: AnyRequest, number: str, status: int = 200) -> Template:
    """The same as a page, for who sent it as well."""
    seen, telling = await _load(request, number)
    link = await _link(telling, actor_of(request))
    return page(request, "resident/receipt.html", status=status, view=seen, telling=telling, link=link)


async def _do(request: AnyRequest, number: str, name: str, verb: Verb) -> Template | Redirect:
    """Run a verb once; what has to be mended or has happened meanwhile is shown with the form as it was typed."""
    await _load(request, number)
    by, sent = actor_of(request), await request.form()
    typed = decode(sent, Typed)
    command = _command(typed.command)
    took = await taken.take(sent, typed.photo, typed.refused, command, by)
    content = [number, msgspec.structs.replace(typed, command="", photo=[], refused=[]), took.sent]
    seen = int(typed.seen) if typed.seen.isascii() and typed.seen.isdigit() and len(typed.seen) < 10 else 0
    try:
        await receipts.once(command, name, content, by, Changed, lambda: verb(by, seen, typed, took))
    except Invalid as error:
        return await _shown(request, number, 422, name=name, typed=typed, took=took, errors=Mends(error.fields))
    except Stale as error:
        return await _shown(request, number, 409, name=name, typed=typed, took=took, meanwhile=error.meanwhile)
    except NotAllowed as error:
        return await _shown(request, number, 409, name=name, typed=typed, took=took, refusal=error.words)
    reopened = name == "rate" and typed.again and typed.stars in ("1", "2")
    done = "reopen" if reopened else name
    response = go(request, f"/mine/{number}?done={done}")
    if took.refused:
        words = quote("\n".join(took.refused)[:1500])
        response.set_cookie(session.cookie(REFUSED, words, seconds=60, path=f"/mine/{number}"))
    return response


async def _shown(
    request: AnyRequest,
    number: str,
    status: int = 200,
    *,
    name: str = "",
    typed: Typed | None = None,
    took: Taken | None = None,
    **values: Any,
) -> Template:
    seen, telling = await _load(request, number)
    shown: dict[str, Any] = {"done": "", "not_taken": [], "errors": Mends(), "meanwhile": (), "refusal": "", **values}
    return page(
        request,
        "resident/matter.html",
        status=status,
        number=number,
        view=seen,
        telling=telling,
        sentence=told.sentence_of(seen),
        reason=told.reason(seen),
        stops=told.stops(seen.case.state),
        steps=told.track(seen),
        helpers=await helping.of_case(seen.case.id),
        link=await _link(telling, actor_of(request)),
        sent=name,
        typed=typed or Typed(),
        photos=took.ids if took else (),
        refused=took.refused if took else (),
        reasons=closing.REASONS,
        low=closing.LOW,
        most_bytes=extent.BYTES,
        no_errors=Mends(),
        head=seen.case.history_link.hex()[:12],
        **shown,
    )


async def _load(request: AnyRequest, number: str) -> tuple[CaseView, Telling]:
    """The case behind a report of the reader's own, and that report; for others, staff too, there is none here."""
    if not (number.isascii() and number.isdigit() and len(number) <= 20):
        raise NotFound("没有找到这件事,请核对编号。")
    by = actor_of(request)
    try:
        seen = await view(number, by)
    except NotFound:
        # Most often a session that has ended; who signs in and still may not see it is told that there is none.
        if not by.signed_in:
            raise SignInNeeded("登录后可以看您上报的事。") from None
        raise
    own = [one for one in seen.tellings if one.id in seen.mine]
    if Relation.REPORTER not in seen.relations or not own:
        raise NotFound("没有找到这件事,或者您没有权限查看。")
    return seen, next((one for one in own if one.number == number), own[0])


async def _link(telling: Telling, by: Actor) -> str:
    """The secret link to keep, on a device that holds it: whom it was told for follows it by their own account."""
    if telling.has_account or telling.id not in by.links:
        return ""
    link = await links.link_of(telling.id)
    return f"{settings().public_url.rstrip('/')}/r/{links.secret_of(link)}" if link else ""


def _command(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return new_id()
