"""A replay from the empty database to the review."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from server.cases.lists import Filter
from server.demo import course, district
from server.demo.people import SYSTEM
from server.demo.replay.messages import Message
from server.demo.replay.review import Desk, Review, review
from server.demo.replay.sending import Sending
from server.demo.size import Size
from server.forms import categories, standards
from server.kernel import clock, jobs

STANDARD = "messages"
LOOK_EVERY = 300
"""Steps after which the desk's list is asked for and timed."""


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """The review, and how the replay itself went."""

    review: Review
    steps: int
    seconds: float
    leaves: int
    lists: int
    most_open: int
    list_milliseconds: tuple[float, ...]


async def replay(
    messages: Sequence[Message],
    *,
    size: Size | None = None,
    categories_csv: bytes | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Replayed:
    """Send the messages through the verbs in an empty database, in the order of time, the clock only going forward.

    Nothing is enqueued. `told` hears of messages that have been sent, of how many.
    """
    began = time.perf_counter()
    first = min((one.sent_at for one in messages), default=clock.now())
    with jobs.quiet():
        with clock.at(first - timedelta(days=1)):
            made = await district.found(size or Size(weeks=0))
            leaves = await _leaves(categories_csv)
        sendings = [Sending(one, made, leaves) for one in sorted(messages, key=lambda one: one.sent_at)]
        desk = Desk(made)
        steps = await _play(sendings, desk, told or (lambda *_: None))
        for _ in range(20):
            await desk.look(Filter(done=True))
    return Replayed(
        review=await review(sendings),
        steps=steps,
        seconds=time.perf_counter() - began,
        leaves=len(leaves),
        lists=len(desk.milliseconds),
        most_open=desk.most_open,
        list_milliseconds=tuple(desk.milliseconds),
    )


async def _leaves(content: bytes | None) -> list[tuple[str, int]]:
    """Bring a tree of categories in; names and ids of its leaves, the longest names first."""
    if content is None:
        return []
    done = await standards.import_categories(content, STANDARD, by=SYSTEM)
    if done.problems:
        raise ValueError(f"The categories: line {done.problems[0].line}: {done.problems[0].words}")
    found = await categories.leaves(standard=STANDARD, limit=100_000)
    return sorted(((leaf.name, leaf.id) for leaf in found), key=lambda leaf: (-len(leaf[0]), leaf[1]))


async def _play(sendings: Sequence[Sending], desk: Desk, told: Callable[[int, int], None]) -> int:
    sent = steps = 0

    async def after_step(_: datetime) -> None:
        nonlocal sent, steps
        steps += 1
        while sent < len(sendings) and (sendings[sent].report_id or sendings[sent].refused):
            sent += 1
            told(sent, len(sendings))
        if steps % LOOK_EVERY == 0:
            await desk.look()

    return await course.play([(one.message.sent_at, one.course()) for one in sendings], after_step=after_step)
