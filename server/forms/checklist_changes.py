"""What is different between two versions of a checklist, in words."""

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

import msgspec

from server.forms import conditions
from server.forms.checklists import OUTCOME_WORDS, Item, Items
from server.forms.questions import Question

KIND_WORDS = {
    "check": "合格与否",
    "yes_no": "是或否",
    "number": "数字",
    "text": "文字",
    "choice": "选一项",
    "choices": "选几项",
    "date": "日期",
    "photo": "照片",
    "position": "位置",
}
_FIELDS = {
    "label": "问题",
    "kind": "种类",
    "help": "说明",
    "required": "必填",
    "min": "最小",
    "max": "最大",
    "choices": "选项",
    "shown_if": "什么时候才查",
    "demanded_by": "要求部门",
    "rule": "依据",
    "fails_if": "什么算不合格",
    "remedy": "整改要求",
    "photo_if_failed": "不合格时拍照",
    "photo_reason": "拍照的理由",
    "position_reason": "取位置的理由",
    "outcomes": "不合格的处理",
    "rectify_days": "整改期限",
}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One item that is new, gone, changed or elsewhere; `lines` say what of it changed."""

    kind: str
    """added, removed, changed or moved."""
    label: str
    lines: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        said = f"{_KINDS[self.kind]}“{self.label}”"
        return f"{said}:{';'.join(self.lines)}" if self.lines else said


_KINDS = {"added": "新增", "removed": "删去", "changed": "改了", "moved": "移动了"}


def changes(before: Items, after: Items) -> tuple[Change, ...]:
    """What somebody must know who knew the version before, in the order of the new one, then what is gone."""
    was = {item.id: item for item in before}
    will = {item.id: item for item in after}
    moved = _moved([one.id for one in before if one.id in will], [one.id for one in after if one.id in was])
    found = []
    for item in after:
        old = was.get(item.id)
        if old is None:
            found.append(Change(kind="added", label=item.label))
        elif lines := _lines(old, item, was, will):
            found.append(Change(kind="changed", label=old.label, lines=lines))
        elif item.id in moved:
            found.append(Change(kind="moved", label=item.label))
    return (*found, *(Change(kind="removed", label=item.label) for item in before if item.id not in will))


def _moved(before: list[str], after: list[str]) -> set[str]:
    stay = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return set(after) - {one for block in stay for one in after[block.b : block.b + block.size]}


def _lines(old: Item, new: Item, was: Mapping[str, Question], will: Mapping[str, Question]) -> tuple[str, ...]:
    found = []
    for field, word in _FIELDS.items():
        one, other = getattr(old, field), getattr(new, field)
        if one != other:
            found.append(f"{word} {_in_words(field, one, was, new.id)} → {_in_words(field, other, will, new.id)}")
    return tuple(found)


def _in_words(field: str, value: Any, items: Mapping[str, Question], itself: str) -> str:
    match field:
        case "kind":
            return KIND_WORDS[value]
        case "shown_if" | "fails_if":
            return conditions.in_words(value, items, itself) if value else "无"
        case "choices":
            return "、".join(one.label for one in value) or "无"
        case "outcomes":
            return "、".join(OUTCOME_WORDS[one] for one in value) or "无"
        case "required" | "photo_if_failed":
            return "要" if value else "不要"
        case "rectify_days":
            return f"{value} 天"
    return "无" if value in (None, "") else str(value)
