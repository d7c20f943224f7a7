"""Commands in, receipts out: each command alone, all in one transaction, and every one of them once.

What is done is one savepoint, and its receipt is written before the transaction ends. What is refused leaves a receipt
too, so that the same command gets the same answer for ever; mending makes a new command that names it. What cannot be
read, and what may be done later, leaves none.
"""

import traceback
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
import structlog

from server.cases import links, reporting
from server.devices import keeping, reading
from server.devices.commands import Context, Result
from server.devices.keeping import Became, Kept
from server.devices.protocol import Answer, Outcome, Reason, Receipt
from server.devices.reading import Read, Unreadable
from server.devices.receipts import sender_of
from server.kernel import clock, database, errors, limits
from server.kernel.actor import Actor
from server.people import sealing

OTHER_ACCOUNT = "这一条是另一个账号写的,用那个账号登录后会发出去。"
SIGN_IN = "登录后会发出去。"
NO_COOKIE = "正在认这台手机,马上再发。"
BUSY = "系统正忙,过一会儿会再发。"
REUSED = "同一编号以前收到过别的内容,这一条没有收下。请重新填一次。"
CAME_ALREADY = "要改的那一条其实已经收到了,不用再发。"
MENDED_ALREADY = "这一条改好以后已经收到过,没有再收一次。"

log = structlog.get_logger("devices")


class Opened(msgspec.Struct, frozen=True):
    """A report told without an account: its link opens on the phone that told it."""

    report_id: UUID
    link: UUID


class Done(msgspec.Struct, frozen=True):
    """What became of the commands, in their order, and the links to open on this phone."""

    receipts: tuple[Receipt, ...]
    opened: tuple[Opened, ...]


Given = Read | Unreadable


def read(commands: Sequence[msgspec.Raw]) -> tuple[Given, ...]:
    """The commands of a request, each read or found unreadable."""
    return tuple(map(_read, commands))


def needs_sign_in(given: Sequence[Given], by: Actor) -> bool:
    """Whether nobody is signed in and every command that can be read was made under an account."""
    commands = [one.command for one in given if isinstance(one, Read)]
    return not by.signed_in and bool(commands) and all(one.account is not None for one in commands)


async def sync(given: Sequence[Given], by: Actor, *, known_device: bool = True) -> Done:
    """Do the commands as `by`, each as the account it was made under. `known_device`: the phone sent its cookie.

    Raises TooMany, or what a broken connection raises; then nothing was stored. The caller is in no transaction.
    """
    before = await keeping.before([one for one in given if isinstance(one, Read)])
    found = [_at_once(one, by, before, known_device) for one in given]
    left = {place: one for place, one in enumerate(given) if isinstance(one, Read) and found[place] is None}
    if left:
        await _limit(by)
        held = await _held(list(left.values()), by)
        async with database.transaction():
            # A row that somebody holds for long must not hold the whole queue; what waits in vain is tried again.
            await database.execute("SET LOCAL lock_timeout = '5s'")
            await keeping.lock(list(left.values()))
            kept = await keeping.before(list(left.values()))
            for places in _runs(left):
                done = await _do_all([left[place] for place in places], by, held, kept)
                for place, became in zip(places, done, strict=True):
                    found[place] = became
            await keeping.keep(kept)
    outcomes = [one for one in found if one is not None]
    receipts = tuple(_receipt(_id_of(one), outcome) for one, outcome in zip(given, outcomes, strict=True))
    return Done(receipts, tuple(_opened(outcomes)))


async def _limit(by: Actor) -> None:
    """Keep one phone or address from filling the database; sending again what has its receipt is not counted."""
    for key, burst, per_hour in ((by.device, 200, 600), (by.address, 2_000, 6_000)):
        if key and not await limits.take(sealing.bucket("sync", key), burst=burst, per_hour=per_hour):
            raise errors.TooMany("发得太多了,过一会儿会再发。", 60)


def _read(raw: msgspec.Raw) -> Given:
    try:
        return reading.command(raw)
    except Unreadable as wrong:
        return wrong


