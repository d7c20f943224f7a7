"""What every form of the households' pages does: decode, run one verb once, go on."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from litestar.response import Template

from web.fragments import AnyRequest, page
from web.pages.admin.acting import Filled, Form
from web.pages.households.words import SAID
from web.pages.patrols import acting
from web.pages.patrols.acting import Page

BASE = "/desk/households"
Sent = TypeVar("Sent", bound=Form)


class Seen(Form, frozen=True, kw_only=True):
    """A form of one household: the version that its page showed."""

    seen: int


async def change(
    request: AnyRequest,
    verb: str,
    into: type[Sent],
    *,
    show: Callable[[Filled], Awaitable[Template]],
    do: Callable[[Sent], Awaitable[str]],
) -> Page:
    """Run a verb with what the form holds; `do` answers the path to go on to, `show` is the page with the form."""
    return await acting.change(request, verb, into, show=show, do=do, room="households")


def shown(request: AnyRequest, template: str, filled: Filled, **values: Any) -> Template:
    """A page: what was just done is said once, a form that came back is filled."""
    said = SAID.get(request.query_params.get("said", ""), "") if filled.refusal is None else ""
    return page(request, template, status=filled.status, filled=filled, said=said, base=BASE, **values)


def path(household_id: UUID) -> str:
    return f"{BASE}/{household_id}"
