"""The past of places: the latest of what happened to each, also for the phone, where it is read without a network."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from server.kernel import database
from server.patrols.visit import OUTCOME_WORDS

LAST = 10
KIND_WORDS = {
    "place.added": "登记",
    "place.imported": "导入登记",
    "place.changed": "更改",
    "place.updated": "导入更新",
    "place.retired": "停用",
    "place.restored": "恢复使用",
    "place.merged": "并入另一处",
    "place.absorbed": "并进来一处",
    "place.unmerged": "撤销合并",
    "place.released": "分出去一处",
}
FIELD_WORDS = {
    "kind": "种类",
    "name": "名称",
    "address_text": "地址",
    "external_code": "原编码",
    "latitude": "位置",
    "longitude": "位置",
    "position_source": "位置",
    "accuracy": "位置",
    "operator": "负责人",
    "operator_phone": "负责人电话",
    "answers": "登记内容",
    "district": "所属区域",
    "street": "所属区域",
    "community": "所属区域",
    "grid": "所属区域",
}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a place, in words."""

    at: datetime
    by: str
    words: str
    said: str
    place_id: UUID
    """The place itself, or one that was merged into it."""
    visit: UUID | None = None
    """The record of a round."""


async def past_of(place_ids: Sequence[UUID], last: int = LAST) -> dict[UUID, tuple[Entry, ...]]:
    """The last entries of each of these places, newest first, those of places merged into it among them.

    Two statements, however many places; who looked behind a mask is not told.
    """
    told, seen = await _told(place_ids, last), await _seen(place_ids, last)
    return {
        one: tuple(sorted((*told[one], *seen.get(one, ())), key=lambda entry: entry.at, reverse=True)[:last])
        for one in place_ids
    }


async def _told(place_ids: Sequence[UUID], last: int) -> dict[UUID, list[Entry]]:
    """What was done to the places themselves."""
    rows = await database.fetch(
        """WITH RECURSIVE own AS (
               SELECT id AS place, id AS source FROM unnest($1::uuid[]) AS id
               UNION SELECT own.place, p.id FROM places p JOIN own ON p.merged_into = own.source)
           SELECT place, source, kind, at, content FROM (
               SELECT own.place, own.source, e.*,
                      row_number() OVER (PARTITION BY own.place ORDER BY e.at DESC, e.sequence DESC) AS number
               FROM own CROSS JOIN LATERAL (
                   SELECT kind, at, content, sequence FROM events
                   WHERE stream = 'place:' || own.source AND NOT internal
                   ORDER BY sequence DESC LIMIT $2) AS e) AS told
           WHERE number <= $2 ORDER BY number""",
        list(place_ids),
        last,
    )
    found: dict[UUID, list[Entry]] = {one: [] for one in place_ids}
    for row in rows:
        found[row["place"]].append(_entry(row))
    return found


async def _seen(place_ids: Sequence[UUID], last: int) -> dict[UUID, list[Entry]]:
    """What rounds saw there, as it was corrected last."""
    rows = await database.fetch(
        """WITH RECURSIVE own AS (
               SELECT id AS place, id AS source FROM unnest($1::uuid[]) AS id
               UNION SELECT own.place, p.id FROM places p JOIN own ON p.merged_into = own.source)
           SELECT own.place, own.source, v.id, v.at, v.outcome, v.finding, a.name
           FROM own CROSS JOIN LATERAL (
               SELECT id, at, outcome, finding, account FROM patrol_visits
               WHERE place = own.source AND corrected_at IS NULL ORDER BY at DESC LIMIT $2) AS v
           JOIN accounts a ON a.id = v.account""",
        list(place_ids),
        last,
    )
    found: dict[UUID, list[Entry]] = {}
    for row in rows:
        words = f"巡查:{OUTCOME_WORDS[row['outcome']]}"
        one = Entry(
            at=row["at"],
            by=row["name"],
            words=words,
            said=row["finding"],
            place_id=row["source"],
            visit=row["id"],
        )
        found.setdefault(row["place"], []).append(one)
    return found


async def meanwhile(place_id: UUID, seen: int) -> list[str]:
    """What happened to a place since the version that somebody saw, oldest first."""
    rows = await database.fetch(
        "SELECT kind, at, content FROM events WHERE stream = $1 AND NOT internal ORDER BY sequence",
        f"place:{place_id}",
    )
    told = [(row, _data(row)) for row in rows]
    return [
        f"{data.get('by', '')}{KIND_WORDS.get(row['kind'], row['kind'])}{_said(row['kind'], data)}"
        for row, data in told
        if data.get("version", 0) > seen
    ]


def _entry(row: Mapping[str, Any]) -> Entry:
    data = _data(row)
    return Entry(
        at=row["at"],
        by=str(data.get("by", "")),
        words=KIND_WORDS.get(row["kind"], row["kind"]),
        said=_said(row["kind"], data),
        place_id=row["source"],
    )


def _data(row: Mapping[str, Any]) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(row["content"]) if row["content"] is not None else {}
    return decoded


def _said(kind: str, data: Mapping[str, Any]) -> str:
    if kind in ("place.changed", "place.updated"):
        return "、".join(dict.fromkeys(words for name, words in FIELD_WORDS.items() if name in data.get("changes", {})))
    if kind in ("place.absorbed", "place.released"):
        return f"{data.get('name', '')}({data.get('other', '')})"
    return str(data.get("reason") or data.get("into") or "")
