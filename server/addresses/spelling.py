"""How an address is written: many ways for the same, brought to one. Pure; takes any text, never raises.

normal("榕荫路 12 号,三幢")      "榕荫路12号,3幢"
parts("榕荫路12号春风花园三幢2-501") road 榕荫路, number 12, compound 春风花园, building 3, unit 2, room 501
"""

import re
import unicodedata
from collections.abc import Sequence

import msgspec

LONGEST = 120
"""Characters of an address that are looked at."""
BREAK = ","
"""Stands where words end: punctuation, and parts already read."""

_DASHES = re.compile(r"[\-\u2010-\u2015\u2212\u2500~_/\\]+")
_NUMERALS = re.compile("第?([零〇一二三四五六七八九十百]{1,5})(?=号|栋|幢|座|单元|梯|层|楼|室|房|门)")
_SPELT_ROOM = re.compile("(?<=[栋幢座号元梯])[零〇一二三四五六七八九]{3,4}(?![号路街巷道弄栋幢座])")
_DIGIT = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0}
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"

_FURTHER = "(?:[A-Z]?[0-9]{1,4}[A-Z]?|[A-Z])"
_TRIPLE = re.compile(rf"(?<![0-9A-Z-])({_FURTHER})-([0-9]{{1,2}})-([0-9]{{2,5}}[A-Z]?)(?![0-9-])(?:室|房|号房)?")
_PAIR = re.compile(rf"(?<![0-9A-Z路街巷道弄栋幢座楼#-])({_FURTHER})-([0-9]{{3,5}}[A-Z]?)(?![0-9号-])(?:室|房|号房)?")
_BUILDING = re.compile(rf"({_FURTHER}|[东西南北中](?=[座栋幢]))(?:号楼|号栋|号|#)?(?:栋|幢|座|(?<=号)楼|(?<=#)楼?)楼?")
_NUMBER_BUILDING = re.compile(r"([A-Z]?[0-9]{1,4}[A-Z]?)号楼")
_UNIT_ROOM = re.compile(r"^-?([0-9]{1,2})-([0-9]{2,5}[A-Z]?)(?![0-9号])(?:室|房|号房)?")
_UNIT = re.compile(r"([0-9]{1,2}|[A-Z])(?:单元|梯|门(?![口牌前卫岗诊店面]))")
_ROOM = re.compile(r"([A-Z]?[0-9]{2,5}[A-Z]?)(?:室|号房|房(?!东|子|屋)|户(?!外))")
_BARE_ROOM = re.compile(r"^-?([0-9]{3,5}[A-Z]?)(?![0-9号米])")
_FLOOR = re.compile(r"(?<![0-9])([0-9]{1,2})(?:楼|层)")
_NUMBER = re.compile(r"([0-9]{1,5}[A-Z]?(?:-[0-9]{1,4})?)号(?!线|院线)院?(?:[之附-]([0-9]{1,4})(?![0-9-])号?)?")
_ROAD_NUMBER = re.compile(r"(?<=[路街巷道弄])([0-9]{1,5}[A-Z]?(?:-[0-9]{1,4})?)(?![0-9A-Z-])")
_ROAD_END = re.compile("[路街巷道弄]")

_ABOVE = re.compile(
    rf"^(?:[{_HAN}]{{2,7}}?(?:省|自治区),?)?"
    rf"(?:[{_HAN}]{{2,6}}?市,?(?=[{_HAN}]{{1,6}}?(?<![小园社业校厂片城])[区县]|[{_HAN}]{{2,6}}?(?:街道|镇)))?"
    rf"(?:[{_HAN}]{{1,6}}?(?<![小园社业校厂片城])[区县],?(?=.))?"
    rf"(?:[{_HAN}]{{2,6}}?(?:街道(?!口)|镇|乡)(?:办事处)?,?(?=.))?"
    rf"(?:[{_HAN}]{{2,8}}?(?:社区|居委会|村委会),?(?=.))?"
)


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What an address consists of, normalised; "" where it says nothing."""

    road: str = ""
    number: str = ""
    compound: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""

    @property
    def says_something(self) -> bool:
        return any(getattr(self, name) for name in self.__struct_fields__)


PARTS = Parts.__struct_fields__


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """An address read: its parts, the runs of words that are left, and the whole to compare with."""

    parts: Parts
    words: tuple[str, ...]
    """Runs of words outside the parts with figures: road and compound hide in them, among whatever was said."""
    whole: str


def normal(text: str) -> str:
    """One way of writing: half-width, capitals, Arabic numerals before 号 栋 单元 …, one dash, no spaces."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST])[:LONGEST].upper()
    folded = _DASHES.sub("-", folded)
    folded = re.sub(r"(?<=[0-9A-Z])\s+(?=[0-9])", "-", folded)
    folded = re.sub(r"\s+", "", folded)
    folded = re.sub(rf"[^{_HAN}0-9A-Z#〇-]+", BREAK, folded)
    folded = _NUMERALS.sub(lambda found: _value(found[1]), folded)
    return _SPELT_ROOM.sub(lambda found: _value(found[0]), folded)


def without_above(text: str, above: Sequence[str] = ()) -> str:
    """A normalised text without the areas it begins with: those named `above`, and what is plainly written as one."""
    for name in above:
        if name and text.startswith(name) and len(text) > len(name):
            text = text[len(name) :].lstrip(BREAK)
    found = _ABOVE.match(text)
    return text[found.end() :] if found else text


