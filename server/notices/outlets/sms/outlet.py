"""A generic HTTP SMS gateway.

POST of `{"id", "phone", "text", "template", "values"}` as JSON with three headers:

    X-Huying-Id: the same id; it stays the same when a message is tried again
    X-Huying-Timestamp: seconds since 1970
    X-Huying-Signature: sha256=hex(HMAC-SHA256(key, timestamp + "." + body))

Any 2xx answer means taken. The gateway checks the signature, refuses old timestamps and drops an `id` it has seen. One
whose carrier wants registered templates maps `template` to its own and fills in `values`; else it sends `text`.
"""

import msgspec

from server.notices.outlets import calling
from server.notices.outlets.interface import NeverWorks, Outgoing, Sent, TryLater
from server.notices.outlets.sms import templates

_WRONG_MESSAGE = frozenset({400, 413, 415, 422})
"""It does not take this message. Anything else (a key, a closed way) is mended without changing the message."""


class Gateway:
    name = "sms"
    at_once = 8

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key.encode()

    async def send(self, what: Outgoing) -> Sent:
        """Hand the message to the gateway, which the installation itself has chosen: it may be in its own network."""
        text = templates.fill(what)
        body = msgspec.json.encode({"id": what.id, "phone": what.address, **msgspec.structs.asdict(text)})
        answer = await calling.post(self._url, body, calling.signed(self._key, what.id, body), public_only=False)
        if 200 <= answer.status < 300:
            return Sent(calling.said(answer))
        if answer.status in _WRONG_MESSAGE:
            raise NeverWorks(f"短信网关不收这条短信:{calling.said(answer)}")
        raise TryLater(f"短信网关没有收下:{calling.said(answer)}", calling.pause_asked(answer))
