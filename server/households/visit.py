"""A contact with a household as somebody tells it, checked. Pure."""

from datetime import date
from uuid import UUID

import msgspec

from server.cases.lateness import Phone
from server.kernel.errors import Invalid

WAYS = {"door": "上门", "phone": "打电话", "message": "发消息", "passing": "路上遇到"}
OUTCOMES = {"met": "见到了", "nobody_home": "没人在家", "not_now": "现在不方便"}
TOPICS = {
    "daily": "日常生活",
    "housing": "房子水电",
    "neighbours": "邻里",
    "safety": "用火用电",
    "errands": "办事",
    "policy": "政策通知",
    "other": "其他",
}
"""What was spoken of; nothing about bodies, faith or records."""
LONGEST = 2000
"""Characters of what was said, and of what is needed."""
MARKS = {
    "not_linked": "记录人已不联系这户",
    "merged": "这户已并入另一户",
    "closed": "这户已结束联系",
    "odd_clock": "手机时间不对",
}
"""Why the desk should look at a contact. It was received all the same."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One contact. `id` is made where it was written, so that the same one is never two."""

    id: UUID
    household: UUID
    way: str
    outcome: str
    topics: tuple[str, ...] = ()
    said: str = ""
    needs: str = ""
    next_on: date | None = None
    corrects: UUID | None = None
    """The contact that this is a new version of."""
    ask: bool = False
    """The need becomes a case now."""
    private: bool | None = None
    """Whether that case is private; None: as the household has it."""
    member: UUID | None = None
    """For whom staff write it; None: the actor's own."""
    phone: Phone | None = None


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What recording answers: the end of the household's history (hex), the case that the need became, marks."""

    id: UUID
    version: int
    head: str
    number: str = ""
    case_id: UUID | None = None
    marks: tuple[str, ...] = ()


def checked(told: Told, today: date) -> Told:
    """The contact trimmed; `Invalid` names every field that has to be mended."""
    said, needs = (text.replace("\x00", "").strip() for text in (told.said, told.needs))
    wrong = {}
    if told.way not in WAYS:
        wrong["way"] = "请选怎么联系的。"
    if told.outcome not in OUTCOMES:
        wrong["outcome"] = "请选见到了没有。"
    if unknown := [topic for topic in told.topics if topic not in TOPICS]:
        wrong["topics"] = f"没有“{unknown[0][:20]}”这个话题。"
    for field, text in (("said", said), ("needs", needs)):
        if len(text) > LONGEST:
            wrong[field] = f"太长了({len(text)} 字),请缩短到 {LONGEST} 字以内。"
    if told.ask and not needs:
        wrong["needs"] = "请写需要什么,才能报给书记。"
    if told.next_on is not None and not (0 <= (told.next_on - today).days <= 400):
        wrong["next_on"] = "下次的日期请选今天以后、一年以内。"
    if wrong:
        raise Invalid(wrong)
    return msgspec.structs.replace(told, said=said, needs=needs, topics=tuple(dict.fromkeys(told.topics)))
