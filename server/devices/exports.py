"""The desk opens what a phone handed over in a file, sees what is in it, and brings it in.

Each command goes the way it would have gone from the phone, in the name of the account it was made under, so that
it is done once, whoever comes first. Who opened which file and brought it in stands in the history of the file.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from server.cases import awaited
from server.cases.case import DESK_ROLES, load
from server.devices import export_file, keeping, syncing
from server.devices.export_file import Export, Item, Photo
from server.devices.keeping import Kept
from server.devices.protocol import MOST_COMMANDS, Report
from server.devices.reading import Read
from server.devices.receipts import sender_of
from server.kernel import database, events
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotFound, TooMany
from server.people import standing_for
from server.photos import receive
from server.photos.refusals import PhotoRefused

PURPOSE = "export"
"""Of the file that waits between being opened and being brought in (`kernel.kept_files`)."""
PATIENCE = 20.0
"""Seconds after which no further photo is begun; asked again, it goes on where it was."""
NO_ACCOUNT = "写这一条的账号已经注销,不能再用它的名义收下。请按内容重新登记。"
NO_PHONE = "认不出是哪部手机写的,收下后手机可能会再发一次。请让对方联网打开一次呼应,再重新导出。"

State = Literal["waiting", "received", "refused"]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One command of the file as the desk sees it."""

    item: Item
    name: str
    """Of the account, to be masked; empty where nobody was signed in."""
    state: State
    words: str = ""
    """Why it was refused, or cannot be brought in."""
    can: bool = False
    """Whether bringing in would do something: the command, or photos of it."""
    kept: Kept | None = None
    visible: bool = False
    """Whether the reader may see the case it became or speaks of."""
    hidden: bool = False
    """Whether its words are not for the reader."""
    photos_in: int = 0
    photos_refused: tuple[str, ...] = ()


async def opened(sent: bytes, by: Actor) -> Export:
    """Open a file and write down who did; raises `Invalid` in words, `NotFound` for who is not of a desk."""
    _must_be_desk(by)
    export = await asyncio.to_thread(export_file.read, sent)
    async with database.transaction():
        await events.record(_stream(export), "export.opened", {"items": len(export.items)}, by)
    return export


async def look(sent: bytes, by: Actor) -> tuple[Export, tuple[Seen, ...]]:
    """What is in the file, and what has become of it by now."""
    _must_be_desk(by)
    export = await asyncio.to_thread(export_file.read, sent)
    return export, await _seen(export, by)


async def bring_in(sent: bytes, by: Actor) -> None:
    """Do what is in the file and has not been done, then take its photos, as many as there is time for.

    Repeating it is harmless. Raises `TooMany` where the phone has sent too much; what was done before that stays.
    """
    export, seen = await look(sent, by)
    left = [one for one in seen if one.can]
    if not left:
        return
    await _write_down(export, left, by)
    for account in dict.fromkeys(one.item.account for one in left):
        actor = await _actor(account, export)
        mine = [one for one in left if one.item.account == account]
        given = [one.item.given for one in mine if one.state == "waiting"]
        for start in range(0, len(given), MOST_COMMANDS):
            await syncing.sync(given[start : start + MOST_COMMANDS], actor)
    await _photos(export, by)


async def _write_down(export: Export, left: Sequence[Seen], by: Actor) -> None:
    """Before anything is done, so that nothing is ever done in somebody's name without a trace of who did it."""
    ids = [str(one.item.given.id) for one in left if isinstance(one.item.given, Read)]
    accounts = sorted({str(one.item.account) for one in left if one.item.account})
    async with database.transaction():
        await events.record(_stream(export), "export.brought_in", {"commands": ids, "accounts": accounts}, by)


async def _photos(export: Export, by: Actor) -> None:
    ends = time.monotonic() + PATIENCE
    for one in await _seen(export, by):
        if one.state != "received":
            continue
        actor = await _actor(one.item.account, export)
        for photo in one.item.photos:
            if time.monotonic() > ends:
                return
            await _take(photo, actor)


async def _take(photo: Photo, by: Actor) -> None:
    """As `PUT /sync/photos/{id}` takes one; what is in the way only now is left for the next time."""
    if await receive.known(photo.id, photo.digest, by) is not None or not await awaited.may_send(photo.id, by):
        return
    try:
        await receive.receive(photo.content, by=by, photo_id=photo.id, expected=photo.digest)
    except PhotoRefused as error:
        if not error.passing:
            await awaited.will_not_come(photo.id, error.reason, by)
    except TooMany:
        return


