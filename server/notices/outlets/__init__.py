"""Ways out to a person's phone, one folder each, and the one that this installation uses."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from server.kernel import database
from server.kernel.settings import settings
from server.notices.made import Made
from server.notices.outlets.console.outlet import Console
from server.notices.outlets.sms.outlet import Gateway
from server.people import messages


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


async def plan(notices: Sequence[Made]) -> None:
    """Have what leaves the inbox sent, in the open transaction: a text message for what residents must know."""
    must = [one for one in notices if one.must_know and one.account is not None]
    if not must:
        return
    rows = await database.fetch("SELECT id, phone FROM accounts WHERE id = ANY($1)", [one.account for one in must])
    phones = {row["id"]: row["phone"] for row in rows}
    for one in must:
        way = f"看这里:{settings().public_url}{one.href}"
        await messages.send_later(phones[one.account], f"【呼应】{one.title}。{one.line}{way}")
