"""The demo's people, for its sign-in page; an installation that is no demo never asks."""

import msgspec

from server.kernel import database

PASSWORD = "huying-demo"
"""Every demo account's password; the demo's generator sets it."""


class DemoAccount(msgspec.Struct, frozen=True):
    phone: str
    name: str
    title: str


async def residents() -> list[DemoAccount]:
    """A few accounts without a post."""
    rows = await database.fetch(
        """SELECT a.phone, a.name FROM accounts a
            WHERE a.closed_at IS NULL
              AND NOT EXISTS (SELECT 1 FROM holdings h WHERE h.account = a.id AND h.until IS NULL)
            ORDER BY a.created_at, a.phone LIMIT 2"""
    )
    return [DemoAccount(row["phone"], row["name"], "居民") for row in rows]


async def staff() -> list[DemoAccount]:
    """For each role one who holds such a post."""
    rows = await database.fetch(
        """SELECT * FROM (
               SELECT DISTINCT ON (p.role) p.id, a.phone, a.name, p.title
                 FROM posts p JOIN holdings h ON h.post = p.id AND h.until IS NULL
                 JOIN accounts a ON a.id = h.account AND a.closed_at IS NULL AND a.password_hash IS NOT NULL
                WHERE p.until IS NULL ORDER BY p.role, p.id
           ) one_each ORDER BY id"""
    )
    return [DemoAccount(row["phone"], row["name"], row["title"]) for row in rows]
