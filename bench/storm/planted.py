"""The server with a bug planted in it, which the storm has to find: `python -m bench.storm 10 100 --plant receipt`."""

import os
import random
from collections.abc import Mapping
from uuid import UUID

from litestar import Litestar

from server.devices import keeping
from server.devices.keeping import Kept
from web.app import create_app as whole

DIES = 0.3
"""How likely the process dies between the change and its receipt."""


def create_app() -> Litestar:
    """Receipts are written after the change and not with it, so that one may be there without the other."""
    if os.environ.get("STORM_PLANT") == "receipt":
        keep = keeping.keep

        async def later(kept: Mapping[UUID, Kept]) -> None:
            if random.random() >= DIES:
                await keep(kept)

        keeping.keep = later
    return whole()
