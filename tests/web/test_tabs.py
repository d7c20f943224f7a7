"""At most four tabs and 我, whoever looks."""

from itertools import combinations
from uuid import UUID

from server.kernel.actor import Actor, Post, Role
from web.tabs import current, tabs_of


def holding(*roles: Role) -> Actor:
    posts = tuple(Post(id=number, role=role, title=role) for number, role in enumerate(roles))
    return Actor(account_id=UUID(int=1), posts=posts)


def test_a_resident_has_home_the_secretary_their_own_matters_and_me() -> None:
    assert [tab.word for tab in tabs_of(Actor())] == ["首页", "找书记", "我的事", "我"]


def test_there_are_never_more_than_four_and_me() -> None:
    for count in (1, 2, 3, len(Role)):
        for roles in combinations(Role, count):
            tabs = tabs_of(holding(*roles))
            assert 2 <= len(tabs) <= 5
            assert tabs[-1].word == "我"


def test_the_tab_of_a_page_is_the_nearest_one() -> None:
    tabs = tabs_of(holding(Role.SECRETARY))
    assert current(tabs, "/desk") == "/desk"
    assert current(tabs, "/desk/HY1/closure") == "/desk"
    assert current(tabs, "/desktop") == ""
    assert current(tabs_of(Actor()), "/") == "/"
    assert current(tabs_of(Actor()), "/mine/3") == "/mine"
    assert current(tabs_of(Actor()), "/nowhere") == ""
