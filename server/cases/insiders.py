"""What stays inside: notes among colleagues, and looking behind the mask, which leaves its trace."""

from uuid import UUID

import msgspec

from server.cases.change import Changed, change, own_words
from server.cases.way import Relation
from server.kernel import database, errors
from server.kernel.actor import Actor


class Contact(msgspec.Struct, frozen=True):
    """How to reach a reporter, unmasked."""

    name: str
    phone: str
    for_name: str
    for_phone: str


async def note(case: UUID | str, by: Actor, *, text: str) -> Changed:
    """Write a note that the reporter never sees."""
    async with change(case, "note", by, None) as it:
        said = own_words(text, "text", "请写备注内容。")
        await it.tell("case.noted", {"said": said}, internal=True)
        return Changed(it.case.id, it.case.number, it.case.state, it.case.version)


async def reveal(case: UUID | str, by: Actor, *, report_id: UUID, reason: str = "") -> Contact:
    """Show a reporter's name and phone, and keep who looked and why.

    For the unit that has the open case the assignment is the reason: one tap calls, and the tap is the event. Everybody
    else says why, and so does the unit once the case is over. Raises NotFound for a report of another case.
    """
    async with change(case, "note", by, None) as it:
        said = reason.strip()
        if not said and it.case.open and Relation.UNIT in it.known.relations:
            said = "承办这件事"
        said = own_words(said, "reason", "请写明为什么要查看联系方式,会留下记录。", longest=500)
        row = await database.fetch_one(
            """SELECT r.name, COALESCE(NULLIF(r.phone, ''), a.phone, '') AS phone, r.for_name, r.for_phone,
                      COALESCE(NULLIF(r.name, ''), a.name, '') AS called
               FROM report_cases rc JOIN reports r ON r.id = rc.report LEFT JOIN accounts a ON a.id = r.account
               WHERE rc."case" = $1 AND r.id = $2 AND rc.until IS NULL""",
            it.case.id,
            report_id,
        )
        if row is None:
            raise errors.NotFound()
        await database.execute(
            'INSERT INTO reveals ("case", report, account, reason, at) VALUES ($1, $2, $3, $4, $5)',
            it.case.id,
            report_id,
            by.account_id,
            said,
            it.moment,
        )
        await it.tell("case.revealed", {"reason": said, "report": str(report_id)}, internal=True)
        return Contact(row["called"], row["phone"], row["for_name"], row["for_phone"])
