"""What residents left at their secretaries' doors in the demo: promised, answered, waiting."""

from datetime import datetime, timedelta
from random import Random

from server.demo.district import District
from server.households.door import talking
from server.kernel import clock
from server.kernel.actor import Actor, Role
from server.kernel.clock import BEIJING

_ASKED = (
    "楼上老两口最近不太出门,能不能请人去看看?",
    "想问问孩子转学的事该找谁。",
    "邻居把东西堆在楼道,当面说怕伤和气。",
    "家里老人腿脚不便,办证要跑好几趟,有没有办法?",
)
_ANSWERED = (
    "谢谢您提醒,已请网格员上门看过,人都好。",
    "问清楚了,材料写在社区公告栏,也可以直接来找我。",
    "已经跟大家一起说过了,没有提您。",
)


async def knock(district: District, until: datetime) -> int:
    """Give every community a few threads, the last of them still waiting; how many were made."""
    made = 0
    residents = district.cast.residents
    for spot in district.spots("community"):
        chance = Random(f"door {district.size.seed} {spot.code}")
        held = district.cast.by_area.get((Role.SECRETARY, district.ids[spot.code]), [])
        for number, resident in enumerate(chance.sample(residents, k=min(3, len(residents)))):
            if held:
                await _one(district.ids[spot.code], resident, held[0], chance, until, waits=number == 2)
                made += 1
    return made


async def _one(
    community: int, resident: Actor, secretary: Actor, chance: Random, until: datetime, *, waits: bool
) -> None:
    asked = until - timedelta(hours=6 if waits else chance.randint(80, 600))
    with clock.at(asked):
        thread = await talking.write(community, chance.choice(_ASKED), by=resident)
    if waits and chance.random() < 0.5:
        return
    with clock.at(asked + timedelta(hours=2)):
        day = clock.now().astimezone(BEIJING).date() + timedelta(days=chance.randint(1, 4))
        await talking.promise(thread, day, by=secretary, seen=None)
    if not waits:
        with clock.at(asked + timedelta(hours=chance.randint(5, 72))):
            await talking.answer(thread, chance.choice(_ANSWERED), by=secretary, seen=None)
