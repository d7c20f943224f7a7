"""The other sides on loopback: an SMS gateway, WeCom, a system with a webhook. Each keeps what it gets and answers as
its own manual says; `answer` has it answer something else."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from server.kernel import clock

KEY = "a key that both sides know"


class Got(msgspec.Struct):
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return msgspec.json.decode(self.body)


class Fake:
    """Takes everything with 200."""

    path = "/"

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answer: str | None = None
        self.headers = ""
        self.silent = False
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    def reply(self, got: Got) -> tuple[str, bytes]:
        """Status and body, where no other answer was ordered."""
        return "200 OK", b"{}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        got = Got(first.split(" ")[1], headers, await reader.readexactly(int(headers.get("content-length", "0"))))
        self.got.append(got)
        if self.silent:
            await asyncio.sleep(1)
        else:
            status, body = (self.answer, b"{}") if self.answer else self.reply(got)
            more = f"{self.headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(f"HTTP/1.1 {status}\r\n{more}".encode() + body)
            await writer.drain()
        writer.close()
        await writer.wait_closed()


class Signed(Fake):
    """Takes what is signed with the key and not older than five minutes; what it has taken it drops the second time."""

    OLDEST = 300.0

    def __init__(self) -> None:
        super().__init__()
        self.taken: dict[str, Any] = {}

    def reply(self, got: Got) -> tuple[str, bytes]:
        timestamp = got.headers.get("x-huying-timestamp", "0")
        expected = hmac.new(KEY.encode(), timestamp.encode() + b"." + got.body, "sha256").hexdigest()
        if not hmac.compare_digest(got.headers.get("x-huying-signature", ""), f"sha256={expected}"):
            return "401 Unauthorized", b"{}"
        if abs(clock.now().timestamp() - int(timestamp)) > self.OLDEST:
            return "403 Forbidden", b"{}"
        self.taken.setdefault(got.headers["x-huying-id"], got.said)
        return "200 OK", b"{}"


class Gateway(Signed):
    """An SMS gateway."""

    path = "/send"

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Phone and text of every message it has sent on."""
        return [(said["phone"], said["text"]) for said in self.taken.values()]


class Hook(Signed):
    """Another system."""

    path = "/hook?for=huying"


class WeCom(Fake):
    """WeCom: knows its robots by their keys, answers 200 with a code of its own."""

    path = "/cgi-bin/webhook/send"
    robot = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.code = 0

    def reply(self, got: Got) -> tuple[str, bytes]:
        if parse_qs(urlsplit(got.path).query).get("key") != [self.robot]:
            return _code(93000)
        content = got.said["markdown"]["content"] if got.said["msgtype"] == "markdown" else ""
        if not content or len(content.encode()) > 4096:
            return _code(40058)
        if self.code == 0:
            self.shown.append(content)
        return _code(self.code)


def _code(number: int) -> tuple[str, bytes]:
    return "200 OK", msgspec.json.encode({"errcode": number, "errmsg": "ok" if number == 0 else "no"})


Kind = TypeVar("Kind", bound=Fake)


@asynccontextmanager
async def running(fake: Kind) -> AsyncIterator[Kind]:
    """Have it listen within this block."""
    server = await asyncio.start_server(fake._serve, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
