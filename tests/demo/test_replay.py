"""The replay: every message arrives, as it was written, in the order of time."""

import csv
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from server.demo.replay import rules
from server.demo.replay.messages import COLUMNS, Message, read
from server.demo.replay.running import replay
from server.demo.size import Size
from server.kernel import database
from server.kernel.clock import BEIJING

SIZE = Size(streets=1, communities=2, grids=2, weeks=0)
REAL = Path(__file__).parents[3] / "shared" / "data" / "messages_with_replies.csv"
ODD = (
    "第一行,有“引号”和,逗号\n第二行\t制表\r\n  末尾空格  \u2028另起 𠮷野家 👨\u200d👩\u200d👧 "
    "<script>&amp; %s {road} \\n '; DROP TABLE cases; --"
)
CATEGORIES = b"level1,level2,level3\n\xe5\x9f\x8e\xe5\xbb\xba,\xe5\xb8\x82\xe6\x94\xbf,\xe8\xb7\xaf\xe7\x81\xaf\n"
"""城建, 市政, 路灯"""


def _rows() -> list[list[str]]:
    """number, author, subject, sent_at, body, reply, replied_at"""
    begin = datetime(2019, 3, 1, 9, 0)
    plain = [
        [
            *(str(n), f"A{n % 5}", f"A{n % 7}区路灯不亮", (begin + timedelta(hours=n)).isoformat()),
            *(f"第{n}件事,麻烦看看。", f"已修好{n}盏。", (begin + timedelta(hours=n, days=n % 9)).isoformat()),
        ]
        for n in range(20)
    ]
    return [
        *plain,
        ["100", "B1", "奇怪的文字", "2019-03-02T10:00:00", ODD, ODD.strip(), "2019-03-04T10:00:00"],
        ["101", "B2", "很长", "2019-03-02T10:00:00", "长" * 15_000, "答" * 15_000, "2019-03-20T10:00:00"],
        ["102", "B3", "答在问前", "2019-03-03T10:00:00", "问", "答", "2019-03-01T10:00:00"],
        ["103", "B4", "没有答复", "2019-03-03T11:00:00", "问", "", ""],
        ["104", "B5", "", "2019-03-03T12:00:00", "没有标题", "答", "2019/3/9"],
        ["105", "", "只有标题", "2019-03-03T12:00:00", "", "答", "2019-03-08T00:00:00"],
        ["105", "B6", "号码重复", "2019-03-03T12:00:00", "又是 105", "答", "2019-03-08T00:00:00"],
        ["106", "B7", "时间不对", "昨天", "问", "答", "2019-03-08T00:00:00"],
        ["107", "B8", "  ", "2019-03-03T12:00:00", "", "答", "2019-03-08T00:00:00"],
    ]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "messages.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *_rows()])
    return path


def test_every_row_is_read_and_what_is_odd_is_told(table: Path) -> None:
    found = read(table)
    assert len(found.messages) == len(_rows()) - 1
    assert found.empty == (found.messages[-1].line + 1,)
    assert found.oddities == {
        "over several lines": 1,
        "reply before message": 1,
        "no reply": 1,
        "day without an hour": 1,
        "no time of sending": 1,
        "number seen before": 1,
    }
    assert next(one for one in found.messages if one.number == "100").body == ODD


def test_times_are_those_of_beijing(table: Path) -> None:
    assert read(table).messages[0].sent_at == datetime(2019, 3, 1, 9, 0, tzinfo=BEIJING)


def test_a_table_in_gb18030_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    row = "1,甲,标题,2019-03-01T09:00:00,正文,答复,2019-03-02T09:00:00"
    path.write_bytes((",".join(COLUMNS) + "\n" + row + "\n").encode("gb18030"))
    assert read(path).messages[0].text == "标题\n正文"


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b'number,"\n', b"\xff\xfe\x00\x00" * 9])
def test_what_is_no_such_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wrong.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError):
        read(path)


