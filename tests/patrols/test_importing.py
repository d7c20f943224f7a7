"""Places from a file: all or nothing, every wrong row named, the same file twice changes nothing."""

from typing import Any

import msgspec
import pytest

from server.kernel import database, events
from server.kernel.errors import NotFound
from server.kernel.sheets import Imported
from server.patrols import importing, keeping, kinds
from server.patrols import place as places
from tests import cast as making
from tests.cast import Cast, middle
from tests.patrols.making import kind, place

LONGITUDE, LATITUDE = middle(0)
HEADER = ",".join(importing.COLUMNS)


def _line(**cells: Any) -> str:
    return ",".join(str(cells.get(column, "")) for column in importing.COLUMNS)


def _file(*lines: str) -> bytes:
    return "\n".join((HEADER, *lines)).encode()


def _hydrant(number: int = 1, **also: Any) -> str:
    given = {"kind": "k-消防栓", "external_code": f"XF-{number}", "name": f"消防栓 {number}"}
    return _line(**given | {"longitude": LONGITUDE, "latitude": LATITUDE} | also)


async def _bring(cast: Cast, *lines: str, by: Any = None, dry_run: bool = False, **also: Any) -> Imported:
    return await importing.import_places(_file(*lines), by=by or cast.staff, dry_run=dry_run, **also)


async def test_a_dry_run_counts_and_writes_nothing_and_the_file_twice_changes_nothing(db: None) -> None:
    cast = await making.gather()
    await kind(cast)
    lines = [_hydrant(1), _hydrant(2, kind="消防栓", longitude="", latitude="", area_code="44030000100101")]
    assert await _bring(cast, *lines, dry_run=True) == Imported(created=2)
    assert await database.fetch_value("SELECT count(*) FROM places") == 0
    assert await _bring(cast, *lines) == Imported(created=2)
    assert await _bring(cast, *lines) == Imported(unchanged=2)
    rows = await database.fetch("SELECT id, grid, version, position_source FROM places ORDER BY external_code")
    assert [(row["grid"], row["version"], row["position_source"]) for row in rows] == [
        (cast.grid, 1, "import"),
        (cast.grid, 1, "none"),
    ]
    assert events.verifies(await events.history(places.stream_of(rows[0]["id"])))


async def test_a_known_place_is_changed_by_its_external_code_or_by_its_label(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    made = await place(cast, of, operator="王师傅")
    await _bring(cast, _hydrant(1))
    done = await _bring(cast, _hydrant(1, name="改了名"), _line(code=made.code.lower(), kind="消防栓", name="新名"))
    assert done == Imported(changed=2)
    found = await places.load(made.place_id, cast.staff)
    # What a cell does not say stays.
    assert (found.name, found.operator, found.address_text, found.version) == ("新名", "王师傅", "民乐新村 3 栋", 2)
    assert found.latitude == LATITUDE
    assert [event.kind for event in await events.history(found.stream)] == ["place.added", "place.updated"]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"kind": "没有的"}, "不认识种类"),
        ({"name": ""}, "名称是空的"),
        ({"name": "长" * 41}, "名称太长"),
        ({"external_code": ""}, "至少填一个"),
        ({"code": "0000000001"}, "没有编码是"),
        ({"longitude": "东"}, "两个数字"),
        ({"longitude": LATITUDE, "latitude": LONGITUDE}, "写反了吗"),
        ({"longitude": "", "latitude": ""}, "不知道在哪个网格"),
        ({"longitude": "", "latitude": "", "area_code": "9"}, "没有编码是 9"),
        ({"longitude": middle(2)[0]}, "不在您负责的区域"),
        ({"operator_phone": "电话"}, "号码"),
        ({"external_code": "XF-1"}, "与第 2 行是同一个对象"),
    ],
)
async def test_every_wrong_row_is_named_and_nothing_is_written(db: None, cells: dict[str, Any], words: str) -> None:
    cast = await making.gather()
    await kind(cast)
    found = await _bring(cast, _hydrant(1), _hydrant(2, **cells))
    assert [(problem.line, words in problem.words) for problem in found.problems] == [(3, True)], found
    assert await database.fetch_value("SELECT count(*) FROM places") == 0


