"""`python -m server.demo.replay ../shared/data/messages_with_replies.csv`: real messages through the real verbs.

Runs in a database of its own (embedded, in var/replay, made anew each time), needs no network and sends nothing.
Exits with 1 where a message was lost, a text was changed or a history does not verify.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from server.demo.replay.messages import Reading, read
from server.demo.replay.review import percentile
from server.demo.replay.running import Replayed, replay
from server.kernel import database
from server.supervisor.environment import DATABASE, complete, embedded
from server.supervisor.leftovers import AlreadyRunning, Ledger
from server.supervisor.migrate import migrate

UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Quick, as what a crash would lose can be replayed."""
console = Console()


def main() -> int:
    """The command line; 0 where everything arrived whole."""
    asked = _parser().parse_args()
    try:
        reading, categories = read(asked.file), _categories(asked)
        with _database(asked):
            return asyncio.run(_replay(asked, reading, categories))
    except (ValueError, OSError, AlreadyRunning) as error:
        print(f"Replay: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m server.demo.replay")
    parser.add_argument("file", type=Path, help="CSV: number, author, subject, sent_at, body, reply, replied_at")
    parser.add_argument("--categories", type=Path, help="CSV of three levels; default: categories.csv beside the file")
    parser.add_argument("--limit", type=int, help="only the first so many messages of the file")
    parser.add_argument("--var", type=Path, default=Path("var/replay"), help="folder of its own database")
    parser.add_argument("--database", help="an empty database to use instead, as postgresql://…")
    return parser


@contextlib.contextmanager
def _database(asked: argparse.Namespace) -> Iterator[None]:
    """A database for this replay alone; the embedded one stays until the next replay, to be looked at."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    if asked.database:
        os.environ.update(complete(asked.var.resolve(), {**environment, "DATABASE_URL": asked.database}))
        yield
        return
    var = asked.var.resolve()
    ledger = Ledger(var)
    ledger.take()
    ours = embedded(var, environment)
    assert ours is not None
    try:
        ours.clean()
        shutil.rmtree(ours.data, ignore_errors=True)
        ours.settings.update(UNSAFE)
        ours.start()
        ours.create(DATABASE)
        os.environ.update(complete(var, environment))
        yield
    finally:
        ours.stop()
        ledger.release()


def _categories(asked: argparse.Namespace) -> bytes | None:
    beside: Path = asked.file.with_name("categories.csv")
    chosen: Path = asked.categories or beside
    return chosen.read_bytes() if asked.categories or beside.exists() else None


async def _replay(asked: argparse.Namespace, reading: Reading, categories: bytes | None) -> int:
    await migrate(os.environ["DATABASE_URL"])
    async with database.pool():
        if await database.fetch_value("SELECT EXISTS (SELECT FROM areas)"):
            raise ValueError("this database is in use already; the replay needs an empty one.")
        with _progress() as progress:
            bar = progress.add_task("Sending messages", total=None)
            done = await replay(
                reading.messages[: asked.limit],
                categories_csv=categories,
                told=lambda sent, whole: progress.update(bar, completed=sent, total=whole),
            )
    _print(reading, done)
    if not asked.database:
        console.print(f"To look at it: .venv/bin/python -m server.supervisor --var {asked.var} run")
    found = done.review
    whole = (found.lost, len(found.refused), found.jobs) == (0, 0, 0)
    whole &= found.texts_intact == found.messages and found.replies_intact == found.replies
    return 0 if whole and found.verified == found.cases else 1


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


def _print(reading: Reading, done: Replayed) -> None:
    found = done.review
    times = done.list_milliseconds
    states = ", ".join(f"{count} {state}" for state, count in sorted(found.states.items()))
    table = Table(title="Replay", title_justify="left", show_header=False, box=None)
    for what, figure in (
        ("messages", str(found.messages)),
        ("cases", f"{found.cases} ({states})"),
        ("lost", str(found.lost)),
        ("steps refused", str(len(found.refused))),
        ("texts intact, byte for byte", f"{found.texts_intact} of {found.messages}"),
        ("replies intact, byte for byte", f"{found.replies_intact} of {found.replies}"),
        ("histories verified", f"{found.verified} of {found.cases} ({found.events} events)"),
        ("given a category by name", f"{found.categorised} (of {done.leaves} leaves)"),
        ("hours to reply, median", f"{found.median_hours:.1f}"),
        ("hours to reply, 90th percentile", f"{found.p90_hours:.1f}"),
        ("desk's list and counts, p50", f"{percentile(times, 0.5):.1f} ms"),
        (
            "desk's list and counts, p95",
            f"{percentile(times, 0.95):.1f} ms ({done.lists} lists, {done.most_open} open)",
        ),
        ("jobs waiting to send anything", str(found.jobs)),
        ("seconds taken", f"{done.seconds:.1f} ({done.steps} steps)"),
    ):
        table.add_row(what, figure)
    console.print(table)
    for what, count in reading.oddities.items():
        console.print(f"Odd, sent all the same: {count} × {what}")
    for line, why in (*((line, "neither subject nor body, nothing to send") for line in reading.empty), *found.refused):
        console.print(f"Line {line}: {why}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
