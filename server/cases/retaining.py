"""Cases that ended long ago: what was told, by whom and where is erased; category, area, times and the chain remain."""

from collections.abc import Sequence
from uuid import UUID

from server.cases.case import stream_of
from server.cases.tables import REPORTS
from server.kernel import database, events
from server.kernel.personal import erases

ERASED = "内容已到期删除"


@erases(
    REPORTS,
    f"""SELECT id FROM cases c WHERE NOT open AND subject <> '{ERASED}' AND COALESCE(closed_at, changed_at) < $1
        AND NOT EXISTS (SELECT FROM closures z WHERE z."case" = c.id AND z.at >= $1)""",
)
async def erase_cases(ids: Sequence[UUID]) -> None:
    """Erase what is personal of ended cases and of the reports that belong to them now; photos lose their last holder
    and are swept."""
    for statement in _STATEMENTS:
        await database.execute(statement, list(ids))
    await events.erase_streams([stream_of(one) for one in ids])


_REPORTS = """(SELECT report FROM report_cases WHERE "case" = ANY($1::uuid[]) AND until IS NULL)"""
_STATEMENTS = (
    f"""UPDATE reports SET text = '{ERASED}', place = '', latitude = NULL, longitude = NULL, accuracy = NULL,
            position_source = NULL, name = '', phone = '', for_phone = '', for_name = '', answers = '{{}}',
            refused_photos = '[]', device = NULL, account = NULL WHERE id IN {_REPORTS}""",
    f"DELETE FROM report_links WHERE report IN {_REPORTS}",
    """UPDATE standings SET account = NULL WHERE "case" = ANY($1::uuid[]) AND report IS NOT NULL""",
    *(
        f"""UPDATE {table} SET {columns} WHERE "case" = ANY($1::uuid[])"""
        for table, columns in {
            "additions": "text = ''",
            "questions": "text = ''",
            "answers": "text = ''",
            "checks": "note = ''",
            "closures": "reason = '', reopened_reason = ''",
            "dispatches": "note = '', promise = '', reason = ''",
            "reveals": "reason = ''",
        }.items()
    ),
    """UPDATE ratings SET text = '' WHERE closure IN (SELECT id FROM closures WHERE "case" = ANY($1::uuid[]))""",
    """DELETE FROM awaited_photos WHERE "case" = ANY($1::uuid[])""",
    """DELETE FROM case_photos WHERE "case" = ANY($1::uuid[])""",
    f"""UPDATE cases SET subject = '{ERASED}', place = '', latitude = NULL, longitude = NULL, answers = '{{}}'
        WHERE id = ANY($1::uuid[])""",
)
