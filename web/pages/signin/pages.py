"""The pages of signing in. None of them tells whether a phone has an account."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template
from msgspec import Meta

from server.cases import links
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, TooMany
from server.kernel.settings import settings
from server.people import accounts, codes, demo, phones, sessions, staff_sign_in
from web import onward, session
from web.fragments import AnyRequest, actor_of, form, go, page
from web.pages.signin import step as steps
from web.pages.signin.step import Step
from web.tabs import tabs_of

Page = Template | Redirect
Refusal = Invalid | TooMany


class PhoneForm(msgspec.Struct, frozen=True):
    phone: Annotated[str, Meta(max_length=60)] = ""
    next: str = ""


class CodeForm(msgspec.Struct, frozen=True):
    code: Annotated[str, Meta(max_length=60)] = ""


class StaffForm(msgspec.Struct, frozen=True):
    phone: Annotated[str, Meta(max_length=60)] = ""
    password: Annotated[str, Meta(max_length=1000, extra={"raw": True})] = ""
    next: str = ""


@get("/")
async def ask_phone(request: AnyRequest, next: FromQuery[str] = "") -> Page:
    """Where a resident types their phone."""
    to = onward.safe(next)
    return go(request, to) if actor_of(request).signed_in else await _phone_page(request, to)


@post("/")
async def send_code(request: AnyRequest) -> Page:
    """Send a code and go on to where it is typed."""
    sent = await form(request, PhoneForm)
    to = onward.safe(sent.next)
    try:
        asked = await codes.ask(sent.phone, actor_of(request))
    except (Invalid, TooMany) as error:
        return await _phone_page(request, to, typed=sent.phone, refusal=error)
    response = go(request, "/signin/code")
    shown = asked.code if settings().demo else ""
    steps.keep(response, Step(onward=to, phone=asked.phone, asked=asked.id, shown=shown))
    return response


@get("/code")
async def ask_code(request: AnyRequest) -> Page:
    """Where the code from the message is typed."""
    step = steps.kept(request)
    return go(request, "/signin") if step is None or step.asked is None else _code_page(request, step)


@post("/code")
async def take_code(request: AnyRequest) -> Page:
    """Sign a resident in; their account is made at the first time."""
    step, by = steps.kept(request), actor_of(request)
    if step is None or step.asked is None:
        return go(request, "/signin")
    sent = await form(request, CodeForm)
    try:
        await codes.check(step.asked, step.phone, sent.code, by)
    except (Invalid, TooMany) as error:
        return _code_page(request, step, refusal=error)
    account_id = await accounts.find_or_create(step.phone, by)
    token = await sessions.open_session(account_id, user_agent=_agent(request), address=by.address, device=by.device)
    return await _enter(request, token, step.onward)


@get("/staff")
async def ask_password(request: AnyRequest, next: FromQuery[str] = "") -> Page:
    """Where staff type phone and password."""
    to, by = onward.safe(next), actor_of(request)
    return go(request, _home(by) if to == "/" else to) if by.is_staff else await _staff_page(request, to)


@post("/staff")
async def take_password(request: AnyRequest) -> Page:
    """Sign staff in, or go on to the second factor."""
    sent = await form(request, StaffForm)
    to = onward.safe(sent.next)
    try:
        done = await staff_sign_in.sign_in(sent.phone, sent.password, actor_of(request), user_agent=_agent(request))
    except (Invalid, TooMany) as error:
        return await _staff_page(request, to, typed=sent.phone, refusal=error)
    if isinstance(done, staff_sign_in.SecondStep):
        response = go(request, "/signin/second")
        steps.keep(response, Step(onward=to, pending=done.pending))
        return response
    return await _enter(request, done.token, "/me/second-factor" if done.enrol else to)


@get("/second")
async def ask_second(request: AnyRequest) -> Page:
    """Where the code of the second factor is typed."""
    step = steps.kept(request)
    return _second_page(request) if step is not None and step.pending else go(request, "/signin/staff")


@post("/second")
async def take_second(request: AnyRequest) -> Page:
    """Finish the staff's sign-in."""
    step = steps.kept(request)
    if step is None or not step.pending:
        return go(request, "/signin/staff")
    sent = await form(request, CodeForm)
    try:
        done = await staff_sign_in.second_step(step.pending, sent.code, actor_of(request), user_agent=_agent(request))
    except (Invalid, TooMany) as error:
        if isinstance(error, Invalid) and "password" in error.fields:
            return await _staff_page(request, step.onward, refusal=error)
        return _second_page(request, refusal=error)
    return await _enter(request, done.token, step.onward)


