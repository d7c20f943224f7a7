"""Prints messages for whoever tries Huying on their own machine; refuses wherever real people are meant."""

import sys
from uuid import UUID

from server.kernel.settings import settings
from server.notices.outlets.failure import OutletFailed


class Console:
    async def send(self, phone: str, text: str, *, message_id: UUID) -> None:
        """Print one line on stderr, in the demo only."""
        if not settings().demo:
            raise OutletFailed("no SMS gateway is set (SMS_GATEWAY_URL); the console serves the demo only")
        print(f"[短信 {phone}] {text}", file=sys.stderr, flush=True)
