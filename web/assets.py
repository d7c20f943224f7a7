"""Scripts, styles and icons: served by us, under a name that changes with their content, kept in memory compressed.

Modules are served as `web.bundle` puts them together; what went into its files is there at its own path, too, for pages
of an older version and for tests.

The whole tree has one hash, so that a module's relative imports stay within one version. A page that was opened before
an update asks for the old hash and gets the present file, without keeping it.
"""

import gzip
import hashlib
import mimetypes
import re
from functools import cache
from pathlib import Path

import msgspec
from litestar import Response, Router, get
from litestar.params import FromPath

from server.kernel.errors import NotFound
from web.bundle import AssetsError as AssetsError
from web.bundle import Bundle, bundle
from web.fragments import AnyRequest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
MODULES = ROOT / "node_modules"

LIBRARIES = {
    "lib/htmx.js": "htmx.org/dist/htmx.esm.min.js",
    "lib/idb.js": "idb/build/index.js",
    "lib/leaflet.js": "leaflet/dist/leaflet.js",
    "lib/leaflet.css": "leaflet/dist/leaflet.css",
    "lib/lit-html/lit-html.js": "lit-html/lit-html.js",
    "lib/lit-html/directive.js": "lit-html/directive.js",
    "lib/lit-html/async-directive.js": "lit-html/async-directive.js",
    "lib/lit-html/directive-helpers.js": "lit-html/directive-helpers.js",
    "lib/qr/decode.js": "qr/decode.js",
    "lib/qr/index.js": "qr/index.js",
}
"""Where a page finds what npm brought: its path under the hash, its file under node_modules."""
FOLDERS = {"lib/images": "leaflet/dist/images", "lib/lit-html/directives": "lit-html/directives"}
FOREVER = "public, max-age=31536000, immutable"

_SERVED = {".css", ".js", ".svg", ".png", ".json", ".woff2"}
_BUILD = {"tsconfig.json", "lines.json", "service-worker.js", "service-worker-push.js"}
_TEXT = {".css", ".js", ".svg", ".json"}
_IMPORT = re.compile(r'^@import "([^"]+)"(?: layer\((\w+)\))?;$', re.MULTILINE)
_MAP = re.compile(rb"//# sourceMappingURL=.*\s*$")


class Asset(msgspec.Struct, frozen=True):
    """A file as it is sent; `packed` is gzip, where that pays."""

    content: bytes
    media_type: str
    packed: bytes | None


class Assets(msgspec.Struct, frozen=True):
    """All files of one version, by path."""

    version: str
    files: dict[str, Asset]
    bundle: Bundle = Bundle()

    def url(self, path: str) -> str:
        """The address of a file; a wrong name fails when the page is rendered, not on the phone."""
        if path not in self.files:
            raise KeyError(f"there is no asset {path!r}")
        return f"/assets/{self.version}/{path}"


@cache
def assets() -> Assets:
    """The assets of this process, read from static/ and node_modules/ at first use."""
    return load(STATIC, MODULES)


def load(static: Path, modules: Path) -> Assets:
    """Read a tree of assets; raises `AssetsError` where `npm ci` was not run."""
    sources = _own(static) | _libraries(modules)
    made = bundle(sources, modules)
    whole = hashlib.sha256()
    for path, content in sorted([*sources.items(), *made.files.items()]):
        whole.update(path.encode() + b"\0" + hashlib.sha256(content).digest())
    packed = {path: _pack(path, content) for path, content in (sources | made.files).items()}
    return Assets(whole.hexdigest()[:12], packed, made)


def bundle_css(path: Path) -> str:
    """A style sheet with its local `@import "x.css" layer(y);` lines put in place: one request instead of thirty."""

    def put(found: re.Match[str]) -> str:
        inner = bundle_css(path.parent / found[1])
        return f"@layer {found[2]} {{\n{inner}\n}}" if found[2] else inner

    return _IMPORT.sub(put, path.read_text("utf-8"))


@get("/assets/{version:str}/{path:path}", include_in_schema=False)
async def _asset(request: AnyRequest, version: FromPath[str], path: FromPath[str]) -> Response[bytes]:
    found = assets().files.get(str(path).lstrip("/"))
    if found is None:
        raise NotFound("没有这个文件。")
    headers = {"Cache-Control": FOREVER if version == assets().version else "no-cache", "Vary": "Accept-Encoding"}
    if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, media_type=found.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(found.content, media_type=found.media_type, headers=headers)


router = Router("/", route_handlers=[_asset], opt={"plain": True})


def _own(static: Path) -> dict[str, bytes]:
    contents = {}
    for file in static.rglob("*"):
        if file.is_file() and file.suffix in _SERVED and file.name not in _BUILD:
            path = file.relative_to(static).as_posix()
            contents[path] = bundle_css(file).encode() if path == "css/app.css" else file.read_bytes()
    return contents


def _libraries(modules: Path) -> dict[str, bytes]:
    sources = {path: modules / source for path, source in LIBRARIES.items()}
    for path, folder in FOLDERS.items():
        sources |= {f"{path}/{file.name}": file for file in (modules / folder).glob("*") if file.suffix in _SERVED}
    missing = [str(source.relative_to(modules)) for source in sources.values() if not source.is_file()]
    if missing:
        raise AssetsError(f"Browser libraries are missing ({missing[0]}); run `npm ci`.")
    contents = {path: _MAP.sub(b"", source.read_bytes()) for path, source in sources.items()}
    # Its only module form is 2.6 times as large as its small script; so the script gets a module's frame.
    script = contents["lib/leaflet.js"]
    contents["lib/leaflet.js"] = b"const exports={},module={exports};\n" + script + b";\nexport default exports;\n"
    # In the lowest layer, so that ours decide about colours and sizes.
    contents["lib/leaflet.css"] = b"@layer reset {\n" + contents["lib/leaflet.css"] + b"\n}\n"
    contents["lib/lit-html.js"] = b'export * from "./lit-html/lit-html.js";\n'
    return contents


def _pack(path: str, content: bytes) -> Asset:
    suffix = Path(path).suffix
    media_type = "text/javascript" if suffix == ".js" else mimetypes.guess_type(path)[0] or "application/octet-stream"
    if suffix not in _TEXT:
        return Asset(content, media_type, None)
    packed = gzip.compress(content, 9, mtime=0)
    return Asset(content, media_type, packed if len(packed) < len(content) else None)
