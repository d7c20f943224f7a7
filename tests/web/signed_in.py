"""Signing a member of the cast in: a client of their own, with the session's cookie."""

import os
from typing import Any

import httpx

from server.kernel.actor import Actor
from server.people.sessions import open_session


async def as_(web: httpx.AsyncClient, actor: Actor) -> httpx.AsyncClient:
    """Another browser on the same app, signed in as this member of the cast, with password and second factor."""
    if actor.account_id is None:
        return another(web)
    token = await open_session(actor.account_id, password=True, second=True)
    return another(web, {"huying": token})


def another(web: httpx.AsyncClient, cookies: dict[str, str] | None = None) -> httpx.AsyncClient:
    """Another browser on the same app, signed out."""
    transport: Any = web._transport
    return httpx.AsyncClient(transport=transport, base_url=os.environ["PUBLIC_URL"], cookies=cookies)
