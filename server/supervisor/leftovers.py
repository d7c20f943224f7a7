"""Which processes a run has started, written down so that the next run finds those that outlived a kill -9."""

import contextlib
import fcntl
import json
import os
import signal
import time
from pathlib import Path
from typing import TextIO


class AlreadyRunning(Exception):
    """Another run lives on the same folder."""


class Ledger:
    """The list of a run's processes, in `var/`; holding it makes this run the only one there."""

    def __init__(self, var: Path) -> None:
        self.path = var / "processes.json"
        self.lock_path = var / "lock"
        self.lock: TextIO | None = None
        self.entries: dict[str, tuple[int, str]] = {}

    def take(self, patience: float = 20) -> None:
        """Become the only run on this folder and end what an earlier one left; `AlreadyRunning` where one lives."""
        self.lock_path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = self.lock_path.open("a")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.lock.close()
            raise AlreadyRunning(f"Huying already runs on {self.lock_path.parent}.") from None
        self._end_leftovers(patience)
        self._write()

    def add(self, name: str, number: int) -> None:
        """Write down a process just started."""
        self.entries[name] = (number, birth(number))
        self._write()

    def release(self) -> None:
        """Everything has ended; nothing is left to find."""
        self.path.unlink(missing_ok=True)
        if self.lock is not None:
            self.lock.close()
            self.lock = None

    def _end_leftovers(self, patience: float) -> None:
        try:
            left = [(int(number), str(born)) for number, born in json.loads(self.path.read_text()).values()]
        except (FileNotFoundError, ValueError, TypeError, AttributeError):
            return
        # They were told to drain when their supervisor died; give them the time for it.
        for which in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + (patience if which is signal.SIGTERM else 5)
            for number, born in left:
                if birth(number) == born:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(number, which)
            while any(birth(number) == born for number, born in left) and time.monotonic() < deadline:
                time.sleep(0.05)

    def _write(self) -> None:
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self.entries))
        new.replace(self.path)


def birth(number: int) -> str:
    """When a process began, as the kernel counts; "" where there is none. Tells it from a later one of its number."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "" if Path("/proc/self").exists() else _birth_elsewhere(number)
    return "" if fields[0] in "ZX" else fields[19]


def _birth_elsewhere(number: int) -> str:
    import subprocess

    asked = subprocess.run(["ps", "-p", str(number), "-o", "lstart="], capture_output=True, text=True, check=False)
    return asked.stdout.strip()
