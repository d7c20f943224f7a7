"""The phones of a storm as a process of Node: plans go in, outcomes come out; what they ask for meanwhile is done."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench import ground
from bench.storm.town import Plan

Do = Callable[[dict[str, Any]], Awaitable[None]]
_LONGEST_LINE = 2**24


async def live(port: int, plans: Sequence[Plan], do: Do) -> AsyncIterator[dict[str, Any]]:
    """Let the phones of each plan live, one plan after the other; the outcomes, in their order.

    `do` does what a phone asks the district for: a fate of its account, or, asking for nothing, that the faults stop.
    """
    from tests.photos import pictures

    environment = os.environ | {
        "STORM_SERVER": f"http://127.0.0.1:{port}",
        "STORM_PHOTO": base64.b64encode(pictures.jpeg(64, 48)).decode(),
    }
    node = await asyncio.create_subprocess_exec(
        *("node", str(Path(__file__).with_name("phones.js"))),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
        cwd=ground.ROOT,
        limit=_LONGEST_LINE,
    )
    assert node.stdin is not None and node.stdout is not None
    try:
        for plan in plans:
            node.stdin.write(msgspec.json.encode(plan) + b"\n")
        waiting = len(plans)
        while waiting and (line := await node.stdout.readline()):
            said = json.loads(line)
            if "ask" in said:
                await do(said["ask"])
                node.stdin.write(b'{"done": true}\n')
                continue
            waiting -= 1
            yield said
    finally:
        # Where the judge gave up nobody is left who would answer it.
        if node.returncode is None:
            node.kill()
        await node.wait()
