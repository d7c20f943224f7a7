"""The forms of places, as they are sent, and the facts that they say."""

from typing import Annotated, Any

from litestar.datastructures.multi_dicts import FormMultiDict
from msgspec import Meta

from server.forms import fields, questions
from server.patrols.facts import Facts
from server.patrols.kinds import Kind
from server.patrols.place import PlaceRow
from web.pages.admin.acting import Form
from web.pages.desk.offers import asked

Words = Annotated[str, Meta(max_length=2000)]
Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class Told(Form, frozen=True, kw_only=True):
    """What a place is. An empty operator keeps the one who is known, unless `no_operator`."""

    seen: Number | None = None
    kind: Number
    name: Words = ""
    address_text: Words = ""
    area: Number | None = None
    latitude: float | None = None
    longitude: float | None = None
    accuracy: float | None = None
    position_source: str = ""
    no_position: bool = False
    operator: Words = ""
    operator_phone: Words = ""
    no_operator: bool = False
    external_code: Words = ""


class Seen(Form, frozen=True, kw_only=True):
    seen: Number


class Reason(Seen, frozen=True, kw_only=True):
    reason: Words = ""


class Into(Seen, frozen=True, kw_only=True):
    into: Words = ""


class Reveal(Form, frozen=True, kw_only=True):
    reason: Words = ""


def facts_of(sent: Told, typed: FormMultiDict, kind: Kind, before: PlaceRow | None) -> Facts:
    """The facts of a form. The position that a known place has stays with its source where it was not touched."""
    at: dict[str, Any] = {"latitude": sent.latitude, "longitude": sent.longitude, "accuracy": sent.accuracy}
    source = sent.position_source if sent.position_source in ("phone", "map", "import") else "map"
    if sent.no_position:
        at = {}
    elif before is not None and (sent.latitude, sent.longitude) == (_shown(before.latitude), _shown(before.longitude)):
        at = {"latitude": before.latitude, "longitude": before.longitude, "accuracy": before.accuracy}
        source = before.position_source if before.latitude is not None else source
    keep = before is not None and not sent.no_operator
    return Facts(
        kind_id=sent.kind,
        name=sent.name,
        address_text=sent.address_text,
        area_id=sent.area,
        **at,
        position_source=source,
        operator=None if keep and not sent.operator else sent.operator,
        operator_phone=None if keep and not sent.operator_phone else sent.operator_phone,
        answers=fields.typed(questions.read_form(kind.questions), asked(typed)),
        external_code=sent.external_code,
    )


def _shown(degrees: float | None) -> float | None:
    """As the form's hidden field holds it."""
    return None if degrees is None else float(f"{degrees:.6f}")
