"""/healthz and /readyz tell whoever watches what is the matter, and nothing more."""

from pathlib import Path

import httpx
import pytest

from server.kernel import database
from server.photos import stores
from server.photos.folder import Folder
from web import health


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "store", lambda: Folder(tmp_path))


async def test_a_whole_installation_is_ready(web: httpx.AsyncClient) -> None:
    answer = await web.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "migrations": "ok", "store": "ok"})
    assert (await web.get("/healthz")).status_code == 200


async def test_a_migration_that_waits_is_told(web: httpx.AsyncClient) -> None:
    await database.execute("DELETE FROM migration WHERE id = (SELECT max(id) FROM migration)")
    answer = await web.get("/readyz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "1 waiting")


async def test_a_store_that_does_not_answer_is_told_without_its_address(
    web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent(Folder):
        async def ready(self) -> None:
            raise stores.StoreSilent("http://key:secret@10.0.0.7 refused")

    monkeypatch.setattr(health, "store", lambda: Silent(Path("/nowhere")))
    answer = await web.get("/readyz")
    assert (answer.status_code, answer.json()["store"]) == (503, "StoreSilent")
    assert "10.0.0.7" not in answer.text


async def test_a_database_that_is_away_is_told_while_the_process_still_answers(
    web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(statement: str, *values: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(database, "fetch_value", away)
    answer = await web.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "ConnectionRefusedError")
    assert (await web.get("/healthz")).status_code == 200