@get("/claim", guards=[session.signed_in])
async def offer_claim(request: AnyRequest, next: FromQuery[str] = "") -> Page:
    """Reports told without an account that could be put into this one."""
    found = await links.claimable(actor_of(request))
    to = onward.safe(next)
    return page(request, "signin/claim.html", found=found, onward=to) if found else go(request, to)


@post("/claim", guards=[session.signed_in])
async def claim(request: AnyRequest) -> Page:
    """Put them into the account."""
    sent = await form(request, PhoneForm)
    await links.claim(actor_of(request))
    return go(request, onward.safe(sent.next))


router = Router(
    "/signin",
    route_handlers=[
        ask_phone,
        send_code,
        ask_code,
        take_code,
        ask_password,
        take_password,
        ask_second,
        take_second,
        offer_claim,
        claim,
    ],
    include_in_schema=False,
    opt={"referrer": "no-referrer"},
)


async def _enter(request: AnyRequest, token: str, to: str) -> Redirect:
    """Begin the session in the browser, end the one it had, and go on; first to reports that wait to be claimed."""
    before = actor_of(request)
    if before.session_id is not None:
        await sessions.revoke(before.session_id, before)
    actor = await sessions.actor_of(token, device=before.device, address=before.address, links=before.links)
    to = _home(actor) if to == "/" and actor is not None else to
    if actor is not None and await links.claimable(actor):
        to = f"/signin/claim{onward.query(to)}"
    response = go(request, to)
    session.begin(response, token)
    steps.drop(response)
    return response


def _home(actor: Actor) -> str:
    return tabs_of(actor)[0].path


async def _phone_page(request: AnyRequest, to: str, *, typed: str = "", refusal: Refusal | None = None) -> Template:
    people = await demo.residents() if settings().demo else []
    return _shown(request, "phone", refusal, onward=to, onward_query=onward.query(to), typed=typed, people=people)


def _code_page(request: AnyRequest, step: Step, *, refusal: Refusal | None = None) -> Template:
    shown = step.shown if settings().demo else ""
    return _shown(
        request, "code", refusal, phone=step.phone, masked=phones.masked(step.phone), onward=step.onward, shown=shown
    )


async def _staff_page(request: AnyRequest, to: str, *, typed: str = "", refusal: Refusal | None = None) -> Template:
    people = await demo.staff() if settings().demo else []
    return _shown(request, "staff", refusal, onward=to, typed=typed, people=people, demo_password=demo.PASSWORD)


def _second_page(request: AnyRequest, *, refusal: Refusal | None = None) -> Template:
    return _shown(request, "second", refusal)


def _shown(request: AnyRequest, name: str, refusal: Refusal | None, **values: Any) -> Template:
    """A page of signing in, with what was refused in place."""
    fields = refusal.fields if isinstance(refusal, Invalid) else {}
    status = 200 if refusal is None else 422 if isinstance(refusal, Invalid) else 429
    headers = {"Cache-Control": "private, no-store"}
    if isinstance(refusal, TooMany):
        headers["Retry-After"] = str(refusal.retry_seconds)
    slow = refusal.words if isinstance(refusal, TooMany) else ""
    values |= {"fields": fields, "slow": slow, "demo": settings().demo}
    return page(request, f"signin/{name}.html", status=status, headers=headers, **values)


def _agent(request: Request[Any, Any, Any]) -> str:
    return request.headers.get("user-agent", "")
