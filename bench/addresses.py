"""Text to address and grid, measured over a register of the size of a district: 840,000 addresses.

    python -m bench.addresses [--addresses 840000] [--queries 2000] [--import]

In a database of its own: 1,800 grids in 100 communities, with streets, compounds, buildings and rooms, brought in by
COPY; then texts as people write them. Prints the times of `match`, of its statement alone, and how often the answer was
right: the address among the candidates, first among them, and for the answers that were taken as sure their precision
and recall. With --import also the import of a CSV of as many rows: dry run, import, and the same again.
"""

import argparse
import asyncio
import random
import resource
import statistics
from collections.abc import Iterator
from time import perf_counter

import msgspec

from bench.ground import database

COMMUNITIES, GRIDS_EACH = 100, 18
CHUNK = 20_000
_FIRST = "榕青望临春书河同百桥柳金荔玉石新东清稻梅龙凤白紫翠海明祥长文"
_SECOND = "荫溪山水风院背心花头岸谷园兰门城苑泉香岭湖鸣云荆屿棠月和安峰"
_ROADS = ("路", "街", "大道", "一路", "二路", "三巷", "东街", "巷")
_COMPOUNDS = ("花园", "苑", "小区", "新村", "家园", "名苑", "公寓", "大厦", "华庭", "雅居")
_NUMERALS = "零一二三四五六七八九"


class Made(msgspec.Struct, frozen=True):
    """A generated address: its parts, and where it is."""

    id: int
    community: int
    grid: int
    road: str
    number: int
    compound: str
    building: int
    unit: int
    room: str

    @property
    def text(self) -> str:
        return f"{self.road}{self.number}号{self.compound}{self.building}栋{self.unit}单元{self.room}室"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.addresses")
    parser.add_argument("--addresses", type=int, default=840_000)
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--import", action="store_true", dest="bring")
    asked = parser.parse_args()
    with database("addresses") as _:
        asyncio.run(_run(asked))


async def _run(asked: argparse.Namespace) -> None:
    from server.kernel import database as db

    async with db.pool(min_size=1, max_size=2):
        grids = await _areas()
        if asked.bring:
            await _bring(asked.addresses, grids)
        await db.execute("TRUNCATE addresses CASCADE")
        kept = await _copy(asked.addresses, grids)
        await _measure(kept, asked.queries)


