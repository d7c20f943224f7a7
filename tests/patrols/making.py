"""What the tests of places share: a kind, and places in the middle of the cast's grids."""

from typing import Any

from server.kernel.actor import Actor
from server.patrols import keeping, kinds
from server.patrols.facts import Facts
from server.patrols.kinds import Kind
from server.patrols.place import Changed
from tests.cast import Cast, middle

QUESTIONS: list[dict[str, Any]] = [
    {"id": "rooms", "kind": "number", "label": "几间房", "min": 1, "max": 300},
    {"id": "gas", "kind": "yes_no", "label": "用瓶装气吗"},
]


async def kind(cast: Cast, name: str = "消防栓", *, operator: bool = False, asks: bool = False) -> Kind:
    """A kind of places, with two questions where `asks`."""
    made = await kinds.create_kind(f"k-{name}", name, needs_operator=operator, by=cast.area_admin)
    if asks:
        await kinds.publish_kind(made.id, by=cast.area_admin, questions=QUESTIONS)
    return await kinds.kind(made.id)


def facts(of: Kind, name: str = "三栋东侧消防栓", square: int | None = 0, **also: Any) -> Facts:
    """What is said of a place in the middle of a grid's square, or nowhere on the map."""
    given: dict[str, Any] = {"kind_id": of.id, "name": name, "address_text": "民乐新村 3 栋"}
    if square is not None:
        longitude, latitude = middle(square)
        given |= {"longitude": longitude, "latitude": latitude, "position_source": "map"}
    if of.needs_operator:
        given |= {"operator": "张三丰", "operator_phone": "13912345678"}
    return Facts(**given | also)


async def place(cast: Cast, of: Kind, by: Actor | None = None, **also: Any) -> Changed:
    """A place as the first grid's worker adds it."""
    return await keeping.add_place(facts(of, **also), by=by or cast.grid_worker)
