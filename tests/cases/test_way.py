"""The way as a table: nothing leads nowhere, nobody is left without a way out."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from server.cases import way
from server.cases.way import OPEN, STATE_WORDS, Relation, State


def test_every_state_has_words() -> None:
    assert set(STATE_WORDS) == set(State)


def test_every_open_state_can_be_left() -> None:
    for state in OPEN:
        leaving = [step for step in way.WAY if state in step.states and step.leads_to not in (None, state)]
        assert leaving or state is State.ASKED, state


def test_every_state_can_be_reached_from_reported() -> None:
    reached = {State.REPORTED}
    while True:
        more = {step.leads_to for step in way.WAY if step.leads_to and step.states & reached} - reached
        if not more:
            break
        reached |= more
    assert reached == set(State)


@given(st.sampled_from(list(State)), st.sets(st.sampled_from(list(Relation))))
def test_nobody_may_do_what_the_table_does_not_say(state: State, relations: set[Relation]) -> None:
    for step in way.allowed(state, relations):
        assert state in step.states
        assert step.who & relations


def test_who_has_nothing_to_do_with_a_case_may_do_nothing() -> None:
    assert all(way.allowed(state, ()) == () for state in State)


def test_a_reporter_never_gets_an_inner_step() -> None:
    verbs = {step.verb for state in State for step in way.allowed(state, {Relation.REPORTER})}
    assert verbs == {"reply", "rate", "reopen", "withdraw", "add"}


def test_the_table_in_the_docs_is_current() -> None:
    assert way.as_markdown() in Path("docs/way.md").read_text()