def _at_once(one: Given, by: Actor, before: Mapping[UUID, Kept], known_device: bool) -> Became | None:
    """What can be said without doing anything; None where it is to be done."""
    if isinstance(one, Unreadable):
        outcome: Outcome = "not_yet" if one.reason == "newer" else "refused"
        return Became(outcome=outcome, at=clock.now(), reason=one.reason, words=one.words)
    account = one.command.account
    if account is None and not known_device:
        return _not_yet("no_cookie", NO_COOKIE)
    if account is not None and account != by.account_id:
        return _not_yet("other_account", OTHER_ACCOUNT) if by.signed_in else _not_yet("sign_in", SIGN_IN)
    kept = before.get(one.id)
    return _again(kept, one, _as_made(one, by)) if kept is not None else None


def _as_made(one: Read, by: Actor) -> Actor:
    """Who sends it: what was made while nobody was signed in is sent by the phone, whoever has signed in since."""
    return by if one.command.account is not None else Actor(device=by.device, address=by.address, links=by.links)


async def _held(given: Sequence[Read], by: Actor) -> dict[UUID, str]:
    """Why reports among these are held for the desk. Asked outside the transaction (see `reporting.suspicion`)."""
    held: dict[UUID, str] = {}
    for without_account in (True, False):
        reports = [
            one for one in given if one.command.verb == "report" and (one.command.account is None) is without_account
        ]
        if not reports or not await reporting.suspicion(_as_made(reports[0], by), len(reports)):
            continue
        why = ""
        for one in reports:
            why = why or await reporting.suspicion(_as_made(one, by))
            held[one.id] = why
    return held


def _runs(left: Mapping[int, Read]) -> list[list[int]]:
    """Places of commands that follow one another and may be done in one go; every other stands alone."""
    runs: list[list[int]] = []
    alike: tuple[str, bool] | None = None
    for place, one in left.items():
        plural = one.verb.call_all is not None and one.command.mends is None
        kind = (one.command.verb, one.command.account is None) if plural else None
        if kind is not None and kind == alike:
            runs[-1].append(place)
        else:
            runs.append([place])
        alike = kind
    return runs


async def _do_all(run: Sequence[Read], by: Actor, held: Mapping[UUID, str], kept: dict[UUID, Kept]) -> list[Became]:
    """Do a run of commands in one go where that is possible; where one of them fails each is tried alone."""
    together = await _tried_together(run, by, held) if len(run) > 1 and not any(one.id in kept for one in run) else None
    if together is None:
        return [await _do(one, by, held.get(one.id, ""), kept) for one in run]
    for one, became in zip(run, together, strict=True):
        kept[one.id] = _kept(one, became, _as_made(one, by))
    return together


async def _tried_together(run: Sequence[Read], by: Actor, held: Mapping[UUID, str]) -> list[Became] | None:
    call = run[0].verb.call_all
    if call is None or len({one.id for one in run}) < len(run):
        return None
    around = [Context(by=_as_made(one, by), phone=one.phone, held=held.get(one.id, "")) for one in run]
    at = clock.now()
    try:
        async with database.transaction():
            results = await call([one.data for one in run], around)
    except database.AWAY:
        raise
    except Exception:
        # Which of them it was, and why, comes out when each is tried alone.
        return None
    return [_became(result, at) for result in results]


def _became(result: Result | errors.HuyingError, at: datetime) -> Became:
    """Of a verb that does each for itself: what it did, or why it never can."""
    if isinstance(result, Result):
        return Became(outcome="done", at=at, result=result)
    fields = Result(fields=result.fields if isinstance(result, errors.Invalid) else {})
    return Became(outcome="refused", at=at, words=result.words, reason="cannot", result=fields)


def _kept(one: Read, outcome: Became, by: Actor) -> Kept:
    return Kept(sender=sender_of(by), digest=one.digest, mends=one.command.mends, outcome=outcome, fresh=one)


async def _do(one: Read, by: Actor, held: str, kept: dict[UUID, Kept]) -> Became:
    """Do one command, if it has no receipt yet; what is to be kept of it is added to `kept`."""
    around = Context(by=_as_made(one, by), phone=one.phone, held=held)
    known = kept.get(one.id)
    if known is not None:
        return _again(known, one, around.by)
    outcome = await _tried(one, around, kept)
    if outcome.outcome in ("done", "refused"):
        kept[one.id] = _kept(one, outcome, around.by)
    return outcome


