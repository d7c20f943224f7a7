"""Where each role belongs: pure rules."""

from server.kernel.actor import Role
from server.kernel.errors import Invalid

LEVELS: dict[Role, frozenset[str]] = {
    Role.GRID_WORKER: frozenset({"grid", "community"}),
    Role.PARTY_MEMBER: frozenset({"grid", "community", "street", "district"}),
    Role.COMMUNITY_STAFF: frozenset({"community"}),
    Role.SECRETARY: frozenset({"community", "street", "district"}),
    Role.CENTRE_OFFICER: frozenset({"street", "district"}),
    Role.AREA_ADMIN: frozenset({"grid", "community", "street", "district"}),
}
"""The levels of area a role can have; a role that is not here has no area of its own."""

OF_UNITS = frozenset({Role.UNIT_HANDLER, Role.UNIT_LEAD})


def check(role: Role, *, level: str | None, unit_id: int | None) -> None:
    """Raise `Invalid` where a post of this role cannot be there; `level` is that of its area, if it has one."""
    if role in OF_UNITS:
        if unit_id is None:
            raise Invalid({"unit_id": "这个岗位属于一个处置单位,请选择单位。"})
    elif unit_id is not None:
        raise Invalid({"unit_id": "这个岗位不属于处置单位。"})
    if role in LEVELS and level not in LEVELS[role]:
        raise Invalid({"area_id": "这个岗位不在这一级,请选择合适的区域。"})
    if role is Role.SYSTEM_ADMIN and level is not None:
        raise Invalid({"area_id": "系统管理员不属于某个区域。"})
