"""The processes of a run: started, watched, started again when they die, told to drain."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from server.supervisor.leftovers import Ledger
from server.supervisor.users import dying_with_parent

LONGEST_PAUSE = 30.0
STEADY = 60.0
"""Seconds after which a process counts as well again."""


class Pause:
    """How long to wait before something that has died is started again: doubled by every death, until it stays."""

    def __init__(self) -> None:
        self.deaths = 0
        self.began = 0.0
        self.until = 0.0

    def begins(self) -> None:
        """It is started now."""
        self.began = time.monotonic()

    def died(self) -> float:
        """It has died; the pause from now on, in seconds."""
        now = time.monotonic()
        self.deaths = 1 if now - self.began > STEADY else self.deaths + 1
        pause: float = min(0.5 * 2 ** (self.deaths - 1), LONGEST_PAUSE)
        self.until = now + pause
        return pause


class Part:
    """One process that should live as long as the run does."""

    def __init__(
        self, name: str, module: Sequence[str], environment: Mapping[str, str], fds: Sequence[int] = ()
    ) -> None:
        self.name = name
        self.command = [sys.executable, "-m", *module]
        self.environment = dict(environment)
        self.fds = tuple(fds)
        self.process: subprocess.Popen[bytes] | None = None
        self.pause = Pause()

    @property
    def deaths(self) -> int:
        """How often it died without having stayed."""
        return self.pause.deaths

    def start(self, ledger: Ledger) -> None:
        """Start it, in a process session of its own: Ctrl-C is the supervisor's to handle."""
        self.process = spawn(self.command, self.environment, self.fds)
        self.pause.begins()
        ledger.add(self.name, self.process.pid)

    def look_after(self, ledger: Ledger) -> None:
        """Start it again if it has died, after a pause that doubles with every death."""
        if self.process is not None:
            if (code := self.process.poll()) is None:
                return
            self._note_death(code)
        elif time.monotonic() >= self.pause.until:
            self.start(ledger)
            print(f"{self.name}: started again", flush=True)

    def drain(self) -> None:
        """Tell it to finish what it has in hand and end."""
        if self.alive() and self.process is not None:
            self.process.send_signal(signal.SIGTERM)

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        if self.process is not None and self.alive():
            self.process.kill()
            self.process.wait()

    def _note_death(self, code: int) -> None:
        pause = self.pause.died()
        self.process = None
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        print(f"{self.name}: {how}; starting again in {pause:g} s", flush=True)


def spawn(command: Sequence[str], environment: Mapping[str, str], fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """A process in its own session that is told to drain if this one is gone without a word."""
    return subprocess.Popen(
        dying_with_parent(command),
        env=dict(environment),
        pass_fds=tuple(fds),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
