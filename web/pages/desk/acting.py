"""What every form of the staff does: decode, run one verb once, go on; or show the form again with the reason."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar.datastructures.multi_dicts import FormMultiDict
from litestar.response import Redirect, Template
from msgspec import Meta

from server.cases import Changed
from server.devices import receipts
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed
from web.fragments import AnyRequest, actor_of, decode, go
from web.pages.desk import case_page, choosing, pictures
from web.pages.desk.site import Site

Page = Template | Redirect


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """What every form carries: the command's id, made when it was shown, and the version of the case shown with it."""

    command: UUID
    seen: Annotated[int, Meta(ge=0, le=2**31 - 1)]


Sent = TypeVar("Sent", bound=Form)
Strips = dict[str, tuple[UUID, ...]]


async def act(
    request: AnyRequest,
    where: Site,
    number: str,
    verb: str,
    into: type[Sent],
    call: Callable[[Actor, Sent, Strips], Awaitable[Changed]],
    *,
    strips: tuple[str, ...] = (),
    more: object = None,
) -> Page:
    """Run a verb with what the form holds; `strips`: fields whose photos come with it; `more`: what else it says."""
    by, typed, photos = actor_of(request), await request.form(), Strips()
    try:
        sent = decode(typed, into)
        photos = await pictures.taken(typed, strips, sent.command, by)
        content = [number, sent, photos, more]
        await receipts.once(sent.command, verb, content, by, Changed, lambda: call(by, sent, photos))
    except (Invalid, NotAllowed) as refusal:
        return await _again(request, where, number, verb, typed, refusal, photos)
    return go(request, await onward(request, where, number, by, verb))


async def onward(request: AnyRequest, where: Site, number: str, by: Actor, verb: str) -> str:
    """The case, as part of the list it was opened from; the list, where the case is theirs no longer."""
    path = where.path(number) if await case_page.visible(number, by) else where.base
    return choosing.read(request.query_params).beside(path, said=verb)


async def _again(
    request: AnyRequest,
    where: Site,
    number: str,
    verb: str,
    typed: FormMultiDict,
    refusal: Invalid | NotAllowed,
    photos: Strips,
) -> Template:
    if isinstance(refusal, pictures.NotTaken):
        photos = refusal.taken
    shown: dict[str, Any] = {"doing": verb, "typed": typed, "refusal": refusal, "photos": photos}
    return await case_page.show(request, where, number, **shown)
