"""A case from its first word to where its plot leaves it: each step through the verb of whoever does it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime

from server.demo.matter import Matter


async def tell(it: Matter) -> AsyncGenerator[datetime, None]:
    """The course of one matter; it ends early in the state where its plot rests."""
    async with aclosing(_whole(it)) as steps:
        async for moment in steps:
            if it.plot.rests is not None and it.state is it.plot.rests and _turned(it):
                return
            yield moment


def _turned(it: Matter) -> bool:
    """Whether the turns of the plot that come before its rest have been taken (a return leads back to accepted)."""
    return not (it.plot.returned and not it.returned_once) and not (it.plot.not_passed and not it.checked_once)


async def _whole(it: Matter) -> AsyncGenerator[datetime, None]:
    plot = it.plot
    await it.report()
    if plot.withdrawn:
        yield it.waking(1, 10)
        await it.withdraw()
        return
    yield it.working(0.2, 3)
    if plot.rejected:
        await it.reject()
        return
    if plot.asked:
        answer = await it.ask()
        yield it.waking(1, 20)
        await it.reply(answer)
        yield it.working(0.2, 2)
    await it.accept()
    yield it.working(0.2, 2)
    if plot.added:
        await it.add()
        yield it.working(0.1, 1)
    async for moment in _at_desk(it) if plot.kind == "talk" else _with_unit(it):
        yield moment
    if plot.low:
        async for moment in _once_more(it):
            yield moment
    elif it.chance.random() < 0.6 and not plot.by_phone:
        yield it.waking(1, 30)
        await it.rate()


async def _at_desk(it: Matter) -> AsyncGenerator[datetime, None]:
    await it.answer()
    yield it.waking(2, 20)


async def _with_unit(it: Matter) -> AsyncGenerator[datetime, None]:
    plot = it.plot
    if plot.returned and not it.returned_once:
        it.returned_once = True
        await it.dispatch(wrongly=True)
        yield it.working(0.5, 4)
        await it.return_it()
        yield it.working(0.2, 1)
    if plot.noted:
        await it.note()
    await it.dispatch()
    yield it.working(0.5, 5)
    await it.take_on()
    yield it.working(2, 16)
    await it.finish()
    yield it.working(0.5, 6)
    if plot.not_passed and not it.checked_once:
        it.checked_once = True
        await it.check(False)
        yield it.working(2, 8)
        await it.finish()
        yield it.working(0.5, 4)
    await it.check(True)
    yield it.working(0.5, 5)
    await it.close()
    yield it.waking(2, 20)


async def _once_more(it: Matter) -> AsyncGenerator[datetime, None]:
    await it.rate_low()
    yield it.waking(0.2, 2)
    await it.reopen()
    yield it.working(0.5, 3)
    async for moment in _at_desk(it) if it.plot.kind == "talk" else _with_unit(it):
        yield moment
    await it.rate()
