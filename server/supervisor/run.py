"""`make run`: the database, web and worker up together, and down together in the right order."""

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from server.kernel.settings import Settings, from_environment
from server.supervisor.environment import complete, embedded
from server.supervisor.leftovers import Ledger
from server.supervisor.parts import Part, Pause, spawn
from server.supervisor.postgres import Postgres, PostgresError

DRAIN_SECONDS = 30.0
TICK = 0.2


class CannotStart(Exception):
    """Huying cannot be brought up; the text is one sentence that says why."""


class Run:
    """One life of Huying on this machine."""

    def __init__(self, var: Path, environment: dict[str, str], *, parent: int | None = None) -> None:
        self.var = var
        self.environment = complete(var, environment)
        self.settings: Settings = from_environment(self.environment)
        self.postgres: Postgres | None = embedded(var, environment)
        self.postgres_pause = Pause()
        self.ledger = Ledger(var)
        self.parts: list[Part] = []
        self.listening: socket.socket | None = None
        self.told_to_stop = threading.Event()
        self.parent = parent

    def live(self) -> None:
        """Come up, stay up until told to stop, go down. Raises `CannotStart` and leaves nothing behind."""
        for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(which, self._stop)
        self.ledger.take()
        try:
            self._come_up()
            self._stay_up()
        finally:
            self._go_down()

    def _come_up(self) -> None:
        self.listening = listen(self.settings.host, self.settings.port)
        if self.postgres is not None:
            print("PostgreSQL: starting", flush=True)
            self.postgres.start()
            self.postgres.create("huying")
        self._finish("The migrations did not run", "server.supervisor", "migrate")
        self._make_demo()
        if self.told_to_stop.is_set():
            return
        self.parts = [
            *(self._part(f"web {number}", ["web", "--fd", str(self.listening.fileno())], [self.listening.fileno()])
              for number in range(1, self.settings.web_workers + 1)),
            self._part("worker", ["server.worker"]),
        ]  # fmt: skip
        for part in self.parts:
            part.start(self.ledger)
        self._wait_until_ready()

    def _stay_up(self) -> None:
        while not self._should_stop():
            self._look_after_postgres()
            for part in self.parts:
                part.look_after(self.ledger)
            self.told_to_stop.wait(TICK)

    def _look_after_postgres(self) -> None:
        """Start it again where it has died. It may die while it starts, too: that must not end everything else."""
        if self.postgres is None or self.postgres.running() or time.monotonic() < self.postgres_pause.until:
            return
        print("PostgreSQL: it has died; starting it again", flush=True)
        self.postgres_pause.begins()
        try:
            self.postgres.start()
        except PostgresError as error:
            pause = self.postgres_pause.died()
            print(f"PostgreSQL: {error} Trying again in {pause:g} s.", flush=True)

    def _go_down(self) -> None:
        if self.parts:
            print("Stopping: web and worker finish what they have in hand.", flush=True)
        # Closed first, so that nobody queues up for a web that is leaving.
        if self.listening is not None:
            self.listening.close()
        self.told_to_stop.clear()
        for part in self.parts:
            part.drain()
        deadline = time.monotonic() + DRAIN_SECONDS
        while any(part.alive() for part in self.parts) and time.monotonic() < deadline:
            # A second Ctrl-C: no more patience.
            if self.told_to_stop.wait(0.05):
                break
        for part in self.parts:
            part.kill()
        if self.postgres is not None:
            self.postgres.stop()
        self.ledger.release()

    def _wait_until_ready(self) -> None:
        state = "no answer"
        began = told = time.monotonic()
        while not self._should_stop():
            for part in self.parts:
                part.look_after(self.ledger)
                if part.deaths >= 3:
                    raise CannotStart(f"{part.name} died {part.deaths} times before it was ready; see above.")
            ready, state = ask_ready(self.settings)
            if ready:
                print(f"Ready after {time.monotonic() - began:.1f} s.", flush=True)
                self._greet()
                return
            if time.monotonic() - told > 15:
                print(f"Not ready yet: {state}", flush=True)
                told = time.monotonic()
            self.told_to_stop.wait(TICK)

    def _greet(self) -> None:
        host = "localhost" if self.settings.host in ("127.0.0.1", "0.0.0.0", "::") else self.settings.host
        print(f"\n  Huying answers at http://{host}:{self.settings.port}\n", flush=True)
        if self.settings.demo and demo_is_there():
            self._finish("The demo accounts could not be shown", "server.demo", "accounts")
        print("\n  Ctrl-C stops it; what was entered is kept.\n", flush=True)

    def _make_demo(self) -> None:
        # `python -m server.demo make` fills an empty database and leaves any other alone.
        if self.settings.demo and demo_is_there() and not self.told_to_stop.is_set():
            self._finish("The demo district could not be made", "server.demo", "make")

    def _finish(self, complaint: str, *module: str) -> None:
        """Run a command to its end; being told to stop ends it too."""
        process = spawn([sys.executable, "-m", *module], self.environment)
        self.ledger.add(" ".join(module), process.pid)
        while process.poll() is None:
            if self._should_stop():
                process.terminate()
            try:
                process.wait(TICK)
            except subprocess.TimeoutExpired:
                continue
        if process.returncode and not self.told_to_stop.is_set():
            raise CannotStart(f"{complaint}; see above.")

    def _part(self, name: str, module: Sequence[str], fds: Sequence[int] = ()) -> Part:
        return Part(name, module, self.environment, fds)

    def _should_stop(self) -> bool:
        # `make` was killed: nobody is left who could press Ctrl-C.
        if self.parent is not None and os.getppid() != self.parent:
            self.told_to_stop.set()
        return self.told_to_stop.is_set()

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.told_to_stop.set()


def listen(host: str, port: int) -> socket.socket:
    """The socket all processes of web share. Bound here, so that a web that dies loses nobody who is waiting."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise CannotStart(f"PORT {port} on {host} cannot be used ({error.strerror}); try PORT=8123 make run.") from None
    made.set_inheritable(True)
    return made


def ask_ready(settings: Settings) -> tuple[bool, str]:
    """Whether /readyz says yes, and what it says."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    host = f"[{host}]" if ":" in host else host
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://{host}:{settings.port}/readyz", timeout=3) as answer:
            return True, str(answer.read(500), "utf-8", "replace")
    except urllib.error.HTTPError as error:
        return False, json.dumps(str(error.read(500), "utf-8", "replace"), ensure_ascii=False)
    except OSError as error:
        return False, str(error)


def demo_is_there() -> bool:
    """Whether this version carries the demo district."""
    return importlib.util.find_spec("server.demo") is not None
