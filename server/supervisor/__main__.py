"""`python -m server.supervisor run | migrate | backup | restore`, as the Makefile calls it."""

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from server.kernel.settings import SettingsError, from_environment
from server.supervisor.environment import DATABASE, complete, embedded
from server.supervisor.leftovers import AlreadyRunning, Ledger
from server.supervisor.postgres import PostgresError


def main() -> int:
    """The command line; 0 where it went well, 1 with one sentence where not."""
    asked = _parser().parse_args()
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    try:
        asked.call(asked)
    except Exception as error:
        from server.supervisor.run import CannotStart

        if isinstance(error, CannotStart | SettingsError | AlreadyRunning | PostgresError):
            print(f"Huying: {error}", file=sys.stderr, flush=True)
            return 1
        raise
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m server.supervisor")
    parser.add_argument("--var", type=Path, default=Path("var"), help="folder for database, photos, secret")
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="bring everything up until Ctrl-C")
    run.add_argument("--with-parent", action="store_true", help="go down when whoever started this is gone")
    run.set_defaults(call=_run)
    commands.add_parser("migrate", help="bring the database to this version").set_defaults(call=_migrate)
    return parser


def _run(asked: argparse.Namespace) -> None:
    from server.supervisor.run import Run

    Run(asked.var.resolve(), dict(os.environ), parent=os.getppid() if asked.with_parent else None).live()


def _migrate(asked: argparse.Namespace) -> None:
    with _database(asked.var.resolve()):
        from server.supervisor.migrate import migrate

        ran = asyncio.run(migrate(os.environ["DATABASE_URL"]))
        print(f"Migrations: {len(ran)} run" if ran else "Migrations: nothing to do", flush=True)


@contextlib.contextmanager
def _database(var: Path) -> Iterator[None]:
    """Complete this process's environment; start the embedded database for the time where it does not run already."""
    ours = embedded(var, os.environ)
    os.environ.update(complete(var, os.environ))
    from_environment(os.environ)
    if ours is None or ours.answers():
        yield
        return
    ledger = Ledger(var)
    ledger.take()
    try:
        ours.start()
        ours.create(DATABASE)
        yield
    finally:
        ours.stop()
        ledger.release()


if __name__ == "__main__":
    sys.exit(main())