def addresses(how_many: int, grids: list[tuple[int, int]]) -> Iterator[Made]:
    """Plausible addresses: a grid has some compounds on its roads, each with buildings of units of rooms."""
    chance = random.Random(840)
    roads = [a + b + end for a in _FIRST for b in _SECOND for end in _ROADS]
    compounds = [a + b + end for a in _FIRST for b in _SECOND for end in _COMPOUNDS]
    chance.shuffle(roads)
    each, made = how_many // len(grids) + 1, 0
    for place, (community, grid) in enumerate(grids):
        of_grid, number = 0, 0
        while of_grid < each and made < how_many:
            # A road runs through several grids of a community; names of compounds come again elsewhere in the district.
            road = roads[(place // 3 * 2 + chance.randrange(2)) % len(roads)]
            compound, number = chance.choice(compounds), number + 2 + place % 3 * 200
            rooms = [
                (building, unit, f"{floor}{door:02}")
                for building in range(1, chance.randint(2, 9))
                for unit in range(1, chance.randint(2, 4))
                for floor in range(1, chance.randint(6, 19))
                for door in (1, 2)
            ]
            for building, unit, room in rooms[: min(each - of_grid, how_many - made)]:
                made, of_grid = made + 1, of_grid + 1
                yield Made(made, community, grid, road, number, compound, building, unit, room)


async def _areas() -> list[tuple[int, int]]:
    """District, one street, communities, grids; (community, grid) of each grid."""
    from server.kernel import clock
    from server.kernel import database as db

    async def area(code: str, name: str, level: str, parent: int | None, path: str) -> int:
        made: int = await db.fetch_value(
            """INSERT INTO areas (code, name, level, parent, path, answers, since) VALUES ($1, $2, $3, $4, '', '', $5)
               RETURNING id""",
            code,
            name,
            level,
            parent,
            clock.now(),
        )
        await db.execute("UPDATE areas SET path = $2 || id || '/' WHERE id = $1", made, path)
        return made

    district = await area("D", "呼应区", "district", None, "/")
    street = await area("S", "青溪街道", "street", district, f"/{district}/")
    found = []
    for place in range(COMMUNITIES):
        path = f"/{district}/{street}/"
        community = await area(f"C{place:03}", f"第{place}社区", "community", street, path)
        for number in range(GRIDS_EACH):
            code = f"C{place:03}{number:02}"
            found.append((community, await area(code, code, "grid", community, f"{path}{community}/")))
    return found


async def _copy(how_many: int, grids: list[tuple[int, int]]) -> list[Made]:
    from server.addresses.spelling import PARTS, read
    from server.kernel import clock
    from server.kernel import database as db

    columns = ("id", "text", *PARTS, "whole", "community", "grid", "source", "since")
    chance, kept, rows, now = random.Random(7), [], [], clock.now()
    begun = perf_counter()

    async def flush() -> None:
        async with db.connection() as one:
            await one.copy_records_to_table("addresses", records=rows, columns=columns)
        rows.clear()

    for made in addresses(how_many, grids):
        reading = read(made.text)
        parts = (getattr(reading.parts, name) for name in PARTS)
        rows.append((made.id, made.text, *parts, reading.whole, made.community, made.grid, "", now))
        if chance.random() < 0.02:
            kept.append(made)
        if len(rows) == CHUNK:
            await flush()
    await flush()
    await db.execute("ANALYZE addresses")
    size = await db.fetch_value("SELECT pg_size_pretty(pg_total_relation_size('addresses'))")
    print(f"{how_many} addresses in {len(grids)} grids, {size}; read and copied in {perf_counter() - begun:.0f} s")
    return kept


async def _measure(kept: list[Made], queries: int) -> None:
    from server.addresses import matcher
    from server.kernel import database as db

    chance = random.Random(3)
    asked = [(made, *noisy(made, chance)) for made in chance.choices(kept, k=queries)]
    for _, text, _ in asked[:100]:
        await matcher.match(text)
    whole: list[float] = []
    bare: list[float] = []
    among = first = sure = right = grid_sure = grid_right = told = 0
    for made, text, complete in asked:
        begun = perf_counter()
        found = await matcher.match(text, community_id=made.community)
        whole.append(perf_counter() - begun)
        begun = perf_counter()
        await db.fetch("SELECT id FROM addresses WHERE whole = $1 AND until IS NULL", made.text)
        bare.append(perf_counter() - begun)
        told += complete
        ids = [one.address_id for one in found.candidates]
        among += complete and made.id in ids
        first += complete and ids[:1] == [made.id]
        sure += found.address_id is not None
        right += found.address_id == made.id
        grid_sure += found.grid_id is not None
        grid_right += found.grid_id == made.grid
    _times("match()", whole)
    _times("one look-up of the whole", bare)
    print(f"ratio of medians: {statistics.median(whole) / statistics.median(bare):.1f}")
    print(f"{len(asked)} texts, {told} of them name the room")
    print(f"address: among the candidates {among / told:.3f}, first {first / told:.3f} (of those with room)")
    print(f"address taken as sure: precision {right / max(1, sure):.4f}, recall {right / told:.3f}")
    print(
        f"grid taken as sure:    precision {grid_right / max(1, grid_sure):.4f}, recall {grid_right / len(asked):.3f}"
    )
    nowhere = [noisy(made, chance, invented=True)[0] for made in kept[:500]]
    wrongly = [(await matcher.match(text)).grid_id for text in nowhere]
    print(f"addresses that do not exist: {sum(one is None for one in wrongly)} of {len(wrongly)} left to the desk")


def noisy(made: Made, chance: random.Random, *, invented: bool = False) -> tuple[str, bool]:
    """The address as somebody writes it; and whether it still names the room."""
    compound = made.compound.removesuffix("小区") if chance.random() < 0.3 else made.compound
    road, building = made.road, made.building
    if invented:
        road, compound = "虚无" + road[-1], "乌有" + chance.choice(_COMPOUNDS)
    number = f"{road}{made.number}{chance.choice(('号', '号', '号', ' 号', ''))}"
    named = chance.random()
    begin = number + compound if named < 0.5 else compound if named < 0.8 else number
    if begin == number and number[-1].isdigit():
        begin += "号"
    ways = (
        (f"{building}栋{made.unit}单元{made.room}室", True),
        (f"{building}栋{made.unit}单元{made.room}", True),
        (f"{_chinese(building)}幢{_chinese(made.unit)}单元{made.room}房", True),
        (f"{building}号楼{made.unit}梯{made.room}", True),
        (f"{building}座 {made.unit}单元 {made.room}室", True),
        (f"{building}栋{made.unit}-{made.room}", True),
        (f" {building}-{made.unit}-{made.room}", True),
        (f"{building}栋", False),
        (f"{building}栋楼下的垃圾桶满了", False),
        (f"{building}栋{made.unit}单元门口", False),
    )
    end, complete = chance.choice(ways)
    text = chance.choice(("", "", "呼应区", "呼应区青溪街道", "广东省深圳市呼应区", "我家住在")) + begin + end
    if chance.random() < 0.2:
        text = "".join(chr(ord(sign) + 0xFEE0) if sign.isascii() and sign.isalnum() else sign for sign in text)
    if chance.random() < 0.15:
        text = text.replace("号", "号,", 1)
    return text, complete


def _chinese(value: int) -> str:
    return _NUMERALS[value] if value < 10 else str(value)


async def _bring(how_many: int, grids: list[tuple[int, int]]) -> None:
    from server.addresses.importing import import_addresses
    from server.kernel import database as db
    from server.kernel.actor import the_system

    codes = {row["id"]: row["code"] for row in await db.fetch("SELECT id, code FROM areas")}
    lines = (f"A{one.id},{one.text},{codes[one.community]},{codes[one.grid]}\n" for one in addresses(how_many, grids))
    content = ("code,text,community_code,grid_code\n" + "".join(lines)).encode()
    print(f"a CSV of {how_many} rows, {len(content) / 1e6:.0f} MB; memory {_memory():.0f} MB before")
    for what, dry in (("dry run", True), ("import", False), ("the same file again", False)):
        begun = perf_counter()
        done = await import_addresses(content, by=the_system("bench"), dry_run=dry)
        counts = f"{done.created} new, {done.changed} changed, {done.unchanged} the same"
        print(f"{what:<20} {perf_counter() - begun:5.0f} s   {counts}; memory at most {_memory():.0f} MB")


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _times(what: str, times: list[float]) -> None:
    cuts = statistics.quantiles(times, n=100)
    print(f"{what:<25} median {cuts[49] * 1e3:6.2f} ms   p95 {cuts[94] * 1e3:6.2f} ms   p99 {cuts[98] * 1e3:6.2f} ms")


if __name__ == "__main__":
    main()
