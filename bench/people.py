"""Who sends the load: residents and staff of the tests' cast, signed in."""

from uuid import UUID

from server.kernel import database
from server.kernel.actor import Actor, the_system
from server.people import accounts, sessions
from tests import cast as casting
from tests.cast import Cast


async def signed_in(by: Actor) -> str:
    """A session's token for one of the cast."""
    assert isinstance(by.account_id, UUID)
    return await sessions.open_session(by.account_id, user_agent="bench", password=bool(by.posts))


async def gather(residents: int) -> tuple[Cast, list[str]]:
    """The cast in the database, and a session for each of so many further residents."""
    cast = await casting.gather()
    tokens = []
    for number in range(residents):
        account = await accounts.find_or_create(f"139{number:08d}", the_system("bench"))
        tokens.append(await signed_in(Actor(account_id=account)))
    await database.execute("ANALYZE")
    return cast, tokens
