"""Files that wait between a dry run and its confirmation: kept here, so that what is confirmed is what was shown.

On the database, not in the page: a page can be changed, and any process of web may be asked to confirm.
"""

from datetime import timedelta
from uuid import UUID

from server.kernel import clock, database, jobs
from server.kernel.actor import Actor
from server.kernel.errors import NotAllowed
from server.kernel.ids import new_id

GOOD_FOR = timedelta(hours=2)
MOST = 5
"""Files kept for one account; an older one gives way."""


async def keep(content: bytes, purpose: str, by: Actor) -> UUID:
    """Keep a file for its sender, for a while; its id goes into the page."""
    file_id = new_id()
    async with database.transaction():
        await database.execute(
            "INSERT INTO kept_files (id, sender, purpose, content, at) VALUES ($1, $2, $3, $4, $5)",
            file_id,
            str(by.account_id),
            purpose,
            content,
            clock.now(),
        )
        await database.execute(
            """DELETE FROM kept_files WHERE sender = $1 AND id NOT IN (
                   SELECT id FROM kept_files WHERE sender = $1 ORDER BY at DESC, id DESC LIMIT $2)""",
            str(by.account_id),
            MOST,
        )
    return file_id


async def kept(file_id: UUID, purpose: str, by: Actor) -> bytes:
    """The file as it was sent; raises `NotAllowed` where it is gone, or was never this sender's."""
    content = await database.fetch_value(
        "SELECT content FROM kept_files WHERE id = $1 AND purpose = $2 AND sender = $3 AND at > $4",
        file_id,
        purpose,
        str(by.account_id),
        clock.now() - GOOD_FOR,
    )
    if content is None:
        raise NotAllowed("这个文件放得太久了,请重新选一次。")
    return bytes(content)


@jobs.schedule("kernel.forget_files", "23 * * * *")
async def forget_old() -> None:
    """Delete files that nobody confirmed."""
    await database.execute("DELETE FROM kept_files WHERE at < $1", clock.now() - GOOD_FOR)
