"""What a re-visit, or its correction, does to what had to be put right. Pure rules.

A correction redoes the settling of the version before it: what that did is taken back, what the new one says is done.
Where somebody has looked again since, or the desk has ended it otherwise, that stands; a case that was made stays, and
the desk is told.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from server.patrols.visit import GONE

TWICE = 2
"""So many re-visits that find it not put right make it a case."""
CASE_STAYS = "corrected_case"

Verdict = Literal["passed", "failed", "not_seen", "nobody", "gone"]
Do = Literal["nothing", "pass", "again", "case", "drop"]
_LEFT: dict[Verdict | None, str] = {"passed": "passed", "gone": "withdrawn"}
"""The state in which a verdict leaves it, where that is not open."""


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands with a rectification when a record about it comes."""

    state: str
    failed: int
    """Re-visits that found it not put right, the corrected one among them."""
    last: bool = True
    """Nobody has looked again since the visit that is corrected."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done."""

    do: Do
    failed: int
    """Re-visits that have found it not put right, afterwards."""
    revisit: bool = False
    """Another re-visit has to be made; the one there is has been spent."""
    mark: str = ""


def verdict(outcome: str, answered: bool, leads: Sequence[str]) -> Verdict:
    """What a record says; `leads`: what each of the items that failed again leads to."""
    if outcome in GONE:
        return "gone"
    if outcome == "nobody_there":
        return "nobody"
    if outcome != "done" or not answered:
        return "not_seen"
    return "passed" if all(one == "fixed" for one in leads) else "failed"


def settle(now: Verdict, stand: Stand, *, was: Verdict | None = None, at_once: bool = False) -> Step:
    """The step that a record asks for; `was` is the verdict of the version that it corrects.

    `at_once`: the worker wants a case now, however often it failed.
    """
    failed = stand.failed - (was == "failed") + (now == "failed")
    if was is not None and _same(was, now):
        return Step(do="nothing", failed=stand.failed)
    if stand.state == "case":
        return Step(do="nothing", failed=stand.failed, mark=CASE_STAYS if was is not None else "")
    if stand.state != _LEFT.get(was, "open"):
        return Step(do="nothing", failed=stand.failed)
    if now == "failed" and (failed >= TWICE or at_once):
        return Step(do="case", failed=failed)
    if not stand.last:
        # A later look decides what is to be done; this one only counts.
        return Step(do="again" if stand.state == "open" else "nothing", failed=failed)
    if now == "passed":
        return Step(do="pass", failed=failed)
    if now == "gone":
        return Step(do="drop", failed=failed)
    if now == "nobody" and was is None:
        return Step(do="nothing", failed=failed)
    return Step(do="again", failed=failed, revisit=was not in ("failed", "not_seen"))


def _same(was: Verdict, now: Verdict) -> bool:
    """Nobody there keeps its task open, and corrected to something that was not looked at it is spent."""
    return was == now or (was == "not_seen" and now == "nobody")
