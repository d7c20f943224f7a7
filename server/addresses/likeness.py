"""How like is an address of the register to what somebody wrote? Pure: a confidence from 0 to 1, and why, in words."""

from collections.abc import Collection

import msgspec

from server.addresses.spelling import Parts, Reading

SURE = 0.8
"""From here on an answer is taken where no other comes near."""
NEAR = 0.08
"""Answers within this distance of the best count as just as good."""

_WORDS = {"road": "路名", "number": "门牌", "compound": "小区", "building": "楼栋", "unit": "单元", "room": "房号"}
_DIFFERS = {"number": 0.5, "building": 0.45, "unit": 0.75, "room": 0.75}
"""What is left of the confidence where a figure differs."""
_MISSED = {"number": 0.9, "building": 0.85, "unit": 0.97, "room": 0.97}
"""The same where the text has a figure and the register none."""
_OPEN = {"building": 0.94}
"""The same where the register has several and the text says nothing."""


class Likeness(msgspec.Struct, frozen=True):
    """Confidence from 0 to 1, and the reasons in words."""

    confidence: float
    reasons: tuple[str, ...]


def likeness(
    reading: Reading,
    address: Parts,
    *,
    whole: bool,
    roads: Collection[str],
    compounds: Collection[str],
    unsaid: Collection[str] = (),
    alias: str = "",
    chosen_community: bool | None = None,
) -> Likeness:
    """Compare a reading with an address found for it.

    `roads` and `compounds` are the names that may hide in the text; `unsaid` the parts that are registered there and
    that the text leaves out; `whole` says that the whole texts agree; `alias` is the other name by which it was found;
    `chosen_community` whether it lies where the teller said (None: unsaid).
    """
    said = reading.parts
    agree = [name for name in ("number", "building", "unit", "room") if _both(said, address, name)]
    road, compound = address.road in roads, address.compound in compounds
    anchor, named = _anchor(road, compound, "number" in agree, "building" in agree)
    confidence, reasons = (0.98, ["地址完全一致"]) if whole else (anchor, [])
    if not whole:
        if agreeing := [*named, *(_WORDS[name] for name in agree)]:
            reasons.append("、".join(agreeing) + "一致")
        confidence, more = _figures(confidence, said, address, road or not compound, unsaid)
        reasons += more
        if compound and not road and len(address.compound) < 3 and address.compound not in reading.words:
            confidence *= 0.7  # two signs stand in many a sentence by chance
        if said.road and not road and address.road:
            confidence, reasons = confidence * 0.8, [*reasons, "路名不同"]
        if said.building and address.compound and not compound and _names_another(reading, road):
            confidence, reasons = confidence * 0.9, [*reasons, "小区名对不上"]
    if alias:
        reasons.append(f"别名“{alias}”")
    if chosen_community is not None:
        confidence *= 1.0 if chosen_community else 0.6
        reasons.append("社区一致" if chosen_community else "不在所选社区")
    return Likeness(round(min(confidence, 0.99), 2), tuple(reasons))


def _anchor(road: bool, compound: bool, number: bool, building: bool) -> tuple[float, list[str]]:
    """What the names give, with the figure that belongs to each."""
    named = ["路名"] * road + ["小区"] * compound
    if road and number:
        return (0.97 if compound else 0.93), named
    if compound and building:
        return (0.95 if road else 0.92), named
    if compound:
        return 0.87, named
    return (0.5 if road else 0.2), named


def _figures(
    confidence: float, said: Parts, address: Parts, number_matters: bool, unsaid: Collection[str]
) -> tuple[float, list[str]]:
    differing, missed, left = [], [], []
    for name in ("number", "building", "unit", "room"):
        mine, theirs = getattr(said, name), getattr(address, name)
        if mine and theirs and mine != theirs and (name != "number" or number_matters or not said.road):
            confidence *= _DIFFERS[name]
            differing.append(_WORDS[name])
        elif mine and not theirs:
            confidence *= _MISSED[name]
            missed.append(_WORDS[name])
        elif name in unsaid and not mine and name != "number":
            confidence *= _OPEN.get(name, 1.0)
            left.append(_WORDS[name])
    reasons = [f"{'、'.join(differing)}不同"] if differing else []
    reasons += [f"登记里没有{'、'.join(missed)}"] if missed else []
    return confidence, reasons + ([f"没有写{'、'.join(left)}"] if left else [])


def _both(said: Parts, address: Parts, name: str) -> bool:
    return bool(getattr(said, name)) and getattr(said, name) == getattr(address, name)


def _names_another(reading: Reading, road: bool) -> bool:
    """Whether words are left that may name a compound other than this one."""
    return bool(reading.parts.compound) and not (road and len(reading.words) == 1)
