"""The items of a checklist as the editor's fields, i0.label, i0.kind …, and back; nothing typed is lost on the way.

A field is one text; boxes send "on". What cannot be read is named for its item and stays in its field.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from server.forms import conditions
from server.forms.checklist_definitions import CANNOT_FAIL, MOST_ITEMS, check_items
from server.forms.checklists import OUTCOMES, RECTIFY_DAYS, Item, read_items
from server.forms.questions import Question

Row: TypeAlias = dict[str, str]
"""The fields of one item by name (FIELDS); an empty one is not there or ""."""

JSON_LONGEST = 4000
TEXTS = ("label", "help", "demanded_by", "rule", "remedy", "photo_reason", "position_reason")
FIELDS = (
    "id",
    "kind",
    *TEXTS,
    "required",
    "photo_if_failed",
    "min",
    "max",
    "choices",
    *(f"{prefix}_{part}" for prefix in ("if", "fails") for part in ("item", "test", "value", "json")),
    *(f"outcome_{one}" for one in OUTCOMES),
    "rectify_days",
)
_NAME = re.compile(r"i([0-9]{1,3})[.]([a-z_]{1,20})")
_NUMBER = re.compile(r"-?[0-9]{1,15}([.][0-9]{1,10})?")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．－＋", "0123456789.-+")
_NEW_ID = re.compile("q([0-9]{1,6})")


class Draft(msgspec.Struct, frozen=True):
    """What somebody is writing: the rows, the items as far as they can be read, and what is wrong, by row."""

    rows: list[Row]
    items: list[dict[str, Any]]
    wrong: dict[int, list[str]]
    """From 0; -1 is the whole."""

    @property
    def readable(self) -> list[Item]:
        """The items for a preview: up to the first that cannot be read nothing is missing, after it something may."""
        bad = {number for number in self.wrong if number >= 0}
        return list(read_items([one for number, one in enumerate(self.items) if number not in bad]))


def rows_sent(sent: Mapping[str, str]) -> list[Row]:
    """The rows of a form, in order; more than a checklist can have fall away."""
    found: dict[int, Row] = {}
    for name, value in sent.items():
        if match := _NAME.fullmatch(name):
            found.setdefault(int(match[1]), {})[match[2]] = value.replace("\r\n", "\n")
    return [found[number] for number in sorted(found)][: MOST_ITEMS + 1]


def act(rows: Sequence[Row], do: str) -> tuple[list[Row], int | None]:
    """Add, move or remove an item ("add", "up:3", "down:3", "remove:3", "open:3"); the rows, and which to open."""
    rows = list(rows)
    verb, _, place = do.partition(":")
    number = int(place) if place.isascii() and place.isdigit() and int(place) < len(rows) else None
    match verb:
        case "add":
            rows.append(new_row(rows))
            return rows, len(rows) - 1
        case "up" | "down" if number is not None:
            to = min(max(number + (1 if verb == "down" else -1), 0), len(rows) - 1)
            rows.insert(to, rows.pop(number))
            return rows, to
        case "remove" if number is not None:
            del rows[number]
            return rows, None
    return rows, number


def new_row(rows: Sequence[Row]) -> Row:
    """An empty item with an id that no row has."""
    taken = [int(match[1]) for row in rows if (match := _NEW_ID.fullmatch(row.get("id", "")))]
    return row_of(Item(id=f"q{max(taken, default=0) + 1}", kind="check", label="", required=True), {})


def rows_of(items: Sequence[Item]) -> list[Row]:
    """Published items as rows."""
    by_id: dict[str, Question] = {item.id: item for item in items}
    return [row_of(item, by_id) for item in items]


def row_of(item: Item, by_id: Mapping[str, Question]) -> Row:
    """One item as a row; conditions as three fields where they are so simple, else as JSON."""
    row = {name: getattr(item, name) for name in ("id", "kind", *TEXTS)}
    row |= {name: "on" for name in ("required", "photo_if_failed") if getattr(item, name)}
    row |= {name: _plain(bound) for name in ("min", "max") if (bound := getattr(item, name)) is not None}
    row |= {f"outcome_{one}": "on" for one in item.outcomes}
    row["rectify_days"] = str(item.rectify_days)
    row["choices"] = "\n".join(
        one.label if one.label == one.value else f"{one.value}={one.label}" for one in item.choices
    )
    return row | _condition_row("if", item.shown_if, by_id) | _condition_row("fails", item.fails_if, by_id)


def draft(rows: Sequence[Row]) -> Draft:
    """What rows say: items as JSON, and everything that is wrong with them."""
    items: list[dict[str, Any]] = []
    by_id: dict[str, Question] = {}
    wrong: dict[int, list[str]] = {}
    for number, row in enumerate(rows):
        mends: list[str] = []
        raw = _item(row, by_id, mends)
        items.append(raw)
        if mends:
            wrong[number] = mends
        by_id[row.get("id", "")] = msgspec.convert(
            {name: raw[name] for name in ("id", "kind", "label", "choices") if name in raw}, Question
        )
    for one in check_items(items):
        wrong.setdefault(one.number - 1, []).append(one.words)
    return Draft([dict.fromkeys(FIELDS, "") | row for row in rows], items, wrong)


def _item(row: Row, by_id: Mapping[str, Question], mends: list[str]) -> dict[str, Any]:
    raw: dict[str, Any] = {"id": row.get("id", ""), "kind": row.get("kind", ""), "label": row.get("label", "").strip()}
    raw |= {name: text for name in TEXTS[1:] if (text := row.get(name, "").strip())}
    raw |= {name: True for name in ("required", "photo_if_failed") if row.get(name) == "on"}
    kind = raw["kind"]
    if kind != "position":
        raw.pop("position_reason", None)
    if kind in ("choice", "choices"):
        raw["choices"] = _choices(row.get("choices", ""))
    if kind in ("number", "text", "choices", "date", "photo"):
        raw |= {name: _bound(kind, text) for name in ("min", "max") if (text := row.get(name, "").strip())}
    if condition := _condition(row, "if", by_id, mends):
        raw["shown_if"] = condition
    me = msgspec.convert({name: raw[name] for name in ("id", "kind", "label", "choices") if name in raw}, Question)
    if kind not in CANNOT_FAIL and (condition := _condition(row, "fails", {me.id: me}, mends)):
        raw["fails_if"] = condition
    outcomes = [one for one in OUTCOMES if row.get(f"outcome_{one}") == "on"]
    if outcomes != list(OUTCOMES):
        raw["outcomes"] = outcomes
    days = row.get("rectify_days", "").strip().translate(_FULL_WIDTH)
    if not days.isascii() or not days.isdigit() or len(days) > 4:
        mends.append("整改期限应是天数")
    elif int(days) != RECTIFY_DAYS:
        raw["rectify_days"] = int(days)
    return raw


def _choices(text: str) -> list[dict[str, str]]:
    found = []
    for line in text.split("\n"):
        value, equals, label = line.strip().partition("=")
        if value.strip():
            found.append({"value": value.strip(), "label": label.strip() if equals else value.strip()})
    return found


def _bound(kind: str, text: str) -> float | int | str:
    plain = text.translate(_FULL_WIDTH)
    if kind == "date" or not _NUMBER.fullmatch(plain):
        return text
    return float(plain) if "." in plain else int(plain)


def _condition_row(prefix: str, condition: Any, by_id: Mapping[str, Question]) -> Row:
    if condition is None:
        return {}
    simple = conditions.as_written(condition, by_id)
    if simple is None:
        return {f"{prefix}_test": "json", f"{prefix}_json": json.dumps(condition, ensure_ascii=False)}
    return {f"{prefix}_item": simple.question, f"{prefix}_test": simple.test, f"{prefix}_value": simple.value}


def _condition(row: Row, prefix: str, by_id: Mapping[str, Question], mends: list[str]) -> Any:
    """The condition of a row; None without one, and with a mend where it cannot be read."""
    name = "显示条件" if prefix == "if" else "不合格的条件"
    test = row.get(f"{prefix}_test", "")
    if test == "json":
        return _json(row.get(f"{prefix}_json", ""), name, mends)
    asked = row.get("id", "") if prefix == "fails" else row.get("if_item", "")
    if test not in conditions.TEST_WORDS or not asked:
        return None
    if asked not in by_id:
        mends.append(f"{name}里的那一项应在这一项之前,请重选")
        return None
    written = conditions.Written(asked, test, row.get(f"{prefix}_value", ""))
    try:
        return conditions.read_written(written, by_id[asked])
    except ValueError as error:
        mends.append(f"{name}:{error}")
        return None


def _json(text: str, name: str, mends: list[str]) -> Any:
    try:
        if len(text) <= JSON_LONGEST and isinstance(found := json.loads(text), dict):
            return found
    except (ValueError, RecursionError):
        pass
    mends.append(f"{name}的写法不对,请检查引号和括号")
    return None


def _plain(bound: object) -> str:
    return str(int(bound)) if isinstance(bound, float) and bound.is_integer() else str(bound)
