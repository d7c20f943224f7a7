"""A whole Huying started as `make run` starts it, on a folder and a port of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from server.supervisor.leftovers import birth
from server.supervisor.postgres import Postgres

ROOT = Path(__file__).parents[2]
SETTINGS = ("DATABASE_URL", "SECRET_KEY", "PHOTO_FOLDER", "PUBLIC_URL", "LOG_LEVEL", "LOG_JSON", "PICCOLO_CONF")


class Running:
    """One `python -m server.supervisor run` as a process."""

    def __init__(self, var: Path, **settings: str) -> None:
        self.var = var
        self.port = settings.get("PORT") or str(free_port())
        inherited = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        self.environment = {**inherited, "PORT": self.port, "WEB_WORKERS": "1", "DEMO": "false", **settings}
        self.output = var.parent / f"{var.name}.{time.monotonic_ns()}.out"
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server.supervisor", "--var", str(var), "run"],
                cwd=ROOT,
                env=self.environment,
                stdout=file,
                stderr=file,
            )

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        Postgres(self.var / "postgres").stop()

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_ready(self) -> "Running":
        until(lambda: "Huying answers at" in self.said() or self.process.poll() is not None, 60, self.said)
        assert self.process.poll() is None, self.said()
        return self

    def wait_end(self, seconds: float = 40) -> int:
        return self.process.wait(seconds)

    def interrupt(self) -> int:
        """Ctrl-C, and wait for the end."""
        self.process.send_signal(signal.SIGINT)
        return self.wait_end()

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page; 0 where nobody answers."""
        try:
            with _direct().open(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()
        except OSError:
            return 0, ""

    def ready(self) -> bool:
        return self.get("/readyz")[0] == 200

    def number(self, name: str) -> int:
        """Process number of a part, as the ledger has it."""
        return int(json.loads((self.var / "processes.json").read_text())[name][0])

    def postgres_number(self) -> int:
        return int((self.var / "postgres" / "postmaster.pid").read_text().split()[0])

    def everything(self) -> dict[int, str]:
        """All processes of this run that live, with their times of birth."""
        ledger: dict[str, Any] = json.loads((self.var / "processes.json").read_text())
        numbers = {int(number) for number, _ in ledger.values()} | {self.process.pid}
        if (self.var / "postgres" / "postmaster.pid").exists():
            numbers |= Postgres(self.var / "postgres")._of_this_folder()
        return {number: birth(number) for number in numbers if birth(number)}


def all_gone(processes: dict[int, str]) -> bool:
    return not [number for number, born in processes.items() if birth(number) == born]


def until(condition: Callable[[], bool], seconds: float = 30, tell: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain\n{tell()}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


def _direct() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))
