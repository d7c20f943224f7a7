"""POST /signals: where sensors of the care register speak, with a secret of their own (docs/care.md)."""

from typing import Any

import msgspec
from litestar import Response, Router, post
from litestar.openapi.datastructures import ResponseSpec

from server.households.care import readings
from server.households.care.readings import Reading
from server.kernel.errors import Invalid, NotFound
from web import machines
from web.errors import Problem
from web.fragments import AnyRequest

_LONGEST = 4_096
"""Bytes of one reading; more is none."""


class Taken(msgspec.Struct, frozen=True):
    """What a sensor is answered. `new` is false where this reading was known already."""

    new: bool


@post(
    "/",
    status_code=200,
    tags=["sensors"],
    summary="Take one reading of a sensor of the care register",
    operation_class=machines.takes(id={"type": "string"}, said={"type": "string", "enum": ["alive", "alarm"]}),
    responses={
        200: ResponseSpec(data_container=Taken, description="Taken, now or before"),
        **{
            status: ResponseSpec(data_container=Problem, media_type="application/problem+json", description=words)
            for status, words in ((401, "The secret is worth nothing"), (413, "Too long"), (422, "No reading"))
        },
    },
)
async def receive(request: AnyRequest) -> Response[Any]:
    """Take one reading: `Authorization: Bearer <secret>`, `{"id": "…", "said": "alive" | "alarm"}`."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return _refused(401, "a sensor speaks with its secret: Authorization: Bearer …")
    body = await request.body()
    if len(body) > _LONGEST:
        return _refused(413, "a reading has an id and what it said, nothing more")
    try:
        new = await readings.receive(secret.strip(), msgspec.json.decode(body, type=Reading))
    except NotFound:
        return _refused(401, "this secret is worth nothing (any more)")
    except Invalid as wrong:
        return _refused(422, "; ".join(f"{field}: {words}" for field, words in wrong.fields.items()))
    except (msgspec.MsgspecError, UnicodeDecodeError) as wrong:
        return _refused(422, str(wrong))
    return Response(Taken(new))


def _refused(status: int, detail: str) -> Response[Problem]:
    return Response(
        Problem(status=status, title="not taken", detail=detail),
        status_code=status,
        media_type="application/problem+json",
    )


router = Router("/signals", route_handlers=[receive])
