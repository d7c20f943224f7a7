"""Photos on a case: which photo hangs on what. Only who sent a photo may hang it up, and a photo hangs once."""

from collections.abc import Sequence
from uuid import UUID

from server.cases import awaited
from server.cases.awaited import Strip as Strip
from server.kernel import database, errors
from server.kernel.actor import Actor
from server.photos import arrivals, sweep

sweep.held_by("SELECT photo FROM case_photos")

MOST = 9
"""Photos in one go."""


_HUNG_OR_AWAITED = """SELECT "case", role, answer FROM case_photos
    UNION ALL SELECT "case", role, answer FROM awaited_photos WHERE refused = ''"""


async def hang(case_id: UUID, strip: Strip, by: Actor, *, later: bool = False) -> int:
    """Hang photos on a case; `Invalid` where one is not there, is somebody else's, or hangs already.

    With `later` (a record from a phone's outbox, whose photos come apart) those that cannot hang now are awaited; how
    many comes back.
    """
    if not strip.photos:
        return 0
    if len(strip.photos) > MOST:
        raise errors.Invalid({"photos": f"一次最多 {MOST} 张照片。"})
    # One photo named by two records at once hangs on the first alone.
    await arrivals.lock(strip.photos)
    hung = await database.fetch(
        """INSERT INTO case_photos ("case", photo, role, report, addition, answer, place)
           SELECT $1, p.id, $3, $4, $5, $6, array_position($2::uuid[], p.id)
           FROM photos p
           WHERE p.id = ANY($2) AND (p.account_id = $7 OR p.device = $8)
             AND NOT EXISTS (SELECT FROM case_photos h WHERE h.photo = p.id)
           ORDER BY array_position($2::uuid[], p.id)
           RETURNING photo""",
        case_id,
        list(strip.photos),
        strip.role,
        strip.report,
        strip.addition,
        strip.answer,
        by.account_id,
        by.device,
    )
    left = set(strip.photos) - {row["photo"] for row in hung}
    if left and not later:
        raise errors.Invalid({"photos": "有照片没有找到,请重新添加;文字没有丢。"})
    if left:
        await awaited.wait_for(case_id, strip, list(left), by)
    return len(left)


async def has(case_id: UUID, role: str) -> bool:
    """Whether a case has a photo of this role, or awaits one; what the reporter sent counts as before."""
    roles = ["before", "report", "added"] if role == "before" else [role]
    return bool(
        await database.fetch_value(
            f'SELECT EXISTS (SELECT FROM ({_HUNG_OR_AWAITED}) AS h WHERE "case" = $1 AND role = ANY($2))',
            case_id,
            roles,
        )
    )


async def has_new(case_id: UUID, role: str) -> bool:
    """Whether the latest answer of a case has a photo of this role, or awaits one: a redone job shows a new one."""
    return bool(
        await database.fetch_value(
            f"""SELECT EXISTS (SELECT FROM ({_HUNG_OR_AWAITED}) AS h WHERE role = $2 AND answer = (
                   SELECT id FROM answers WHERE "case" = $1 ORDER BY at DESC, id DESC LIMIT 1))""",
            case_id,
            role,
        )
    )


async def hangable(photos: Sequence[UUID], by: Actor) -> list[UUID]:
    """Those of `photos` that `by` has sent and that hang nowhere yet."""
    rows = await database.fetch(
        """SELECT p.id FROM photos p WHERE p.id = ANY($1) AND (p.account_id = $2 OR p.device = $3)
             AND NOT EXISTS (SELECT FROM case_photos h WHERE h.photo = p.id)""",
        list(photos),
        by.account_id,
        by.device,
    )
    return [row["id"] for row in rows]
