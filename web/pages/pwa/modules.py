"""Which modules a module imports: what the worker keeps, what a shell asks for ahead."""

import posixpath
import re

from web import assets

_STATIC = re.compile(rb"""(?:from\s*|import\s*)["'](\.[^"']+)["']""")
_DYNAMIC = re.compile(rb"""import\(["'](\.[^"']+)["']""")


def imports(own: assets.Assets, path: str, *, later: bool = True) -> list[str]:
    """Paths that a module names, those that it loads `later` too."""
    if not path.endswith(".js"):
        return []
    content = own.files[path].content
    targets = _STATIC.findall(content) + (_DYNAMIC.findall(content) if later else [])
    named = [posixpath.normpath(posixpath.join(posixpath.dirname(path), target.decode())) for target in targets]
    return [one for one in named if one in own.files]


def needed(own: assets.Assets, *paths: str) -> list[str]:
    """These and all that they need before they run, so that a browser need not find them out one after the other."""
    found: dict[str, None] = dict.fromkeys(paths)
    fresh = list(paths)
    while fresh:
        fresh = [one for path in fresh for one in imports(own, path, later=False) if one not in found]
        found |= dict.fromkeys(fresh)
    return list(found)
