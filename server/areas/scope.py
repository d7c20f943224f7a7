"""Which areas an actor administers: area administrators their own and all below, system administrators all."""

from server.kernel import database
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotAllowed

OUT_OF_SCOPE = "这里不在您管理的区域内。"


def administers_all(actor: Actor) -> bool:
    """Whether the actor administers every area: the system itself, or a system administrator."""
    return actor.system is not None or actor.has(Role.SYSTEM_ADMIN)


def administered(actor: Actor) -> frozenset[int]:
    """Ids of the areas that the actor's area administrator posts stand at."""
    return frozenset(post.area_id for post in actor.posts_as(Role.AREA_ADMIN) if post.area_id is not None)


def administers(actor: Actor, path: str) -> bool:
    """Whether the actor administers the area with this path."""
    return administers_all(actor) or not administered(actor).isdisjoint(ids(path))


def must_administer(actor: Actor, path: str) -> None:
    """Raise `NotAllowed` where the actor does not administer the area with this path."""
    if not administers(actor, path):
        raise NotAllowed(OUT_OF_SCOPE)


async def administers_a_district(actor: Actor) -> bool:
    """Whether the actor administers what counts for the whole district: categories, the working calendar."""
    if administers_all(actor):
        return True
    return bool(
        await database.fetch_value(
            "SELECT true FROM areas WHERE id = ANY ($1::int[]) AND level = 'district' LIMIT 1",
            list(administered(actor)),
        )
    )


def ids(path: str) -> tuple[int, ...]:
    """The ids of a path, from the district down."""
    return tuple(int(part) for part in path.strip("/").split("/") if part)
