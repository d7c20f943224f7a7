"""What a re-visit and its correction settle: the rule alone, for every pair of verdicts."""

from typing import get_args

import pytest

from server.patrols.settling import CASE_STAYS, TWICE, Stand, Step, Verdict, settle, verdict

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def left_by(was: Verdict, failed: int = 0) -> Stand:
    """How it stands after a first version said this."""
    state = {"passed": "passed", "gone": "withdrawn"}.get(was, "open")
    return Stand(state=state, failed=failed + (was == "failed"))


@pytest.mark.parametrize(
    ("outcome", "answered", "leads", "said"),
    [
        ("done", True, [], "passed"),
        ("done", True, ["fixed", "fixed"], "passed"),
        ("done", True, ["fixed", "rectify"], "failed"),
        ("done", True, ["note"], "failed"),
        ("done", False, [], "not_seen"),
        ("refused", True, [], "not_seen"),
        ("nobody_there", False, [], "nobody"),
        ("closed_down", False, [], "gone"),
        ("moved", True, ["rectify"], "gone"),
    ],
)
def test_what_a_record_says(outcome: str, answered: bool, leads: list[str], said: str) -> None:
    assert verdict(outcome, answered, leads) == said


@pytest.mark.parametrize(
    ("now", "step"),
    [
        ("passed", Step(do="pass", failed=0)),
        ("failed", Step(do="again", failed=1, revisit=True)),
        ("not_seen", Step(do="again", failed=0, revisit=True)),
        ("nobody", Step(do="nothing", failed=0)),
        ("gone", Step(do="drop", failed=0)),
    ],
)
def test_a_first_look(now: Verdict, step: Step) -> None:
    assert settle(now, Stand(state="open", failed=0)) == step


def test_failed_twice_or_wanted_at_once_it_is_a_case() -> None:
    assert settle("failed", Stand(state="open", failed=TWICE - 1)) == Step(do="case", failed=TWICE)
    assert settle("failed", Stand(state="open", failed=0), at_once=True) == Step(do="case", failed=1)


@pytest.mark.parametrize(
    ("was", "now", "step"),
    [
        ("failed", "passed", Step(do="pass", failed=0)),
        ("passed", "failed", Step(do="again", failed=1, revisit=True)),
        ("failed", "not_seen", Step(do="again", failed=0)),
        ("not_seen", "failed", Step(do="again", failed=1)),
        ("not_seen", "passed", Step(do="pass", failed=0)),
        ("passed", "nobody", Step(do="again", failed=0, revisit=True)),
        ("passed", "gone", Step(do="drop", failed=0)),
        ("gone", "passed", Step(do="pass", failed=0)),
        ("gone", "failed", Step(do="again", failed=1, revisit=True)),
        ("nobody", "passed", Step(do="pass", failed=0)),
        ("nobody", "failed", Step(do="again", failed=1, revisit=True)),
        ("failed", "gone", Step(do="drop", failed=0)),
    ],
)
def test_a_correction_redoes_it(was: Verdict, now: Verdict, step: Step) -> None:
    assert settle(now, left_by(was), was=was) == step


def test_a_correction_to_the_second_failure_makes_the_case() -> None:
    assert settle("failed", left_by("passed", 1), was="passed") == Step(do="case", failed=2)
    assert settle("failed", left_by("passed"), was="passed", at_once=True) == Step(do="case", failed=1)


@pytest.mark.parametrize("was", VERDICTS)
def test_saying_the_same_again_settles_nothing_anew(was: Verdict) -> None:
    for state in ("open", "passed", "case", "withdrawn"):
        assert settle(was, Stand(state=state, failed=1), was=was) == Step(do="nothing", failed=1)


@pytest.mark.parametrize("was", VERDICTS)
@pytest.mark.parametrize("now", VERDICTS)
def test_a_case_stays_and_the_desk_is_told(was: Verdict, now: Verdict) -> None:
    step = settle(now, Stand(state="case", failed=2), was=was)
    assert (step.do, step.failed) == ("nothing", 2)
    assert step.mark == (CASE_STAYS if was != now and (was, now) != ("not_seen", "nobody") else "")


@pytest.mark.parametrize("was", VERDICTS)
@pytest.mark.parametrize("now", VERDICTS)
def test_what_ended_otherwise_stands(was: Verdict, now: Verdict) -> None:
    ended = "passed" if left_by(was).state == "withdrawn" else "withdrawn"
    assert settle(now, Stand(state=ended, failed=1), was=was).do == "nothing"


@pytest.mark.parametrize("was", VERDICTS)
@pytest.mark.parametrize("now", VERDICTS)
def test_nothing_open_is_left_without_a_revisit_and_no_failure_is_counted_twice(was: Verdict, now: Verdict) -> None:
    before = left_by(was)
    step = settle(now, before, was=was)
    after = {"pass": "passed", "drop": "withdrawn", "case": "case", "again": "open"}.get(step.do, before.state)
    waits = was in ("failed", "not_seen") or (was == "nobody" and now == "nobody")
    assert after != "open" or waits or step.revisit
    assert step.failed == (now == "failed")


def test_who_looked_later_decides_and_the_corrected_one_only_counts() -> None:
    later = Stand(state="open", failed=1, last=False)
    assert settle("passed", later, was="failed") == Step(do="again", failed=0)
    assert settle("passed", later, was="not_seen") == Step(do="again", failed=1)
    assert settle("failed", later, was="not_seen") == Step(do="case", failed=2)
