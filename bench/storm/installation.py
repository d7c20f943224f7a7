"""An installation as `make run` brings it up, one for each storm: its parts can be killed, its store taken away."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from bench import ground
from server.kernel.settings import from_environment
from server.supervisor.postgres import Postgres
from server.supervisor.run import ask_ready

READY = 120.0
"""Seconds in which it must be ready again, whatever was killed."""
PARTS = ("web", "worker", "postgres", "backend", "store")
"""What can be taken away; a backend is one of PostgreSQL's processes, whose sudden end makes it recover."""


def template(folder: Path) -> Path:
    """A folder as after the first start: the database made and migrated. Copied, it is another installation."""
    var = folder / "template"
    postgres = Postgres(var / "postgres", ground.SERVER)
    postgres.start()
    try:
        postgres.create("huying")
        ground.migrate(postgres.url("huying"))
    finally:
        postgres.stop()
    return var


class Installation:
    """One of them. `settings` are for this process, too, once `up` was called."""

    def __init__(self, var: Path, of: Path) -> None:
        # With owners and permissions: PostgreSQL takes nobody else's folder.
        subprocess.run(["cp", "-a", str(of), str(var)], check=True)
        self.var = var
        self.photos = var / "photos"
        self.port = ground.free_port()
        self.postgres = Postgres(var / "postgres")
        self.url = self.postgres.url("huying")
        self.address = f"http://localhost:{self.port}"
        self.running: subprocess.Popen[bytes] | None = None

    def settings(self) -> Mapping[str, str]:
        """What web and worker are told."""
        return {
            "SECRET_KEY": ground.SECRET_KEY,
            "PHOTO_FOLDER": str(self.photos),
            "PUBLIC_URL": self.address,
            "PORT": str(self.port),
            "DEMO": "false",
            "ARGON2_COST": "8",
            "LOG_LEVEL": "WARNING",
        }

    async def up(self) -> None:
        """Bring it up until it is ready."""
        environment = {**os.environ, **self.settings(), "PYTHONPATH": str(ground.ROOT)}
        environment.pop("DATABASE_URL", None)
        self.running = self._spawn(environment)
        os.environ.update(self.settings(), DATABASE_URL=self.url)
        await self.ready()
        ground.point_this_process_to(self.url)

    async def ready(self) -> float:
        """Wait until it says that it is ready; how long that took, in seconds."""
        asked = from_environment({**self.settings(), "DATABASE_URL": self.url})
        began = time.monotonic()
        while True:
            fine, said = await asyncio.to_thread(ask_ready, asked)
            if fine:
                return time.monotonic() - began
            if time.monotonic() - began > READY:
                raise TimeoutError(f"not ready: {said}\n{self.tail()}")
            await asyncio.sleep(0.1)

    def take(self, part: str, draw: random.Random) -> bool:
        """SIGKILL to a part of it, or its store is gone; whether there was something to take."""
        if part == "store":
            return self._hide_store()
        numbers = self._numbers(part)
        if not numbers:
            return False
        try:
            os.kill(draw.choice(numbers), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def give_back(self) -> None:
        """The store is there again, with all it had."""
        hidden = self.photos.with_name("photos.away")
        if hidden.exists():
            self.photos.unlink()
            hidden.rename(self.photos)

    def down(self) -> int | None:
        """Stop it as Ctrl-C does; how it ended."""
        if self.running is None:
            return None
        self.running.send_signal(signal.SIGTERM)
        try:
            return self.running.wait(60)
        except subprocess.TimeoutExpired:
            self.running.kill()
            return None
        finally:
            self.postgres.clean()

    def tail(self, lines: int = 30) -> str:
        """The end of what its parts said."""
        return "\n".join((self.var / "log").read_text(errors="replace").splitlines()[-lines:])

    def _spawn(self, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with (self.var / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "server.supervisor", "--var", str(self.var), "run", "--with-parent"],
                cwd=ground.ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _hide_store(self) -> bool:
        """A file stands where the folder was, as where a disk is not mounted: nothing can be read or written."""
        if not self.photos.is_dir():
            return False
        self.photos.rename(self.photos.with_name("photos.away"))
        self.photos.touch()
        return True

    def _numbers(self, part: str) -> list[int]:
        """Process numbers of a part."""
        if part in ("postgres", "backend"):
            return self._of_postgres(part)
        try:
            known = json.loads((self.var / "processes.json").read_text())
        except (FileNotFoundError, ValueError):
            return []
        return [number for name, (number, _) in known.items() if name.startswith(part)]

    def _of_postgres(self, part: str) -> list[int]:
        try:
            master = int((self.postgres.data / "postmaster.pid").read_text().split()[0])
            if part == "postgres":
                return [master]
            children = Path(f"/proc/{master}/task/{master}/children").read_text()
        except (FileNotFoundError, ValueError, IndexError):
            return []
        return [int(number) for number in children.split()]
