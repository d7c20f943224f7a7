"""One POST to the outside: never to a redirect, never for long, never reading much."""

import asyncio
import hmac
import ssl
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from uuid import UUID

import httpx
import msgspec

from server.kernel import clock
from server.notices.outlets.interface import NeverWorks, TryLater
from server.notices.outlets.reaching import reachable

TIMEOUT = httpx.Timeout(10, connect=5)
LONGEST = 15.0
"""Seconds for the whole call: a timeout between bytes alone would let a slow one hold us for ever."""
MOST_BYTES = 65_536
LONGEST_PAUSE = timedelta(hours=1)
_PASSING = frozenset({408, 423, 425, 429})


class Answer(msgspec.Struct, frozen=True):
    """What the other side said; of a long body only the beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def post(url: str, body: bytes, headers: Mapping[str, str], *, public_only: bool) -> Answer:
    """POST; any answer comes back as it is. `public_only` refuses addresses of our own networks."""
    try:
        asked = httpx.URL(url)
        if asked.scheme not in ("http", "https") or not asked.host:
            raise NeverWorks("地址不是 http(s) 网址")
        async with asyncio.timeout(LONGEST):
            if not public_only:
                return await _post(asked, body, headers, {})
            return await _post_checked(asked, body, headers)
    except httpx.InvalidURL:
        raise NeverWorks("地址不是 http(s) 网址") from None
    except (httpx.HTTPError, TimeoutError) as error:
        # From None: the exception's own words may quote the address, which holds a secret.
        raise TryLater(f"连不上对方({type(error).__name__})") from None


async def _post_checked(asked: httpx.URL, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Connect to one checked address after the other; the certificate is still asked for the name."""
    port = asked.port or (443 if asked.scheme == "https" else 80)
    name = asked.raw_host.decode()
    addresses = await reachable(name, port)
    for place, address in enumerate(addresses, 1):
        there = asked.copy_with(host=str(address))
        try:
            return await _post(there, body, {**headers, "Host": asked.netloc.decode()}, {"sni_hostname": name})
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if place == len(addresses):
                raise
    raise TryLater("对方的域名查不到地址")


async def _post(url: httpx.URL, body: bytes, headers: Mapping[str, str], extensions: dict[str, str]) -> Answer:
    more = {"Accept-Encoding": "identity", "User-Agent": "Huying/1", **headers}
    client = httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False, verify=_trust())
    async with client, client.stream("POST", url, content=body, headers=more, extensions=extensions) as answer:
        begun = b""
        async for part in answer.aiter_raw():
            begun += part
            if len(begun) >= MOST_BYTES:
                break
        return Answer(answer.status_code, dict(answer.headers), begun[:MOST_BYTES])


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def signed(key: bytes, message_id: UUID, body: bytes) -> dict[str, str]:
    """The headers by which the other side knows that we sent this, and when."""
    timestamp = str(int(clock.now().timestamp()))
    return {
        "Content-Type": "application/json",
        "X-Huying-Id": str(message_id),
        "X-Huying-Timestamp": timestamp,
        "X-Huying-Signature": signature(key, timestamp, body),
    }


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """sha256=hex(HMAC-SHA256(key, timestamp + "." + body)): what the other side computes to check it."""
    return "sha256=" + hmac.digest(key, timestamp.encode() + b"." + body, "sha256").hex()


def is_passing(status: int) -> bool:
    """Whether an answer that is no success may be another one later."""
    return status in _PASSING or status >= 500


def pause_asked(answer: Answer) -> timedelta | None:
    """What `Retry-After` says, an hour at most; None where it says nothing that can be read."""
    told = answer.headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit():
        return min(timedelta(seconds=int(told[:6])), LONGEST_PAUSE)
    try:
        pause = parsedate_to_datetime(told) - clock.now()
    except (ValueError, TypeError):
        return None
    return min(max(pause, timedelta(0)), LONGEST_PAUSE)


def said(answer: Answer) -> str:
    """The answer's number in words."""
    return f"对方回答 {answer.status}"
