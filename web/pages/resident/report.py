"""找书记: a photo, two lines, done. Nothing that was typed or sent is lost on the way, and twice is once."""

from uuid import UUID

import msgspec
from litestar import get, post
from litestar.response import Redirect, Template

from server import cases
from server.areas import choices
from server.cases import Reported, links, mine, reporting
from server.devices import receipts
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed
from server.kernel.ids import new_id
from server.photos import extent
from web import security, session, words
from web.fragments import AnyRequest, Mends, actor_of, decode, go, page
from web.pages.resident import home, matter, places, taken
from web.pages.resident.taken import Taken
from web.pages.resident.telling import Typed, telling_of

PLACE_LONGEST = 200


@get("/report")
async def ask(request: AnyRequest) -> Template:
    """The form, with the community filled in that this person's last report or choice names.

    A poster's code says where it hangs: `c` an area's code, `p` the place in words; what cannot be read is passed over.
    """
    reports = await mine.mine(actor_of(request), limit=1)
    community = await places.of_code(str(request.query_params.get("c", "")))
    community = community or await home.community_of(request, reports)
    place = words.one_line(str(request.query_params.get("p", "")), PLACE_LONGEST)
    return await _form(request, Typed(command=str(new_id()), community_id=str(community or ""), place=place))


@post("/report", request_max_body_size=security.PHOTO_BYTES)
async def take(request: AnyRequest) -> Template | Redirect:
    """Take the report; what has to be mended is shown in place, with everything typed and every photo kept."""
    by, sent = actor_of(request), await request.form()
    typed = decode(sent, Typed)
    command = _command(typed.command)
    took = await taken.take(sent, typed.photo, typed.refused, command, by)
    try:
        reported = await _report(command, typed, took, by)
    except Invalid as error:
        return await _form(request, typed, took, status=422, errors=error.fields)
    except NotAllowed as error:
        anew = msgspec.structs.replace(typed, command=str(new_id()))
        return await _form(request, anew, took, status=409, refusal=error.words)
    return await _receipt(request, reported, by)


async def _receipt(request: AnyRequest, reported: Reported, by: Actor) -> Template | Redirect:
    """On to the receipt; without an account the link is opened on this device at once."""
    response = go(request, f"/mine/{reported.number}/receipt")
    if reported.link is None:
        return response
    if session.DEVICE not in request.cookies:
        # A browser that keeps no cookies would not be known on the next page: it gets its link on this one.
        mine = (*by.links, reported.report_id)
        request.scope["actor"] = msgspec.structs.replace(by, links=mine)  # type: ignore[typeddict-unknown-key]
        return await matter.receipt_page(request, reported.number, status=201)
    opened = await links.open_link(links.secret_of(reported.link), session.link_token(request.cookies))
    response.set_cookie(session.cookie(session.LINKS, opened.token))
    return response


async def _report(command: UUID, typed: Typed, took: Taken, by: Actor) -> Reported:
    telling = await telling_of(typed, took)
    held = await reporting.suspicion(by)
    content = [msgspec.structs.replace(typed, command="", photo=[], refused=[]), took.sent]
    return await receipts.once(command, "report", content, by, Reported, lambda: cases.report(telling, by, held=held))


async def _form(
    request: AnyRequest,
    typed: Typed,
    took: Taken | None = None,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    refusal: str = "",
) -> Template:
    return page(
        request,
        "resident/report.html",
        status=status,
        typed=typed,
        photos=took.ids if took else (),
        refused=took.refused if took else (),
        streets=await choices.choices(),
        errors=Mends(errors or {}),
        refusal=refusal,
        most_bytes=extent.BYTES,
    )


def _command(text: str) -> UUID:
    """The form's own id; one that cannot be read is as if the form were sent for the first time."""
    try:
        return UUID(text)
    except ValueError:
        return new_id()
