"""What a run works with: the settings as the environment has them, the rest made or chosen once and kept in `var/`."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from server.supervisor.postgres import Postgres

DATABASE = "huying"
SECRET_FILE = "secret"


def embedded(var: Path, environment: Mapping[str, str]) -> Postgres | None:
    """The embedded PostgreSQL of this folder; None where the environment names another database."""
    return None if environment.get("DATABASE_URL") else Postgres(var / "postgres")


def complete(var: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for web, worker and commands: what is not set gets the choice of a single machine.

    A run on the embedded database is a demo district unless DEMO says otherwise; one on a database of its own is not.
    """
    ours = embedded(var, environment)
    port = environment.get("PORT") or "8000"
    chosen = {
        "PUBLIC_URL": f"http://localhost:{port}",
        "PHOTO_FOLDER": str(var / "photos"),
        "LOG_JSON": "false" if ours else "true",
        "DEMO": "true" if ours else "false",
    }
    given = {name: value for name, value in environment.items() if value != ""}
    result = {**chosen, **given}
    if "SECRET_KEY" not in result:
        result["SECRET_KEY"] = secret(var)
    if ours is not None:
        result["DATABASE_URL"] = ours.url(DATABASE)
    return result


def secret(var: Path) -> str:
    """The secret key of this installation, made once."""
    path = var / SECRET_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or not path.read_text().strip():
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        new.rename(path)
    return path.read_text().strip()
