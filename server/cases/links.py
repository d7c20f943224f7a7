"""Secret links: how somebody without an account follows their report, and how an account claims it later."""

import base64
import hmac
from collections.abc import Sequence
from uuid import UUID

import msgspec

from server.kernel import clock, database, errors
from server.kernel.actor import Actor
from server.kernel.ids import digest, new_id, new_secret
from server.kernel.settings import settings


class Opened(msgspec.Struct, frozen=True):
    """What opening a link gives: the number to go to, and the device's link cookie (new or as it was)."""

    number: str
    token: str


async def make_all(reports: Sequence[UUID]) -> dict[UUID, UUID]:
    """A new link for each report, by report; `secret_of` gives the secret that goes with a link's id."""
    made = {report: new_id() for report in reports}
    await database.execute_many(
        "INSERT INTO report_links (id, report, secret_digest, created_at) VALUES ($1, $2, $3, $4)",
        [(link, report, digest(secret_of(link)), clock.now()) for report, link in made.items()],
    )
    return made


def secret_of(link_id: UUID) -> str:
    """The secret of a link: made from its id with the installation's key, so that it need not be stored anywhere."""
    made = hmac.digest(settings().secret_key.encode(), b"report link " + link_id.bytes, "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


async def link_of(report_id: UUID) -> UUID | None:
    """The link of a report that still opens."""
    found: UUID | None = await database.fetch_value(
        "SELECT id FROM report_links WHERE report = $1 AND revoked_at IS NULL ORDER BY created_at DESC LIMIT 1",
        report_id,
    )
    return found


async def open_link(secret: str, token: str | None) -> Opened:
    """Swap a secret link for the device's link cookie; a device keeps one cookie for all its reports."""
    async with database.transaction():
        link = await database.fetch_one(
            """SELECT l.id, r.number FROM report_links l JOIN reports r ON r.id = l.report
               WHERE l.secret_digest = $1 AND l.revoked_at IS NULL""",
            digest(secret),
        )
        if link is None:
            raise errors.NotFound("这个链接不对或已经失效,请核对短信里的链接。")
        token = token or new_secret()
        await database.execute(
            """INSERT INTO link_cookies (id, link, token_digest, created_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (link, token_digest) DO NOTHING""",
            new_id(),
            link["id"],
            digest(token),
            clock.now(),
        )
        return Opened(link["number"], token)


async def reports_of(token: str) -> tuple[UUID, ...]:
    """The reports whose links were opened under this cookie."""
    rows = await database.fetch(
        """SELECT DISTINCT l.report FROM link_cookies c JOIN report_links l ON l.id = c.link
           WHERE c.token_digest = $1 AND l.revoked_at IS NULL""",
        digest(token),
    )
    return tuple(row["report"] for row in rows)


class Claimable(msgspec.Struct, frozen=True):
    """A report that the account could take over."""

    report_id: UUID
    number: str
    text: str


async def claimable(by: Actor) -> list[Claimable]:
    """Reports without an account that were told under the actor's own phone, or whose link this device has opened."""
    rows = await database.fetch(
        """SELECT r.id, r.number, r.text FROM reports r
           WHERE r.account IS NULL AND (r.id = ANY($2)
              OR (r.phone <> '' AND r.phone = (SELECT phone FROM accounts WHERE id = $1)))
           ORDER BY r.reported_at DESC LIMIT 50""",
        by.account_id,
        list(by.links),
    )
    return [Claimable(row["id"], row["number"], row["text"]) for row in rows]


async def claim(by: Actor) -> list[str]:
    """Put every claimable report into the actor's account and revoke their links; their numbers come back."""
    if by.account_id is None:
        raise errors.SignInNeeded()
    async with database.transaction():
        mine = [one.report_id for one in await claimable(by)]
        rows = await database.fetch(
            "UPDATE reports SET account = $1 WHERE id = ANY($2) AND account IS NULL RETURNING id, number",
            by.account_id,
            mine,
        )
        taken = [row["id"] for row in rows]
        await database.execute("UPDATE standings SET account = $1 WHERE report = ANY($2)", by.account_id, taken)
        await database.execute(
            "UPDATE report_links SET revoked_at = $2 WHERE report = ANY($1) AND revoked_at IS NULL", taken, clock.now()
        )
        return [row["number"] for row in rows]
