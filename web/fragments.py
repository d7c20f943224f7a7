"""What every handler uses: a page or a piece of it, and a form decoded into a Struct."""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile
from litestar.datastructures.multi_dicts import FormMultiDict
from litestar.response import Redirect, Template
from markupsafe import Markup

from server.kernel.actor import Actor
from server.kernel.errors import Invalid
from web.tabs import current, tabs_of

T = TypeVar("T", bound=msgspec.Struct)

AnyRequest = Request[Any, Any, Any]


class Mends(dict[str, str]):
    """What has to be mended, by field; "" for every other field, so that a template can ask for any."""

    def __missing__(self, field: str) -> str:
        return ""


def page(
    request: AnyRequest,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Template:
    """Render `template` with `values` and what every page has: `actor`, `look` (theme, elder mode), tabs, `unread`."""
    return Template(
        template_name=template,
        status_code=status,
        headers=dict(headers or {}),
        context={**_common(request), **values},
    )


def render(request: AnyRequest, template: str, **values: Any) -> str:
    """The same as text, e.g. for a piece that goes out of band beside another."""
    engine = request.app.template_engine
    if engine is None:
        raise RuntimeError("the application has no templates")
    return str(engine.get_template(template).render(request=request, **_common(request), **values))


def wants_fragment(request: AnyRequest) -> bool:
    """Whether htmx asks for a piece; going back in the history always gets the whole page."""
    headers = request.headers
    return headers.get("hx-request") == "true" and headers.get("hx-history-restore-request") != "true"


def go(request: AnyRequest, path: str) -> Redirect:
    """See other: after a change, on to the page at `path` (post, redirect, get; htmx follows it too)."""
    return Redirect(path, status_code=303)


def actor_of(request: AnyRequest) -> Actor:
    """Who asks; an Actor without account where nobody is signed in or no route was found."""
    actor = request.scope.get("actor")
    return actor if isinstance(actor, Actor) else Actor()


def look_of(request: AnyRequest) -> dict[str, bool | str]:
    """The look chosen on this device (cookie `huying_look`, e.g. "dark%20elder"); empty theme follows the device."""
    chosen = request.cookies.get("huying_look", "").replace("%20", " ").split()
    theme = next((word for word in chosen if word in ("light", "dark")), "")
    return {"theme": theme, "elder": "elder" in chosen}


async def form(request: AnyRequest, into: type[T]) -> T:
    """The request's form as the Struct `into`; raises `Invalid` naming every field that cannot be taken."""
    return decode(await request.form(), into)


def uploads(sent: FormMultiDict, name: str) -> list[UploadFile]:
    """The files sent under `name`; a file input left empty sends one without name, which is none."""
    return [one for one in sent.getall(name, []) if isinstance(one, UploadFile) and one.filename]


def attributes(given: Mapping[str, Any]) -> Markup:
    """Extra attributes of a piece as HTML: hx_post="/x" gives hx-post; True stands alone, False and None fall away."""
    parts = []
    for name, value in given.items():
        if value is not None and value is not False:
            name = name.strip("_").replace("_", "-")
            parts.append(Markup(" {}").format(name) if value is True else Markup(' {}="{}"').format(name, value))
    return Markup("").join(parts)


def decode(sent: FormMultiDict | Mapping[str, Any], into: type[T]) -> T:
    """Decode what a form sent into the Struct `into`, field by field, so that every mend is named at once.

    Empty strings are as if not sent; a box sends "on" and is False where it is absent; a repeated field becomes a list
    where the Struct has one. Text is trimmed and rid of NUL; `Meta(extra={"raw": True})` keeps it as typed (passwords).
    Fields the Struct does not know are ignored.
    """
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in msgspec.structs.fields(into):
        given = _given(sent, field.encode_name, field.type)
        if given is not None:
            try:
                values[field.name] = msgspec.convert(given, field.type, strict=False)
            except msgspec.ValidationError as error:
                problems[field.encode_name] = _words(str(error))
        elif field.required:
            problems[field.encode_name] = "请填写这一项。"
    if problems:
        raise Invalid(problems)
    return into(**values)


def _common(request: AnyRequest) -> dict[str, Any]:
    actor = actor_of(request)
    mine = tabs_of(actor)
    return {
        "actor": actor,
        "look": look_of(request),
        "tabs": mine,
        "tab": current(mine, request.url.path),
        "unread": request.scope.get("unread", 0),
    }


def _given(sent: FormMultiDict | Mapping[str, Any], name: str, kind: Any) -> Any:
    raw = "raw" in _extra(kind)
    plain = _plain(kind)
    all_of = sent.getall(name, []) if isinstance(sent, FormMultiDict) else _as_list(sent.get(name))
    texts = [text if raw else _trim(text) for text in all_of if isinstance(text, str)]
    texts = [text for text in texts if text != ""]
    if plain is bool:
        return bool(texts) and texts[-1].lower() in ("on", "true", "1", "yes")
    if get_origin(plain) in (list, tuple, set, frozenset):
        return texts or None
    return texts[-1] if texts else None


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _trim(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _plain(kind: Any) -> Any:
    """The type without Annotated and without `| None`."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        rest = [one for one in get_args(kind) if one is not NoneType]
        return _plain(rest[0]) if len(rest) == 1 else kind
    return kind


def _extra(kind: Any) -> set[str]:
    """The keys of every `Meta(extra=...)` of a type, also of one that may be None."""
    if get_origin(kind) in (Union, UnionType):
        return set().union(*(_extra(one) for one in get_args(kind)))
    if get_origin(kind) is not Annotated:
        return set()
    return {key for meta in get_args(kind)[1:] if isinstance(meta, msgspec.Meta) for key in meta.extra or {}}


def _words(error: str) -> str:
    """msgspec's reason as the mend; the shapes of its sentences are held by a test."""
    if "of length <=" in error:
        return f"太长了,最多 {error.split('<= ')[1].split(' ')[0]} 个字。"
    if "of length >=" in error:
        return f"太短了,至少 {error.split('>= ')[1].split(' ')[0]} 个字。"
    if "Invalid enum value" in error:
        return "请从给出的选项里选一个。"
    if "Expected `int" in error or "Expected `float" in error or "`decimal" in error:
        for sign, words in ((">=", "不能小于"), ("<=", "不能大于")):
            if sign in error:
                return f"{words} {error.split(sign + ' ')[1].split(' ')[0]}。"
        return "请填数字。"
    if "matching regex" in error:
        return "格式不对,请检查一下。"
    return "这一项看不懂,请检查一下。"