async def _actor(account: UUID | None, export: Export) -> Actor:
    if account is None:
        return Actor(device=export.device)
    return await standing_for.actor_for(account, device=export.device)


async def _seen(export: Export, by: Actor) -> tuple[Seen, ...]:
    reads = [one.given for one in export.items if isinstance(one.given, Read)]
    kept = await keeping.before(reads)
    people = await _people(export)
    photos = await _known_photos(export)
    return tuple([await _one(item, export, by, kept, people, photos) for item in export.items])


async def _one(
    item: Item,
    export: Export,
    by: Actor,
    kept: dict[UUID, Kept],
    people: dict[UUID, str],
    photos: dict[UUID, str],
) -> Seen:
    name = people.get(item.account, "") if item.account else ""
    if not isinstance(item.given, Read):
        return Seen(item=item, name=name, state="refused", words=item.given.words)
    came = [photos[one.id] for one in item.photos if one.id in photos]
    known = kept.get(item.given.id)
    case = await _case(item.given, known, by)
    seen = Seen(
        item=item,
        name=name,
        state="waiting",
        visible=case == "visible",
        hidden=_hidden(item.given, known, case, by),
        photos_in=came.count(""),
        photos_refused=tuple(words for words in came if words),
    )
    trouble = _trouble(item, export, people)
    if known is None:
        return msgspec.structs.replace(seen, words=trouble, can=not trouble)
    sender = f"account:{item.account}" if item.account else sender_of(Actor(device=export.device))
    if known.sender != sender or known.digest != item.given.digest:
        return msgspec.structs.replace(seen, state="refused", words=syncing.REUSED)
    if known.outcome.outcome == "refused":
        return msgspec.structs.replace(seen, state="refused", words=known.outcome.words, kept=known)
    can = len(came) < len(item.photos) and not trouble
    return msgspec.structs.replace(seen, state="received", kept=known, can=can)


def _trouble(item: Item, export: Export, people: dict[UUID, str]) -> str:
    if item.account is None:
        return "" if export.device else NO_PHONE
    return "" if item.account in people else NO_ACCOUNT


def _hidden(given: Read, known: Kept | None, case: str, by: Actor) -> bool:
    """A private telling is for secretaries; what has arrived is for whoever may see its case."""
    if known is not None and known.outcome.outcome == "done":
        return case != "visible"
    if isinstance(given.data, Report):
        return given.data.private and not by.has(Role.SECRETARY)
    return case == "private"


async def _case(given: Read, known: Kept | None, by: Actor) -> Literal["", "visible", "private", "elsewhere"]:
    """How the reader stands to the case that the command became or speaks of."""
    number = known.outcome.result.number if known else ""
    number = number or getattr(given.data, "number", "")
    if not number:
        return ""
    try:
        await load(number, by)
    except NotFound:
        private = await database.fetch_value(
            """SELECT bool_or(c.private) FROM cases c WHERE c.number = $1 OR c.id IN (
                   SELECT rc."case" FROM reports r JOIN report_cases rc ON rc.report = r.id WHERE r.number = $1)""",
            number,
        )
        return "private" if private else "elsewhere"
    return "visible"


async def _people(export: Export) -> dict[UUID, str]:
    """The names of the open accounts."""
    ids = list({one.account for one in export.items if one.account})
    rows = await database.fetch("SELECT id, name FROM accounts WHERE id = ANY($1) AND closed_at IS NULL", ids)
    return {UUID(int=row["id"].int): row["name"] for row in rows}


async def _known_photos(export: Export) -> dict[UUID, str]:
    """The photos that came, with "", and those that never will, with the reason."""
    ids = [photo.id for one in export.items for photo in one.photos]
    rows = await database.fetch(
        """SELECT id, '' AS words FROM photos WHERE id = ANY($1)
           UNION ALL SELECT photo, refused FROM awaited_photos WHERE photo = ANY($1) AND refused <> ''""",
        ids,
    )
    return {UUID(int=row["id"].int): row["words"] for row in rows}


def _must_be_desk(by: Actor) -> None:
    if not by.has(*DESK_ROLES):
        raise NotFound()


def _stream(export: Export) -> str:
    return f"export:{export.digest}"
