"""A generic webhook: POST of `{"id", "kind", "urgency", "title", "words", "link", "at"}` as JSON.

    X-Huying-Id: the same id; it stays the same when a message is tried again or replayed
    X-Huying-Timestamp: seconds since 1970
    X-Huying-Signature: sha256=hex(HMAC-SHA256(key, timestamp + "." + body))

Any 2xx answer means taken. 408, 423, 425, 429 and 5xx are tried again for a day; any other answer, redirects too, is
final until somebody replays it. Private addresses are refused when the message goes, whatever the name said before.
"""

import msgspec

from server.notices.outlets import calling
from server.notices.outlets.interface import NeverWorks, Outgoing, Sent, TryLater


class Webhook:
    name = "webhook"
    at_once = 1

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key.encode()

    async def send(self, what: Outgoing) -> Sent:
        """Call the other system."""
        names = ("id", "kind", "urgency", "title", "words", "link", "at")
        body = msgspec.json.encode({name: getattr(what, name) for name in names})
        answer = await calling.post(self._url, body, calling.signed(self._key, what.id, body), public_only=True)
        if 200 <= answer.status < 300:
            return Sent(calling.said(answer))
        if calling.is_passing(answer.status):
            raise TryLater(calling.said(answer), calling.pause_asked(answer))
        if 300 <= answer.status < 400:
            raise NeverWorks(f"{calling.said(answer)},转到别处;转址不跟")
        raise NeverWorks(calling.said(answer))
