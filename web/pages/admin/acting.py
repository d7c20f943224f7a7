"""What every change of the administration does: decode, say whom it touches, ask, run one verb once, go on."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar.datastructures.multi_dicts import FormMultiDict
from litestar.response import Redirect, Template
from msgspec import Meta

from server.devices import receipts
from server.kernel import database
from server.kernel.errors import Invalid, NotAllowed
from server.people.touched import Touched
from web.fragments import AnyRequest, actor_of, decode, go, page
from web.pages.admin.words import SAID

Page = Template | Redirect
Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]
"""The id of a row, as a form sends it."""
Line = Annotated[str, Meta(max_length=200)]
"""A name, code or number; the verbs know how long each may be."""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """What every form carries: the command's id, made when it was shown; `sure` once the confirmation was read."""

    command: UUID
    sure: bool = False


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A form that comes back: which one, what was typed, what is to be mended; empty on a fresh page."""

    doing: str = ""
    typed: Mapping[str, Any] = {}
    refusal: Invalid | NotAllowed | None = None

    @property
    def status(self) -> int:
        return 200 if self.refusal is None else 422 if isinstance(self.refusal, Invalid) else 409

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that is to be mended, for the notice on top."""
        if self.refusal is None:
            return ()
        if not isinstance(self.refusal, Invalid):
            return (self.refusal.words,)
        stale = "这一页已经过期,请刷新后再试。"
        return tuple(
            dict.fromkeys(stale if name in ("command", "seen") else said for name, said in self.refusal.fields.items())
        )

    def value(self, verb: str, name: str, otherwise: object = "") -> object:
        """What the field of a form shows: what was typed, else what is."""
        return self.typed.get(name, "") if self.doing == verb else otherwise

    def error(self, verb: str, name: str) -> str:
        """The mend of a field."""
        wrong = isinstance(self.refusal, Invalid) and self.doing == verb
        return str(self.refusal.fields.get(name, "")) if wrong and isinstance(self.refusal, Invalid) else ""

    def names(self, verb: str) -> bool:
        """Whether this is the form that comes back."""
        return self.doing == verb


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is said before a change: what will happen, whom it touches, how many open cases and what becomes of them."""

    title: str
    back: str
    yes: str
    lines: tuple[str, ...] = ()
    touched: Touched = Touched()
    cases: int | None = None
    cases_words: str = ""
    also: tuple[tuple[str, str], ...] = ()
    """What else it touches: what is counted, and how many or which."""
    danger: bool = True
    form: tuple[Any, ...] = ()
    """Extra questions to look at before they are published."""


Sent = TypeVar("Sent", bound=Form)
Answer = TypeVar("Answer")


async def change(
    request: AnyRequest,
    verb: str,
    into: type[Sent],
    *,
    show: Callable[[Filled], Awaitable[Template]],
    do: Callable[[Sent], Awaitable[str]],
    ask: Callable[[Sent], Awaitable[Asked]] | None = None,
    more: object = None,
    given: Mapping[str, Any] | None = None,
) -> Page:
    """Run a verb with what the form holds; `ask` says first whom it touches, `do` answers the path to go on to.

    What cannot be done is said by `show`, the page with the form, which keeps what was typed. `more` is what the form
    says besides the Struct; `given` is taken for the form where the page has read it into fewer fields.
    """
    by, typed = actor_of(request), given if given is not None else await request.form()
    try:
        sent = decode(typed, into)
        if ask is not None and not sent.sure:
            return confirmation(request, await ask(sent), typed)
        content = [request.url.path, msgspec.structs.replace(sent, sure=False), *([more] if more is not None else [])]
        to = await receipts.once(sent.command, f"admin.{verb}", content, by, str, lambda: do(sent))
    except (Invalid, NotAllowed) as refusal:
        return await show(Filled(doing=verb, typed=texts(typed), refusal=refusal))
    return go(request, f"{to}{'&' if '?' in to else '?'}said={quote(verb)}")


def confirmation(request: AnyRequest, asked: Asked, typed: Mapping[str, Any]) -> Template:
    """The page that says whom a change touches; its form sends the same again, with `sure`."""
    kept = {name: text for name, text in texts(typed).items() if name != "sure"}
    return page(request, "admin/confirm.html", asked=asked, kept=kept, action=request.url.path)


def shown(request: AnyRequest, template: str, filled: Filled, **values: Any) -> Template:
    """A page of the administration: what was just done is said once, a form that came back is filled."""
    said = SAID.get(request.query_params.get("said", ""), "") if filled.refusal is None else ""
    return page(request, template, status=filled.status, filled=filled, said=said, **values)


def asked_for(request: AnyRequest, name: str) -> str:
    """A text of the query, trimmed and rid of NUL, of a sensible length."""
    return " ".join(request.query_params.get(name, "").replace("\x00", "").split())[:60]


def number_asked(request: AnyRequest, name: str) -> int | None:
    """An id of the query, or None."""
    return number(asked_for(request, name))


def number(text: object) -> int | None:
    """A text as the id of a row; None where it can be none."""
    plain = str(text)
    return int(plain) if len(plain) < 11 and plain.isascii() and plain.isdigit() and 0 < int(plain) < 2**31 else None


def texts(typed: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a form by name; files fall away."""
    pairs = typed.multi_items() if isinstance(typed, FormMultiDict) else typed.items()
    return {name: text.replace("\x00", "") for name, text in pairs if isinstance(text, str)}


async def rehearse(call: Callable[[], Awaitable[Answer]]) -> Answer:
    """Do something and undo it: what it answers and what it refuses is known, nothing of it stays."""
    answers: list[Answer] = []
    try:
        async with database.transaction():
            answers.append(await call())
            raise _Undone
    except _Undone:
        return answers[0]


class _Undone(Exception):
    """Ends a rehearsal."""
