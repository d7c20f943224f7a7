"""Photos that a record names and that are still on the phone: the record says so, and they hang when they come."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from server.kernel import clock, database
from server.kernel.actor import Actor
from server.photos import arrivals

NOT_OURS = "不是这台手机传的,或者已经用过"


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """Photos of one role, in order."""

    role: str
    photos: tuple[UUID, ...]
    report: UUID | None = None
    addition: UUID | None = None
    answer: UUID | None = None


class Missing(msgspec.Struct, frozen=True):
    """What a reader is told of photos that do not hang: how many may still come, and why others never will."""

    count: int = 0
    refused: tuple[str, ...] = ()


async def wait_for(case_id: UUID, strip: Strip, photos: Sequence[UUID], by: Actor) -> None:
    """Note photos of the strip that could not be hung: those nobody has sent are awaited, others will never hang.

    The caller holds their locks (`arrivals.lock`).
    """
    await database.execute(
        """INSERT INTO awaited_photos ("case", photo, role, report, addition, answer, place, account, device, since,
               refused)
           SELECT $1, named, $3, $4, $5, $6, array_position($7::uuid[], named), $8, $9, $10,
                  CASE WHEN EXISTS (SELECT FROM photos WHERE id = named) THEN $11 ELSE '' END
           FROM unnest($2::uuid[]) AS named ON CONFLICT (photo) DO NOTHING""",
        case_id,
        list(photos),
        strip.role,
        strip.report,
        strip.addition,
        strip.answer,
        list(strip.photos),
        by.account_id,
        by.device,
        clock.now(),
        NOT_OURS,
    )


@arrivals.awaited_by
async def hang_up(photo_id: UUID) -> None:
    """The photo came: it hangs where its record wants it, if it is the record's sender who sent it."""
    await database.execute(
        """WITH come AS (
               DELETE FROM awaited_photos a USING photos p
               WHERE a.photo = $1 AND p.id = a.photo AND (p.account_id = a.account OR p.device = a.device)
               RETURNING a.*)
           INSERT INTO case_photos ("case", photo, role, report, addition, answer, place)
           SELECT "case", photo, role, report, addition, answer, place FROM come""",
        photo_id,
    )


async def may_send(photo_id: UUID, by: Actor) -> bool:
    """Whether a photo of this id may come from `by`: nobody waits for it, or the record was theirs."""
    row = await database.fetch_one("SELECT account, device FROM awaited_photos WHERE photo = $1", photo_id)
    return row is None or _same(row["account"], by.account_id) or _same(row["device"], by.device)


async def will_not_come(photo_id: UUID, words: str, by: Actor) -> None:
    """The photo could not be taken; the record stands without it and says why."""
    await database.execute(
        "UPDATE awaited_photos SET refused = $2 WHERE photo = $1 AND (account = $3 OR device = $4)",
        photo_id,
        words[:200],
        by.account_id,
        by.device,
    )


async def missing(case_id: UUID, reports: Sequence[UUID], only_reporter: bool) -> Missing:
    """The photos of a case that do not hang, as far as the reader may see what hangs (see view)."""
    rows = await database.fetch(
        """SELECT refused FROM awaited_photos
           WHERE "case" = $1 AND (NOT $2 OR (role <> 'check' AND (report IS NULL OR report = ANY($3)))) ORDER BY id""",
        case_id,
        only_reporter,
        list(reports),
    )
    words = tuple(row["refused"] for row in rows if row["refused"])
    return Missing(len(rows) - len(words), words)


def _same(one: object, other: object) -> bool:
    return one is not None and one == other
