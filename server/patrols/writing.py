"""Writing very many places at once: set-wise, each with its event."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.ids import new_id
from server.patrols import codes
from server.patrols.place import PlaceRow, stream_of

_NEW: dict[str, tuple[str, Any]] = {
    # Column -> its type, and what it is where nothing is said.
    "kind": ("int", None),
    "kind_version": ("int", None),
    "name": ("text", None),
    "address_text": ("text", ""),
    "address": ("int", None),
    "external_code": ("text", ""),
    "latitude": ("float8", None),
    "longitude": ("float8", None),
    "position_source": ("text", "none"),
    "datum": ("text", "WGS-84"),
    "operator": ("text", ""),
    "operator_phone": ("text", ""),
    "answers": ("jsonb", {}),
    "district": ("int", None),
    "street": ("int", None),
    "community": ("int", None),
    "grid": ("int", None),
}
_PERSONAL = ("operator", "operator_phone")
_UNTOLD = ("kind_version", "datum")
AT_ONCE = 5_000
"""Rows of one statement."""


async def add(rows: Sequence[Mapping[str, Any]], by: Actor) -> None:
    """Add places with these columns; the others are empty. The caller has checked them and holds the transaction."""
    for begin in range(0, len(rows), AT_ONCE):
        part = rows[begin : begin + AT_ONCE]
        ids, labels = [new_id() for _ in part], [codes.new_code() for _ in part]
        columns = [[_value(name, row.get(name, otherwise)) for row in part] for name, (_, otherwise) in _NEW.items()]
        given = ", ".join(f"${number}::{kind}[]" for number, (kind, _) in enumerate(_NEW.values(), 4))
        await database.execute(
            f"""INSERT INTO places (id, code, since, {", ".join(_NEW)})
                SELECT id, code, $3::timestamptz, {", ".join(_NEW)}
                FROM unnest($1::uuid[], $2::text[], {given}) AS given(id, code, {", ".join(_NEW)})""",
            ids,
            labels,
            clock.now(),
            *columns,
        )
        said = [(stream_of(one), {"version": 1, "name": row["name"]}) for one, row in zip(ids, part, strict=True)]
        await events.record_many("place.imported", said, by)


async def change(rows: Sequence[tuple[PlaceRow, Mapping[str, Any]]], by: Actor) -> None:
    """Change known places; each row says which columns become what."""
    for begin in range(0, len(rows), AT_ONCE):
        part = rows[begin : begin + AT_ONCE]
        columns = [
            [_value(name, changes.get(name, getattr(before, name))) for before, changes in part] for name in _NEW
        ]
        given = ", ".join(f"${number}::{kind}[]" for number, (kind, _) in enumerate(_NEW.values(), 2))
        await database.execute(
            f"""UPDATE places SET version = version + 1, {", ".join(f"{name} = given.{name}" for name in _NEW)}
                FROM unnest($1::uuid[], {given}) AS given(id, {", ".join(_NEW)}) WHERE places.id = given.id""",
            [before.id for before, _ in part],
            *columns,
        )
        said = [(before.stream, {"version": before.version + 1, "changes": _told(changes)}) for before, changes in part]
        await events.record_many("place.updated", said, by)


def _value(name: str, value: Any) -> Any:
    return database.to_jsonb(value) if name == "answers" else value


def _told(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if name in _PERSONAL else value for name, value in changes.items() if name not in _UNTOLD}
