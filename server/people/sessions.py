"""Sessions are rows: a new token at every sign-in, only its digest kept, listed for their person, ended at once."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from server.kernel import clock, database, events, ids, jobs
from server.kernel.actor import Actor, Post, Role
from server.kernel.errors import NotFound
from server.kernel.personal import SIGN_INS
from server.kernel.settings import settings
from server.people import devices

SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when a session was last used; more would be a write for every request."""


KEPT_AFTER = SIGN_INS.time
"""Six months and a little, as the Cybersecurity Law asks of logs; then device and address are forgotten."""


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A session as its person sees it."""

    id: UUID
    device: str
    created_at: datetime
    seen_at: datetime
    this_one: bool


async def open_session(
    account_id: UUID,
    *,
    user_agent: str = "",
    address: str | None = None,
    device: str | None = None,
    password: bool = False,
    second: bool = False,
) -> str:
    """Begin a session and answer its token, which is stored nowhere.

    `password`: signed in with it; posts count only then. `second`: with the second factor too; posts that demand it
    count only then.
    """
    token, now = ids.new_secret(), clock.now()
    words = devices.in_words(user_agent)
    async with database.transaction():
        name = await database.fetch_value(
            "SELECT name FROM accounts WHERE id = $1 AND closed_at IS NULL FOR SHARE", account_id
        )
        if name is None:
            raise NotFound()
        await database.execute(
            """INSERT INTO sessions (id, account, token_digest, device, device_digest, address, password,
                                     second_factor, created_at, seen_at, expires_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)""",
            ids.new_id(),
            account_id,
            ids.digest(token),
            words,
            device,
            address or "",
            password,
            second,
            now,
            now + _unseen(),
        )
        by = Actor(account_id=account_id, name=name)
        await events.record(f"account:{account_id}", "account.signed_in", {"device": words, "second": second}, by)
    return token


async def actor_of(
    token: str, *, device: str | None = None, address: str | None = None, links: tuple[UUID, ...] = ()
) -> Actor | None:
    """Who holds this session, with the posts held at this very moment; None where it has ended. One statement."""
    if len(token) > 100:
        return None
    rows = await database.fetch(_ACTOR, ids.digest(token), clock.now(), SEEN_EVERY, _unseen())
    if not rows:
        return None
    return Actor(
        account_id=rows[0]["account"],
        name=rows[0]["account_name"],
        posts=tuple(_post(row) for row in rows if row["id"] is not None),
        links=links,
        device=device,
        address=address,
        session_id=rows[0]["session"],
    )


async def posts_of(session_ids: Collection[UUID]) -> dict[UUID, frozenset[int]]:
    """The posts that count now in each of these sessions; one that has ended is missing. One statement."""
    rows = await database.fetch(
        f"""SELECT s.id AS session, array_remove(array_agg(p.id), NULL) AS posts FROM sessions s
            JOIN accounts a ON a.id = s.account AND a.closed_at IS NULL {_HELD.format("s")}
            WHERE s.id = ANY($1::uuid[]) AND s.revoked_at IS NULL AND s.expires_at > $2 GROUP BY s.id""",
        list(session_ids),
        clock.now(),
    )
    return {row["session"]: frozenset(row["posts"]) for row in rows}


async def renew(by: Actor, *, password: bool = False, second: bool = False) -> str:
    """A new token for the actor's session after it was lifted (password or second factor given); the old one ends."""
    token = ids.new_secret()
    done = await database.fetch_value(
        """UPDATE sessions SET token_digest = $2, password = password OR $3, second_factor = second_factor OR $4
            WHERE id = $1 AND revoked_at IS NULL RETURNING true""",
        by.session_id,
        ids.digest(token),
        password,
        second,
    )
    if not done:
        raise NotFound()
    return token


async def list_of(by: Actor) -> list[SessionRow]:
    """The actor's own open sessions, last seen first."""
    rows = await database.fetch(
        """SELECT id, device, created_at, seen_at, id = $2 AS this_one FROM sessions
            WHERE account = $1 AND revoked_at IS NULL AND expires_at > $3 ORDER BY seen_at DESC, id""",
        by.account_id,
        by.session_id,
        clock.now(),
    )
    return [msgspec.convert(dict(row), SessionRow) for row in rows]


async def revoke(session_id: UUID, by: Actor) -> None:
    """End one of the actor's own sessions, at once; raises `NotFound` for anybody else's. Twice is once."""
    async with database.transaction():
        row = await database.fetch_one(
            "SELECT device, revoked_at FROM sessions WHERE id = $1 AND account = $2 FOR UPDATE",
            session_id,
            by.account_id,
        )
        if row is None:
            raise NotFound()
        if row["revoked_at"] is None:
            await database.execute("UPDATE sessions SET revoked_at = $2 WHERE id = $1", session_id, clock.now())
            await events.record(f"account:{by.account_id}", "account.signed_out", {"device": row["device"]}, by)


async def revoke_others(by: Actor) -> int:
    """End all of the actor's sessions but this one; answers how many."""
    async with database.transaction():
        ended = await database.fetch(
            """UPDATE sessions SET revoked_at = $3
                WHERE account = $1 AND id IS DISTINCT FROM $2 AND revoked_at IS NULL RETURNING device""",
            by.account_id,
            by.session_id,
            clock.now(),
        )
        if ended:
            data = {"device": "、".join(sorted({row["device"] for row in ended}))}
            await events.record(f"account:{by.account_id}", "account.signed_out", data, by)
    return len(ended)


async def end_all(account_id: UUID) -> None:
    """End every session of an account, in the open transaction of the change that calls for it."""
    await database.execute(
        "UPDATE sessions SET revoked_at = $2 WHERE account = $1 AND revoked_at IS NULL", account_id, clock.now()
    )


@jobs.schedule("people.forget_sessions", "43 3 * * *")
async def forget_old() -> None:
    """Delete sessions that ended long ago."""
    await database.execute("DELETE FROM sessions WHERE LEAST(expires_at, revoked_at) < $1", clock.now() - KEPT_AFTER)


def _unseen() -> timedelta:
    return timedelta(days=settings().session_days)


def _post(row: asyncpg.Record) -> Post:
    return Post(
        id=row["id"],
        role=Role(row["role"]),
        title=row["title"],
        area_id=row["area"],
        area_level=row["level"],
        unit_id=row["unit"],
        organisation_id=row["organisation"],
    )


_HELD = """
  LEFT JOIN holdings h ON h.account = {0}.account AND h.until IS NULL AND {0}.password
  LEFT JOIN posts p ON p.id = h.post AND p.until IS NULL AND ({0}.second_factor OR NOT p.second_factor)"""
"""The posts that count in a session: those of who signed in with the password, and the second factor where demanded."""

_ACTOR = f"""
WITH live AS (
    SELECT s.id AS session, s.account, s.password, s.second_factor, s.seen_at, a.name AS account_name
      FROM sessions s JOIN accounts a ON a.id = s.account AND a.closed_at IS NULL
     WHERE s.token_digest = $1 AND s.revoked_at IS NULL AND s.expires_at > $2
), seen AS (
    UPDATE sessions SET seen_at = $2, expires_at = $2 + $4::interval
     WHERE id = (SELECT session FROM live WHERE seen_at < $2 - $3::interval) AND revoked_at IS NULL
)
SELECT live.session, live.account, live.account_name,
       p.id, p.role, p.title, p.area, p.unit, p.organisation, areas.level
  FROM live {_HELD.format("live")}
  LEFT JOIN areas ON areas.id = p.area
 ORDER BY p.id
"""
