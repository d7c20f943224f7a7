"""Text messages that are no notices (codes, the answer to who has no account): they become deliveries like all others.

The job's own id is the delivery's, so that a job which runs twice sends once. Raising has it tried again by the worker.
"""

from server.kernel import clock, database, jobs
from server.notices import delivering
from server.notices.outlets import chosen
from server.notices.outlets.planning import Due
from server.people.messages import JOB, SealedMessage


@jobs.job(JOB, SealedMessage)
async def send_now(message: SealedMessage) -> None:
    """Take a message in hand and send what is due. Phone and words stay sealed until they have gone."""
    now = clock.now()
    await database.execute(
        """INSERT INTO deliveries (id, outlet, kind, urgency, sealed, useless_after, first_at, next_at, created_at)
           VALUES ($1, $2, 'message', 'now', $3, $4, $5, $5, $5) ON CONFLICT (id) DO NOTHING""",
        message.id,
        chosen.PERSONS,
        message.sealed,
        message.useless_after,
        now,
    )
    await delivering.deliver(Due(chosen.PERSONS))
