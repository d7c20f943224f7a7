"""One place: what it is, what became of it, and the changes it can have."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from server.areas import tree
from server.devices import receipts
from server.forms import fields, questions
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.patrols import codes, keeping, kinds, past, reach
from server.patrols import place as places
from server.patrols.keeping import Operator
from server.patrols.kinds import Kind
from server.patrols.place import PlaceRow
from web.fragments import AnyRequest, Mends, actor_of, decode, page
from web.pages.admin.acting import Filled, Page, change, number_asked, texts
from web.pages.desk.offers import asked
from web.pages.places import forms, offers
from web.pages.places.lists import BASE
from web.pages.places.words import SAID


@get("/new")
async def ask(request: AnyRequest) -> Template:
    """First which kind, then its form."""
    return await _form(request, Filled(), None)


@post("/")
async def add(request: AnyRequest) -> Page:
    """登记."""
    by, typed = actor_of(request), await request.form()

    async def do(sent: forms.Told) -> str:
        kind = await _kind(sent.kind)
        return f"{BASE}/{(await keeping.add_place(forms.facts_of(sent, typed, kind, None), by=by)).code}"

    async def show(filled: Filled) -> Template:
        return await _form(request, filled, None)

    return await change(request, "place.add", forms.Told, show=show, do=do, more=asked(typed))


@get("/{code:str}")
async def one(request: AnyRequest, code: FromPath[str]) -> Template:
    """The place with its past."""
    return await _show(request, code, Filled())


@get("/{code:str}/edit")
async def edit(request: AnyRequest, code: FromPath[str]) -> Template:
    """The form, filled with what is known; who runs it stays masked."""
    before = await places.load(code, actor_of(request))
    places.must_live(before)
    return await _form(request, Filled(), before)


@post("/{code:str}")
async def edited(request: AnyRequest, code: FromPath[str]) -> Page:
    """更改."""
    by, typed = actor_of(request), await request.form()
    before = await places.load(code, by)

    async def do(sent: forms.Told) -> str:
        kind = await _kind(sent.kind)
        told = forms.facts_of(sent, typed, kind, before)
        return await _onward(await keeping.change_place(before.id, told, by=by, seen=sent.seen), by)

    async def show(filled: Filled) -> Template:
        return await _form(request, filled, before)

    return await change(request, "place.change", forms.Told, show=show, do=do, more=asked(typed))


@post("/{code:str}/retirement")
async def retire(request: AnyRequest, code: FromPath[str]) -> Page:
    """停用."""
    by = actor_of(request)

    async def do(sent: forms.Reason) -> str:
        return await _onward(await keeping.retire_place(code, by=by, seen=sent.seen, reason=sent.reason), by)

    return await change(request, "place.retire", forms.Reason, show=_again(request, code), do=do)


@post("/{code:str}/retirement/end")
async def restore(request: AnyRequest, code: FromPath[str]) -> Page:
    """恢复使用."""
    by = actor_of(request)

    async def do(sent: forms.Seen) -> str:
        return await _onward(await keeping.restore_place(code, by=by, seen=sent.seen), by)

    return await change(request, "place.restore", forms.Seen, show=_again(request, code), do=do)


@post("/{code:str}/merger")
async def merge(request: AnyRequest, code: FromPath[str]) -> Page:
    """并入另一处."""
    by = actor_of(request)

    async def do(sent: forms.Into) -> str:
        return await _onward(await keeping.merge_places(code, sent.into, by=by, seen=sent.seen), by)

    return await change(request, "place.merge", forms.Into, show=_again(request, code), do=do)


@post("/{code:str}/merger/end")
async def unmerge(request: AnyRequest, code: FromPath[str]) -> Page:
    """撤销合并."""
    by = actor_of(request)

    async def do(sent: forms.Seen) -> str:
        return await _onward(await keeping.unmerge_place(code, by=by, seen=sent.seen), by)

    return await change(request, "place.unmerge", forms.Seen, show=_again(request, code), do=do)


@post("/{code:str}/reveals")
async def reveal(request: AnyRequest, code: FromPath[str]) -> Template:
    """The page itself with who runs it on it, this once: a phone number has no place in an address to go on to."""
    by, typed = actor_of(request), await request.form()
    found = await places.load(code, by)
    try:
        sent = decode(typed, forms.Reveal)

        async def call() -> str:
            await keeping.reveal_operator(code, by=by, reason=sent.reason)
            return ""

        await receipts.once(sent.command, "place.reveal", [found.code, sent.reason], by, str, call)
    except (Invalid, NotAllowed) as refusal:
        return await _show(request, code, Filled(doing="place.reveal", typed=texts(typed), refusal=refusal))
    return await _show(request, code, Filled(), Operator(found.operator, found.operator_phone))


handlers = [ask, add, one, edit, edited, retire, restore, merge, unmerge, reveal]


async def _onward(changed: places.Changed, by: Actor) -> str:
    """The place, or the list where it is theirs no longer."""
    try:
        await places.load(changed.place_id, by)
    except NotFound:
        return BASE
    return f"{BASE}/{changed.code}"


def _again(request: AnyRequest, code: str) -> Any:
    async def show(filled: Filled) -> Template:
        return await _show(request, code, filled)

    return show


async def _kind(kind_id: int) -> Kind:
    try:
        return await kinds.kind(kind_id)
    except NotFound:
        raise Invalid({"kind": "请选一类。"}) from None


async def _show(request: AnyRequest, code: str, filled: Filled, revealed: Operator | None = None) -> Template:
    by = actor_of(request)
    found = await places.load(code, by)
    form = questions.read_form(await kinds.questions_of(found.kind_version))
    area = found.grid or found.community or found.street or found.district
    into = await places.find(found.merged_into) if found.merged_into else None
    return page(
        request,
        "places/one.html",
        status=filled.status,
        base=BASE,
        filled=filled,
        said=SAID.get(request.query_params.get("said", ""), ""),
        place=found,
        spaced=codes.spaced(found.code),
        kind=await kinds.kind(found.kind),
        line=await tree.line(area),
        community=found.community,
        answered=questions.in_words(form, found.answers),
        into=into if into is not None and places.sees(by, into.areas) else None,
        keeps=places.keeps(by, found.areas),
        walks=places.walks(by, found.areas),
        revealed=revealed,
        desk=bool(reach.desks(by)),
        past=(await past.past_of([found.id]))[found.id],
    )


async def _form(request: AnyRequest, filled: Filled, before: PlaceRow | None) -> Template:
    """The form of a place that is new or known; what was typed comes back."""
    by = actor_of(request)
    typed = await request.form() if filled.doing else None
    chosen = filled.typed.get("kind") if filled.doing else number_asked(request, "kind")
    every = await kinds.kinds()
    kind = next((one for one in every if str(one.id) == str(chosen)), None)
    if kind is None and before is not None:
        kind = await kinds.kind(before.kind)
    form = questions.read_form(kind.questions) if kind else ()
    answers: Any = before.answers if before is not None and kind is not None and kind.id == before.kind else {}
    if typed is not None:
        answers = fields.typed(form, asked(typed))
    areas = await offers.whereabouts(by)
    wrong = filled.refusal.fields if isinstance(filled.refusal, Invalid) else {}
    return page(
        request,
        "places/form.html",
        status=filled.status,
        base=BASE,
        filled=filled,
        verb="place.change" if before else "place.add",
        place=before,
        kinds=every,
        kind=kind,
        areas=areas,
        community=before.community if before else await _community(areas),
        form=form,
        written=database.to_jsonb(form),
        answers=answers,
        errors=Mends(wrong),
    )


async def _community(areas: list[offers.Offer]) -> int | None:
    """Whose grids the map of a new place shows: those of the first community that is offered."""
    return (await tree.line(areas[0].id)).community_id if areas else None
