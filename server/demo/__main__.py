"""`python -m server.demo [make] [--streets 3 …]` makes the demo district; `python -m server.demo accounts` lists it."""

import argparse
import asyncio
import os
import sys
import time
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from server.demo.accounts import accounts
from server.demo.making import alone, is_empty, make
from server.demo.size import Size
from server.kernel import database
from server.supervisor.environment import complete, embedded

WORDS = {"district": "Founding the district", "cases": "Telling its cases", "rounds": "Walking its rounds"}
console = Console()


def main() -> int:
    """The command line; 0 where it went well, also where there was nothing to do."""
    asked = _parser().parse_args()
    ours = embedded(asked.var.resolve(), os.environ)
    os.environ.update(complete(asked.var.resolve(), os.environ))
    if ours is not None and not ours.answers():
        print("The database is not running: `make run` starts it, or set DATABASE_URL.", file=sys.stderr)
        return 1
    return asyncio.run(_list() if asked.command == "accounts" else _make(asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m server.demo")
    usual = Size()
    parser.add_argument("command", nargs="?", choices=("make", "accounts"), default="make")
    for name in Size.__struct_fields__:
        parser.add_argument(f"--{name}", type=int, default=getattr(usual, name), help=f"default {getattr(usual, name)}")
    parser.add_argument(
        "--start", type=date.fromisoformat, help="first day, as 2026-10-19; default: so that it ends now"
    )
    parser.add_argument("--var", type=Path, default=Path("var"), help="folder of the embedded database and the photos")
    return parser


async def _make(asked: argparse.Namespace) -> int:
    size = Size(**{name: getattr(asked, name) for name in Size.__struct_fields__})
    began = time.monotonic()
    async with database.pool(), alone():
        if not await is_empty():
            console.print("Demo district: the database is in use already, nothing to do.")
            return 0
        try:
            with _progress() as progress:
                bars = {key: progress.add_task(words, total=None) for key, words in WORDS.items()}
                made = await make(
                    size,
                    start=asked.start,
                    told=lambda what, done, whole: progress.update(bars[what], completed=done, total=whole),
                )
        except ValueError as error:
            print(f"Demo district: {error}", file=sys.stderr)
            return 1
    console.print(
        f"Demo district: {made.areas} areas, {made.accounts} accounts, {made.cases} cases in {made.steps} steps, "
        f"{made.photos} photos; {time.monotonic() - began:.1f} s.",
        soft_wrap=True,
    )
    return 0


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


async def _list() -> int:
    async with database.pool(min_size=1, max_size=1):
        found = await accounts()
    table = Table(title="演示账号", title_justify="left", box=None)
    for heading in ("谁", "手机号", "密码", "试试看"):
        table.add_column(heading, overflow="fold")
    for one in found:
        table.add_row(f"{one.role} {one.name}", one.phone, one.password or "验证码", one.what)
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