def read(text: str, above: Sequence[str] = ()) -> Reading:
    """Take an address apart; `above` are the names of district, street and community that it may begin with."""
    rest = without_above(normal(text), above).strip(BREAK + "-")
    whole = rest.replace(BREAK, "")
    found: dict[str, str] = {}
    rest, after = _figures(rest, found)
    runs = [(begin, run) for begin, run in _runs(rest) if not run.isdigit()]
    road, compound = _names(runs, after)
    parts = Parts(road=road, compound=compound, **found)
    return Reading(parts=parts, words=tuple(run for _, run in runs), whole=whole)


def parts(text: str, above: Sequence[str] = ()) -> Parts:
    """The parts of an address alone."""
    return read(text, above).parts


def _figures(rest: str, found: dict[str, str]) -> tuple[str, int]:
    """Take building, unit, room and number out of the text; where the number began comes back (-1: nowhere)."""
    ends = -1
    if hit := _TRIPLE.search(rest):
        found |= {"building": _plain(hit[1]), "unit": _plain(hit[2]), "room": hit[3]}
        rest, _ = _cut(rest, hit)
    elif hit := _PAIR.search(rest):
        found |= {"building": _plain(hit[1]), "room": hit[2]}
        rest, _ = _cut(rest, hit)
    if "building" not in found and (hit := _NUMBER_BUILDING.search(rest) or _BUILDING.search(rest)):
        found["building"] = _plain(hit[1])
        rest, ends = _cut(rest, hit)
        if further := _UNIT_ROOM.match(rest[ends:]):
            found |= {"unit": _plain(further[1]), "room": further[2]}
            rest = rest[:ends] + BREAK * further.end() + rest[ends + further.end() :]
    if "unit" not in found and (hit := _UNIT.search(rest)):
        found["unit"] = _plain(hit[1])
        rest, ends = _cut(rest, hit)
    rest, number_at, number_ends = _number(rest, found)
    return _room(rest, found, max(ends, number_ends)), number_at


def _number(rest: str, found: dict[str, str]) -> tuple[str, int, int]:
    if hit := _NUMBER.search(rest):
        found["number"] = _plain(hit[1]) + (f"-{hit[2]}" if hit[2] else "")
    elif hit := _ROAD_NUMBER.search(rest):
        found["number"] = _plain(hit[1])
    if not hit:
        return rest, -1, -1
    rest, ends = _cut(rest, hit)
    return rest, hit.start(), ends


def _room(rest: str, found: dict[str, str], ends: int) -> str:
    if "room" in found:
        return rest
    if hit := _ROOM.search(rest):
        found["room"] = hit[1]
        return _cut(rest, hit)[0]
    if ends >= 0 and (hit := _BARE_ROOM.match(rest[ends:])):
        found["room"] = hit[1]
        return rest[:ends] + BREAK * hit.end() + rest[ends + hit.end() :]
    if hit := _FLOOR.search(rest):
        found["room"] = f"{hit[1]}层"
        return _cut(rest, hit)[0]
    return rest


def _names(runs: Sequence[tuple[int, str]], number_at: int) -> tuple[str, str]:
    """Road and compound among the runs of words: the road ends where the number was, or with 路 街 巷 道 弄."""
    road, rest = "", []
    for begin, run in runs:
        if not road and number_at >= 0 and begin + len(run) == number_at:
            road = run
        elif not road and number_at < 0 and (cut := _road_within(run)):
            road = run[:cut]
            rest += [run[cut:]] if run[cut:] else []
        else:
            rest.append(run)
    compound = next((run for run in rest if len(run) > 1), "")
    if road and not _ROAD_END.search(road) and not compound:
        road, compound = "", road  # 春风花园12号: no road, the number is the compound's
    return road, compound.removesuffix("小区") if len(compound) > 3 else compound


def _road_within(run: str) -> int:
    """Where the road at the beginning of a run ends; 0 where there is none, or it is the name of a compound."""
    ends = [hit.end() for hit in _ROAD_END.finditer(run) if hit.end() >= 3]
    fits = [end for end in ends if end == len(run) or len(run) - end >= 3]
    return fits[-1] if fits else 0


def _runs(rest: str) -> list[tuple[int, str]]:
    return [(hit.start(), hit[0].strip("#-")) for hit in re.finditer(f"[^{BREAK}]+", rest) if hit[0].strip("#-")]


def _cut(rest: str, hit: re.Match[str]) -> tuple[str, int]:
    """The text with a hit blanked out, as long as before; where the hit ended."""
    return rest[: hit.start()] + BREAK * (hit.end() - hit.start()) + rest[hit.end() :], hit.end()


def _plain(figure: str) -> str:
    return figure.lstrip("0") or "0"


def _value(signs: str) -> str:
    """Chinese numerals as figures: 十二 12, 二十三 23, 五零一 501."""
    if "十" not in signs and "百" not in signs:
        return "".join(str(_DIGIT[sign]) for sign in signs)
    total, digit = 0, 0
    for sign in signs:
        if sign in "十百":
            total, digit = total + (digit or 1) * (10 if sign == "十" else 100), 0
        else:
            digit = _DIGIT[sign]
    return str(total + digit)