async def test_every_message_arrives_whole_and_ends_as_the_rules_say(db: None, table: Path) -> None:
    messages = read(table).messages
    done = await replay(messages, size=SIZE, categories_csv=CATEGORIES)
    found = done.review
    assert (found.messages, found.cases, found.lost, found.refused) == (len(messages), len(messages), 0, ())
    assert (found.texts_intact, found.replies_intact) == (len(messages), len(messages) - 1)
    assert (found.verified, found.jobs, done.leaves) == (len(messages), 0, 1)
    assert found.categorised == 20
    assert sum(found.states.values()) - found.states["closed"] == 1
    closed = await database.fetch("SELECT kind, count(*) AS count FROM closures GROUP BY kind")
    at_desk = sum(rules.answered_at_desk(one) for one in messages if one.replied_at)
    assert {row["kind"]: row["count"] for row in closed} == {
        "answered": at_desk,
        "closed": len(messages) - 1 - at_desk,
    }


async def test_the_clock_only_goes_forward_and_replies_come_at_their_time(db: None, table: Path) -> None:
    messages = read(table).messages
    await replay(messages, size=SIZE)
    rows = await database.fetch("SELECT at FROM events WHERE stream LIKE 'case:%' ORDER BY id")
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    answers = await database.fetch("SELECT a.at, a.text FROM answers a")
    wanted = {(one.reply, one.replied_at) for one in messages if one.replied_at}
    assert {(row["text"], row["at"]) for row in answers} == wanted


async def test_a_text_that_is_too_long_is_told_and_does_not_stop_the_others(db: None) -> None:
    begin = datetime(2019, 3, 1, tzinfo=BEIJING)
    each = [_message("1", "长" * 20_001, begin), _message("2", "短", begin + timedelta(minutes=1))]
    found = (await replay(each, size=SIZE)).review
    assert (found.messages, found.cases, found.lost) == (2, 1, 1)
    assert [line for line, _ in found.refused] == [1]


async def test_no_messages_are_no_cases(db: None) -> None:
    found = (await replay([], size=SIZE)).review
    assert (found.messages, found.cases, found.median_hours) == (0, 0, 0.0)


def test_a_place_is_its_county_before_its_city_and_always_the_same() -> None:
    moment = datetime(2019, 3, 1, tzinfo=BEIJING)
    assert rules.place_code(_message("1", "A市A3区的路", moment)) == "A3区"
    assert rules.place_code(_message("1", "B市的路", moment)) == "B市"
    assert rules.place_code(_message("1", "这里的路", moment)) == ""
    assert {rules.pick("place A3区", range(9)) for _ in range(3)} == {rules.pick("place A3区", range(9))}


def test_about_three_in_ten_are_answered_at_the_desk() -> None:
    moment = datetime(2019, 3, 1, tzinfo=BEIJING)
    at_desk = sum(rules.answered_at_desk(_message(str(number), "事", moment)) for number in range(2000))
    assert 0.25 < at_desk / 2000 < 0.35


def test_the_command_prints_what_came_of_it(fresh_db: str, table: Path) -> None:
    command = [sys.executable, "-m", "server.demo.replay", str(table), "--database", fresh_db]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "28 of 28" in done.stdout and "reply before message" in done.stdout
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 1 and "in use already" in again.stderr


@pytest.mark.real_input
async def test_the_first_sixty_real_messages_arrive_whole(db: None) -> None:
    if not REAL.exists():
        pytest.skip(f"{REAL} is not here")
    found = (await replay(read(REAL).messages[:60])).review
    assert (found.messages, found.cases, found.lost, found.refused) == (60, 60, 0, ())
    assert (found.texts_intact, found.replies_intact, found.verified) == (60, 60, 60)


def _message(number: str, text: str, moment: datetime) -> Message:
    return Message(
        line=int(number),
        number=number,
        author="A1",
        subject="",
        body=text,
        sent_at=moment,
        reply="好",
        replied_at=moment + timedelta(days=1),
    )
