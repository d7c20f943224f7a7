"""`python -m server.supervisor run | migrate | backup | restore | jobs`, as the Makefile calls it."""

import argparse
import os
import sys
from pathlib import Path

from server.kernel.settings import SettingsError
from server.supervisor import commands
from server.supervisor.backup import BackupError
from server.supervisor.leftovers import AlreadyRunning
from server.supervisor.postgres import PostgresError
from server.supervisor.run import CannotStart, Run


def main() -> int:
    """The command line; 0 where it went well, 1 with one sentence where not."""
    asked = _parser().parse_args()
    try:
        asked.call(asked)
    except (CannotStart, SettingsError, AlreadyRunning, PostgresError, BackupError) as error:
        print(f"Huying: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m server.supervisor")
    parser.add_argument("--var", type=lambda text: Path(text).resolve(), default=Path("var").resolve())
    parts = parser.add_subparsers(required=True)
    run = parts.add_parser("run", help="bring everything up until Ctrl-C")
    run.add_argument("--with-parent", action="store_true", help="go down when whoever started this is gone")
    run.set_defaults(call=_run)
    migrate = parts.add_parser("migrate", help="bring the database to this version")
    migrate.set_defaults(call=lambda asked: commands.migrate(asked.var))
    backup = parts.add_parser("backup", help="write database and photos to a folder")
    backup.add_argument("--to", type=Path)
    backup.set_defaults(call=lambda asked: commands.back_up(asked.var, asked.to))
    restore = parts.add_parser("restore", help="bring a backup into an empty database and store")
    restore.add_argument("source", type=Path)
    restore.set_defaults(call=lambda asked: commands.bring_back(asked.var, asked.source))
    jobs = parts.add_parser("jobs", help="list jobs that failed for good; try those named again")
    jobs.add_argument("again", type=int, nargs="*")
    jobs.set_defaults(call=lambda asked: commands.tell_jobs(asked.var, asked.again))
    return parser


def _run(asked: argparse.Namespace) -> None:
    Run(asked.var, dict(os.environ), parent=os.getppid() if asked.with_parent else None).live()


if __name__ == "__main__":
    sys.exit(main())
