"""What every form of the rounds' desk does: decode, perhaps ask first, run one verb once, go on."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from litestar.response import Redirect, Template

from server.devices import receipts
from server.kernel.errors import Invalid, NotAllowed
from web.fragments import AnyRequest, actor_of, decode, go, page
from web.pages.admin.acting import Filled, Form, texts

BASE = "/desk/patrols"
Page = Template | Redirect
SAID = {
    "plan.create": "计划已定好,任务正在生成。",
    "plan.change": "计划已改好,还没开始的任务会重新生成。",
    "plan.end": "计划已结束。",
    "task.hand_over": "任务已转交。",
    "task.withdraw": "任务已撤销。",
    "absence.begin": "请假已登记,这几天的任务已转出去。",
    "absence.end": "请假已结束,没做完的任务已还回。",
    "rectification.due": "期限已改,复查也跟着改了。",
    "rectification.withdraw": "整改单已撤销。",
    "rectification.link": "链接已生成,可以发给负责人。",
    "late.settle": "已处理。",
    "order.send": "已派出,对方手机联网就能看到。",
    "order.withdraw": "已撤回。",
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is said before a change."""

    title: str
    back: str
    yes: str
    lines: tuple[str, ...]
    danger: bool = False


Sent = TypeVar("Sent", bound=Form)


async def change(
    request: AnyRequest,
    verb: str,
    into: type[Sent],
    *,
    show: Callable[[Filled], Awaitable[Template]],
    do: Callable[[Sent], Awaitable[str]],
    ask: Callable[[Sent], Awaitable[Asked]] | None = None,
    room: str = "patrols",
) -> Page:
    """Run a verb with what the form holds; `do` answers the path to go on to, `show` is the page with the form."""
    by, typed = actor_of(request), await request.form()
    try:
        sent = decode(typed, into)
        if ask is not None and not sent.sure:
            asked = await ask(sent)
            kept = [(name, text) for name, text in typed.multi_items() if isinstance(text, str) and name != "sure"]
            return page(request, "patrols/confirm.html", asked=asked, kept=kept, action=request.url.path)
        content = [request.url.path, msgspec.structs.replace(sent, sure=False)]
        to = await receipts.once(sent.command, f"{room}.{verb}", content, by, str, lambda: do(sent))
    except (Invalid, NotAllowed) as refusal:
        kept_texts: dict[str, Any] = dict(texts(typed))
        return await show(Filled(doing=verb, typed=kept_texts | _many(typed), refusal=refusal))
    return go(request, f"{to}{'&' if '?' in to else '?'}said={quote(verb)}")


def shown(request: AnyRequest, template: str, filled: Filled, **values: Any) -> Template:
    """A page: what was just done is said once, a form that came back is filled."""
    said = SAID.get(request.query_params.get("said", ""), "") if filled.refusal is None else ""
    return page(request, template, status=filled.status, filled=filled, said=said, base=BASE, address=address, **values)


def cursor(request: AnyRequest, filled: Filled | None = None) -> str:
    """Where the page before ended: in the address, or carried by the form that comes back."""
    kept = filled.typed.get("after") if filled is not None and filled.doing else None
    return str(kept if kept is not None else request.query_params.get("after", ""))[:80]


def address(path: str, **asked: object) -> str:
    """A page of the desk with what is chosen on it; empty values fall away."""
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{path}?{query}" if query else path


def _many(typed: Any) -> dict[str, Any]:
    """Boxes of which several were ticked, as lists."""
    return {name: [str(one) for one in typed.getall(name, [])] for name in ("kinds", "tasks", "topics")}
