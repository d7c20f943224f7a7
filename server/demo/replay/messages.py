"""The messages of a CSV, untouched: number, author, subject, sent_at, body, reply, replied_at (Beijing time)."""

import csv
import io
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from server.kernel.clock import BEIJING

if TYPE_CHECKING:
    from _csv import Reader

COLUMNS = ("number", "author", "subject", "sent_at", "body", "reply", "replied_at")
_SLASHES = re.compile(r"^(\d{4})/(\d\d?)/(\d\d?)")
_LONG_AGO = datetime(2000, 1, 1, tzinfo=BEIJING)
csv.field_size_limit(50_000_000)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `replied_at` is never before `sent_at`; None where there is no reply."""

    line: int
    """On which its record ends in the file."""
    number: str
    author: str
    subject: str
    body: str
    sent_at: datetime
    reply: str
    replied_at: datetime | None

    @property
    def text(self) -> str:
        """What is reported: the subject, and below it the body; the one that is there where the other is empty."""
        return "\n".join(part for part in (self.subject, self.body) if part.strip())


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A file read: its messages, lines with nothing to send, and what was odd but is sent all the same."""

    messages: tuple[Message, ...]
    empty: tuple[int, ...]
    oddities: dict[str, int]


def read(path: Path) -> Reading:
    """Read a CSV in UTF-8 (with or without BOM) or GB18030. ValueError where it is no such table at all."""
    content = _decoded(path.read_bytes())
    records = csv.reader(io.StringIO(content.replace("\x00", ""), newline=""), strict=True)
    try:
        return _read(records, Counter({"NUL taken out": content.count("\x00")}))
    except csv.Error as error:
        raise ValueError(f"{path}: this is no CSV ({error}).") from None


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("The file is neither UTF-8 nor GB18030.")


def _read(records: "Reader", odd: Counter[str]) -> Reading:
    header = next(records, [])
    if missing := [name for name in COLUMNS if name not in header]:
        raise ValueError("The file has no column " + ", ".join(missing) + ".")
    messages: list[Message] = []
    empty: list[int] = []
    before = records.line_num
    for record in records:
        line = records.line_num
        odd["over several lines"] += line > before + 1
        before = line
        row = {name: record[place] if place < len(record) else "" for place, name in enumerate(header)}
        if row["subject"].strip() or row["body"].strip():
            messages.append(_message(row, line, messages[-1] if messages else None, odd))
        elif any(record):
            empty.append(line)
    odd["number seen before"] = len(messages) - len({one.number for one in messages})
    return Reading(messages=tuple(messages), empty=tuple(empty), oddities=dict(+odd))


def _message(row: dict[str, str], line: int, before: Message | None, odd: Counter[str]) -> Message:
    """The message of a row. Nobody is left out for a time that cannot be read: the nearest that is known serves."""
    sent, replied = _moment(row["sent_at"], odd), _moment(row["replied_at"], odd)
    if sent is None:
        odd["no time of sending"] += 1
        sent = replied or (before.sent_at if before else _LONG_AGO)
    if not row["reply"].strip():
        odd["no reply"] += 1
        replied = None
    elif replied is None:
        odd["no time of the reply"] += 1
        replied = sent
    elif replied < sent:
        odd["reply before message"] += 1
        replied = sent
    reply = row["reply"].strip()
    odd["blank ends of a reply taken off"] += reply != row["reply"]
    return Message(
        line=line,
        **{name: row[name] for name in ("number", "author", "subject", "body")},
        reply=reply,
        sent_at=sent,
        replied_at=replied,
    )


def _moment(text: str, odd: Counter[str]) -> datetime | None:
    """The moment that is written, in Beijing time where it says nothing else; a mere day begins at midnight."""
    written = _SLASHES.sub(lambda day: f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}", text.strip())
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    odd["day without an hour"] += len(written) == len("2018-04-24")
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)
