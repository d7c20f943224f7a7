"""Scripts and styles under a name that changes with their content."""

import gzip
import posixpath
import re
from pathlib import Path

import httpx
import pytest

from web import assets
from web.bundle import ENTRIES, bundle


@pytest.fixture
def tree(tmp_path: Path) -> tuple[Path, Path]:
    static, modules = tmp_path / "static", tmp_path / "node_modules"
    (static / "css" / "pieces").mkdir(parents=True)
    (static / "css" / "app.css").write_text('@layer a, b;\n@import "pieces/x.css" layer(b);\n')
    (static / "css" / "pieces" / "x.css").write_text(".x { color: red; }\n")
    for source in assets.LIBRARIES.values():
        (modules / source).parent.mkdir(parents=True, exist_ok=True)
        (modules / source).write_text("export default 1;\n//# sourceMappingURL=x.js.map\n")
    return static, modules


def test_any_change_anywhere_gives_the_whole_tree_a_new_name(tree: tuple[Path, Path]) -> None:
    before = assets.load(*tree)
    assert assets.load(*tree).version == before.version
    (tree[0] / "css" / "pieces" / "x.css").write_text(".x { color: blue; }\n")
    after = assets.load(*tree)
    assert after.version != before.version
    assert after.url("lib/idb.js") == f"/assets/{after.version}/lib/idb.js"


def test_style_sheets_come_as_one_with_their_layers(tree: tuple[Path, Path]) -> None:
    css = assets.load(*tree).files["css/app.css"].content.decode()
    assert css == "@layer a, b;\n@layer b {\n.x { color: red; }\n\n}\n"


def test_without_npm_ci_one_sentence_says_what_to_do(tree: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsError, match=r"run `npm ci`\.$"):
        assets.load(tree[0], tmp_path / "nothing")


def test_a_name_that_does_not_exist_fails_where_it_is_written(tree: tuple[Path, Path]) -> None:
    with pytest.raises(KeyError, match=r"css/ap\.css"):
        assets.load(*tree).url("css/ap.css")


def test_maps_that_are_not_served_are_not_named(tree: tuple[Path, Path]) -> None:
    assert b"sourceMappingURL" not in assets.load(*tree).files["lib/htmx.js"].content


def test_every_import_of_our_modules_is_served() -> None:
    files = assets.assets().files
    for path, asset in files.items():
        if path.endswith(".js"):
            for target in re.findall(r"""(?:from\s*|import\s*|import\()["'](\.[^"']+)["']""", asset.content.decode()):
                if target.endswith(".d.ts"):
                    continue  # Types, in a comment.
                assert posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) in files, (path, target)


def test_what_templates_name_as_modules_is_bundled() -> None:
    named = {
        path
        for template in (assets.ROOT / "web" / "templates").rglob("*.html")
        for path in re.findall(
            r"""<script type="module" src="{{ asset\("([^"]+)"\) }}">""", template.read_text("utf-8")
        )
    }
    assert named == set(ENTRIES) - {"phone/open.js"}


def test_what_a_page_loads_later_keeps_its_address_from_version_to_version() -> None:
    own = assets.assets().bundle
    later = {path for module in own.modules.values() for path in module.later}
    assert {"phone/report.js", "js/map.js", "round/visit.js", "lib/leaflet.js"} <= later
    assert not {path for path in later if path.startswith("chunks/")}


def test_a_module_that_several_pages_share_is_there_once() -> None:
    own = assets.assets().bundle
    assert sum(b"huying-send" in content for content in own.files.values()) == 1


def test_a_shared_file_lies_as_deep_as_the_modules_that_find_icons_from_where_they_lie() -> None:
    own = assets.assets().bundle
    finding = [path for path, content in own.files.items() if b"import.meta.url" in content]
    assert finding
    assert all(path.count("/") == 1 for path in finding)


def test_the_same_modules_give_the_same_files_and_a_changed_one_others() -> None:
    contents = {
        "js/app.js": b'import { word } from "../words.js"; const more = () => import("./more.js"); more(word);',
        "js/more.js": b'import { word } from "../words.js"; export const start = () => word;',
        "words.js": b'export const word = "here";',
    }
    before = bundle(contents, assets.MODULES)
    assert bundle(contents, assets.MODULES) == before
    assert before.sources == {"words.js"}
    assert {"js/app.js", "js/more.js"} < set(before.files)
    after = bundle({**contents, "words.js": b'export const word = "there";'}, assets.MODULES)
    assert set(after.files) != set(before.files)


def test_a_module_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsError, match=r"js/app\.js:1:"):
        bundle({"js/app.js": b"import {"}, assets.MODULES)
    with pytest.raises(assets.AssetsError, match=r"\(esbuild\); run `npm ci`\.$"):
        bundle({"js/app.js": b"1;"}, tmp_path)


def test_nothing_of_a_build_is_served() -> None:
    served = set(assets.assets().files)
    assert not {path for path in served if path.endswith((".py", ".ts", ".map", "tsconfig.json", "lines.json"))}


async def test_the_present_version_is_kept_for_ever(web: httpx.AsyncClient) -> None:
    answer = await web.get(assets.assets().url("css/app.css"))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]
    assert answer.content == assets.assets().files["css/app.css"].content


async def test_a_page_of_an_older_version_still_gets_its_files(web: httpx.AsyncClient) -> None:
    answer = await web.get("/assets/000000000000/js/app.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


async def test_who_cannot_unpack_gets_it_plain(web: httpx.AsyncClient) -> None:
    url = assets.assets().url("icons/sprite.svg")
    plain = await web.get(url, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content.startswith(b"<svg")
    packed = assets.assets().files["icons/sprite.svg"].packed
    assert packed is not None
    assert gzip.decompress(packed) == plain.content


@pytest.mark.parametrize(
    "path", ["js/none.js", "../web/app.py", "%2e%2e/web/app.py", "..%2f..%2fpyproject.toml", "js", "", "icons/draw.py"]
)
async def test_nothing_else_can_be_reached(web: httpx.AsyncClient, path: str) -> None:
    assert (await web.get(f"/assets/{assets.assets().version}/{path}")).status_code == 404
