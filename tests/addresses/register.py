"""A small register in the cast's district: what the tests of the room look things up in."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.addresses import importing
from server.kernel.actor import the_system
from server.kernel.sheets import Imported
from tests.cast import Cast

SYSTEM = the_system("tests")
CODES = {"民乐": "440300001001", "向阳": "440300001002"}
GRIDS = {"民乐一": "44030000100101", "民乐二": "44030000100102", "向阳一": "44030000100201"}


async def bring(rows: Sequence[Mapping[str, Any]], **further: Any) -> Imported:
    """Import rows (columns by name) as a CSV."""
    columns = list(dict.fromkeys([*importing.REQUIRED, *(name for row in rows for name in row)]))
    lines = [",".join(str(row.get(name, "")) for name in columns) for row in rows]
    content = "\n".join([",".join(columns), *lines]).encode()
    return await importing.import_addresses(content, **({"by": SYSTEM} | further))


def grid_of(cast: Cast, name: str) -> int | None:
    return {"民乐一": cast.grid, "民乐二": cast.second_grid, "向阳一": cast.next_grid}.get(name)
