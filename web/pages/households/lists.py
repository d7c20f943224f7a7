"""The list of households, and what is still open to the members of a community."""

from typing import Any
from urllib.parse import urlencode

from litestar import get
from litestar.response import Template

from server.households import links, lists, tags
from server.households.household import KEEPERS
from server.households.lists import Filter
from server.kernel.actor import Post
from server.kernel.errors import NotFound
from web.fragments import AnyRequest, actor_of
from web.pages.admin.acting import Filled, asked_for, number_asked
from web.pages.households.acting import BASE, shown

_FLAGS = ("unlinked", "silent", "care", "missed", "closed")


@get("/")
async def index(request: AnyRequest) -> Template:
    """The list through a post, with filters and their counts."""
    by = actor_of(request)
    look = lists.lens(by, number_asked(request, "post"))
    chosen = Filter(
        **{flag: asked_for(request, flag) == "1" for flag in _FLAGS},
        tag=number_asked(request, "tag"),
        grid=number_asked(request, "grid"),
        words=asked_for(request, "q"),
        after=asked_for(request, "after"),
    )
    counts = await lists.counts(look)
    kept = {"post": look.id} if len(lists.lenses(by)) > 1 else {}
    return shown(
        request,
        "households/list.html",
        Filled(),
        found=await lists.page(look, chosen),
        chosen=chosen,
        lens=look,
        lenses=lists.lenses(by),
        keeps=look.role in KEEPERS and look.area_level == "community",
        chips=_chips(look, kept, chosen, counts, await tags.kinds()),
        address=lambda **changed: _address({**kept, "q": chosen.words, **_flags(chosen), **changed}),
    )


@get("/members")
async def members(request: AnyRequest) -> Template:
    """The members of one's community by name: to whom how many households are still open."""
    by = actor_of(request)
    look = lists.lens(by, number_asked(request, "post"))
    if look.role not in KEEPERS or look.area_level != "community" or look.area_id is None:
        raise NotFound()
    words, after = asked_for(request, "q"), asked_for(request, "after")
    found = await links.members(look.area_id, by, words=words, after=after)
    return shown(
        request,
        "households/members.html",
        Filled(),
        found=found,
        each=links.EACH,
        words=words,
        after=after,
        address=lambda **more: f"{BASE}/members?{urlencode({'q': words, **more})}",
    )


def _chips(
    look: Post, kept: dict[str, Any], chosen: Filter, counts: lists.Counts, kinds: tuple[tags.Kind, ...]
) -> list[Any]:
    def chip(word: str, on: bool, count: int | None = None, **changed: object) -> dict[str, Any]:
        return {"word": word, "on": on, "count": count, "href": _address({**kept, **changed})}

    plain = not (chosen.tag or chosen.grid or any(getattr(chosen, flag) for flag in _FLAGS))
    options = [
        chip("全部", plain, counts.all),
        chip("没人联系的", chosen.unlinked, counts.unlinked, unlinked=1),
        chip(f"{lists.SILENT} 天没见到人的", chosen.silent, counts.silent, silent=1),
        *(
            [
                chip("没联系上的", chosen.missed, counts.missed, missed=1),
                chip("有关爱约定的", chosen.care, care=1),
            ]
            if look.area_level in ("community", "grid")
            else []
        ),
        chip("已结束的", chosen.closed, closed=1),
    ]
    marks = [chip(kind.name, chosen.tag == kind.id, tag=kind.id) for kind in kinds]
    return [{"word": "看哪些", "options": options}, *([{"word": "标签", "options": marks}] if marks else [])]


def _flags(chosen: Filter) -> dict[str, object]:
    flags: dict[str, object] = {flag: 1 for flag in _FLAGS if getattr(chosen, flag)}
    return flags | ({"tag": chosen.tag} if chosen.tag else {}) | ({"grid": chosen.grid} if chosen.grid else {})


def _address(query: dict[str, Any]) -> str:
    pairs = {name: value for name, value in query.items() if value}
    return f"{BASE}?{urlencode(pairs)}" if pairs else BASE


handlers = [index, members]
