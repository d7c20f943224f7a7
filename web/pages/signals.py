"""POST /signals: where sensors of the care register speak, with a secret of their own (docs/care.md)."""

import msgspec
from litestar import Response, Router, post

from server.households.care import readings
from server.households.care.readings import Reading
from server.kernel.errors import Invalid, NotFound
from web.errors import Problem
from web.fragments import AnyRequest

_LONGEST = 4_096
"""Bytes of one reading; more is none."""


class Taken(msgspec.Struct, frozen=True):
    """What a sensor is answered. `new` is false where this reading was known already."""

    new: bool


@post("/", status_code=200)
async def receive(request: AnyRequest) -> Response[Taken] | Response[Problem]:
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
    return Response(Taken(new), headers={"Cache-Control": "no-store"})


def _refused(status: int, detail: str) -> Response[Problem]:
    return Response(
        Problem(status=status, title="not taken", detail=detail),
        status_code=status,
        media_type="application/problem+json",
        headers={"Cache-Control": "no-store"},
    )


router = Router("/signals", route_handlers=[receive], include_in_schema=True)
