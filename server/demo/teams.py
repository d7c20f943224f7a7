"""Who goes and mends things in the demo district: which units there are, and which is offered first for what."""

import msgspec


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """A unit of the district, or (`of_street`) one in every street; `name` then follows the street's name."""

    key: str
    name: str
    kind: str
    of_street: bool = False
    handlers: int = 2


TEAMS = (
    Team(key="gw", name="安泰管网养护公司", kind="contractor", handlers=3),
    Team(key="cg", name="区城市管理局", kind="department"),
    Team(key="zj", name="区住房和建设局", kind="department"),
    Team(key="sw", name="区水务局", kind="department"),
    Team(key="xf", name="区消防救援大队", kind="department"),
    Team(key="mz", name="区民政局", kind="department"),
    Team(key="ld", name="明路路灯养护公司", kind="contractor", handlers=3),
    Team(key="yl", name="绿苑园林公司", kind="contractor"),
    Team(key="dl", name="畅通道路养护公司", kind="contractor"),
    Team(key="hw", name="环卫队", kind="street_team", of_street=True, handlers=3),
    Team(key="zf", name="综合执法队", kind="street_team", of_street=True, handlers=3),
    Team(key="wy", name="物业管理所", kind="street_team", of_street=True),
)

FOR_CATEGORY = {
    "暴露垃圾": "hw",
    "占道经营": "zf",
    "乱贴小广告": "hw",
    "噪声扰民": "zf",
    "路灯不亮": "ld",
    "井盖缺失": "gw",
    "道路破损": "dl",
    "道路积水": "gw",
    "树木倒伏": "yl",
    "电动车违规充电": "xf",
    "高空抛物": "wy",
    "楼道堆物": "wy",
    "消防通道占用": "xf",
    "违法建设": "zf",
    "物业服务": "wy",
    "停车秩序": "zf",
    "停水停电": "zj",
    "邻里纠纷": "mz",
    "独居老人求助": "mz",
    "政策咨询": "zj",
    "意见建议": "cg",
}
"""Category -> key of the team that is offered first."""
