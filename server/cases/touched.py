"""How many open cases a change in the administration touches: numbers only, never which cases.

The rooms of people and areas cannot know; the pages of administration put both together.
"""

from typing import Any

from server.kernel import database


async def open_cases_of_post(post_id: int) -> int:
    """Open cases that the post owns; handing the post over keeps them, vacating it gives them on."""
    return await _count("owner_post = $1", post_id)


async def open_cases_of_unit(unit_id: int) -> int:
    """Open cases that the unit has in hand, or that one of its posts owns."""
    return await _count("handler_unit = $1 OR owner_post IN (SELECT id FROM posts WHERE unit = $1)", unit_id)


async def open_cases_of_organisation(organisation_id: int) -> int:
    """Open cases that a post of the organisation owns."""
    return await _count("owner_post IN (SELECT id FROM posts WHERE organisation = $1)", organisation_id)


async def open_cases_of_account(account_id: object) -> int:
    """Open cases of the posts that the account holds now, and those assigned to it within a unit."""
    return await _count(
        """handler_account = $1
           OR owner_post IN (SELECT post FROM holdings WHERE account = $1 AND until IS NULL)""",
        account_id,
    )


async def open_cases_of_area(area_id: int) -> int:
    """Open cases that lie in the area, at whatever level it is."""
    return await _count("district = $1 OR street = $1 OR community = $1 OR grid = $1", area_id)


async def open_cases_of_category(category_id: int) -> dict[int, int]:
    """Open cases of a category by the number of the version that they keep."""
    rows = await database.fetch(
        """SELECT versions.version, count(*) AS cases FROM cases
           JOIN category_versions AS versions ON versions.id = cases.category_version
           WHERE cases.open AND versions.category = $1 GROUP BY versions.version ORDER BY versions.version""",
        category_id,
    )
    return {row["version"]: row["cases"] for row in rows}


async def provisional_deadlines() -> int:
    """Open cases whose deadline rests on a year that is not known yet."""
    return await _count("due_provisional")


async def _count(condition: str, *values: Any) -> int:
    found: int = await database.fetch_value(f"SELECT count(*) FROM cases WHERE open AND ({condition})", *values)
    return found
