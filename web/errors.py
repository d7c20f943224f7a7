"""What went wrong, as a page, as a notice for htmx, or as JSON (RFC 9457): same words, same status."""

import traceback
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import msgspec
import structlog
from litestar import MediaType, Response
from litestar.exceptions import HTTPException, InternalServerException
from litestar.types import ExceptionHandlersMap

from server.kernel import database, errors
from web.fragments import AnyRequest, render, wants_fragment
from web.security import CrossSite

SIGN_IN = "/signin"
RETRY_SECONDS = 5
"""After which somebody may come back while the database is away."""
log = structlog.get_logger("web")


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is told: a title, what happened and what to do, and what belongs to it."""

    status: int
    title: str
    detail: str
    fields: Mapping[str, str] = {}
    meanwhile: tuple[str, ...] = ()
    retry_seconds: int = 0
    request_id: str = ""


_CUT = "client disconnected prematurely"
"""What Litestar says where a connection ended in the middle of a body."""
_OF_HTTP = {
    400: ("没看懂", "地址或表单里有一处不对,请返回上一页再试。"),
    401: ("请先登录", "登录后再继续。"),
    403: ("不能这样做", "这个操作没有执行。"),
    404: ("没有找到", "这个页面不存在,或者您没有权限查看。"),
    405: ("不能这样做", "这个地址不接受这样的操作,请返回上一页。"),
    413: ("太大了", "发送的内容太大,没有收下。照片请选小一点的,文字请分几次写。"),
    415: ("没看懂", "这种格式收不了,请返回上一页再试。"),
    422: ("请检查一下", "有内容没填对,请返回修改。"),
    429: ("请稍等", "操作太快了,请过一会儿再试。"),
    503: ("请稍等", "系统正忙,请过一会儿再试。"),
}


def refused(request: AnyRequest, error: errors.HuyingError) -> Response[object]:
    """A refusal of ours; asks to sign in where that is what is missing."""
    if isinstance(error, errors.SignInNeeded) and not _wants_json(request):
        return _to_sign_in(request, getattr(error, "sign_in", SIGN_IN))
    return _answer(request, _problem(error))


def failed(request: AnyRequest, error: HTTPException) -> Response[object]:
    """What the framework refuses: unknown path, unreadable parameter, body too large."""
    if isinstance(error, InternalServerException) and error.detail == _CUT:
        # Nobody is there to read it, and nothing of ours broke.
        return _answer(request, Problem(status=400, title=_OF_HTTP[400][0], detail=_OF_HTTP[400][1]))
    status = 422 if error.status_code == 400 else error.status_code
    if status >= 500:
        return broke(request, error)
    title, detail = _OF_HTTP.get(status, _OF_HTTP[400])
    response = _answer(request, Problem(status=status, title=title, detail=detail))
    response.headers.update(error.headers or {})
    return response


def broke(request: AnyRequest, error: Exception) -> Response[object]:
    """Our fault: into the log whole, to the person calmly, with the id by which we find it.

    A database that is away is none: whoever asks is told to come back, and phones and proxies know what 503 means.
    """
    write_down(request, error)
    if isinstance(error, database.AWAY):
        title, detail = _OF_HTTP[503]
        return _answer(request, Problem(status=503, title=title, detail=detail, retry_seconds=RETRY_SECONDS))
    detail = "这是系统的问题,不是您的操作有误。已经保存的内容不会丢。请稍后再试;如果还不行,请把下面的编号告诉社区。"
    return _answer(request, Problem(status=500, title="出了点问题", detail=detail))


def write_down(request: AnyRequest, error: Exception) -> None:
    """Into the log: whole where the fault is ours, in one word where the database is away."""
    route = request.scope.get("path_template", "-")
    if isinstance(error, database.AWAY):
        log.error("database away", route=route, error=type(error).__name__)
        return
    # The plain traceback: a pretty one prints local values, and those are somebody's name and phone.
    log.error("broke", route=route, traceback="".join(traceback.format_exception(error)))


handlers: ExceptionHandlersMap = {errors.HuyingError: refused, HTTPException: failed, Exception: broke}


def _problem(error: errors.HuyingError) -> Problem:
    match error:
        case errors.SignInNeeded():
            return Problem(status=401, title="请先登录", detail=error.words)
        case errors.NotFound():
            return Problem(status=404, title="没有找到", detail=error.words)
        case errors.Stale():
            words = "在您操作之前,这件事已有新的进展。您的操作没有执行,请看过后再决定。"
            return Problem(status=409, title="有新进展", detail=words, meanwhile=error.meanwhile)
        case errors.NotAllowed():
            return Problem(status=409, title="现在不能这样做", detail=error.words)
        case errors.Invalid():
            words = "有几处需要改一下,请返回修改。已经填的内容还在。"
            return Problem(status=422, title="请检查一下", detail=words, fields=error.fields)
        case errors.TooMany():
            return Problem(status=429, title="请稍等", detail=error.words, retry_seconds=error.retry_seconds)
        case CrossSite():
            return Problem(status=403, title="没有执行", detail=error.words)
    return Problem(status=422, title="没有收下", detail=error.words)


def _answer(request: AnyRequest, problem: Problem) -> Response[object]:
    request_id = str(request.scope["state"].get("request_id", ""))
    problem = msgspec.structs.replace(problem, request_id=request_id)
    headers = {"Retry-After": str(problem.retry_seconds)} if problem.retry_seconds else {}
    if _wants_json(request):
        return Response(problem, status_code=problem.status, media_type="application/problem+json", headers=headers)
    return _shown(request, problem, headers)


def _shown(request: AnyRequest, problem: Problem, headers: dict[str, str]) -> Response[object]:
    name = "errors/page.html"
    if wants_fragment(request):
        # Into the notice at the top: the form that was sent stays as it was typed.
        headers = headers | {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML", "HX-Push-Url": "false"}
        name = "errors/notice.html"
    try:
        html = render(request, name, problem=problem)
    except Exception:
        # Whatever breaks the page of an error must not take its words away.
        log.exception("error page broke")
        text = f"{problem.title}\n{problem.detail}\n{problem.request_id}"
        return Response(text, status_code=problem.status, media_type=MediaType.TEXT, headers=headers)
    return Response(html, status_code=problem.status, media_type=MediaType.HTML, headers=headers)


def _to_sign_in(request: AnyRequest, where: str) -> Response[object]:
    target = f"{where}?next={quote(_here(request), safe='/')}"
    if wants_fragment(request):
        return Response(None, status_code=204, headers={"HX-Redirect": target})
    return Response(None, status_code=303, headers={"Location": target})


def _here(request: AnyRequest) -> str:
    """The page to come back to: this one if it was only looked at, else the one that held the form."""
    if request.method in ("GET", "HEAD") and not wants_fragment(request):
        query = request.url.query
        return request.url.path + (f"?{query}" if query else "")
    held = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer") or "/")
    return (held.path or "/") + (f"?{held.query}" if held.query else "")


def _wants_json(request: AnyRequest) -> bool:
    accept = request.headers.get("accept", "")
    if "text/html" in accept:
        return False
    return "json" in accept or request.headers.get("content-type", "").startswith("application/json")
