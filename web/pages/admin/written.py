"""What an administrator writes as text: a form as JSON, days one to a line."""

import json
import re
from datetime import date
from typing import Any

from server.kernel.errors import Invalid

LONGEST = 60_000
MOST_DAYS = 120
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def form(text: str, name: str = "questions", word: str = "附加问题") -> list[dict[str, Any]]:
    """Extra questions (or the items of a checklist) from JSON; nothing is no question.

    Raises `Invalid` that says in the field `name` where the writing is wrong.
    """
    if not text.strip():
        return []
    if len(text) > LONGEST:
        raise Invalid({name: f"{word}太长了,最多 {LONGEST} 个字。"})
    try:
        read = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise Invalid({name: f"第 {error.lineno} 行第 {error.colno} 个字附近写法不对,请检查引号和逗号。"}) from None
    except (ValueError, RecursionError):
        raise Invalid({name: "写法不对:数字太大,或者套得太深。"}) from None
    if not isinstance(read, list):
        raise Invalid({name: f"应是{word[-2:]}的列表,用 [ 开头,用 ] 结尾。"})
    return read


def text(questions: list[dict[str, Any]]) -> str:
    """A form as an administrator reads it: one line for each thing."""
    return json.dumps(questions, ensure_ascii=False, indent=2) if questions else ""


def days(typed: str, name: str) -> frozenset[date]:
    """Days as 2027-01-01, one to a line; raises `Invalid` naming each line that is none."""
    found, wrong = set(), []
    for number, line in enumerate(typed.split("\n"), 1):
        plain = line.strip()
        try:
            if plain:
                found.add(date.fromisoformat(plain) if _DAY.fullmatch(plain) else _no_number(plain))
        except ValueError:
            wrong.append(f"第 {number} 行“{plain[:20]}”不是 2027-01-01 这样的日期")
    if len(found) > MOST_DAYS:
        wrong.append(f"日子太多,最多 {MOST_DAYS} 天")
    if wrong:
        more = f";还有 {len(wrong) - 5} 行" if len(wrong) > 5 else ""
        raise Invalid({name: ";".join(wrong[:5]) + more + "。"})
    return frozenset(found)


def _no_number(plain: str) -> Any:
    raise ValueError(plain)
