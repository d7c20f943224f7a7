"""What is wrong with a checklist as somebody wrote it, before anybody takes it on a round."""

from server.forms.checklists import OUTCOMES, Item
from server.forms.definitions import Wrong, wrong_condition, wrong_questions

MOST_ITEMS = 100
MOST_DAYS = 365
WORDS_LONGEST = {"demanded_by": 40, "rule": 200, "remedy": 200, "photo_reason": 100, "position_reason": 100}
FIELD_WORDS = {
    "demanded_by": "要求部门",
    "rule": "依据",
    "remedy": "整改要求",
    "photo_reason": "拍照的理由",
    "position_reason": "取位置的理由",
}
CANNOT_FAIL = ("text", "photo", "position")


def check_items(items: object) -> list[Wrong]:
    """Everything that is wrong with the items (decoded JSON) of a checklist; empty where it can be published."""
    if not isinstance(items, list):
        return [Wrong(0, "", "检查表应是项目的列表")]
    if not items:
        return [Wrong(0, "", "检查表里还没有项目")]
    if len(items) > MOST_ITEMS:
        return [Wrong(0, "", f"项目太多,最多 {MOST_ITEMS} 项")]
    return wrong_questions(items, Item, _wrong_item)


def sentence(wrong: Wrong) -> str:
    """One of `check_items` as a sentence for who writes the checklist."""
    return f"第 {wrong.number} 项:{wrong.words}" if wrong.number else wrong.words


def _wrong_item(item: Item) -> list[str]:
    found = [
        f"{FIELD_WORDS[field]}最多 {longest} 个字"
        for field, longest in WORDS_LONGEST.items()
        if len(getattr(item, field)) > longest
    ]
    return [*found, *_wrong_failing(item), *_wrong_photo(item), *_wrong_position(item), *_wrong_outcomes(item)]


def _wrong_failing(item: Item) -> list[str]:
    if item.fails_if is None:
        return []
    if item.kind in CANNOT_FAIL:
        return ["文字、照片和位置不判合格与否"]
    return wrong_condition(item.fails_if, {item.id: item}, {item.id}, "不合格的条件")


def _wrong_photo(item: Item) -> list[str]:
    # National rules forbid photos for their own sake: who demands one says what it is for.
    demanded = item.photo_if_failed or (item.kind == "photo" and item.required)
    if demanded and not item.photo_reason.strip():
        return ["要求拍照,必须写明拍照的理由"]
    if item.photo_if_failed and not item.can_fail:
        return ["这一项不会不合格,不能要求不合格时拍照"]
    return []


def _wrong_position(item: Item) -> list[str]:
    # Where somebody stood is told for a reason or not at all, also where it may be left out.
    if item.kind == "position" and not item.position_reason.strip():
        return ["要取位置,必须写明取位置的理由"]
    return []


def _wrong_outcomes(item: Item) -> list[str]:
    if any(outcome not in OUTCOMES for outcome in item.outcomes):
        return ["不认识的处理方式"]
    found = ["处理方式重复"] if len(set(item.outcomes)) != len(item.outcomes) else []
    if item.can_fail and not item.outcomes:
        found.append("不合格时至少要有一种处理方式")
    if not 1 <= item.rectify_days <= MOST_DAYS:
        found.append(f"整改期限应在 1 到 {MOST_DAYS} 天之间")
    return found
