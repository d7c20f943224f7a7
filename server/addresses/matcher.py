"""Text -> addresses of the register -> grid, with a confidence and its reasons.

The text is read (`spelling`), looked up by exact keys in one statement (the whole; road and number; the names that hide
in its words, with the building), compared (`likeness`), and placed: an address with a point in the grid that covers
the point now, one without in the grid of its row.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec
import structlog

from server.addresses import spelling
from server.addresses.likeness import NEAR, SURE, likeness
from server.addresses.lookup import Wanted, look_up
from server.addresses.spelling import PARTS, Parts, Reading
from server.areas import locate
from server.areas.tree import Line
from server.kernel import database

MOST = 8
"""Candidates that are answered."""
PATIENCE = 300
"""Milliseconds that `match_in_time` waits for the database."""
_NAMES_MOST = 300
_NAME_LENGTHS = range(2, 13)

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An address that may be meant; several rooms of one building are one candidate, without `address_id`."""

    text: str
    address_id: int | None
    community_id: int
    grid_id: int | None
    confidence: float
    reasons: tuple[str, ...]

    @property
    def why(self) -> str:
        return ";".join(self.reasons)


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """Candidates, best first. `address_id` and `grid_id` only where the answer is sure and no other comes near."""

    candidates: tuple[Candidate, ...] = ()
    address_id: int | None = None
    grid_id: int | None = None

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None


async def match(text: str, *, community_id: int | None = None, above: Sequence[str] = ()) -> Match:
    """Find what `text` means; `community_id` is where its teller says it is, `above` the names it may begin with."""
    reading = spelling.read(text, above)
    roads, compounds = names(reading)
    if not reading.whole or not (roads or compounds):
        return Match()
    rows = await look_up(Wanted(reading.whole, tuple(roads), tuple(compounds), reading.parts))
    if not rows:
        return Match()
    index = await locate.current() if any(row["latitude"] is not None for row in rows) else None
    found = [_candidate(row, reading, set(roads), set(compounds), community_id, index) for row in rows]
    return decide(found)


async def match_in_time(text: str, *, community_id: int | None = None, above: Sequence[str] = ()) -> Match:
    """The same for who must not wait: no match where the database takes longer than `PATIENCE`, or fails."""
    try:
        async with database.transaction():
            await database.execute("SELECT set_config('statement_timeout', $1, true)", str(PATIENCE))
            found = await match(text, community_id=community_id, above=above)
            await database.execute("SELECT set_config('statement_timeout', '0', true)")
            return found
    except (asyncpg.QueryCanceledError, asyncpg.DataError, asyncpg.ProgramLimitExceededError) as error:
        log.warning("address matching gave up", why=type(error).__name__)
        return Match()


def above_of(line: Line) -> tuple[str, ...]:
    """The names that an address in this community may begin with."""
    return line.district_name, line.street_name, line.community_name


def names(reading: Reading) -> tuple[list[str], list[str]]:
    """Names of roads and of compounds that may hide in a reading, longest first."""
    roads: dict[str, None] = {}
    compounds: dict[str, None] = {}
    for run in (reading.parts.road, *reading.words):
        for end in _ends(run, run == reading.parts.road):
            roads |= dict.fromkeys(run[end - size : end] for size in _NAME_LENGTHS if size <= end)
    for run in dict.fromkeys((reading.parts.compound, *reading.words)):
        starts = range(len(run))
        compounds |= dict.fromkeys(
            run[at : at + size] for size in _NAME_LENGTHS for at in starts if at + size <= len(run)
        )
    longest = sorted(compounds, key=len, reverse=True)
    return sorted(roads, key=len, reverse=True)[:_NAMES_MOST], longest[:_NAMES_MOST]


def decide(found: Sequence[Candidate]) -> Match:
    """Best first, the same place once; what is sure, and whether all that come near agree on it."""
    ordered = sorted(found, key=lambda one: (-one.confidence, one.address_id is None, len(one.text), one.text))
    once: dict[tuple[Any, ...], Candidate] = {}
    for one in ordered:
        once.setdefault((one.address_id, one.text, one.community_id, one.grid_id), one)
    best = list(once.values())
    if not best or best[0].confidence < SURE:
        return Match(candidates=tuple(best[:MOST]))
    near = [one for one in best if one.confidence >= best[0].confidence - NEAR]
    grids = {one.grid_id for one in near}
    single = {one.address_id for one in near if one.confidence == best[0].confidence}
    return Match(
        candidates=tuple(best[:MOST]),
        address_id=single.pop() if len(single) == 1 else None,
        grid_id=grids.pop() if len(grids) == 1 else None,
    )


def _ends(run: str, whole: bool) -> list[int]:
    """Where a road may end in a run of words."""
    ends = [place + 1 for place, sign in enumerate(run) if sign in "路街巷道弄"]
    return ends + ([len(run)] if whole and len(run) not in ends else [])


def _candidate(
    row: asyncpg.Record,
    reading: Reading,
    roads: set[str],
    compounds: set[str],
    community_id: int | None,
    index: locate.Index | None,
) -> Candidate:
    parts = Parts(**{name: row[name] for name in PARTS})
    like = likeness(
        reading,
        parts,
        whole=row["whole"],
        roads=roads,
        compounds=compounds | {row["known_as"]} if row["known_as"] else compounds,
        unsaid=row["unsaid"].split(),
        alias=row["alias"],
        chosen_community=None if community_id is None else row["community"] == community_id,
    )
    return Candidate(
        text=_in_common(row["first"], row["last"]),
        address_id=row["id"],
        community_id=row["community"],
        grid_id=_grid(row, index),
        confidence=like.confidence,
        reasons=like.reasons,
    )


def _in_common(first: str, last: str) -> str:
    """What all texts of a group begin with, as the first and the last of them do; the first where that is nothing."""
    ends = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[:ends].rstrip("0123456789第-") or first if ends < len(first) else first


def _grid(row: asyncpg.Record, index: locate.Index | None) -> int | None:
    if index is not None and row["latitude"] is not None:
        place = index.find(row["longitude"], row["latitude"])
        if place is not None and place.grid_id is not None:
            return place.grid_id
    grid: int | None = row["grid"]
    return grid
