"""A text message on its way: sealed in the job, so that neither phone nor words rest in the database in plain."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from server.kernel import jobs
from server.kernel.ids import new_id
from server.people import sealing

JOB = "notices.sms"
_PURPOSE = "message"


class SealedMessage(msgspec.Struct, frozen=True):
    """What the job carries. After `useless_after` nobody sends it any more."""

    id: UUID
    sealed: str
    useless_after: datetime | None = None


class Message(msgspec.Struct, frozen=True):
    """A phone and a text without the sign, which the outlet puts before it; the text again as template and values."""

    phone: str
    text: str
    template: str = "text"
    values: Mapping[str, str] = {}


async def send_later(
    phone: str,
    text: str,
    *,
    template: str = "text",
    values: Mapping[str, str] | None = None,
    useless_after: datetime | None = None,
) -> None:
    """Have the worker send a text message once the open transaction is committed.

    `template` and `values` are for carriers that take registered texts only.
    """
    message = Message(phone, text, template, values or {"text": text})
    sealed = sealing.seal(_PURPOSE, msgspec.json.encode(message))
    await jobs.enqueue(JOB, SealedMessage(new_id(), sealed, useless_after))


def opened(message: SealedMessage) -> Message | None:
    """The message in plain; None where it was sealed with another secret key."""
    return opened_text(message.sealed)


def opened_text(sealed: str) -> Message | None:
    """What was sealed for a message; None where another secret key sealed it."""
    plain = sealing.unseal(_PURPOSE, sealed)
    return msgspec.json.decode(plain, type=Message) if plain is not None else None
