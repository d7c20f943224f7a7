"""The care register of one household: what it agreed to, what was missed, who looked. Reading it is an event."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from server.households import household as households
from server.households import links, people
from server.households.care import agreements, kinds, looking, readings, rule
from server.households.care import register as registers
from server.households.household import Stands
from server.kernel.errors import NotAllowed
from web.fragments import AnyRequest, actor_of, decode
from web.pages.admin.acting import Filled, Form
from web.pages.households.acting import Seen, change, path, shown
from web.pages.households.forms import Agreeing, Looked
from web.pages.patrols.acting import Page


@get("/{household:uuid}/care")
async def register(request: AnyRequest, household: FromPath[UUID]) -> Template:
    """What was agreed, and how it stands."""
    return await _show(request, household, Filled())


@post("/{household:uuid}/care")
async def agree(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """Write down what the household agreed to."""
    by = actor_of(request)

    async def do(sent: Agreeing) -> str:
        await agreements.agree(household, sent.agreed, by=by, seen=sent.seen)
        return _path(household)

    return await change(request, "care.agree", Agreeing, show=lambda filled: _show(request, household, filled), do=do)


@post("/{household:uuid}/care/ending")
async def end(request: AnyRequest, household: FromPath[UUID]) -> Page:
    """Nobody looks in any more."""
    by = actor_of(request)

    async def do(sent: Seen) -> str:
        await agreements.end(household, by=by, seen=sent.seen)
        return _path(household)

    return await change(request, "care.end", Seen, show=lambda filled: _show(request, household, filled), do=do)


@post("/{household:uuid}/care/{watch:uuid}/looks")
async def look(request: AnyRequest, household: FromPath[UUID], watch: FromPath[UUID]) -> Page:
    """Somebody went to look."""
    by = actor_of(request)

    async def do(sent: Looked) -> str:
        await looking.look(household, watch, by=by, found=sent.found, note=sent.note)
        return _path(household)

    return await change(request, "care.look", Looked, show=lambda filled: _show(request, household, filled), do=do)


@post("/{household:uuid}/care/{watch:uuid}/key", status_code=200)
async def key(request: AnyRequest, household: FromPath[UUID], watch: FromPath[UUID]) -> Page:
    """A new secret for the sensor, shown this once."""
    by = actor_of(request)
    registers.must_see(await households.load(household, by))
    decode(await request.form(), Form)
    try:
        secret = await readings.new_key(household, watch, by=by)
    except NotAllowed as refusal:
        return await _show(request, household, Filled(doing="care.key", refusal=refusal))
    return await _show(request, household, Filled(), secret=secret)


async def _show(request: AnyRequest, household_id: UUID, filled: Filled, *, secret: str = "") -> Template:
    by = actor_of(request)
    found = await registers.read(household_id, by)
    known = await households.load(household_id, by)
    there = known.household
    keeps = Stands.KEEPER in known.stands and there.until is None
    return shown(
        request,
        "households/care.html",
        filled,
        household=there,
        here=_path(household_id),
        back=path(household_id),
        keeps=keeps,
        now=next((one for one in found if one.ended_at is None), None),
        before=[one for one in found if one.ended_at is not None],
        looks=await looking.of(household_id),
        kinds=await kinds.every() if keeps else (),
        people=await people.of(household_id) if keeps else (),
        linked=[one for one in await links.of(known, by) if one.until is None] if keeps else (),
        founds=rule.FOUND,
        ways=rule.WAYS,
        secret=secret,
    )


def _path(household_id: UUID) -> str:
    return f"{path(household_id)}/care"


handlers = [register, agree, end, look, key]
