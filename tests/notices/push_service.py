"""A push service on loopback, strict as real ones: it asks for VAPID (RFC 8292), its devices decrypt (RFC 8291)."""

import asyncio
import base64
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import http_ece
import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.notices.outlets.push.devices import Keys, Subscription


def unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def padded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Browser:
    """A device: its keys, and what it could read."""

    def __init__(self, service: "PushService", name: str) -> None:
        self.name, self.service = name, service
        self._key, self._auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        self.got: list[dict[str, Any]] = []

    @property
    def subscription(self) -> Subscription:
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return Subscription(f"{self.service.url}/send/{self.name}", Keys(unpadded(point), unpadded(self._auth)))

    def decrypt(self, body: bytes) -> dict[str, Any]:
        plain = http_ece.decrypt(body, private_key=self._key, auth_secret=self._auth, version="aes128gcm")
        return dict(msgspec.json.decode(plain))


class PushService:
    """Takes with 201 what is signed and whole; `answers` orders something else for a device."""

    def __init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.answers: dict[str, list[int | str]] = defaultdict(list)
        self.headers: list[dict[str, str]] = []
        self.wrong: list[str] = []
        self.retry_after = ""
        self.port = 0
        self.at_once = self.most_at_once = 0
        self.whole = True
        """Whether it verifies and decrypts; a bench wants only 201."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def browser(self, name: str) -> Browser:
        return self.browsers.setdefault(name, Browser(self, name))

    async def take(self, request: web.Request) -> web.Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self._take(request)
        finally:
            self.at_once -= 1

    async def _take(self, request: web.Request) -> web.Response:
        name, body = request.match_info["name"], await request.read()
        if not self.whole:
            return web.Response(status=201)
        self.headers.append(dict(request.headers))
        if fault := self._fault(request, body):
            self.wrong.append(fault)
            return web.Response(status=403, text=fault)
        ordered = self.answers[name].pop(0) if self.answers[name] else 201
        if ordered == "hang":
            await asyncio.sleep(3600)
        if ordered == "slow":
            await asyncio.sleep(0.3)
            ordered = 201
        if isinstance(ordered, int) and ordered == 201:
            browser = self.browsers[name]
            browser.got.append(browser.decrypt(body))
        headers = {"Retry-After": self.retry_after} if self.retry_after else {}
        return web.Response(status=int(ordered), headers=headers)

    def _fault(self, request: web.Request, body: bytes) -> str:
        """What a real service would refuse."""
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
        if scheme.lower() != "vapid" or set(parts) != {"t", "k"}:
            return "no VAPID"
        head, claims, signature = parts["t"].split(".")
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), padded(parts["k"]))
        raw = padded(signature)
        half = len(raw) // 2
        der = encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))
        key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
        said = msgspec.json.decode(padded(claims))
        if said["aud"] != self.url or not 0 < said["exp"] - time.time() <= 24 * 3600:
            return "wrong audience or expiry"
        if not str(said.get("sub", "")).startswith(("https://", "mailto:")):
            return "no contact"
        if request.headers.get("Content-Encoding") != "aes128gcm" or len(body) > 4096:
            return "not aes128gcm, or too long"
        if int(request.headers.get("TTL", "-1")) <= 0:
            return "no TTL"
        return ""


@asynccontextmanager
async def running() -> AsyncIterator[PushService]:
    """A service that listens."""
    service = PushService()
    app = web.Application()
    app.router.add_post("/send/{name}", service.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    service.port = runner.addresses[0][1]
    try:
        yield service
    finally:
        await runner.cleanup()
