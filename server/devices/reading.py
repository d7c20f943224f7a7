"""Reading what a phone sent, one command at a time: what cannot be read is told so, and leaves the rest alone."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from server.cases import Phone
from server.devices.commands import VERBS, Verb
from server.devices.protocol import NEWEST, OLDEST, Command, Reason, Sync
from server.kernel import clock

UNREADABLE = "这一条的内容看不懂,没有收下。请导出后交给社区,或者重新填一次。"
UNKNOWN_VERB = "这个版本的呼应不认识这种操作,没有收下。请更新后再试。"
TOO_OLD = "这一条是很久以前的版本写的,已经收不了。请导出后交给社区,或者重新填一次。"
NEWER = "服务器正在更新,过一会儿会再发。"
FAST = timedelta(days=1)
SLOW = timedelta(days=400)
_WRONG = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

T = TypeVar("T")


class Unreadable(Exception):
    """A command that cannot be taken as it is; with its id where one could be read."""

    def __init__(self, given: str | None, reason: Reason, words: str) -> None:
        super().__init__(words)
        self.given = given
        self.reason = reason
        self.words = words


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A command that can be read."""

    command: Command
    verb: Verb
    data: Any
    """A Struct of the verb."""
    digest: bytes
    """SHA-256 of what was sent, as sent: the same however later versions read it."""
    phone: Phone

    @property
    def id(self) -> UUID:
        return self.command.id


def body(sent: bytes) -> Sync | None:
    """The request; None where it is not JSON of this shape."""
    return _decoded(sent, Sync)


def command(raw: msgspec.Raw) -> Read:
    """One command; raises `Unreadable`."""
    found = _decoded(raw, Command)
    if found is None:
        raise Unreadable(_id_in(raw), "unreadable", UNREADABLE)
    given = str(found.id)
    if found.protocol > NEWEST:
        raise Unreadable(given, "newer", NEWER)
    if found.protocol < OLDEST:
        raise Unreadable(given, "older", TOO_OLD)
    verb = VERBS.get(found.verb)
    if verb is None:
        raise Unreadable(given, "unreadable", UNKNOWN_VERB)
    data = _decoded(found.data, verb.data)
    if data is None:
        raise Unreadable(given, "unreadable", UNREADABLE)
    return Read(command=found, verb=verb, data=data, digest=_digest(found), phone=_phone(found))


def odd(at: str) -> bool:
    """Whether a phone's time cannot be right: no moment, more than a day ahead, more than 400 days ago."""
    try:
        moment = datetime.fromisoformat(at)
        return moment.tzinfo is None or not -SLOW < moment.astimezone(UTC) - clock.now() < FAST
    except (ValueError, OverflowError):
        return True


def _phone(one: Command) -> Phone:
    at = one.at.replace("\x00", "")
    form = f"{one.form.name} {one.form.version}".replace("\x00", "") if one.form else ""
    return Phone(at=at, odd=odd(at), form=form)


def _digest(one: Command) -> bytes:
    content = [one.verb, one.account, one.mends, msgspec.json.decode(one.data)]
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).digest()


def _decoded(sent: bytes | msgspec.Raw, into: type[T]) -> T | None:
    try:
        return msgspec.json.decode(sent, type=into)
    except _WRONG:
        return None


def _id_in(raw: msgspec.Raw) -> str | None:
    """The id as it was sent, so that the phone finds its command again; the last one, as JSON has it."""
    try:
        found = json.loads(bytes(raw))
    except (ValueError, RecursionError):
        return None
    given = found.get("id") if isinstance(found, dict) else None
    return given.encode(errors="replace").decode()[:100] if isinstance(given, str) else None
