"""What the person chose to see of the places, as it stands in the URL."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar.datastructures import MultiDict

from server.patrols.lists import Filter

_MOST_WORDS = 60
UNVISITED = ((30, "30 天没去过"), (90, "90 天没去过"), (180, "半年没去过"))


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The query of a list; unknown values in it are passed over, so that an old address still leads somewhere."""

    post: int | None = None
    kind: int | None = None
    community: int | None = None
    grid: int | None = None
    unvisited: int | None = None
    ended: bool = False
    words: str = ""
    after: str = ""

    @property
    def filter(self) -> Filter:
        return Filter(
            kind=self.kind,
            community=self.community,
            grid=self.grid,
            words=self.words,
            unvisited_days=self.unvisited,
            ended=self.ended,
            after=self.after,
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything but the post is chosen."""
        return bool(self.kind or self.community or self.grid or self.unvisited or self.ended or self.words)

    def pairs(self, **changed: Any) -> list[tuple[str, str]]:
        """Names and values of the query with some of it `changed`; where the page before ended only if it is given."""
        one = msgspec.structs.replace(self, **({"after": ""} | changed))
        found = [
            (name, str(value))
            for name in ("post", "kind", "community", "grid", "unvisited")
            if (value := getattr(one, name)) is not None
        ]
        found += [("ended", "1")] if one.ended else []
        return found + [(name, value) for name, value in (("q", one.words), ("after", one.after)) if value]

    def query(self, **changed: Any) -> str:
        """The same as `?…`, or nothing."""
        pairs = self.pairs(**changed)
        return f"?{urlencode(pairs)}" if pairs else ""


def read(query: MultiDict[Any]) -> Choice:
    """The choice that an address holds."""
    unvisited = _number(query, "unvisited")
    return Choice(
        post=_number(query, "post"),
        kind=_number(query, "kind"),
        community=_number(query, "community"),
        grid=_number(query, "grid"),
        unvisited=unvisited if unvisited in dict(UNVISITED) else None,
        ended=str(query.get("ended", "")) == "1",
        words=" ".join(str(query.get("q", "")).replace("\x00", "").split())[:_MOST_WORDS],
        after=str(query.get("after", ""))[:80],
    )


def _number(query: MultiDict[Any], name: str) -> int | None:
    text = str(query.get(name, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
