"""Decoding off the event loop: two at once, a bounded crowd waiting, and what waits holds no picture in memory."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from server.photos import refusals
from server.photos.clean import Cleaned, clean
from server.photos.spool import Sent

AT_ONCE = 2
"""Pictures decoded at the same time in one process."""
WAITING = 200
"""Photos that may wait in one process, most of them on disk; more are refused for the moment."""

_inside = 0


async def cleaned(sent: Sent) -> Cleaned:
    """Have a photo cleaned by one of the decoding threads."""
    global _inside
    if _inside >= AT_ONCE + WAITING:
        raise refusals.crowded()
    _inside += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads(), _clean, sent)
    finally:
        _inside -= 1


@cache
def _threads() -> ThreadPoolExecutor:
    """Own threads, not the loop's: nothing else waits behind photos, and no third is decoded beside two."""
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="photo")


def _clean(sent: Sent) -> Cleaned:
    return clean(sent.content())
