"""What somebody wants a plan to be: which places, how often, with which checklist; and what is wrong with that."""

from datetime import date

import msgspec

from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.errors import Invalid
from server.kernel.sheets import wrong_text
from server.patrols import reach
from server.patrols.schedule import Rhythm, Unit

NAME_LONGEST = 40
MOST = {"days": 366, "months": 36}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants a plan to be."""

    name: str
    department: str = ""
    """Empty: the checklist's."""
    checklist: int
    area: int
    kinds: tuple[int, ...]
    every: int
    unit: Unit = "months"
    window_days: int = 0
    """Working days from the beginning of each period; 0: the whole period."""
    first: date
    last: date | None = None


def rhythm_of(wish: Wish) -> Rhythm:
    """When the wish comes round."""
    return Rhythm(first=wish.first, every=wish.every, unit=wish.unit, window=wish.window_days, last=wish.last)


async def checked(wish: Wish, by: Actor) -> Wish:
    """The same, tidied, of an area within the actor's reach; raise `Invalid` naming the fields.

    Its checklist is not retired before the open transaction ends.
    """
    wrong = _wrong_words(wish)
    area = await database.fetch_value("SELECT path FROM areas WHERE id = $1 AND until IS NULL", wish.area)
    if area is None or not reaches(by, area):
        wrong["area"] = "请在您负责的区域里选一个。"
    department = await database.fetch_value(
        """SELECT department FROM checklists c WHERE id = $1 AND until IS NULL
             AND EXISTS (SELECT FROM checklist_versions v WHERE v.checklist = c.id) FOR SHARE""",
        wish.checklist,
    )
    if department is None:
        wrong["checklist"] = "请选一份在用的检查表。"
    known = await database.fetch_value(
        "SELECT count(*) FROM place_kinds WHERE id = ANY($1::int[]) AND active", list(wish.kinds)
    )
    if not wish.kinds or known != len(set(wish.kinds)):
        wrong["kinds"] = "请至少选一类在用的对象。"
    if wrong:
        raise Invalid(wrong)
    return msgspec.structs.replace(
        wish,
        name=wish.name.strip(),
        department=wish.department.strip() or department,
        kinds=tuple(sorted(set(wish.kinds))),
    )


def _wrong_words(wish: Wish) -> dict[str, str]:
    found = {}
    for field, value, called in (("name", wish.name, "名称"), ("department", wish.department or "无", "部门")):
        if words := wrong_text(value.strip(), NAME_LONGEST):
            found[field] = f"{called}{words}。"
    if wish.unit not in MOST or not 1 <= wish.every <= MOST[wish.unit]:
        found["every"] = "请填多久一次:1–366 天,或 1–36 个月。"
    if not 0 <= wish.window_days <= 250:
        found["window_days"] = "请填 0–250 个工作日;0 表示整个周期。"
    if not 2020 <= wish.first.year <= 2100:
        found["first"] = "请填开始的日期。"
    if wish.last is not None and wish.last < wish.first:
        found["last"] = "结束的日期应在开始之后。"
    return found


def own_areas(by: Actor) -> list[int]:
    """The areas that the actor looks after."""
    return [post.area_id for post in reach.desks(by) if post.area_id is not None]


def reaches(by: Actor, path: str) -> bool:
    """Whether the area of this path lies within those."""
    own = set(own_areas(by))
    return by.system is not None or any(int(part) in own for part in path.strip("/").split("/"))
