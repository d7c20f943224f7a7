"""Nothing floats: the pure rule of whose a case is, and the rows that keep it."""

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from server.cases import ownership
from server.kernel.actor import Role
from server.people.candidates import Candidate

COMMUNITY, STREET, DISTRICT = 3, 2, 1
LINE = (COMMUNITY, STREET, DISTRICT)


def held(post_id: int, role: Role, area: int) -> Candidate:
    return Candidate(post_id, role, area, uuid4())


STAFF = held(1, Role.COMMUNITY_STAFF, COMMUNITY)
SECRETARY = held(2, Role.SECRETARY, COMMUNITY)
STREET_SECRETARY = held(3, Role.SECRETARY, STREET)
CENTRE = held(4, Role.CENTRE_OFFICER, DISTRICT)


def test_a_public_case_goes_to_the_community_staff() -> None:
    owner = ownership.choose_desk([STAFF, SECRETARY, CENTRE], LINE, private=False, lot=7)
    assert owner == ownership.Owner(1)


def test_where_no_staff_is_there_the_secretary_takes_it_and_that_is_no_alarm() -> None:
    assert ownership.choose_desk([SECRETARY, CENTRE], LINE, private=False, lot=7) == ownership.Owner(2)


def test_an_empty_community_falls_up_and_says_so() -> None:
    assert ownership.choose_desk([STREET_SECRETARY, CENTRE], LINE, private=False, lot=7) == ownership.Owner(
        3, fell=True
    )


def test_a_private_case_passes_by_the_staff() -> None:
    assert ownership.choose_desk([STAFF, SECRETARY], LINE, private=True, lot=7) == ownership.Owner(2)


def test_a_private_case_climbs_to_the_next_secretary_before_any_centre() -> None:
    found = ownership.choose_desk([STAFF, STREET_SECRETARY, CENTRE], LINE, private=True, lot=7)
    assert found == ownership.Owner(3, fell=True)


def test_colleagues_share_by_lot() -> None:
    other = held(9, Role.COMMUNITY_STAFF, COMMUNITY)
    owners = {ownership.choose_desk([STAFF, other], LINE, private=False, lot=lot) for lot in range(4)}
    assert owners == {ownership.Owner(1), ownership.Owner(9)}


def test_an_empty_unit_falls_to_the_secretary() -> None:
    assert ownership.choose_above([STAFF, SECRETARY], LINE, lot=7) == ownership.Owner(2, fell=True)


posts = st.lists(
    st.builds(
        held,
        st.integers(1, 50),
        st.sampled_from([Role.COMMUNITY_STAFF, Role.SECRETARY, Role.CENTRE_OFFICER]),
        st.sampled_from(LINE),
    ),
    min_size=1,
    max_size=6,
)


@given(posts, st.booleans(), st.integers(0, 0xFFFF))
def test_whoever_is_left_a_public_case_has_an_owner(there: list[Candidate], private: bool, lot: int) -> None:
    owner = ownership.choose_desk(there, LINE, private, lot)
    if not private or any(one.role is not Role.COMMUNITY_STAFF for one in there):
        assert owner is not None
    assert owner is None or owner.post_id in [one.post_id for one in there]
    assert ownership.choose_above(there, LINE, lot) is not None
