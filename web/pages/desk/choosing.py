"""What the person chose to see, as it stands in the URL: a post, filters, words, where the page before ended."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar.datastructures import MultiDict

from server.cases import lists
from server.cases.lists import Counts, Filter, Lens
from server.cases.way import OPEN, STATE_WORDS, State
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotFound

FLAGS = ("mine", "overdue", "held", "done")
STATES = tuple(state for state in State if state in OPEN)
_MOST_WORDS = 100


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The query of a list; unknown values in it are passed over, so that an old address still leads somewhere."""

    post: int | None = None
    states: tuple[State, ...] = ()
    mine: bool = False
    overdue: bool = False
    held: bool = False
    done: bool = False
    words: str = ""
    after: str = ""

    @property
    def filter(self) -> Filter:
        return Filter(
            states=self.states,
            mine=self.mine,
            overdue=self.overdue and not self.done,
            held=self.held and not self.done,
            done=self.done,
            words=self.words,
            after=self.after,
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything but the post is chosen."""
        return bool(self.states or self.mine or self.overdue or self.held or self.words or self.after)

    def pairs(self, **changed: Any) -> list[tuple[str, str]]:
        """Names and values of the query with some of it `changed`; where the page before ended only if it is given."""
        one = msgspec.structs.replace(self, **({"after": ""} | changed))
        found = [("post", str(one.post))] if one.post is not None else []
        found += [("state", state.value) for state in one.states]
        found += [(flag, "1") for flag in FLAGS if getattr(one, flag)]
        return found + [(name, value) for name, value in (("q", one.words), ("after", one.after)) if value]

    def query(self, **changed: Any) -> str:
        """The same as `?…`, or nothing."""
        pairs = self.pairs(**changed)
        return f"?{urlencode(pairs)}" if pairs else ""

    def beside(self, path: str, **more: str) -> str:
        """The address of another page that keeps this list beside it."""
        pairs = [*self.pairs(after=self.after), *more.items()]
        return f"{path}?{urlencode(pairs)}" if pairs else path


def read(query: MultiDict[Any]) -> Choice:
    """The choice that an address holds."""
    given = [str(one) for one in query.getall("state", [])]
    post = str(query.get("post", ""))
    return Choice(
        post=int(post) if post.isascii() and post.isdigit() and len(post) < 10 else None,
        states=tuple(state for state in STATES if state.value in given),
        words=" ".join(str(query.get("q", "")).replace("\x00", "").split())[:_MOST_WORDS],
        after=str(query.get("after", ""))[:80],
        **{flag: str(query.get(flag, "")) == "1" for flag in FLAGS},
    )


def lens(by: Actor, roles: tuple[Role, ...], choice: Choice) -> Lens:
    """The lens of the chosen post, which must be one of these roles; of the first such post where none is chosen."""
    able = [post.id for post in lists.lenses(by) if post.role in roles]
    if not able or (choice.post is not None and choice.post not in able):
        raise NotFound()
    return lists.lens(by, choice.post if choice.post is not None else able[0])


def chips(base: str, choice: Choice, counts: Counts) -> list[dict[str, Any]]:
    """The filters as groups of links for the filter bar; a tap on a chosen one lets it go."""

    def chip(word: str, on: bool, count: int | None = None, **changed: Any) -> dict[str, Any]:
        return {"word": word, "on": on, "count": count, "href": f"{base}{choice.query(**changed)}"}

    whose = [
        chip("全部在办", not (choice.mine or choice.done), counts.all, mine=False, done=False),
        chip("我负责的", choice.mine and not choice.done, counts.mine, mine=True, done=False),
        chip("已结束", choice.done, done=True, states=(), overdue=False, held=False),
    ]
    if choice.done:
        return [{"word": "范围", "options": whose}]
    pressing = [chip("超期", choice.overdue, counts.overdue, overdue=not choice.overdue)]
    if counts.held or choice.held:
        pressing.append(chip("待甄别", choice.held, counts.held, held=not choice.held))
    states = [
        chip(STATE_WORDS[state], state in choice.states, counts.by_state.get(state, 0), states=_toggled(choice, state))
        for state in STATES
        if counts.by_state.get(state) or state in choice.states
    ]
    groups = [{"word": "范围", "options": whose}, {"word": "要紧的", "options": pressing}]
    return [*groups, {"word": "进度", "options": states}] if states else groups


def unit_chips(base: str, choice: Choice, counts: Counts) -> list[dict[str, Any]]:
    """The same for a unit: what is to take on, what is in hand, what waits for others, what is over."""
    parts = (
        ("待接单", (State.DISPATCHED,)),
        ("处理中", (State.IN_HAND,)),
        ("等核查、结案", (State.FINISHED, State.CHECKED)),
    )
    plain: dict[str, Any] = {"states": (), "mine": False, "overdue": False, "done": False}

    def chip(word: str, on: bool, count: int | None, **changed: Any) -> dict[str, Any]:
        return {"word": word, "on": on, "count": count, "href": f"{base}{choice.query(**plain | changed)}"}

    todo = sum(counts.by_state.get(state, 0) for state in (State.DISPATCHED, State.IN_HAND))
    options = [chip("要办的", not (choice.narrowed or choice.done), todo)]
    options += [
        chip(word, choice.states == states, sum(counts.by_state.get(one, 0) for one in states), states=states)
        for word, states in parts
    ]
    options.append(chip("我的", choice.mine, counts.mine, mine=True))
    options.append(chip("超期", choice.overdue, counts.overdue, overdue=True))
    options.append(chip("已结束", choice.done, None, done=True))
    return [{"word": "看哪些", "options": options}]


def _toggled(choice: Choice, state: State) -> tuple[State, ...]:
    if state in choice.states:
        return tuple(one for one in choice.states if one is not state)
    return (*choice.states, state)