async def test_a_retired_or_merged_place_is_not_brought_back_by_a_file(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    one, other = await place(cast, of, external_code="XF-1"), await place(cast, of, external_code="XF-2")
    kept = await place(cast, of)
    await keeping.retire_place(one.place_id, by=cast.staff, seen=1, reason="拆了")
    await keeping.merge_places(other.place_id, kept.code, by=cast.staff, seen=1)
    found = await _bring(cast, _hydrant(1), _hydrant(2), _line(code=kept.code, kind="消防栓", external_code="XF-2"))
    assert [problem.words for problem in found.problems] == [
        "这个对象已经停用",
        "这个对象已经并入另一处",
        "原编码 XF-2 已经是另一个对象的",
    ]


async def test_a_neighbours_place_cannot_be_changed_by_a_file(db: None) -> None:
    cast = await making.gather()
    of = await kind(cast)
    await place(cast, of, cast.next_staff, square=2, external_code="XF-1")
    found = await _bring(cast, _hydrant(1))
    assert [problem.words for problem in found.problems] == ["不在您负责的区域内"]
    for by in (cast.grid_worker, cast.resident, cast.handler, cast.system_admin):
        with pytest.raises(NotFound):
            await _bring(cast, _hydrant(1), by=by)


async def test_positions_of_gcj02_are_kept_as_wgs84(db: None) -> None:
    cast = await making.gather()
    await kind(cast)
    await _bring(cast, _hydrant(1), datum="GCJ-02")
    assert await _bring(cast, _hydrant(1), datum="GCJ-02") == Imported(unchanged=1)
    assert await database.fetch_value("SELECT longitude FROM places") != LONGITUDE


ASKS: list[dict[str, Any]] = [
    {"id": "rooms", "kind": "number", "label": "几间房", "min": 1, "max": 300, "required": True},
    {"id": "gas", "kind": "yes_no", "label": "用瓶装气吗"},
    {"id": "bottles", "kind": "number", "label": "几瓶", "shown_if": {"question": "gas", "is": True}},
    {"id": "front", "kind": "photo", "label": "门面"},
]


async def _houses(cast: Cast) -> None:
    made = await kind(cast, "出租屋")
    await kinds.publish_kind(made.id, by=cast.area_admin, questions=ASKS)
    await kind(cast)


async def _asked(cast: Cast, columns: str, *answers: str, dry_run: bool = False, of: str = "出租屋") -> Imported:
    lines = [f"{_hydrant(number, kind=of)},{answer}" for number, answer in enumerate(answers, 1)]
    content = "\n".join((f"{HEADER},{columns}", *lines)).encode()
    return await importing.import_places(content, by=cast.staff, dry_run=dry_run)


async def _answers() -> list[dict[str, Any]]:
    rows = await database.fetch("SELECT answers FROM places ORDER BY external_code")
    return [msgspec.json.decode(row["answers"]) for row in rows]


async def test_the_questions_of_a_kind_are_answered_in_columns_by_their_id_or_label(db: None) -> None:
    cast = await making.gather()
    await _houses(cast)
    assert await _asked(cast, "几间房,gas", "12,是", ",否", dry_run=True) == Imported(created=2)
    assert await _asked(cast, "几间房,gas", "12,是", ",否") == Imported(created=2)
    assert await _answers() == [{"rooms": 12, "gas": True}, {"gas": False}]
    assert await _asked(cast, "几间房,gas", "12,是", ",否") == Imported(unchanged=2)
    # An empty cell leaves what is known.
    assert await _asked(cast, "rooms,几瓶", ",2") == Imported(changed=1)
    assert (await _answers())[0] == {"rooms": 12, "gas": True, "bottles": 2}


@pytest.mark.parametrize(
    ("columns", "cell", "words"),
    [
        ("rooms", "三间", "“几间房”请填写数字"),
        ("几间房", "0", "“几间房”"),
        ("用瓶装气吗", "也许", "请选择是或否"),
        ("几瓶", "2", "这一行不用填"),
        ("门面", "a.jpg", "是照片,不能从文件导入"),
        ("rooms,几间房", "3,4", "写了两栏"),
    ],
)
async def test_a_wrong_answer_is_named_by_its_row(db: None, columns: str, cell: str, words: str) -> None:
    cast = await making.gather()
    await _houses(cast)
    empty = "," * columns.count(",")
    found = await _asked(cast, columns, empty, cell, dry_run=True)
    assert [(problem.line, words in problem.words) for problem in found.problems] == [(3, True)], found
    assert await database.fetch_value("SELECT count(*) FROM places") == 0


async def test_a_kind_is_not_answered_what_another_kind_asks(db: None) -> None:
    cast = await making.gather()
    await _houses(cast)
    found = await _asked(cast, "rooms", "3", of="消防栓")
    assert [problem.words for problem in found.problems] == ["种类“消防栓”不问“rooms”"]
    assert await _asked(cast, "rooms", "", of="消防栓") == Imported(created=1)


async def test_columns_that_nobody_asks_are_told_and_one_named_twice_is_refused(db: None) -> None:
    cast = await making.gather()
    await _houses(cast)
    assert await _asked(cast, "几间,备注", "3,新") == Imported(created=1, passed_over=("几间", "备注"))
    twice = await _asked(cast, "rooms,rooms", "3,3")
    assert [problem.words for problem in twice.problems] == ["第一行的栏目重复:rooms"]
