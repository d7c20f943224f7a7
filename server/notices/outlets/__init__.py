"""Ways out to a person's phone, one folder each, and the one that this installation uses."""

from typing import Protocol
from uuid import UUID

from server.kernel.settings import settings
from server.notices.outlets.console.outlet import Console
from server.notices.outlets.sms.outlet import Gateway


class Outlet(Protocol):
    """Sends a text message to a mainland mobile number (eleven digits).

    `message_id` stays the same when a job is tried again, so that the other side can drop the double. Raises
    `OutletFailed` without phone or text in its words.
    """

    async def send(self, phone: str, text: str, *, message_id: UUID) -> None: ...


def outlet() -> Outlet:
    """The SMS gateway where one is set, else the console."""
    chosen = settings()
    if chosen.sms_gateway_url:
        return Gateway(chosen.sms_gateway_url, chosen.sms_gateway_key)
    return Console()
