"""What lies in a file that a phone made for the desk (docs/export.md): commands and photos, as they would be sent."""

import base64
import binascii
import hashlib
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from server.devices import desk_key, reading
from server.devices.desk_key import NotOpened
from server.devices.reading import Read, Unreadable
from server.kernel.errors import Invalid

MOST_BYTES = 48_000_000
MOST_COMMANDS = 500
WORDS = {
    "other": "这不是呼应手机端导出的文件。请选扩展名是 .huying 的那个文件。",
    "newer": "这个文件是更新的版本导出的,系统升级后才能打开。文件请先留着。",
    "foreign": "这个文件不是交给我们这里的,或者系统换过密钥,打不开。请对方联网打开一次呼应,再重新导出。",
    "damaged": "这个文件坏了或者不完整,打不开。请对方重新导出一次再传来。",
    "large": f"这个文件太大了(最多 {MOST_BYTES // 1_000_000} MB)。请对方少选几条,分几次导出。",
}

Size = Annotated[int, Meta(ge=0, le=MOST_BYTES)]
Short = Annotated[str, Meta(max_length=100)]


class Picture(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A photo of a command, in the order in which the pictures lie in the file."""

    id: UUID
    command: UUID
    type: Short
    size: Size
    digest: Short
    """SHA-256, base64."""


class Content(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one account, or nobody, did. Commands are read one by one."""

    commands: Annotated[list[msgspec.Raw], Meta(max_length=MOST_COMMANDS)]
    photos: Annotated[list[Picture], Meta(max_length=50 * MOST_COMMANDS)] = []


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A `Content` in base64: sealed with the key of the account's phones, or plain where nobody was signed in."""

    account: UUID | None
    iv: Short
    content: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The beginning of the file; the pictures follow it."""

    made: Short
    """The phone's own time; never believed."""
    device: Annotated[str, Meta(max_length=200)] | None
    parts: Annotated[list[Part], Meta(max_length=10)]


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    digest: bytes
    content: bytes


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One command with those of its photos that were still on the phone."""

    account: UUID | None
    given: Read | Unreadable
    photos: tuple[Photo, ...] = ()


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """An opened file."""

    digest: str
    """SHA-256 of the file, hex: its name in the history."""
    made: str
    device: str | None
    items: tuple[Item, ...]


def read(sent: bytes) -> Export:
    """The file opened; raises `Invalid` for `file` where it cannot be, in words. Takes a moment for large ones."""
    if len(sent) > MOST_BYTES:
        raise Invalid({"file": WORDS["large"]})
    try:
        return _read(sent)
    except NotOpened as error:
        raise Invalid({"file": WORDS[error.why]}) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Invalid({"file": WORDS["damaged"]}) from error


def _read(sent: bytes) -> Export:
    whole = memoryview(desk_key.opened(sent))
    ends = 4 + int.from_bytes(whole[:4])
    manifest = msgspec.json.decode(whole[4:ends], type=Manifest)
    rest, items, seen = whole[ends:], list[Item](), set[UUID]()
    for part in manifest.parts:
        content = msgspec.json.decode(_content(part), type=Content)
        photos, rest = _pictures(content.photos, rest)
        for item in _items(part.account, content, photos):
            if isinstance(item.given, Read) and item.given.id in seen:
                continue
            seen |= {item.given.id} if isinstance(item.given, Read) else set()
            items.append(item)
    if len(rest) or len(items) > MOST_COMMANDS:
        raise NotOpened("damaged")
    return Export(
        digest=hashlib.sha256(sent).hexdigest(),
        made=manifest.made,
        device=desk_key.device_of(manifest.device),
        items=tuple(items),
    )


def _content(part: Part) -> bytes:
    content = _bytes(part.content)
    return content if part.account is None else desk_key.unsealed(part.account.bytes, _bytes(part.iv), content)


def _pictures(named: list[Picture], rest: memoryview) -> tuple[dict[UUID, list[Photo]], memoryview]:
    found: dict[UUID, list[Photo]] = {}
    for one in named:
        content, rest = bytes(rest[: one.size]), rest[one.size :]
        digest = hashlib.sha256(content).digest()
        if len(content) != one.size or digest != _bytes(one.digest):
            raise NotOpened("damaged")
        found.setdefault(one.command, []).append(Photo(id=one.id, digest=digest, content=content))
    return found, rest


def _items(account: UUID | None, content: Content, photos: dict[UUID, list[Photo]]) -> list[Item]:
    items = []
    for raw in content.commands:
        try:
            given: Read | Unreadable = reading.command(raw)
        except Unreadable as wrong:
            given = wrong
        if isinstance(given, Read) and given.command.account != account:
            # Sealed by one account and signed by another: no phone of ours does that.
            raise NotOpened("damaged")
        mine = photos.get(given.id, []) if isinstance(given, Read) else []
        items.append(Item(account=account, given=given, photos=tuple(mine)))
    return items


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise NotOpened("damaged") from error
