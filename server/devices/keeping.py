"""What is kept of commands: read before anything is done, locked while it is done, written in one go."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.devices.commands import Result
from server.devices.protocol import Outcome, Reason
from server.devices.reading import Read
from server.kernel import database


class Became(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a command."""

    outcome: Outcome
    at: datetime
    words: str = ""
    reason: Reason = ""
    result: Result = Result()


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt: of an earlier request, or of this one."""

    sender: str
    digest: bytes
    mends: UUID | None
    outcome: Became
    fresh: Read | None = None
    """The command, where the receipt is still to be written."""


async def before(given: Sequence[Read]) -> dict[UUID, Kept]:
    """The receipts that these commands have, by their ids."""
    rows = await database.fetch(_KEPT, [one.id for one in given]) if given else []
    return {UUID(int=row["id"].int): _kept(row) for row in rows}


_KEPT = (
    "SELECT id, sender, content_digest, outcome, words, answer, at, mends, protocol FROM receipts WHERE id = ANY($1)"
)


def _kept(row: Any) -> Kept:
    # What a page's form was answered is of another shape, and no command's content is the same as a form's.
    result = msgspec.json.decode(row["answer"], type=Result) if row["protocol"] is not None else Result()
    reason: Reason = "cannot" if row["outcome"] == "refused" else ""
    outcome = Became(outcome=row["outcome"], at=row["at"], words=row["words"], reason=reason, result=result)
    return Kept(sender=row["sender"], digest=row["content_digest"], mends=row["mends"], outcome=outcome)


async def lock(given: Sequence[Read]) -> None:
    """Hold the ids: of two requests with one command the second waits for the first, and then finds its receipt.

    Always in the order of the ids, so that two queues in different order do not wait for each other.
    """
    ids = {one.id for one in given} | {one.command.mends for one in given if one.command.mends}
    await database.fetch(
        """SELECT pg_advisory_xact_lock(hashtextextended('command ' || id, 0))
           FROM (SELECT unnest($1::uuid[]) AS id ORDER BY id) AS ordered""",
        list(ids),
    )


async def keep(kept: Mapping[UUID, Kept]) -> None:
    """Write the new receipts. An id that a page's form takes in this moment breaks the request, which is sent again."""
    rows = [
        (
            one.id,
            told.sender,
            one.command.verb,
            told.digest,
            msgspec.json.encode(told.outcome.result).decode(),
            told.outcome.at,
            told.outcome.outcome,
            told.outcome.words,
            one.command.protocol,
            one.phone.at,
            one.phone.odd,
            told.mends,
        )
        for told in kept.values()
        if (one := told.fresh) is not None
    ]
    await database.execute_many(
        """INSERT INTO receipts (id, sender, verb, content_digest, answer, at, outcome, words, protocol, made_at,
               odd_clock, mends)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)""",
        rows,
    )
