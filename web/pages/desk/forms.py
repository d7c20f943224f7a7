"""The forms of the desk, as they are sent."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from web.pages.desk.acting import Form

Words = Annotated[str, Meta(max_length=20_000)]
Number = Annotated[int, Meta(ge=0, le=2**31 - 1)]
"""The id of a row, as a form sends it; 0 is none."""


class Accept(Form, frozen=True, kw_only=True):
    category: Number | None = None
    level: str = "normal"
    unit: Number | None = None
    note: Words = ""
    then: str = ""
    """"dispatch" to go on and send it to `unit` in the same breath."""


class Reason(Form, frozen=True, kw_only=True):
    reason: Words = ""


class Text(Form, frozen=True, kw_only=True):
    text: Words = ""


class Dispatch(Form, frozen=True, kw_only=True):
    unit: Number | None = None
    note: Words = ""


class Relocate(Form, frozen=True, kw_only=True):
    area: Number | None = None
    reason: Words = ""


class Assign(Form, frozen=True, kw_only=True):
    post: Number | None = None
    account: UUID | None = None


class Check(Form, frozen=True, kw_only=True):
    passed: str = ""
    note: Words = ""


class Close(Form, frozen=True, kw_only=True):
    stars: Number | None = None
    reason: Words = ""


class Reveal(Form, frozen=True, kw_only=True):
    report: UUID
    reason: Words = ""
