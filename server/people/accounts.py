"""Accounts: one for each person, found by their phone. A closed account's number may belong to somebody new."""

from uuid import UUID

import msgspec

from server.kernel import clock, database, events
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotFound
from server.kernel.ids import new_id
from server.kernel.masks import wrong_mask
from server.people import authority, posts, sessions
from server.people.phones import demand
from server.people.touched import Touched

LONGEST_NAME = 40


class Account(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    phone: str
    name: str
    has_password: bool
    has_totp: bool


async def find(phone: str) -> Account | None:
    """The open account of a phone (eleven digits)."""
    row = await database.fetch_one(f"{_SELECT} WHERE phone = $1 AND closed_at IS NULL", phone)
    return msgspec.convert(dict(row), Account) if row else None


async def one(account_id: UUID) -> Account:
    """An open account; raises `NotFound`."""
    row = await database.fetch_one(f"{_SELECT} WHERE id = $1 AND closed_at IS NULL", account_id)
    if row is None:
        raise NotFound()
    return msgspec.convert(dict(row), Account)


async def find_or_create(phone: str, by: Actor, *, name: str = "") -> UUID:
    """The open account of a phone, made where there is none; the caller knows whose phone it is. Twice is once."""
    phone = demand(phone)
    async with database.transaction():
        known = await find(phone)
        if known is not None:
            return known.id
        account_id = await database.fetch_value(
            """INSERT INTO accounts (id, phone, name, created_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (phone) WHERE closed_at IS NULL DO NOTHING RETURNING id""",
            new_id(),
            phone,
            _name(name),
            clock.now(),
        )
        if account_id is None:
            found = await database.fetch_value("SELECT id FROM accounts WHERE phone = $1 AND closed_at IS NULL", phone)
            return UUID(str(found))
        await events.record(f"account:{account_id}", "account.opened", {}, by)
        return UUID(str(account_id))


async def open_for_staff(phone: str, name: str, by: Actor) -> UUID:
    """An administrator opens (or finds) the account of somebody who will hold a post."""
    authority.demand_administrator(by)
    if not name.strip():
        raise Invalid({"name": "请填写姓名。"})
    return await find_or_create(phone, by, name=name)


async def rename(account_id: UUID, name: str, by: Actor) -> None:
    """A person says how they want to be called; administrators for the staff in their area."""
    async with database.transaction():
        await _lock(account_id)
        await _own_or_administered(account_id, by)
        before = await database.fetch_value("SELECT name FROM accounts WHERE id = $1", account_id)
        if before == _name(name):
            return
        await database.execute("UPDATE accounts SET name = $2 WHERE id = $1", account_id, _name(name))
        await events.record(f"account:{account_id}", "account.renamed", {"before": before, "name": _name(name)}, by)


async def close(account_id: UUID, by: Actor, *, dry_run: bool = False) -> Touched:
    """End an account: its posts fall vacant, its sessions end, its phone is free. Twice is once."""
    async with database.transaction():
        if await database.fetch_value("SELECT closed_at FROM accounts WHERE id = $1", account_id) is not None:
            return Touched()
        await _lock(account_id)
        await _own_or_administered(account_id, by)
        held = await posts.held_by(account_id)
        touched = Touched(posts=tuple(post.title for post in held))
        if dry_run:
            return touched
        for post in held:
            await posts.leave(post.id, by)
        await database.execute(
            "UPDATE accounts SET closed_at = $2, password_hash = NULL, totp_secret = NULL WHERE id = $1",
            account_id,
            clock.now(),
        )
        await sessions.end_all(account_id)
        await events.record(f"account:{account_id}", "account.closed", {}, by)
        return touched


async def reset_sign_in(account_id: UUID, by: Actor) -> None:
    """An administrator lets somebody start anew: password and second factor are gone, sessions end."""
    async with database.transaction():
        await _lock(account_id)
        await posts.demand_administered(account_id, by)
        await database.execute(
            "UPDATE accounts SET password_hash = NULL, totp_secret = NULL, totp_step = NULL WHERE id = $1", account_id
        )
        await sessions.end_all(account_id)
        await events.record(f"account:{account_id}", "account.sign_in_reset", {}, by)


async def _lock(account_id: UUID) -> None:
    if not await database.fetch_value(
        "SELECT true FROM accounts WHERE id = $1 AND closed_at IS NULL FOR UPDATE", account_id
    ):
        raise NotFound()


async def _own_or_administered(account_id: UUID, by: Actor) -> None:
    if by.account_id != account_id:
        await posts.demand_administered(account_id, by)


def _name(typed: str) -> str:
    plain = " ".join(typed.split())
    if len(plain) > LONGEST_NAME or not plain.isprintable():
        raise Invalid({"name": f"姓名最多 {LONGEST_NAME} 个字,不能有特殊符号。"})
    if words := wrong_mask(plain):
        raise Invalid({"name": words})
    return plain


_SELECT = """SELECT id, phone, name, password_hash IS NOT NULL AS has_password,
                    totp_secret IS NOT NULL AS has_totp FROM accounts"""
