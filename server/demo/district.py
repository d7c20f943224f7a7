"""The demo district as the rooms keep it: areas, units, party organisations, posts and the people who hold them."""

from random import Random

import msgspec

from server.areas import divisions, polygons, tree
from server.demo import addresses, ground, names, people, teams
from server.demo.ground import Ground, Spot
from server.demo.people import SYSTEM, Cast, Place
from server.demo.size import Size
from server.forms import demo_categories, demo_checklists, publishing
from server.kernel import database
from server.kernel.actor import Actor, Role
from server.people import units

ANSWERS = "工作日 9:00–12:00、14:00–18:00,一个工作日内回复"


class District(msgspec.Struct, frozen=True, kw_only=True):
    """What the courses of cases need to know of it."""

    size: Size
    ground: Ground
    cast: Cast
    ids: dict[str, int]
    """Area code -> id."""
    units: dict[tuple[str, str], int]
    """Team key and street code ("" for the district's) -> unit id."""
    categories: dict[str, int]
    """Category name -> id."""

    def spots(self, level: str) -> list[Spot]:
        return [spot for spot in self.ground.spots if spot.level == level]

    def unit_for(self, category: str, street_code: str) -> int:
        """The unit that a category goes to in a street."""
        key = teams.FOR_CATEGORY[category]
        return self.units.get((key, street_code)) or self.units[key, ""]

    def desk(self, community_code: str) -> list[Actor]:
        """The staff of a community."""
        return self.cast.by_area[Role.COMMUNITY_STAFF, self.ids[community_code]]

    def secretary(self, code: str) -> Actor:
        return self.cast.of_area(Role.SECRETARY, self.ids[code])

    def officers(self) -> list[Actor]:
        """The district's centre."""
        return self.cast.by_area[Role.CENTRE_OFFICER, self.ids["990100"]]


async def found(size: Size) -> District:
    """Make the district in an empty database. Everything in it is dated by the clock as it stands."""
    async with database.transaction():
        laid = ground.lay(size)
        ids = await _areas(laid)
        await addresses.register(laid, size.seed)
        cast = await people.begin(names.people(Random(f"people {size.seed}")), Random(f"devices {size.seed}"))
        district = District(
            size=size,
            ground=laid,
            cast=cast,
            ids=ids,
            units=await _units(laid, ids),
            categories=await _categories(),
        )
        await demo_checklists.install_demo(SYSTEM)
        await _offer_units(district)
        await _appoint_areas(district)
        await _appoint_units(district)
        await cast.welcome_residents(max(6, min(120, size.grids)), size.seed)
        return district


async def _areas(laid: Ground) -> dict[str, int]:
    written = await divisions.import_divisions(laid.as_csv(), by=SYSTEM)
    drawn = await polygons.import_polygons(laid.as_geojson(), by=SYSTEM)
    if written.problems or drawn.problems:
        raise RuntimeError(f"the demo's ground was refused: {(written.problems + drawn.problems)[:3]}")
    rows = await database.fetch("SELECT code, id FROM areas")
    ids = {row["code"]: row["id"] for row in rows}
    for spot in laid.spots:
        if spot.level != "grid":
            await tree.set_answers(ids[spot.code], ANSWERS, by=SYSTEM)
    return ids


async def _units(laid: Ground, ids: dict[str, int]) -> dict[tuple[str, str], int]:
    made = {}
    for team in teams.TEAMS:
        homes = [one for one in laid.spots if one.level == ("street" if team.of_street else "district")]
        for home in homes:
            name = f"{home.name.removesuffix('街道')}{team.name}" if team.of_street else team.name
            code = f"{team.key.upper()}{home.code[6:]}"
            key = (team.key, home.code if team.of_street else "")
            made[key] = await units.create(code, name, team.kind, ids[home.code], by=SYSTEM)
    return made


async def _categories() -> dict[str, int]:
    await demo_categories.install_demo(SYSTEM)
    rows = await database.fetch(
        "SELECT id, name FROM categories WHERE standard = $1 AND is_leaf ORDER BY code", demo_categories.STANDARD
    )
    return {row["name"]: row["id"] for row in rows}


async def _offer_units(district: District) -> None:
    for category, key in teams.FOR_CATEGORY.items():
        for (team, street), unit in district.units.items():
            if team == key:
                area = district.ids[street or "990100"]
                await publishing.set_default_unit(district.categories[category], area, unit, by=SYSTEM)


async def _appoint_areas(district: District) -> None:
    parties = await _found_parties(district)
    for level, posts in _POSTS.items():
        for spot in district.spots(level):
            party = parties.get(spot.code) or parties[spot.parent_code]
            area = Place(area_id=district.ids[spot.code], area_level=level, organisation_id=party)
            for role, title, how_many in posts:
                for _ in range(how_many):
                    await district.cast.appoint(role, spot.name + title.removeprefix(spot.name[-2:]), area)
    await district.cast.appoint(Role.SYSTEM_ADMIN, "系统管理员", Place())


async def _found_parties(district: District) -> dict[str, int]:
    """A party organisation for every area down to the community; area code -> id."""
    parties: dict[str, int] = {}
    for spot in district.ground.spots:
        if spot.level != "grid":
            kind, title = _PARTIES[spot.level]
            above = parties.get(spot.parent_code)
            parties[spot.code] = await people.found_party(f"{spot.name}{title}", kind, district.ids[spot.code], above)
    return parties


_PARTIES = {
    "district": ("committee", "党委"),
    "street": ("committee", "党工委"),
    "community": ("general_branch", "党总支"),
}
_POSTS: dict[str, tuple[tuple[Role, str, int], ...]] = {
    "community": ((Role.COMMUNITY_STAFF, "社区工作者", 2), (Role.SECRETARY, "书记", 1)),
    "grid": ((Role.GRID_WORKER, "网格员", 1), (Role.PARTY_MEMBER, "联户党员", 1)),
    "district": (
        (Role.CENTRE_OFFICER, "指挥中心值班员", 2),
        (Role.SECRETARY, "书记", 1),
        (Role.AREA_ADMIN, "区域管理员", 1),
    ),
    "street": ((Role.CENTRE_OFFICER, "指挥中心值班员", 1), (Role.SECRETARY, "书记", 1)),
}
"""In the order of their phones: the first of a role is the one that the demo offers for trying out."""


async def _appoint_units(district: District) -> None:
    names_of = {row["id"]: row["name"] for row in await database.fetch("SELECT id, name FROM units")}
    for (key, _), unit in district.units.items():
        team = next(one for one in teams.TEAMS if one.key == key)
        await district.cast.appoint(Role.UNIT_LEAD, f"{names_of[unit]}负责人", Place(unit_id=unit))
        for _ in range(team.handlers):
            await district.cast.appoint(Role.UNIT_HANDLER, f"{names_of[unit]}处置员", Place(unit_id=unit))
