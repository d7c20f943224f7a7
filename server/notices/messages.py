"""The job that sends text messages. Raising has it tried again by the worker."""

import structlog

from server.kernel import clock, jobs
from server.notices.outlets import outlet
from server.people.messages import JOB, SealedMessage, opened

log = structlog.get_logger("notices")


@jobs.job(JOB, SealedMessage)
async def send_now(message: SealedMessage) -> None:
    """Send a message, unless its use is over; one sealed with another secret key is dropped."""
    if message.useless_after is not None and clock.now() >= message.useless_after:
        log.info("message too late", id=str(message.id))
        return
    plain = opened(message)
    if plain is None:
        log.warning("message sealed with another key", id=str(message.id))
        return
    await outlet().send(plain.phone, plain.text, message_id=message.id)
