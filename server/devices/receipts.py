"""Sending twice is harmless: a command's receipt is kept in the transaction of the change itself."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import msgspec

from server.kernel import clock, database, errors
from server.kernel.actor import Actor

Answer = TypeVar("Answer")


async def once(
    command: UUID,
    verb: str,
    content: object,
    by: Actor,
    answer_type: type[Answer],
    call: Callable[[], Awaitable[Answer]],
) -> Answer:
    """Call the verb unless this command has been done; the same answer either way.

    `content` is what was sent (a Struct or plain values): the same id with other content, or from another sender, is
    refused with NotAllowed and never merged. What the verb raises leaves no receipt, so that it can be tried again.
    """
    digest = hashlib.sha256(msgspec.json.encode([verb, content], order="deterministic")).digest()
    sender = sender_of(by)
    async with database.transaction():
        begun = await database.fetch_value(
            """INSERT INTO receipts (id, sender, verb, content_digest, answer, at)
               VALUES ($1, $2, $3, $4, 'null', $5) ON CONFLICT (id) DO NOTHING RETURNING id""",
            command,
            sender,
            verb,
            digest,
            clock.now(),
        )
        if begun is None:
            return await _done_before(command, sender, digest, answer_type)
        answer = await call()
        await database.execute(
            "UPDATE receipts SET answer = $2 WHERE id = $1", command, msgspec.json.encode(answer).decode()
        )
        return answer


def sender_of(by: Actor) -> str:
    """Who sends, as receipts name them."""
    if by.account_id is not None:
        return f"account:{by.account_id}"
    return f"device:{by.device}" if by.device else f"system:{by.system}"


async def _done_before(command: UUID, sender: str, digest: bytes, answer_type: type[Answer]) -> Answer:
    row = await database.fetch_one("SELECT sender, content_digest, answer FROM receipts WHERE id = $1", command)
    if row is None or row["sender"] != sender or row["content_digest"] != digest:
        raise errors.NotAllowed("这一页已经提交过别的内容,请刷新后再试。")
    return msgspec.json.decode(row["answer"], type=answer_type)
