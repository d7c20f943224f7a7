"""The changes of the desk, each a resource of the case: POST /desk/cases/{number}/acceptance and so on."""

from typing import Any

from litestar import post
from litestar.params import FromPath

from server import cases
from server.cases import Changed
from server.forms import categories, fields, questions
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound
from web import security
from web.fragments import AnyRequest
from web.pages.desk import forms, revealing
from web.pages.desk.acting import Page, Strips, act
from web.pages.desk.offers import asked
from web.pages.desk.site import DESK


@post("/cases/{number:str}/acceptance")
async def accept(request: AnyRequest, number: FromPath[str]) -> Page:
    """受理; with `then=dispatch` 受理并派发, both or neither."""
    answers = asked(await request.form())

    async def call(by: Actor, sent: forms.Accept, _: Strips) -> Changed:
        return await _accept(number, by, sent, answers)

    return await act(request, DESK, number, "accept", forms.Accept, call, more=answers)


@post("/cases/{number:str}/category")
async def classify(request: AnyRequest, number: FromPath[str]) -> Page:
    """改分类."""
    answers = asked(await request.form())

    async def call(by: Actor, sent: forms.Accept, _: Strips) -> Changed:
        given = await _answers(sent, answers)
        return await cases.classify(
            number, by, seen=sent.seen, category_id=sent.category or None, level=sent.level, answers=given
        )

    return await act(request, DESK, number, "classify", forms.Accept, call, more=answers)


@post("/cases/{number:str}/dispatch")
async def dispatch(request: AnyRequest, number: FromPath[str]) -> Page:
    """派发."""

    async def call(by: Actor, sent: forms.Dispatch, _: Strips) -> Changed:
        return await _dispatch(number, by, sent.seen, sent.unit, sent.note)

    return await act(request, DESK, number, "dispatch", forms.Dispatch, call)


@post("/cases/{number:str}/rejection")
async def reject(request: AnyRequest, number: FromPath[str]) -> Page:
    """不予受理."""

    async def call(by: Actor, sent: forms.Reason, _: Strips) -> Changed:
        return await cases.reject(number, by, seen=sent.seen, reason=sent.reason)

    return await act(request, DESK, number, "reject", forms.Reason, call)


@post("/cases/{number:str}/answer", request_max_body_size=security.PHOTO_BYTES)
async def answer(request: AnyRequest, number: FromPath[str]) -> Page:
    """直接答复."""

    async def call(by: Actor, sent: forms.Text, photos: Strips) -> Changed:
        return await cases.answer(number, by, seen=sent.seen, text=sent.text, photos=photos["photos"])

    return await act(request, DESK, number, "answer", forms.Text, call, strips=("photos",))


@post("/cases/{number:str}/question")
async def ask(request: AnyRequest, number: FromPath[str]) -> Page:
    """请上报人补充."""

    async def call(by: Actor, sent: forms.Text, _: Strips) -> Changed:
        return await cases.ask(number, by, seen=sent.seen, text=sent.text)

    return await act(request, DESK, number, "ask", forms.Text, call)


@post("/cases/{number:str}/place")
async def relocate(request: AnyRequest, number: FromPath[str]) -> Page:
    """改地点."""

    async def call(by: Actor, sent: forms.Relocate, _: Strips) -> Changed:
        try:
            return await cases.relocate(number, by, seen=sent.seen, area_id=sent.area, reason=sent.reason)
        except Invalid as error:
            raise named(error, area_id="area") from None

    return await act(request, DESK, number, "relocate", forms.Relocate, call)


@post("/cases/{number:str}/assignment")
async def assign(request: AnyRequest, number: FromPath[str]) -> Page:
    """转给同事."""

    async def call(by: Actor, sent: forms.Assign, _: Strips) -> Changed:
        try:
            return await cases.assign(number, by, seen=sent.seen, post_id=sent.post)
        except Invalid as error:
            raise named(error, post_id="post") from None

    return await act(request, DESK, number, "assign", forms.Assign, call)


