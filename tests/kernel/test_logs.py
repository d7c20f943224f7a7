"""What is logged can be read by machines and holds nothing personal."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from server.kernel import logs
from server.kernel.ids import new_secret
from server.kernel.settings import from_environment


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    settings = from_environment({"DATABASE_URL": "postgresql://h/d", "SECRET_KEY": "k" * 32, "LOG_LEVEL": "DEBUG"})
    written = io.StringIO()
    monkeypatch.setattr("sys.stdout", written)
    logs.configure(settings)
    yield written
    structlog.reset_defaults()
    root.handlers[:], root.level = before


def test_a_line_is_a_json_object_with_time_level_and_request_id(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        structlog.get_logger("web").info("request", status=200)
        logging.getLogger("uvicorn.error").warning("slow %s", "网络")
    ours, theirs = (json.loads(line) for line in lines.getvalue().splitlines())
    assert ours["event"] == "request" and ours["status"] == 200 and ours["level"] == "info"
    assert theirs["event"] == "slow 网络" and theirs["level"] == "warning"
    assert ours["request_id"] == theirs["request_id"] == "abc" and ours["timestamp"].endswith("Z")


def test_phones_secret_links_cookies_and_quoted_rows_are_taken_out(lines: io.StringIO) -> None:
    secret = new_secret()
    log = structlog.get_logger("web")
    log.info("拨打 13800138000 或 +86 139-1234-5678", path=f"/r/{secret}?x=1", cookie="huying=abc")
    log.info("sent", headers={"Cookie": f"huying={secret}", "x": "y"}, numbers=["13912345678"])
    logging.getLogger("pgqueuer").error("https://u:hunter2@h/p DETAIL:  Key (name)=(张三) already exists.")
    try:
        raise ValueError(f"no account for 13700137000, link {secret}")
    except ValueError:
        log.exception("failed")
    said = lines.getvalue()
    for hidden in ("13800138000", "5678", "13912345678", "13700137000", secret, "huying=abc", "hunter2", "张三"):
        assert hidden not in said
    assert "ValueError" in said and "/r/[removed]?x=1" in said and "拨打 [phone]" in said


def test_report_numbers_times_and_ids_stay(lines: io.StringIO) -> None:
    structlog.get_logger("web").info(
        "kept", number="2026030200000013", id="0198f2c4-1380-7138-8138-138001380001", ms=1.5
    )
    said = json.loads(lines.getvalue())
    assert said["number"] == "2026030200000013" and said["id"].startswith("0198f2c4-1380") and said["ms"] == 1.5
