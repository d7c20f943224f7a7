"""The demo's address register: in every grid an estate and a stretch of road, with what people call them."""

from collections.abc import Iterator
from random import Random

from server.addresses.importing import import_addresses
from server.demo import names
from server.demo.ground import Ground, Spot
from server.demo.people import SYSTEM

MOST = 6000
"""Addresses of a whole district, however many grids it has."""
_EACH = 66
_SHOPS = ("便民超市", "老王修车铺", "社区食堂", "快递驿站", "向日葵幼儿园", "阳光药店")
_COLUMNS = "code,text,community_code,longitude,latitude,aliases,source"
_SOURCE = "演示地址库"


async def register(laid: Ground, seed: int) -> int:
    """Bring the register in, as the import of files takes it; how many addresses comes back."""
    content = "\n".join([_COLUMNS, *_lines(laid, Random(f"addresses {seed}"))]).encode()
    done = await import_addresses(content, by=SYSTEM)
    if done.problems:
        raise RuntimeError(f"the demo's addresses were refused: {done.problems[:3]}")
    return done.created


def _lines(laid: Ground, chance: Random) -> Iterator[str]:
    above = {spot.code: spot for spot in laid.spots}
    grids = [spot for spot in laid.spots if spot.level == "grid"]
    each = max(3, min(_EACH, MOST // len(grids)))
    for place, grid in enumerate(grids):
        community = above[grid.parent_code]
        begins = f"{names.DISTRICT}{above[community.parent_code].name}{community.name}"
        told = list(_of_grid(place, grid, community))[:each]
        for number, (text, aliases) in enumerate(told, 1):
            east, north = laid.somewhere(grid, chance)
            code = f"{grid.code}{number:04}"
            yield f"{code},{begins}{text},{community.code},{east},{north},{aliases},{_SOURCE}"


def _of_grid(place: int, grid: Spot, community: Spot) -> Iterator[tuple[str, str]]:
    """Text and aliases of each address of a grid; an estate's name comes again only in another community."""
    road = names.ROADS[place % len(names.ROADS)]
    estate = names.ESTATES[place % len(names.ESTATES)]
    first = place % 7 * 30 + 2
    yield f"{road}{first}号{estate}", ""
    if grid.code.endswith("1"):
        yield estate, f"{community.name.removesuffix('社区')}老厂宿舍"
    for number in range(6):
        shop = f"{grid.name.removesuffix('网格')}{_SHOPS[number]}" if number < 2 else ""
        yield f"{road}{first + 4 + 2 * number}号", shop
    for building in range(1, 5):
        for unit in (1, 2):
            for floor in range(1, 8):
                yield f"{road}{first}号{estate}{building}栋{unit}单元{floor}01室", ""
