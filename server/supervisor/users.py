"""Which user runs PostgreSQL: it refuses root, so root lends it another one."""

import os
import pwd
import sys
from collections.abc import Sequence
from pathlib import Path

LENT = "nobody"


def owner() -> pwd.struct_passwd | None:
    """The user that PostgreSQL is lent where Huying itself runs as root; None where it runs as anybody else."""
    return pwd.getpwnam(LENT) if os.geteuid() == 0 else None


def give(folder: Path) -> None:
    """Make `folder`, closed to others, and hand it to the user of PostgreSQL."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    if (lent := owner()) is not None:
        os.chown(folder, lent.pw_uid, lent.pw_gid)


def as_owner(command: list[str], *touches: Path) -> list[str]:
    """`command` so that it runs as that user and can reach `touches`.

    Where a parent folder is closed to that user (a clone under /root), the command keeps the one capability to pass it.
    """
    if (lent := owner()) is None:
        return command
    wrapped = ["setpriv", f"--reuid={lent.pw_uid}", f"--regid={lent.pw_gid}", "--clear-groups"]
    if not all(_open_to_all(path) for path in touches):
        wrapped += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        # initdb asks access(2), which forgets capabilities of whoever is not root unless told otherwise.
        wrapped += ["--securebits=+no_setuid_fixup"]
    return [*wrapped, *command]


def dying_with_parent(command: Sequence[str]) -> list[str]:
    """`command` so that the kernel sends it SIGTERM when whoever started it is gone (Linux; elsewhere nothing)."""
    return ["setpriv", "--pdeathsig", "TERM", *command] if sys.platform == "linux" else list(command)


def _open_to_all(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)
