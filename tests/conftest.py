"""What every test may ask for: a database of its own, the web app, the settings of a small installation.

The PostgreSQL is the embedded one in a temporary folder: one server for the whole run, one migrated template, and each
process of pytest-xdist works in its own copy of it. The environment is set here, before anything of `server` is read.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
import pytest_asyncio

from server.supervisor.postgres import Postgres
from tests.s3 import S3Server, s3

if TYPE_CHECKING:
    import httpx
    from litestar import Litestar

# A machine that is busy with other work is no failure of ours.
hypothesis.settings.register_profile("huying", deadline=None)
hypothesis.settings.load_profile("huying")

ROOT = Path(__file__).parent.parent
TEMPLATE = "huying_template"
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}

if "HUYING_TEST_FOLDER" not in os.environ:
    # The process that begins; those of xdist inherit the folder through the environment.
    _folder = tempfile.mkdtemp(prefix="huying-test-")
    os.environ["HUYING_TEST_FOLDER"] = _folder
    _embedded = Postgres(Path(_folder) / "postgres", QUICK)

    @atexit.register
    def _take_down() -> None:
        _embedded.stop()
        shutil.rmtree(_folder, ignore_errors=True)

    _embedded.start()

FOLDER = Path(os.environ["HUYING_TEST_FOLDER"])
SERVER = Postgres(FOLDER / "postgres", QUICK)
MINE = "huying_" + os.environ.get("PYTEST_XDIST_WORKER", "alone")

# The tests decide every setting: what the caller's shell says must not reach them.
for _name in (
    "S3_ENDPOINT",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
    "SMS_GATEWAY_URL",
    "SMS_GATEWAY_KEY",
    "SMS_SIGN",
    "WECOM_URL",
    "OUTLET_NETWORKS",
    "TILE_URL",
    "PORT",
):
    os.environ.pop(_name, None)
os.environ.update(
    DATABASE_URL=SERVER.url(MINE),
    SECRET_KEY="the-secret-of-the-tests-is-no-secret-0123456789",
    PHOTO_FOLDER=str(FOLDER / f"photos-{MINE}"),
    PUBLIC_URL="http://testserver.local",
    ARGON2_COST="8",
    LOG_LEVEL="ERROR",
    LOG_JSON="false",
    PICCOLO_CONF="tests.engine",
)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _make_template()


@pytest.fixture(scope="session")
def server() -> Postgres:
    """The PostgreSQL of this run."""
    return SERVER


@pytest.fixture(scope="session")
def database_of_this_process(server: Postgres) -> str:
    """Name of this process's own migrated database."""
    server.create(MINE, TEMPLATE)
    return MINE


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def open_pool(database_of_this_process: str) -> AsyncIterator[None]:
    """Piccolo's pool, open for the session."""
    from server.kernel import database

    async with database.pool(min_size=1, max_size=8):
        yield


@pytest_asyncio.fixture(loop_scope="session")
async def db(open_pool: None) -> AsyncIterator[None]:
    """A database in which nothing stays: the test runs in a transaction that is rolled back.

    `database.transaction()` inside it is a savepoint. One connection, so nothing may query in parallel.
    """
    from server.kernel import database

    begun = database.engine().transaction()
    await begun.__aenter__()
    try:
        yield
    finally:
        # Not Piccolo's own exit: it would commit, and reset a context variable in another context.
        await begun.rollback()
        database.engine().current_transaction.set(None)
        live = database.engine().pool
        assert live is not None
        await live.release(begun.connection)


@pytest_asyncio.fixture(loop_scope="session")
async def fresh_db(server: Postgres, database_of_this_process: str) -> AsyncIterator[str]:
    """An empty migrated database for this test alone, really committing; its address is the value.

    For what needs commits, several connections or several processes. The pool of the process is swapped for one to it.
    """
    name = f"{MINE}_{os.urandom(4).hex()}"
    server.create(name, TEMPLATE)
    try:
        async with swapped_pool(server.url(name)):
            yield server.url(name)
    finally:
        server.run("psql", "-qX", "-c", f'DROP DATABASE "{name}" WITH (FORCE)')


@asynccontextmanager
async def swapped_pool(url: str, max_size: int = 8) -> AsyncIterator[None]:
    """Have Piccolo's engine work on another database within this block."""
    from server.kernel import database

    engine = database.engine()
    before, engine.pool = engine.pool, None
    dsn, engine.config["dsn"] = engine.config["dsn"], url
    try:
        async with database.pool(min_size=1, max_size=max_size):
            yield
    finally:
        engine.pool, engine.config["dsn"] = before, dsn


@pytest.fixture(scope="session")
def app() -> "Litestar":
    """The app of this process: making one takes longer than most tests do."""
    from web.app import create_app

    return create_app()


@pytest_asyncio.fixture(loop_scope="session")
async def web(db: None, app: "Litestar") -> AsyncIterator["httpx.AsyncClient"]:
    """A browser without a screen, speaking to the app in this process, within the test's transaction."""
    import httpx

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=os.environ["PUBLIC_URL"]) as client:
        yield client


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """An S3 server (endpoint, access_key, secret_key) for this process; MinIO's, or moto's where that is not there."""
    with s3(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture
def photo_folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder for photos, for stores under test."""
    folder = tmp_path / "photos"
    folder.mkdir()
    yield folder


def _make_template() -> None:
    SERVER.create(TEMPLATE)
    done = subprocess.run(
        [sys.executable, "-m", "server.supervisor", "migrate"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": SERVER.url(TEMPLATE)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.exit(f"The migrations do not run:\n{done.stdout}{done.stderr}", returncode=3)
