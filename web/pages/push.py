"""Where browsers ask to be pushed to, and where their service workers say that they showed something (docs/push.md)."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from server.kernel.errors import Invalid
from server.notices.outlets.push import devices, keys, planning
from server.notices.outlets.push.devices import Subscription
from web import machines, session
from web.fragments import AnyRequest, actor_of, go

_LONGEST = 4_096


class Shown(msgspec.Struct, frozen=True):
    """What a service worker showed."""

    id: UUID


@get("/key", tags=["browsers"], summary="The key that a subscription is bound to")
async def key() -> Response[dict[str, str]]:
    """The key that a subscription is bound to."""
    return Response({"key": await keys.public()})


@post(
    "/devices",
    status_code=200,
    tags=["browsers"],
    summary="Tell this browser from now on",
    operation_class=machines.takes(
        endpoint={"type": "string", "format": "uri"},
        keys={
            "type": "object",
            "properties": {"p256dh": {"type": "string"}, "auth": {"type": "string"}},
            "required": ["p256dh", "auth"],
        },
    ),
)
async def add(request: AnyRequest) -> Response[dict[str, str]]:
    """This browser wants to be told."""
    subscription = await _read(request, Subscription)
    return Response({"id": str(await devices.add(subscription, actor_of(request)))})


@post("/devices/{device:uuid}/removal", include_in_schema=False)
async def remove(request: AnyRequest, device: FromPath[UUID]) -> Redirect:
    """Tell that device no more."""
    await devices.remove(device, actor_of(request))
    return go(request, "/me/notices?done=device_off")


@post(
    "/shown",
    status_code=204,
    tags=["browsers"],
    summary="A push was shown",
    operation_class=machines.takes(id=machines.ID),
)
async def shown(request: AnyRequest) -> None:
    """It was shown: no text message follows. Who knows the id has got the push; there is nothing else to prove."""
    await planning.shown((await _read(request, Shown)).id)


async def _read(request: AnyRequest, into: type[Any]) -> Any:
    body = await request.body()
    try:
        if len(body) > _LONGEST:
            raise ValueError("too long")
        return msgspec.json.decode(body, type=into)
    except (msgspec.MsgspecError, ValueError):
        raise Invalid({"body": "没看懂,请刷新后再试。"}) from None


router = Router("/push", route_handlers=[key, add, remove], guards=[session.signed_in])
public_router = Router("/push", route_handlers=[shown])
