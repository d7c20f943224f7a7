"""Afterwards: is anything lost, is every text as it was, does every history verify, is the desk still quick?"""

import time
from collections import Counter
from collections.abc import Sequence

import asyncpg
import msgspec

from server.cases import lists
from server.cases.lists import Filter
from server.demo.district import District
from server.demo.replay.sending import Sending
from server.kernel import database, events
from server.kernel.actor import Actor
from server.kernel.events import Head


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a replay. Times of lists in milliseconds, of replies in hours."""

    messages: int
    cases: int
    lost: int
    refused: tuple[tuple[int, str], ...]
    """Line and why, where a verb did not take a step."""
    texts_intact: int
    replies: int
    replies_intact: int
    verified: int
    events: int
    states: dict[str, int]
    categorised: int
    median_hours: float
    p90_hours: float
    jobs: int


class Desk:
    """How long the desk's list and counts take, asked again and again while the replay goes on."""

    def __init__(self, district: District) -> None:
        community = district.spots("community")[0].code
        self._who: Sequence[Actor] = (district.officers()[0], district.desk(community)[0])
        self.milliseconds: list[float] = []
        self.most_open = 0

    async def look(self, chosen: Filter | None = None) -> None:
        """One list with its counts, for the centre and for a community."""
        for who in self._who:
            began = time.perf_counter()
            look = lists.lens(who)
            await lists.page(look, chosen or Filter())
            counted = await lists.counts(look)
            self.milliseconds.append((time.perf_counter() - began) * 1000)
            self.most_open = max(self.most_open, counted.all)


async def review(sendings: Sequence[Sending]) -> Review:
    """Compare what is stored with what was sent, byte for byte, and verify every history."""
    texts = {row["id"]: row["text"] for row in await database.fetch("SELECT id, text FROM reports")}
    answers = await database.fetch("""SELECT DISTINCT ON ("case") "case", text FROM answers ORDER BY "case", at DESC""")
    replies = {row["case"]: row["text"] for row in answers}
    cases = await database.fetch("SELECT id, state, history_sequence, history_link, category_version FROM cases")
    waited = await _hours()
    whole = [one for one in sendings if one.report_id is not None]
    answered = [one for one in whole if one.message.replied_at is not None]
    verified = [await _verifies(row) for row in cases]
    return Review(
        messages=len(sendings),
        cases=len(cases),
        lost=sum(one.report_id not in texts for one in sendings),
        refused=tuple((one.message.line, one.refused) for one in sendings if one.refused),
        texts_intact=sum(_same(texts.get(one.report_id), one.message.text) for one in whole if one.report_id),
        replies=len(answered),
        replies_intact=sum(_same(replies.get(one.case_id), one.message.reply) for one in answered),
        verified=sum(count > 0 for count in verified),
        events=sum(verified),
        states=dict(Counter(row["state"] for row in cases)),
        categorised=sum(row["category_version"] is not None for row in cases),
        median_hours=_at(waited, 0.5),
        p90_hours=_at(waited, 0.9),
        jobs=await database.fetch_value("SELECT count(*) FROM pgqueuer"),
    )


def _same(stored: str | None, sent: str) -> bool:
    return stored is not None and stored.encode() == sent.encode()


async def _verifies(case: asyncpg.Record) -> int:
    """How many events a history has, 0 where it does not verify up to the head that the case keeps."""
    told = await events.history(f"case:{case['id']}")
    return len(told) if events.verifies(told, Head(case["history_sequence"], case["history_link"])) else 0


async def _hours() -> list[float]:
    rows = await database.fetch(
        """SELECT EXTRACT(EPOCH FROM a.at - c.reported_at)::float8 / 3600 AS hours
           FROM answers a JOIN cases c ON c.id = a."case" ORDER BY 1"""
    )
    return [row["hours"] for row in rows]


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies; 0 where there are none."""
    return _at(sorted(values), share)