async def _tried(one: Read, around: Context, kept: Mapping[UUID, Kept]) -> Became:
    at = clock.now()
    try:
        try:
            async with database.transaction():
                await _mending(one, around.by, kept)
                return Became(outcome="done", at=at, result=await one.verb.call(one.data, around))
        except errors.TooMany as error:
            return _not_yet("busy", error.words)
        except errors.HuyingError as error:
            return await _refused(one, around, error)
    except database.AWAY:
        raise
    except Exception as error:
        return _passing(one, error)


async def _refused(one: Read, around: Context, error: errors.HuyingError) -> Became:
    async with database.transaction():
        words = await _words(one, around, error)
    result = Result(fields=error.fields if isinstance(error, errors.Invalid) else {})
    return Became(outcome="refused", at=clock.now(), words=words, reason="cannot", result=result)


async def _words(one: Read, around: Context, error: errors.HuyingError) -> str:
    """Why, in words; what a unit wrote too late is kept for the desk."""
    if one.verb.keep is None or not isinstance(error, (errors.NotFound, errors.NotAllowed)):
        return error.words
    if error.words in (CAME_ALREADY, MENDED_ALREADY):
        return error.words
    kept = await one.verb.keep(one.data, around)
    if isinstance(error, errors.Stale) and kept:
        return f"{error.words}。{kept}"
    return kept or error.words


def _again(kept: Kept, one: Read, by: Actor) -> Became:
    """The answer to a command whose id has a receipt: the same as before, to who sent the same before."""
    if kept.sender != sender_of(by) or kept.digest != one.digest:
        return Became(outcome="refused", at=clock.now(), reason="reused", words=REUSED)
    if kept.outcome.outcome == "refused":
        return kept.outcome
    return msgspec.structs.replace(kept.outcome, outcome="already")


async def _mending(one: Read, by: Actor, kept: Mapping[UUID, Kept]) -> None:
    """A command that replaces a refused one is done once, and not where the one it replaces had arrived after all."""
    mends, sender = one.command.mends, sender_of(by)
    if mends is None:
        return
    rows = await database.fetch(
        "SELECT id FROM receipts WHERE (id = $1 OR mends = $1) AND sender = $2 AND outcome = 'done'", mends, sender
    )
    done = {UUID(int=row["id"].int) for row in rows}
    done |= {
        id
        for id, told in kept.items()
        if (id == mends or told.mends == mends) and told.sender == sender and told.outcome.outcome == "done"
    }
    if mends in done:
        raise errors.NotAllowed(CAME_ALREADY)
    if done:
        raise errors.NotAllowed(MENDED_ALREADY)


def _passing(one: Read, error: Exception) -> Became:
    """A fault of ours or of the moment: nothing of the command is stored, and the phone keeps it."""
    if not isinstance(error, (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)):
        # The plain traceback: a pretty one prints local values, and those are somebody's name and phone.
        log.error("command broke", verb=one.command.verb, traceback="".join(traceback.format_exception(error)))
    return _not_yet("busy", BUSY)


def _not_yet(reason: Reason, words: str) -> Became:
    return Became(outcome="not_yet", at=clock.now(), reason=reason, words=words)


def _id_of(one: Given) -> str | None:
    return one.given if isinstance(one, Unreadable) else str(one.id)


def _receipt(given: str | None, one: Became) -> Receipt:
    answer = _answer(one.result) if one.outcome in ("done", "already") else None
    return Receipt(
        id=given,
        outcome=one.outcome,
        at=one.at,
        words=one.words,
        reason=one.reason,
        fields=one.result.fields,
        answer=answer,
    )


def _answer(result: Result) -> Answer:
    return Answer(
        number=result.number,
        head=result.head,
        due_at=result.due_at,
        link=f"/r/{links.secret_of(result.link)}" if result.link else None,
        state=result.state,
        version=result.version,
        findings=result.findings,
        marks=result.marks,
    )


def _opened(outcomes: Sequence[Became]) -> list[Opened]:
    return [
        Opened(one.result.report_id, one.result.link)
        for one in outcomes
        if one.outcome in ("done", "already") and one.result.report_id and one.result.link
    ]
