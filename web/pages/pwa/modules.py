"""Which modules a module needs: what the worker keeps, what a shell asks for ahead."""

from web import assets
from web.bundle import Module


def imports(own: assets.Assets, path: str, *, later: bool = True) -> tuple[str, ...]:
    """Files that a module of the bundle imports, those that it may load `later` too."""
    found = own.bundle.modules.get(path, Module())
    return found.now + (found.later if later else ())


def needed(own: assets.Assets, *paths: str) -> list[str]:
    """These and all that they need before they run, so that a browser need not find them out one after the other."""
    found: dict[str, None] = dict.fromkeys(paths)
    fresh = list(paths)
    while fresh:
        fresh = [one for path in fresh for one in imports(own, path, later=False) if one not in found]
        found |= dict.fromkeys(fresh)
    return list(found)
