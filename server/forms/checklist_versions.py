"""Checklists as they are read: which there are, the items in force, and every version there ever was.

Late work was done by the version that the phone had, so no version ever goes away.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from server.forms.checklists import Item, read_items
from server.kernel import database
from server.kernel.errors import NotAllowed, NotFound

NOT_THERE = "没有这份检查表。"


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """The items of a checklist as they were published together."""

    id: int
    checklist_id: int
    version: int
    code: str
    name: str
    department: str
    since: datetime
    items: list[dict[str, Any]]
    """As JSON, for the phone and for `read_items`."""

    @property
    def read(self) -> tuple[Item, ...]:
        return read_items(self.items)


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A checklist; `version` is the number in force and `count` its items, None where none was published yet."""

    id: int
    code: str
    name: str
    department: str
    unit_id: int | None
    unit_name: str | None
    retired: bool
    version: int | None
    count: int | None


_VERSION = """SELECT versions.id, versions.checklist AS checklist_id, versions.version, checklists.code,
                     checklists.name, checklists.department, versions.since, versions.items,
                     checklists.until IS NOT NULL AS retired
              FROM checklist_versions AS versions JOIN checklists ON checklists.id = versions.checklist"""

_LISTED = """SELECT checklists.id, checklists.code, checklists.name, checklists.department, units.id AS unit_id,
                    units.name AS unit_name, checklists.until IS NOT NULL AS retired, latest.version,
                    jsonb_array_length(latest.items) AS count
             FROM checklists
             LEFT JOIN units ON units.id = checklists.unit
             LEFT JOIN LATERAL (SELECT version, items FROM checklist_versions WHERE checklist = checklists.id
                                ORDER BY version DESC LIMIT 1) AS latest ON true"""


async def current(checklist_id: int) -> Version:
    """The version in force; raise `NotFound`, or `NotAllowed` where it is retired or was never published."""
    row = await database.fetch_one(
        f"{_VERSION} WHERE versions.checklist = $1 ORDER BY versions.version DESC LIMIT 1", checklist_id
    )
    if row is None:
        listed = await listed_one(checklist_id)
        raise NotAllowed(f"检查表“{listed.name}”还没有发布过。")
    if row["retired"]:
        raise NotAllowed(f"检查表“{row['name']}”已经停用。")
    return read_version(row)


async def version(version_id: int) -> Version:
    """One version, however old, of a retired checklist too; raise `NotFound`."""
    row = await database.fetch_one(f"{_VERSION} WHERE versions.id = $1", version_id)
    if row is None:
        raise NotFound(NOT_THERE)
    return read_version(row)


async def versions(checklist_id: int) -> list[Version]:
    """All versions of a checklist, newest first."""
    rows = await database.fetch(
        f"{_VERSION} WHERE versions.checklist = $1 ORDER BY versions.version DESC", checklist_id
    )
    return [read_version(row) for row in rows]


async def listed(*, in_use: bool = False) -> list[Listed]:
    """All checklists by department and code; with `in_use` those that can be taken on a round."""
    rows = await database.fetch(
        f"""{_LISTED} WHERE NOT $1 OR (checklists.until IS NULL AND latest.version IS NOT NULL)
            ORDER BY checklists.until IS NOT NULL, checklists.department, checklists.code""",
        in_use,
    )
    return [Listed(**dict(row)) for row in rows]


async def listed_one(checklist_id: int) -> Listed:
    """One checklist, a retired one too; raise `NotFound`."""
    row = await database.fetch_one(f"{_LISTED} WHERE checklists.id = $1", checklist_id)
    if row is None:
        raise NotFound(NOT_THERE)
    return Listed(**dict(row))


def read_version(row: Mapping[str, Any]) -> Version:
    """A row of versions with their checklists as a `Version`."""
    return msgspec.convert({**row, "items": msgspec.json.decode(row["items"])}, Version)
