"""The modules of the pages put together by esbuild: a page asks for a handful of files instead of dozens.

What a page names and what a module loads later keep their own address (`js/app.js`), so that a page of an older version
still finds them. What several of them share lies in `chunks/`, one folder deep like them, because modules find icons
from where they lie (`import.meta.url`).
"""

import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

ENTRIES = (
    "households/page.js",
    "js/app.js",
    "js/offline.js",
    "phone/begin.js",
    "phone/inbox.js",
    "phone/open.js",
    "phone/unit.js",
    "phone/unsent.js",
    "resident/photos.js",
    "resident/place.js",
    "round/label.js",
    "round/page.js",
)
"""What templates name as modules, and `phone/open.js`, by which benches and tests meet the page's own phone."""

_SPLIT = ("--bundle", "--splitting", "--format=esm", "--outbase=in", "--outdir=out", "--chunk-names=chunks/[hash]")
_NOW, _LATER = "import-statement", "dynamic-import"
_SMALL = ("--minify", "--target=es2022", "--charset=utf8", "--log-level=warning")


class AssetsError(Exception):
    """Something that pages need is not there; the text is one sentence that says what to do."""


class Module(msgspec.Struct, frozen=True):
    """What a file of the bundle needs: before it runs, and what it may load later."""

    now: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


class Bundle(msgspec.Struct, frozen=True):
    """The files by path, what each needs, and the sources that went into them and have no address in it."""

    files: dict[str, bytes] = {}
    modules: dict[str, Module] = {}
    sources: frozenset[str] = frozenset()


class _Import(msgspec.Struct):
    path: str
    kind: str = ""


class _File(msgspec.Struct):
    imports: list[_Import]


class _Meta(msgspec.Struct):
    inputs: dict[str, _File]
    outputs: dict[str, _File]


def bundle(contents: dict[str, bytes], libraries: Path) -> Bundle:
    """Bundle the modules among `contents`; `libraries` is node_modules, where esbuild lies."""
    entries = [path for path in ENTRIES if path in contents]
    if not entries:
        return Bundle()
    with tempfile.TemporaryDirectory(prefix="huying-bundle-") as name:
        work = Path(name)
        for path, content in contents.items():
            if path.endswith(".js"):
                (work / "in" / path).parent.mkdir(parents=True, exist_ok=True)
                (work / "in" / path).write_bytes(content)
        tool = _esbuild(libraries)
        # Named as entries, modules that are loaded later keep their address; so they must be known first.
        known = _run(tool, work, entries, ())
        later = {one.path for file in known.inputs.values() for one in file.imports if one.kind == _LATER}
        made = _run(tool, work, dict.fromkeys([*entries, *sorted(map(_bare, later))]), _SMALL)
        files = {_bare(path): (work / path).read_bytes() for path in made.outputs}
    modules = {_bare(path): Module(_named(one, _NOW), _named(one, _LATER)) for path, one in made.outputs.items()}
    return Bundle(files, modules, frozenset(map(_bare, made.inputs)) - set(files))


def _run(tool: Path, work: Path, entries: Iterable[str], more: Iterable[str]) -> _Meta:
    command = [str(tool), *(f"in/{path}" for path in entries), *_SPLIT, *more, "--metafile=meta.json"]
    # A run ends before its memory would be worth collecting; so it takes half the time.
    ended = subprocess.run(command, cwd=work, env={"GOGC": "off"}, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise AssetsError(f"The modules cannot be put together: {ended.stderr.strip()}")
    return msgspec.json.decode((work / "meta.json").read_bytes(), type=_Meta)


def _esbuild(libraries: Path) -> Path:
    """The program itself; `node_modules/.bin` has a script around it, which needs Node and its time."""
    found = next((libraries / "@esbuild").glob("*/bin/esbuild"), None)
    if found is None:
        raise AssetsError("The bundler of the browser modules is missing (esbuild); run `npm ci`.")
    return found.resolve()


def _named(file: _File, kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_bare(one.path) for one in file.imports if one.kind == kind))


def _bare(path: str) -> str:
    """Without the folder that it was read from or written to."""
    return path.split("/", 1)[1]
