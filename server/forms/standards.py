"""Import of a standard's category tree from a CSV of three levels; the leaves are what cases can be given.

Codes are made here: two digits a level by order of first appearance, e.g. 01, 0103, 010312. A known name keeps its
code for ever, a new one takes the next free number beneath its parent, one that vanished is retired and comes back
under its old code. All or nothing, the same file twice changes nothing.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import msgspec

from server.forms.publishing import DEFAULT_DEMANDS, NAME_LONGEST, must_administer_categories
from server.kernel import clock, database, events, sheets
from server.kernel.actor import Actor
from server.kernel.sheets import Imported, Problem, Row, wrong_text

COLUMNS = ("level1", "level2", "level3")
_MOST_SIBLINGS = 99

Names: TypeAlias = tuple[str, ...]
"""A category by its names from the top."""


class Known(msgspec.Struct, frozen=True):
    """A category as the database has it."""

    id: int
    code: str
    retired: bool


async def import_categories(content: bytes, standard: str, *, by: Actor, dry_run: bool = False) -> Imported:
    """Bring the tree of a CSV in as `standard`; counts are of leaves. With problems nothing is written."""
    rows, problems = sheets.read(content, COLUMNS)
    if words := wrong_text(standard, NAME_LONGEST):
        problems.append(Problem(1, f"标准的名称{words}"))
    problems += check(rows)
    async with database.transaction():
        await must_administer_categories(by)
        # One import at a time for each standard.
        await database.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", f"categories:{standard}")
        await database.execute("SELECT id FROM categories WHERE standard = $1 FOR UPDATE", standard)
        known = await _known(standard)
        wanted = _wanted(rows)
        codes, too_many = _codes(wanted, known)
        problems += [
            Problem(1, f"{' / '.join(names) or '第一级'}下的类别太多,最多 {_MOST_SIBLINGS} 个") for names in too_many
        ]
        if problems:
            return Imported(problems=tuple(sorted(problems, key=lambda problem: problem.line)))
        new = [names for names in wanted if names not in known]
        back = [names for names in wanted if names in known and known[names].retired]
        gone = [names for names, one in known.items() if not one.retired and names not in set(wanted)]
        if not dry_run:
            await _create(new, codes, standard, by)
            await _set_life(back, known, "category.revived", by)
            await _set_life(gone, known, "category.retired", by)
        created, changed = _leaves(new), _leaves(back)
        return Imported(created, changed, len(rows) - created - changed, _leaves(gone))


def check(rows: Sequence[Row]) -> list[Problem]:
    """Every wrong row, with its line and why."""
    found = []
    first: dict[Names, int] = {}
    for row in rows:
        names = _names(row)
        wrong = [f"{column} {words}" for column in COLUMNS if (words := wrong_text(row.cells[column], NAME_LONGEST))]
        if not wrong and names in first:
            wrong = [f"与第 {first[names]} 行重复"]
        first.setdefault(names, row.line)
        if wrong:
            found.append(Problem(row.line, ";".join(wrong)))
    return found


def _names(row: Row) -> Names:
    return tuple(row.cells[column] for column in COLUMNS)


def _wanted(rows: Sequence[Row]) -> list[Names]:
    """Every category of the file, parents before children, each once, by order of first appearance."""
    return list(dict.fromkeys(_names(row)[:depth] for depth in (1, 2, 3) for row in rows))


def _codes(wanted: Sequence[Names], known: dict[Names, Known]) -> tuple[dict[Names, str], list[Names]]:
    codes = {names: one.code for names, one in known.items()}
    taken = set(codes.values())
    last: dict[Names, int] = {}
    too_many = []
    for names in wanted:
        if names in codes:
            continue
        parent = names[:-1]
        codes[names] = ""
        while not codes[names] or codes[names] in taken:
            last[parent] = last.get(parent, 0) + 1
            codes[names] = codes.get(parent, "") + f"{last[parent]:02}"
        taken.add(codes[names])
        if last[parent] > _MOST_SIBLINGS and parent not in too_many:
            too_many.append(parent)
    return codes, too_many


def _leaves(categories: Sequence[Names]) -> int:
    return sum(len(names) == len(COLUMNS) for names in categories)


async def _known(standard: str) -> dict[Names, Known]:
    rows = await database.fetch(
        """WITH RECURSIVE tree AS (
               SELECT id, code, until, ARRAY[name] AS names FROM categories WHERE standard = $1 AND parent IS NULL
               UNION ALL
               SELECT categories.id, categories.code, categories.until, tree.names || categories.name
               FROM categories JOIN tree ON categories.parent = tree.id)
           SELECT id, code, until IS NOT NULL AS retired, names FROM tree""",
        standard,
    )
    return {tuple(row["names"]): Known(row["id"], row["code"], row["retired"]) for row in rows}


async def _create(new: Sequence[Names], codes: dict[Names, str], standard: str, by: Actor) -> None:
    for here in _by_depth(new):
        made = await database.fetch(
            """INSERT INTO categories (standard, code, name, path, parent, is_leaf, since)
               SELECT $1, given.code, given.name, given.path, above.id, $6, $7
               FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS given(code, name, path, parent_code)
               LEFT JOIN categories AS above ON above.standard = $1 AND above.code = given.parent_code
               RETURNING id, code, name, parent""",
            standard,
            [codes[names] for names in here],
            [names[-1] for names in here],
            [" / ".join(names) for names in here],
            [codes[names[:-1]] if names[:-1] else None for names in here],
            len(here[0]) == len(COLUMNS),
            clock.now(),
        )
        if len(here[0]) == len(COLUMNS):
            await _first_versions([row["id"] for row in made])
        said = [(f"category:{row['id']}", {"standard": standard, **dict(row)}) for row in made]
        await events.record_many("category.created", said, by)


def _by_depth(new: Sequence[Names]) -> Iterator[list[Names]]:
    for depth in range(1, len(COLUMNS) + 1):
        if here := [names for names in new if len(names) == depth]:
            yield here


async def _first_versions(category_ids: Sequence[int]) -> None:
    await database.execute(
        """INSERT INTO category_versions (category, version, allowances, photo_before, photo_after, needs_check,
                                          private, questions, since)
           SELECT id, 1, $2, $3, $4, $5, $6, $7, $8 FROM unnest($1::int[]) AS id""",
        category_ids,
        database.to_jsonb(DEFAULT_DEMANDS["allowances"]),
        DEFAULT_DEMANDS["photo_before"],
        DEFAULT_DEMANDS["photo_after"],
        DEFAULT_DEMANDS["needs_check"],
        DEFAULT_DEMANDS["private"],
        database.to_jsonb(DEFAULT_DEMANDS["questions"]),
        clock.now(),
    )


async def _set_life(categories: Sequence[Names], known: dict[Names, Known], kind: str, by: Actor) -> None:
    if not categories:
        return
    ids = [known[names].id for names in categories]
    until = clock.now() if kind == "category.retired" else None
    await database.execute("UPDATE categories SET until = $2 WHERE id = ANY ($1::int[])", ids, until)
    said = [(f"category:{known[names].id}", {"name": names[-1]}) for names in categories]
    await events.record_many(kind, said, by)
