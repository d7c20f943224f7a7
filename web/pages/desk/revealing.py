"""Looking behind the mask: the page of the case comes back with one reporter's name and phone on it, this once."""

from uuid import UUID

import msgspec

from server import cases
from server.devices import receipts
from server.kernel.errors import Invalid, NotAllowed
from web.fragments import AnyRequest, actor_of, decode
from web.pages.desk import case_page, forms
from web.pages.desk.acting import Page
from web.pages.desk.site import Site


class Looked(msgspec.Struct, frozen=True):
    """What the receipt keeps: whose, and nothing personal."""

    report_id: UUID


async def reveal(request: AnyRequest, where: Site, number: str) -> Page:
    """Answer with the page itself, for a phone number has no place in an address to go on to."""
    by, typed = actor_of(request), await request.form()
    try:
        sent = decode(typed, forms.Reveal)

        async def call() -> Looked:
            await cases.reveal(number, by, report_id=sent.report, reason=sent.reason)
            return Looked(sent.report)

        looked = await receipts.once(sent.command, "reveal", [number, sent], by, Looked, call)
    except (Invalid, NotAllowed) as refusal:
        return await case_page.show(request, where, number, typed=typed, refusal=refusal)
    return await case_page.show(request, where, number, revealed=looked.report_id)
