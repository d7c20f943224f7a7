"""Photos that visits name: they hang when they come, before or after the record, and who sees it sees them."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import msgspec

from server.kernel import database
from server.kernel.actor import Actor
from server.patrols import reach
from server.patrols.judging import Judged
from server.patrols.leading import Row
from server.photos import arrivals, sweep

sweep.held_by("SELECT hung FROM patrol_photos")

NOT_OURS = "不是这个账号传的"


class Missing(msgspec.Struct, frozen=True):
    """Photos of a record that do not hang: how many may still come, and why others never will."""

    count: int = 0
    refused: tuple[str, ...] = ()


def rows_of(judged: Judged, rows: Sequence[Row], by: Actor) -> Iterator[tuple[object, ...]]:
    """A row for each photo that a record names: visit, photo, role, item, finding, account."""
    visit, named = judged.told.id, set[UUID]()
    for item, photo in _answered(judged):
        if photo not in named:
            named.add(photo)
            yield visit, photo, "answer", item, None, by.account_id, ""
    for row in rows:
        told = row.found.told
        for role, photo in told.strips:
            if photo not in named:
                named.add(photo)
                yield visit, photo, role, f"{told.version}/{told.item}" if told.item else "", told.id, by.account_id, ""


COLUMNS = ("visit", "photo", "role", "item", "finding", "account", "refused")


async def hang(rows: Sequence[tuple[object, ...]], by: Actor) -> None:
    """Write them; what has come already hangs at once, what somebody else has sent never will."""
    photos = [UUID(str(row[1])) for row in rows]
    await arrivals.lock(photos)
    async with database.connection() as one:
        await one.copy_records_to_table("patrol_photos", columns=COLUMNS, records=rows)
    await database.execute(
        """UPDATE patrol_photos v SET hung = CASE WHEN p.account_id = $2 OR p.device = $3 THEN p.id END,
               refused = CASE WHEN p.account_id = $2 OR p.device = $3 THEN '' ELSE $4 END
           FROM photos p WHERE p.id = v.photo AND v.photo = ANY($1::uuid[]) AND v.hung IS NULL""",
        photos,
        by.account_id,
        by.device,
        NOT_OURS,
    )


@arrivals.awaited_by
async def hang_up(photo_id: UUID) -> None:
    """The photo came: it hangs where records of its sender name it."""
    await database.execute(
        """UPDATE patrol_photos v SET hung = p.id FROM photos p
           WHERE v.photo = $1 AND v.hung IS NULL AND p.id = v.photo AND p.account_id = v.account""",
        photo_id,
    )


async def may_send(photo_id: UUID, by: Actor) -> bool:
    """Whether a photo of this id may come from `by`: nobody waits for it, or the record was theirs."""
    account = await database.fetch_value("SELECT account FROM patrol_photos WHERE photo = $1 LIMIT 1", photo_id)
    return account is None or account == by.account_id


async def will_not_come(photo_id: UUID, words: str, by: Actor) -> None:
    """The photo could not be taken; the record stands without it and says why."""
    await database.execute(
        "UPDATE patrol_photos SET refused = $2 WHERE photo = $1 AND hung IS NULL AND account = $3",
        photo_id,
        words[:200],
        by.account_id,
    )


async def may_see(photo_id: UUID, by: Actor) -> bool:
    """Whether it hangs on a record that the actor may see: their own, one of their grids, of their desk."""
    rows = await database.fetch(
        """SELECT v.account, v.grid, v.community FROM patrol_photos p JOIN patrol_visits v ON v.id = p.visit
           WHERE p.hung = $1""",
        photo_id,
    )
    if not rows:
        return False
    now, desk = reach.walks(by), set(await reach.communities(by))
    return any(
        (row["account"] == by.account_id and by.signed_in)
        or now.covers(row["grid"], row["community"])
        or row["community"] in desk
        for row in rows
    )


async def missing(visits: Sequence[UUID]) -> dict[UUID, Missing]:
    """What does not hang yet, by record; records whose photos are all there are left out."""
    rows = await database.fetch(
        """SELECT visit, count(*) FILTER (WHERE refused = '') AS waiting,
                  array_agg(refused) FILTER (WHERE refused <> '') AS refused
           FROM patrol_photos WHERE visit = ANY($1::uuid[]) AND hung IS NULL GROUP BY visit""",
        list(visits),
    )
    return {row["visit"]: Missing(row["waiting"], tuple(row["refused"] or ())) for row in rows}


def _answered(judged: Judged) -> Iterator[tuple[str, UUID]]:
    """Photos that answer an item, with "<version>/<item>"."""
    for one in judged.answered:
        for name in judged.photo_items.get(one.version, ()):
            for photo in one.answers.get(name, ()):
                yield f"{one.version}/{name}", UUID(photo)
