"""The forms of a unit, as they are sent."""

from uuid import UUID

from web.pages.desk.acting import Form
from web.pages.desk.forms import Words


class TakeOn(Form, frozen=True, kw_only=True):
    promise: Words = ""
    quick: Words = ""
    """One of the promises ready to tap; what was typed wins."""


class Assign(Form, frozen=True, kw_only=True):
    account: UUID | None = None
