"""A generic HTTP SMS gateway.

POST of `{"id", "phone", "text"}` as JSON with two headers:

    X-Huying-Timestamp: seconds since 1970
    X-Huying-Signature: sha256=hex(HMAC-SHA256(key, timestamp + "." + body))

Any 2xx answer means taken. The gateway checks the signature, refuses old timestamps and drops an `id` it has seen.
"""

import hmac
from uuid import UUID

import httpx
import msgspec

from server.kernel import clock
from server.notices.outlets.failure import OutletFailed

TIMEOUT = httpx.Timeout(10, connect=5)


class Gateway:
    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key.encode()

    async def send(self, phone: str, text: str, *, message_id: UUID) -> None:
        """Hand the message to the gateway; raises `OutletFailed` unless it says that it took it."""
        body = msgspec.json.encode({"id": message_id, "phone": phone, "text": text})
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
                answer = await client.post(self._url, content=body, headers=self._headers(body))
        except httpx.HTTPError as error:
            raise OutletFailed(f"the SMS gateway cannot be reached: {type(error).__name__}") from None
        if not answer.is_success:
            raise OutletFailed(f"the SMS gateway answered {answer.status_code}")

    def _headers(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(clock.now().timestamp()))
        return {
            "Content-Type": "application/json",
            "X-Huying-Timestamp": timestamp,
            "X-Huying-Signature": signature(self._key, timestamp, body),
        }


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """What the gateway computes to check who sends."""
    return "sha256=" + hmac.digest(key, timestamp.encode() + b"." + body, "sha256").hex()
