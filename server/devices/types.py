"""`python -m server.devices.types` writes static/protocol.d.ts: the protocol's shapes for the modules on the phone."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec import inspect

from server.devices import protocol, working_set
from server.devices.commands import VERBS

FILE = Path(__file__).parents[2] / "static" / "protocol.d.ts"
HEAD = "// Written by `python -m server.devices.types` from server/devices/protocol.py; do not edit.\n"

SENT = (protocol.Sync, protocol.Command, protocol.Visit, protocol.Go, *(verb.data for verb in VERBS.values()))
"""What a phone sends: what has a default may be left out."""
ANSWERED = (protocol.Synced, protocol.PhotoAnswer, working_set.Kept)
"""What it is answered: everything is there, but what an answer leaves out when it is empty."""

_WIDTH = 120
_NAMES = {"Kept": "Sections", "Mine": "MyReport"}
_PLAIN: dict[type, str] = {
    inspect.StrType: "string",
    inspect.UUIDType: "string",
    inspect.DateTimeType: "string",
    inspect.DateType: "string",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.BoolType: "boolean",
    inspect.NoneType: "null",
    inspect.RawType: "unknown",
    inspect.AnyType: "unknown",
}


def declarations() -> str:
    """The whole file."""
    written: dict[str, str] = {}
    for optional, types in ((True, SENT), (False, ANSWERED)):
        for kind in inspect.multi_type_info(types):
            assert isinstance(kind, inspect.StructType)
            _declare(kind, optional, written)
    return HEAD + "".join(written[name] for name in sorted(written))


def _declare(kind: inspect.StructType, optional: bool, written: dict[str, str]) -> None:
    name = _name(kind)
    if name in written:
        return
    written[name] = ""
    lines = []
    for field in kind.fields:
        _declare_all(field.type, optional, written)
        mark = "?" if not field.required and (optional or kind.cls.__struct_config__.omit_defaults) else ""
        lines.append(_member(f"{field.encode_name}{mark}", _type(field.type)))
    written[name] = f"\nexport interface {name} {{\n{''.join(lines)}}}\n"


def _member(name: str, kind: str) -> str:
    line = f"  {name}: {kind};\n"
    if len(line) <= _WIDTH + 1:
        return line
    return f"  {name}:\n" + "".join(f"    | {one}\n" for one in kind.split(" | "))[:-1] + ";\n"


def _declare_all(kind: inspect.Type, optional: bool, written: dict[str, str]) -> None:
    if isinstance(kind, inspect.StructType):
        _declare(kind, optional, written)
    for inner in _inside(kind):
        _declare_all(inner, optional, written)


def _inside(kind: Any) -> Iterable[inspect.Type]:
    match kind:
        case inspect.UnionType():
            return tuple(kind.types)
        case inspect.ListType() | inspect.VarTupleType():
            return (kind.item_type,)
        case inspect.DictType():
            return (kind.value_type,)
        case inspect.Metadata():
            return (kind.type,)
    return ()


def _type(kind: inspect.Type) -> str:
    match kind:
        case inspect.StructType():
            return _name(kind)
        case inspect.LiteralType():
            return " | ".join(f'"{value}"' for value in kind.values)
        case inspect.UnionType():
            return " | ".join(_type(one) for one in kind.types)
        case inspect.ListType() | inspect.VarTupleType():
            inner = _type(kind.item_type)
            return f"({inner})[]" if " " in inner else f"{inner}[]"
        case inspect.DictType():
            return f"Record<string, {_type(kind.value_type)}>"
        case inspect.Metadata():
            return _type(kind.type)
    return _PLAIN[type(kind)]


def _name(kind: inspect.StructType) -> str:
    return _NAMES.get(kind.cls.__name__, kind.cls.__name__)


if __name__ == "__main__":
    FILE.write_text(declarations(), encoding="utf-8")
