"""Fifty storms, always the same: nothing that a phone acknowledged is lost, doubled or stuck (docs/storm.md)."""

import asyncio
import sys
from pathlib import Path


async def storms(seeds: int, first: int, *plant: str) -> tuple[int | None, str]:
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.storm", str(seeds), str(first), *plant),
        cwd=Path.cwd(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await running.communicate()
    return running.returncode, said.decode()


async def test_nothing_is_lost_doubled_or_stuck_in_fifty_storms() -> None:
    status, said = await storms(50, 1)
    assert status == 0, said
    assert "50 storms" in said and "nothing is lost, doubled or stuck" in said


async def test_a_receipt_that_is_not_written_with_its_change_is_found() -> None:
    status, said = await storms(4, 100, "--plant", "receipt")
    assert status == 1 and "with 0 receipts" in said, said
