"""The changes of a unit, each a resource of the case: POST /unit/cases/{number}/taking and so on."""

from litestar import post
from litestar.params import FromPath

from server import cases
from server.cases import Changed
from server.kernel.actor import Actor
from server.kernel.errors import Invalid
from web import security
from web.fragments import AnyRequest
from web.pages.desk import forms as desk_forms
from web.pages.desk import revealing
from web.pages.desk.acting import Page, Strips, act
from web.pages.desk.site import UNIT
from web.pages.unit import forms


@post("/cases/{number:str}/taking")
async def take_on(request: AnyRequest, number: FromPath[str]) -> Page:
    """接单, with what the unit promises."""

    async def call(by: Actor, sent: forms.TakeOn, _: Strips) -> Changed:
        return await cases.take_on(number, by, seen=sent.seen, promise=sent.promise or sent.quick)

    return await act(request, UNIT, number, "take_on", forms.TakeOn, call)


@post("/cases/{number:str}/return")
async def return_case(request: AnyRequest, number: FromPath[str]) -> Page:
    """退单, with the reason."""

    async def call(by: Actor, sent: desk_forms.Reason, _: Strips) -> Changed:
        return await cases.return_case(number, by, seen=sent.seen, reason=sent.reason)

    return await act(request, UNIT, number, "return", desk_forms.Reason, call)


@post("/cases/{number:str}/result", request_max_body_size=security.PHOTO_BYTES)
async def finish(request: AnyRequest, number: FromPath[str]) -> Page:
    """办结, with photos before and after where the category demands them."""

    async def call(by: Actor, sent: desk_forms.Text, photos: Strips) -> Changed:
        return await cases.finish(
            number, by, seen=sent.seen, text=sent.text, before=photos["before"], after=photos["after"]
        )

    return await act(request, UNIT, number, "finish", desk_forms.Text, call, strips=("before", "after"))


@post("/cases/{number:str}/assignment")
async def assign(request: AnyRequest, number: FromPath[str]) -> Page:
    """The lead hands it to somebody of the unit."""

    async def call(by: Actor, sent: forms.Assign, _: Strips) -> Changed:
        if sent.account is None:
            raise Invalid({"account": "请选择一位同事。"})
        try:
            return await cases.assign(number, by, seen=sent.seen, account_id=sent.account)
        except Invalid as error:
            raise Invalid({"account": error.words}) from None

    return await act(request, UNIT, number, "assign", forms.Assign, call)


@post("/cases/{number:str}/notes")
async def note(request: AnyRequest, number: FromPath[str]) -> Page:
    """内部备注."""

    async def call(by: Actor, sent: desk_forms.Text, _: Strips) -> Changed:
        return await cases.note(number, by, text=sent.text)

    return await act(request, UNIT, number, "note", desk_forms.Text, call)


@post("/cases/{number:str}/reveals", status_code=200)
async def reveal(request: AnyRequest, number: FromPath[str]) -> Page:
    """拨打: for who has the case the assignment is the reason; the tap is the event."""
    return await revealing.reveal(request, UNIT, number)


handlers = [take_on, return_case, finish, assign, note, reveal]
