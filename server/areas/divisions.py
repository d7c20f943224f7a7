"""Divisions from a CSV: code, name, level, parent_code. All or nothing, the same file twice changes nothing.

What the file does not name stays as it is. A row may come before its parent's; a parent may also be one that is
already known. Another name or parent for a known code is an update with its event; a level never changes.
"""

from collections.abc import Mapping, Sequence

import msgspec

from server.areas import epoch
from server.areas.scope import OUT_OF_SCOPE, administered, administers_all
from server.areas.tree import LEVEL_WORDS, LEVELS, NAME_LONGEST, mend_paths, wrong_code
from server.kernel import clock, database, events, sheets
from server.kernel.actor import Actor
from server.kernel.sheets import Imported, Problem, wrong_text

COLUMNS = ("code", "name", "level", "parent_code")


class Division(msgspec.Struct, frozen=True):
    """One row of the file, or one area that is known."""

    line: int
    code: str
    name: str
    level: str
    parent_code: str


class Known(msgspec.Struct, frozen=True):
    """An area as the database has it."""

    id: int
    code: str
    name: str
    level: str
    parent_code: str
    retired: bool


async def import_divisions(content: bytes, *, by: Actor, dry_run: bool = False) -> Imported:
    """Bring the divisions of a CSV in; with problems, or with `dry_run`, nothing is written."""
    rows, problems = sheets.read(content, COLUMNS)
    given = [Division(row.line, *(row.cells[column] for column in COLUMNS)) for row in rows]
    async with database.transaction():
        await epoch.lock()
        known = await _known()
        mine = None if administers_all(by) else {code for code, one in known.items() if one.id in administered(by)}
        problems = [*problems, *check(given, known, mine)]
        if problems:
            return Imported(problems=tuple(sorted(problems, key=lambda problem: problem.line)))
        created = [row for row in given if row.code not in known]
        renamed = [row for row in given if row.code in known and row.name != known[row.code].name]
        moved = [row for row in given if row.code in known and row.parent_code != known[row.code].parent_code]
        changed = len({row.code for row in (*renamed, *moved)})
        if not dry_run and (created or changed):
            await _create(created, by)
            await _rename(renamed, known, by)
            await _move(moved, known, by)
            await epoch.advance()
        return Imported(len(created), changed, len(given) - len(created) - changed)


def check(given: Sequence[Division], known: Mapping[str, Known], mine: set[str] | None = None) -> list[Problem]:
    """Every wrong row, with its line and why. `mine`: codes of the areas administered, None for all."""
    first: dict[str, Division] = {}
    for row in given:
        first.setdefault(row.code, row)
    levels = {code: one.level for code, one in known.items()} | {code: row.level for code, row in first.items()}
    parents = {code: one.parent_code for code, one in known.items()} | {
        code: row.parent_code for code, row in first.items()
    }
    found = []
    for row in given:
        words = _wrong_cells(row)
        if not words and first[row.code] is not row:
            words = f"编码 {row.code} 与第 {first[row.code].line} 行重复"
        words = words or _wrong_parent(row, levels, known) or _wrong_change(row, known)
        if not words and mine is not None and not _lies_in(row.code, parents, known, mine):
            words = OUT_OF_SCOPE.rstrip("。")
        if words:
            found.append(Problem(row.line, words, row.code))
    return found


def _wrong_cells(row: Division) -> str | None:
    if words := wrong_code(row.code):
        return words
    if words := wrong_text(row.name, NAME_LONGEST):
        return f"名称{words}"
    if row.level not in LEVELS:
        return f"不认识层级 {row.level[:20]},只能是 " + "、".join(LEVELS)
    return None


