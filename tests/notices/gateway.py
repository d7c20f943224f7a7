"""A fake SMS gateway on loopback: keeps what it gets, checks who sends, answers as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec


class Got(msgspec.Struct):
    path: str
    headers: dict[str, str]
    body: bytes


class Gateway:
    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answer = "200 OK"
        self.headers = ""
        self.silent = False
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.got.append(Got(first.split(" ")[1], headers, body))
        if not self.silent:
            writer.write(
                f"HTTP/1.1 {self.answer}\r\n{self.headers}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode()
            )
            await writer.drain()
        else:
            await asyncio.sleep(1)
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def running() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    server = await asyncio.start_server(gateway._serve, "127.0.0.1", 0)
    gateway.port = server.sockets[0].getsockname()[1]
    try:
        yield gateway
    finally:
        server.close()
