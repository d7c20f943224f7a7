"""Places from a CSV or XLSX: all or nothing, the same file twice changes nothing.

A row is known by `code` (the label's, of a place that is there) or by kind and `external_code`. What a kind asks is
answered in columns named by the question (answer_columns). A cell that is empty leaves what is known as it is. The
position decides the grid; `area_code` (a grid or community) where there is none; the address where there is neither,
if the register is sure of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import msgspec

from server.addresses import matcher
from server.areas import locate, tree
from server.areas.locate import Index
from server.kernel import database, sheets
from server.kernel.actor import Actor
from server.kernel.errors import NotAllowed, NotFound
from server.kernel.sheets import Imported, Problem, Row, wrong_text
from server.patrols import answer_columns, codes, facts, kinds, writing
from server.patrols import place as places
from server.patrols.answer_columns import Asked
from server.patrols.kinds import Kind
from server.patrols.place import KEEPERS, PlaceRow

COLUMNS = (
    "code",
    "kind",
    "external_code",
    "name",
    "address",
    "latitude",
    "longitude",
    "area_code",
    "operator",
    "operator_phone",
)
_TEXTS = {
    "name": ("name", "名称", facts.NAME_LONGEST),
    "address": ("address_text", "地址", facts.ADDRESS_LONGEST),
    "external_code": ("external_code", "原编码", facts.EXTERNAL_LONGEST),
    "operator": ("operator", "负责人", facts.OPERATOR_LONGEST),
}
_AREAS = ("district", "street", "community", "grid")


class Known(msgspec.Struct, frozen=True):
    """What the rows of a file are held against."""

    kinds: Mapping[str, Kind]
    asked: Mapping[int, Asked]
    """By kind."""
    questions: Sequence[str]
    """Columns of the file that are questions of some kind."""
    areas: Mapping[str, facts.Levels]
    """Code of a grid or community in use -> level -> id."""
    meant: Mapping[str, facts.Levels]
    """Address -> levels, of rows that say no other place, where the register is sure."""
    index: Index
    by_code: Mapping[str, PlaceRow]
    by_external: Mapping[tuple[int, str], PlaceRow]


async def import_places(content: bytes, *, datum: str = "WGS-84", by: Actor, dry_run: bool = False) -> Imported:
    """Bring the places of a file in; with problems, or with `dry_run`, nothing is written. `datum`: of the file."""
    if by.system is None and not by.has(*KEEPERS):
        raise NotFound()
    named = sheets.header(content)
    async with database.transaction():
        every = await kinds.kinds(active=False)
        asking = answer_columns.names(every)
        extra = [name for name in dict.fromkeys(named) if name in asking and name not in COLUMNS]
        rows, problems = sheets.read(content, COLUMNS, extra)
        known = await _known(rows, every, extra)
        new, changed, unchanged = [], [], 0
        seen: dict[object, int] = {}
        for row in rows:
            columns, before, words = _one(row, known, datum, by)
            words = words or _twice(row, columns, before, seen)
            if words:
                problems.append(Problem(row.line, words, row.cells["code"] or row.cells["external_code"]))
            elif before is None:
                new.append(columns)
            elif changes := {name: value for name, value in columns.items() if getattr(before, name) != value}:
                changed.append((before, changes))
            else:
                unchanged += 1
        if problems:
            return Imported(problems=tuple(sorted(problems, key=lambda problem: problem.line)))
        if not dry_run:
            await _write(new, changed, by)
        over = tuple(dict.fromkeys(name for name in named if name and name not in (*COLUMNS, *extra)))
        return Imported(len(new), len(changed), unchanged, passed_over=over)


async def _write(
    new: Sequence[Mapping[str, Any]], changed: Sequence[tuple[PlaceRow, Mapping[str, Any]]], by: Actor
) -> None:
    try:
        async with database.transaction():
            await writing.add(new, by)
            await writing.change(changed, by)
    except asyncpg.UniqueViolationError:
        # Somebody added one of them between our look and our writing.
        raise NotAllowed("刚刚有人登记了文件里的对象。什么都没有写入,请再检查一遍文件。") from None


def _one(row: Row, known: Known, datum: str, by: Actor) -> tuple[dict[str, Any], PlaceRow | None, str]:
    """The columns that a row says, the place that it means, and what is wrong with it in words."""
    cells = row.cells
    kind = known.kinds.get(cells["kind"])
    if kind is None:
        return {}, None, f"不认识种类 {cells['kind'][:20] or '(空)'}"
    before, words = _meant(cells, kind, known)
    if words:
        return {}, before, words
    columns: dict[str, Any] = {"kind": kind.id}
    words = _texts(cells, columns) or _position(cells, datum, columns) or _whose(columns, cells, before, known, by)
    if not words and before is None:
        words = _new(columns, kind)
    if before is None or before.kind != kind.id:
        columns |= {"kind_version": kind.version_id, "answers": {}}
    if not words:
        answers, words = answer_columns.read(cells, known.questions, known.asked[kind.id], kind, before)
        columns |= {} if answers is None else {"kind_version": kind.version_id, "answers": answers}
    return columns, before, words


def _meant(cells: Mapping[str, str], kind: Kind, known: Known) -> tuple[PlaceRow | None, str]:
    if cells["code"]:
        before = known.by_code.get(codes.read(cells["code"]) or "")
        if before is None:
            return None, f"没有编码是 {cells['code'][:20]} 的对象;新对象请空着 code"
        other = known.by_external.get((kind.id, cells["external_code"]))
        if other is not None and other.id != before.id:
            return before, f"原编码 {cells['external_code']} 已经是另一个对象的"
    elif cells["external_code"]:
        before = known.by_external.get((kind.id, cells["external_code"]))
    else:
        return None, "code 和 external_code 至少填一个"
    if before is not None and before.merged_into is not None:
        return before, "这个对象已经并入另一处"
    if before is not None and not before.live:
        return before, "这个对象已经停用"
    return before, ""


def _texts(cells: Mapping[str, str], columns: dict[str, Any]) -> str:
    for cell, (column, called, longest) in _TEXTS.items():
        if not cells[cell]:
            continue
        if words := wrong_text(cells[cell], longest):
            return f"{called}{words}"
        columns[column] = cells[cell]
    if cells["operator_phone"]:
        if words := facts.wrong_phone(cells["operator_phone"]):
            return words.rstrip("。")
        columns["operator_phone"] = cells["operator_phone"]
    return ""


def _position(cells: Mapping[str, str], datum: str, columns: dict[str, Any]) -> str:
    if not cells["latitude"] and not cells["longitude"]:
        return ""
    try:
        longitude, latitude = float(cells["longitude"]), float(cells["latitude"])
    except ValueError:
        return "经纬度应是两个数字,例 114.0329 和 22.6569"
    if facts.wrong_position(longitude, latitude):
        return "经纬度不对,经度和纬度写反了吗"
    longitude, latitude = facts.in_wgs84(longitude, latitude, datum)
    columns |= {"latitude": latitude, "longitude": longitude, "position_source": "import", "datum": datum}
    return ""


def _whose(columns: dict[str, Any], cells: Mapping[str, str], before: PlaceRow | None, known: Known, by: Actor) -> str:
    chosen = known.areas.get(cells["area_code"]) or known.meant.get(cells["address"])
    if cells["area_code"] and cells["area_code"] not in known.areas:
        return f"没有编码是 {cells['area_code'][:30]} 的社区或网格"
    found = known.index.find(columns["longitude"], columns["latitude"]) if "latitude" in columns else None
    if before is not None and not places.sees(by, before.areas):
        return "不在您负责的区域内"
    if found is None and chosen is None:
        return "" if before is not None else "不知道在哪个网格:请填经纬度,或者 area_code,或者地址库里有的地址"
    areas = facts.narrower(places.levels(found) if found else None, chosen)
    if areas is None or not places.sees(by, areas):
        return "不在您负责的区域内"
    columns |= areas
    return ""


def _new(columns: Mapping[str, Any], kind: Kind) -> str:
    if "name" not in columns:
        return "名称是空的"
    return "" if kind.active else f"种类“{kind.name}”已经停用"


def _twice(row: Row, columns: Mapping[str, Any], before: PlaceRow | None, seen: dict[object, int]) -> str:
    keys: list[object] = [before.id] if before is not None else []
    if row.cells["external_code"]:
        keys.append((columns["kind"], row.cells["external_code"]))
    first = min(seen.setdefault(key, row.line) for key in keys)
    return f"与第 {first} 行是同一个对象" if first != row.line else ""


async def _known(rows: Sequence[Row], every: Sequence[Kind], extra: Sequence[str]) -> Known:
    given = [code for row in rows if (code := codes.read(row.cells["code"]))]
    external = [row.cells["external_code"] for row in rows if row.cells["external_code"]]
    found = await database.fetch(
        """SELECT * FROM places
           WHERE code = ANY($1::text[]) OR (external_code = ANY($2::text[]) AND external_code <> '')
           ORDER BY id FOR UPDATE""",
        given,
        external,
    )
    known = [places.place_from(row) for row in found]
    areas = await database.fetch(
        "SELECT code, level, path FROM areas WHERE until IS NULL AND level IN ('community', 'grid')"
    )
    return Known(
        kinds={kind.code: kind for kind in every} | {kind.name: kind for kind in every},
        asked={kind.id: answer_columns.asked(kind, extra) for kind in every},
        questions=extra,
        areas={row["code"]: _levels(row["path"]) for row in areas},
        meant=await _by_address(rows),
        index=await locate.current(),
        by_code={one.code: one for one in known},
        by_external={(one.kind, one.external_code): one for one in known if one.external_code},
    )


async def _by_address(rows: Sequence[Row]) -> dict[str, facts.Levels]:
    """Where the addresses lie of rows that say no other place."""
    wanted = {
        cells["address"]
        for cells in (row.cells for row in rows)
        if cells["address"] and not (cells["area_code"] or cells["latitude"] or cells["longitude"])
    }
    found = {text: (await matcher.match_in_time(text)).grid_id for text in sorted(wanted)}
    lines = await tree.lines({grid for grid in found.values() if grid is not None})
    return {text: places.levels(lines[grid]) for text, grid in found.items() if grid in lines}


def _levels(path: str) -> facts.Levels:
    ids: list[int | None] = [int(part) for part in path.strip("/").split("/")]
    return dict(zip(_AREAS, [*ids, None, None, None][:4], strict=True))