@post("/cases/{number:str}/check", request_max_body_size=security.PHOTO_BYTES)
async def check(request: AnyRequest, number: FromPath[str]) -> Page:
    """核查: passed or not."""

    async def call(by: Actor, sent: forms.Check, photos: Strips) -> Changed:
        if sent.passed not in ("yes", "no"):
            raise Invalid({"passed": "请选择办好了没有。"})
        passed = sent.passed == "yes"
        return await cases.check(number, by, seen=sent.seen, passed=passed, note=sent.note, photos=photos["photos"])

    return await act(request, DESK, number, "check", forms.Check, call, strips=("photos",))


@post("/cases/{number:str}/closure")
async def close(request: AnyRequest, number: FromPath[str]) -> Page:
    """结案."""

    async def call(by: Actor, sent: forms.Close, _: Strips) -> Changed:
        return await cases.close(number, by, seen=sent.seen, stars=sent.stars, reason=sent.reason)

    return await act(request, DESK, number, "close", forms.Close, call)


@post("/cases/{number:str}/reopening")
async def reopen(request: AnyRequest, number: FromPath[str]) -> Page:
    """重办."""

    async def call(by: Actor, sent: forms.Reason, _: Strips) -> Changed:
        return await cases.reopen(number, by, seen=sent.seen, reason=sent.reason)

    return await act(request, DESK, number, "reopen", forms.Reason, call)


@post("/cases/{number:str}/response")
async def respond(request: AnyRequest, number: FromPath[str]) -> Page:
    """回应评价."""

    async def call(by: Actor, sent: forms.Text, _: Strips) -> Changed:
        return await cases.respond(number, by, seen=sent.seen, text=sent.text)

    return await act(request, DESK, number, "respond", forms.Text, call)


@post("/cases/{number:str}/recall")
async def recall(request: AnyRequest, number: FromPath[str]) -> Page:
    """收回: from a unit where nobody is."""

    async def call(by: Actor, sent: forms.Reason, _: Strips) -> Changed:
        return await cases.return_case(number, by, seen=sent.seen, reason=sent.reason)

    return await act(request, DESK, number, "return", forms.Reason, call)


@post("/cases/{number:str}/notes")
async def note(request: AnyRequest, number: FromPath[str]) -> Page:
    """内部备注."""

    async def call(by: Actor, sent: forms.Text, _: Strips) -> Changed:
        return await cases.note(number, by, text=sent.text)

    return await act(request, DESK, number, "note", forms.Text, call)


@post("/cases/{number:str}/reveals", status_code=200)
async def reveal(request: AnyRequest, number: FromPath[str]) -> Page:
    """See a reporter's name and phone, with a reason."""
    return await revealing.reveal(request, DESK, number)


handlers = [
    accept,
    classify,
    dispatch,
    reject,
    answer,
    ask,
    relocate,
    assign,
    check,
    close,
    respond,
    reopen,
    recall,
    note,
    reveal,
]


def named(error: Invalid, **names: str) -> Invalid:
    """The same refusal with the verb's names of fields as the form has them."""
    return Invalid({names.get(field, field): words for field, words in error.fields.items()})


async def _accept(number: str, by: Actor, sent: forms.Accept, answers: dict[str, list[str]]) -> Changed:
    given = await _answers(sent, answers)
    async with database.transaction():
        done = await cases.accept(
            number,
            by,
            seen=sent.seen,
            category_id=sent.category or None,
            level=sent.level,
            answers=given,
        )
        if sent.then != "dispatch":
            return done
        try:
            return await _dispatch(number, by, done.version, sent.unit, sent.note)
        except NotFound:  # its category made it private, and so the secretary's
            raise NotAllowed("这类事情受理后由书记派发,请选“只受理”。") from None


async def _answers(sent: forms.Accept, answers: dict[str, list[str]]) -> dict[str, Any]:
    form = questions.read_form((await categories.current(sent.category)).questions) if sent.category else ()
    return fields.typed(form, answers)


async def _dispatch(number: str, by: Actor, seen: int, unit: int | None, note: str) -> Changed:
    try:
        return await cases.dispatch(number, by, seen=seen, unit_id=unit, note=note)
    except Invalid as error:
        raise named(error, unit_id="unit") from None