def _wrong_parent(row: Division, levels: Mapping[str, str], known: Mapping[str, Known]) -> str | None:
    above = LEVELS[LEVELS.index(row.level) - 1] if row.level != "district" else ""
    if not above:
        return "区没有上级,parent_code 应空着" if row.parent_code else None
    if not row.parent_code:
        return f"没有上级编码,{LEVEL_WORDS[row.level]}的上级应是{LEVEL_WORDS[above]}"
    if row.parent_code not in levels:
        return f"找不到上级 {row.parent_code[:40]}"
    if (level := levels[row.parent_code]) != above:
        there = LEVEL_WORDS.get(level, level)
        return f"{LEVEL_WORDS[row.level]}的上级应是{LEVEL_WORDS[above]},{row.parent_code} 却是{there}"
    if row.parent_code in known and known[row.parent_code].retired:
        return f"上级 {row.parent_code} 已经停用"
    return None


def _wrong_change(row: Division, known: Mapping[str, Known]) -> str | None:
    one = known.get(row.code)
    if one is None:
        return None
    if one.retired:
        return f"编码 {row.code} 已经停用,不能再用"
    if one.level != row.level:
        return f"编码 {row.code} 已经是{LEVEL_WORDS[one.level]},层级不能改"
    return None


def _lies_in(code: str, parents: Mapping[str, str], known: Mapping[str, Known], mine: set[str]) -> bool:
    # A known area must lie in it where it is now, too: nobody fetches a neighbour's street over.
    now = {known_code: one.parent_code for known_code, one in known.items()}
    return _reaches(code, parents, mine) and (code not in known or _reaches(code, now, mine))


def _reaches(code: str, parents: Mapping[str, str], mine: set[str]) -> bool:
    for _ in LEVELS:
        if code in mine:
            return True
        code = parents.get(code, "")
    return False


async def _known() -> dict[str, Known]:
    rows = await database.fetch(
        """SELECT areas.id, areas.code, areas.name, areas.level, COALESCE(above.code, '') AS parent_code,
                  areas.until IS NOT NULL AS retired
           FROM areas LEFT JOIN areas AS above ON above.id = areas.parent"""
    )
    return {row["code"]: Known(**dict(row)) for row in rows}


async def _create(rows: Sequence[Division], by: Actor) -> None:
    for level in LEVELS:
        here = [row for row in rows if row.level == level]
        if not here:
            continue
        made = await database.fetch(
            """WITH given AS (
                   SELECT nextval(pg_get_serial_sequence('areas', 'id'))::int AS id, code, name, parent_code
                   FROM unnest($1::text[], $2::text[], $3::text[]) AS one(code, name, parent_code))
               INSERT INTO areas (id, code, name, level, parent, path, answers, since)
               SELECT given.id, given.code, given.name, $4, above.id,
                      COALESCE(above.path, '/') || given.id || '/', '', $5
               FROM given LEFT JOIN areas AS above ON above.code = NULLIF(given.parent_code, '')
               RETURNING id, code, name, level, parent""",
            [row.code for row in here],
            [row.name for row in here],
            [row.parent_code for row in here],
            level,
            clock.now(),
        )
        await events.record_many("area.created", [(f"area:{row['id']}", _without_id(dict(row))) for row in made], by)


async def _rename(rows: Sequence[Division], known: Mapping[str, Known], by: Actor) -> None:
    if not rows:
        return
    await database.execute(
        """UPDATE areas SET name = given.name FROM unnest($1::text[], $2::text[]) AS given(code, name)
           WHERE areas.code = given.code""",
        [row.code for row in rows],
        [row.name for row in rows],
    )
    said = [(f"area:{known[row.code].id}", {"from": known[row.code].name, "to": row.name}) for row in rows]
    await events.record_many("area.renamed", said, by)


async def _move(rows: Sequence[Division], known: Mapping[str, Known], by: Actor) -> None:
    if not rows:
        return
    moved = await database.fetch(
        """UPDATE areas SET parent = above.id
           FROM unnest($1::text[], $2::text[]) AS given(code, parent_code)
           JOIN areas AS above ON above.code = given.parent_code
           WHERE areas.code = given.code RETURNING areas.id, areas.code, above.id AS parent""",
        [row.code for row in rows],
        [row.parent_code for row in rows],
    )
    await mend_paths()
    said = [
        (f"area:{row['id']}", {"from": known[known[row["code"]].parent_code].id, "to": row["parent"]}) for row in moved
    ]
    await events.record_many("area.moved", said, by)


def _without_id(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "id"}
