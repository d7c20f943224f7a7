"""`make run`: up, down, killed in any part, up again, and nothing left behind."""

import asyncio
import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from server.supervisor.postgres import Postgres, PostgresError
from server.supervisor.run import Run
from tests.s3 import S3Server
from tests.supervisor.running import Running, all_gone, free_port, until

pytestmark = pytest.mark.xdist_group("supervisor")


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"


def test_it_comes_up_on_the_port_asked_for_and_ctrl_c_leaves_nothing(var: Path) -> None:
    with Running(var) as run:
        run.wait_ready()
        assert run.get("/healthz")[0] == 200
        assert f"http://localhost:{run.port}" in run.said()
        processes = run.everything()
        assert len(processes) > 4
        postgres = Postgres(var / "postgres")
        assert postgres.socket_folder.stat().st_mode & 0o077 == 0, "the socket is nobody else's"
        postgres.run("psql", "-qX", "-c", "INSERT INTO buckets VALUES ('kept', 1, now())", database="huying")
        secret = (var / "secret").read_text()

        assert run.interrupt() == 0, run.said()
        assert all_gone(processes)
        assert not postgres.socket_folder.exists()
        assert not (var / "processes.json").exists()
        assert (var / "secret").stat().st_mode & 0o077 == 0

    with Running(var) as again:
        again.wait_ready()
        assert (var / "secret").read_text() == secret
        kept = Postgres(var / "postgres").run("psql", "-qtAX", "-c", "SELECT key FROM buckets", database="huying")
        assert kept.strip() == "kept"
        assert again.interrupt() == 0


def test_web_worker_and_database_come_back_after_kill_9_of_each(var: Path) -> None:
    with Running(var) as run:
        run.wait_ready()
        for name in ("web 1", "worker"):
            before = run.number(name)
            _kill(before)
            until(lambda name=name, before=before: run.number(name) != before, 10, run.said)  # type: ignore[misc]
            assert f"{name}: was killed by SIGKILL" in run.said()
        until(run.ready, 20, run.said)
        # Once at the start, once after its own kill.
        until(lambda: run.said().count("schedules=") >= 2, 40, run.said)

        before = run.postgres_number()
        _kill(before)
        until(lambda: "PostgreSQL: it has died" in run.said(), 10, run.said)
        until(run.ready, 30, run.said)
        assert run.postgres_number() != before
        # Once more when the database was back.
        until(lambda: run.said().count("schedules=") >= 3, 40, run.said)
        assert run.interrupt() == 0


def test_a_database_that_dies_while_it_starts_is_tried_again_and_ends_nothing_else(
    var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run, starts = Run(var, {"PORT": str(free_port())}), []

    def start(_: Postgres) -> None:
        starts.append(time.monotonic())
        if len(starts) == 1:
            raise PostgresError("PostgreSQL ended at once.")

    monkeypatch.setattr(Postgres, "start", start)
    run._look_after_postgres()
    run._look_after_postgres()
    assert len(starts) == 1, "there is a pause"
    assert "PostgreSQL ended at once. Trying again in 0.5 s." in capsys.readouterr().out
    time.sleep(0.55)
    run._look_after_postgres()
    assert len(starts) == 2


def test_after_kill_9_of_the_supervisor_everything_goes_by_itself_and_the_next_start_works(var: Path) -> None:
    with Running(var) as run:
        run.wait_ready()
        processes = run.everything()
        run.process.kill()
        run.process.wait()
        until(lambda: all_gone(processes), 20, run.said)

        with Running(var, PORT=str(run.port)) as again:
            again.wait_ready()
            assert again.interrupt() == 0


def test_a_start_right_after_kill_9_waits_for_the_old_processes_and_takes_the_same_port(var: Path) -> None:
    with Running(var) as run:
        run.wait_ready()
        processes = run.everything()
        run.process.kill()
        run.process.wait()
        with Running(var, PORT=str(run.port)) as again:
            again.wait_ready()
            assert all_gone(processes)
            assert again.interrupt() == 0


def test_after_kill_9_of_everything_at_once_the_next_start_recovers(var: Path) -> None:
    with Running(var) as run:
        run.wait_ready()
        processes = run.everything()
        run.process.kill()
        run.process.wait()
        for number in processes:
            _kill(number)
        until(lambda: all_gone(processes), 10)
        assert (var / "postgres" / "postmaster.pid").exists()
        # The number in the stale file now belongs to somebody else who lives.
        stale = (var / "postgres" / "postmaster.pid").read_text().split("\n")
        (var / "postgres" / "postmaster.pid").write_text("\n".join(["1", *stale[1:]]))

        with Running(var) as again:
            again.wait_ready()
            assert again.interrupt() == 0


def test_a_taken_port_stops_the_start_with_one_sentence(var: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with Running(var, PORT=str(port)) as run:
            assert run.wait_end() == 1
            assert f"PORT {port}" in run.said() and "Traceback" not in run.said()


def test_a_second_run_on_the_same_folder_is_refused_and_disturbs_nothing(var: Path) -> None:
    with Running(var) as run:
        run.wait_ready()
        with Running(var, PORT=str(free_port())) as second:
            assert second.wait_end() == 1
            assert "already runs" in second.said()
            second.var = var.parent / "not-this-one"
        assert run.ready()
        assert run.interrupt() == 0


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "eighty"), ("S3_ENDPOINT", "localhost:9000"), ("SESSION_DAYS", "0")]
)
def test_a_wrong_setting_stops_the_start_with_one_sentence_that_names_it(var: Path, name: str, value: str) -> None:
    with Running(var, **{name: value}) as run:
        assert run.wait_end() == 1
        said = run.said().strip()
    assert said.startswith("Huying: ") and name in said and "\n" not in said
    assert not (var / "postgres").exists()


async def test_with_database_url_that_database_is_used_and_no_other_started(var: Path, fresh_db: str) -> None:
    with Running(var, DATABASE_URL=fresh_db) as run:
        await asyncio.to_thread(run.wait_ready)
        assert not (var / "postgres").exists()
        assert await asyncio.to_thread(run.interrupt) == 0


@pytest.mark.s3
def test_with_s3_endpoint_photos_go_there(var: Path, s3_server: S3Server) -> None:
    keys = {"S3_ACCESS_KEY": s3_server.access_key, "S3_SECRET_KEY": s3_server.secret_key}
    with Running(var, S3_ENDPOINT=s3_server.endpoint, **keys) as run:
        run.wait_ready()
        assert json.loads(run.get("/readyz")[1])["store"] == "ok"
        assert not (var / "photos").exists()
        assert run.interrupt() == 0


def test_a_database_that_does_not_answer_stops_the_start_and_says_so(var: Path) -> None:
    nowhere = f"postgresql://nobody:hidden@127.0.0.1:{free_port()}/none"
    with Running(var, DATABASE_URL=nowhere) as run:
        assert run.wait_end() == 1
        assert "database" in run.said().lower() and "hidden" not in run.said()
        assert "Traceback" not in run.said()


def _kill(number: int) -> None:
    try:
        os.kill(number, signal.SIGKILL)
    except ProcessLookupError:
        return
