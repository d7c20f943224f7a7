"""Who there is. A post is a place that people hold one after another; work belongs to the post and stays with it."""

from typing import Any

from piccolo.columns import (
    UUID,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Text,
    Timestamptz,
)
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from server.areas.tables import Area
from server.kernel.personal import ACCOUNTS, SIGN_INS, keeps, names


class Account(Table, tablename="accounts"):
    id = UUID(primary_key=True, default=None)
    phone = Text(default=None, null=False)
    """Mainland mobile number, eleven digits."""
    name = Text(default="", null=False)
    password_hash = Text(default=None, null=True)
    """argon2id; none for residents."""
    totp_secret = Bytea(default=None, null=True)
    """Encrypted with the secret key."""
    totp_step = BigInt(default=None, null=True)
    """Last time step accepted, so that a code works once."""
    created_at = Timestamptz(default=None, null=False)
    closed_at = Timestamptz(default=None, null=True)
    """The number is free from then on: the index accounts_open_phone holds one open account for each phone."""

    kept = keeps(ACCOUNTS, "phone", "name", "password_hash", "totp_secret")


class Organisation(Table, tablename="organisations"):
    id = Serial(primary_key=True)
    name = Text(default=None, null=False)
    kind = Text(default=None, null=False)
    """committee, general_branch or branch"""
    parent: ForeignKey[Any] = ForeignKey(
        LazyTableReference("Organisation", app_name="huying"),
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
        index=True,
    )
    area = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)

    organisations_kind = Check("kind IN ('committee', 'general_branch', 'branch')")

    plain = names("name", "kind")


class Unit(Table, tablename="units"):
    id = Serial(primary_key=True)
    code = Text(default=None, null=False)
    name = Text(default=None, null=False)
    kind = Text(default=None, null=False)
    """department, contractor or street_team"""
    area = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    phone = Text(default="", null=False)
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)

    units_code = Unique([code])
    units_kind = Check("kind IN ('department', 'contractor', 'street_team')")

    plain = names("code", "name", "kind", "phone")


class Post(Table, tablename="posts"):
    id = BigSerial(primary_key=True)
    role = Text(default=None, null=False)
    """server.kernel.actor.Role"""
    title = Text(default=None, null=False)
    area = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    organisation = ForeignKey(Organisation, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    second_factor = Boolean(default=False, null=False)
    """Whoever holds this post signs in with a TOTP code too."""
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)

    posts_place = Check("role = 'system_admin' OR area IS NOT NULL OR unit IS NOT NULL")
    posts_role = Check(
        "role IN ('grid_worker', 'party_member', 'community_staff', 'secretary', 'unit_handler', 'unit_lead',"
        " 'centre_officer', 'area_admin', 'system_admin')"
    )

    plain = names("role", "title")


class Holding(Table, tablename="holdings"):
    """An account holds a post from–until; at most one at a time holds it."""

    id = BigSerial(primary_key=True)
    post = ForeignKey(Post, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    account = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)


class Session(Table, tablename="sessions"):
    id = UUID(primary_key=True, default=None)
    account = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    token_digest = Bytea(default=None, null=False)
    device = Text(default="", null=False)
    """What kind of device and browser, in words for the person's own list."""
    device_digest = Text(default=None, null=True)
    """Of the device cookie: a device that has signed in before is not locked out by what others try."""
    address = Text(default="", null=False)
    password = Boolean(default=False, null=False)
    """Signed in with the password; posts count only then."""
    second_factor = Boolean(default=False, null=False)
    """Signed in with a TOTP code; posts that demand it count only then."""
    created_at = Timestamptz(default=None, null=False)
    seen_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    revoked_at = Timestamptz(default=None, null=True)

    sessions_token_digest = Unique([token_digest])

    kept = keeps(SIGN_INS, "token_digest", "device", "device_digest", "address")


class SignInCode(Table, tablename="signin_codes"):
    id = UUID(primary_key=True, default=None)
    phone = Text(default=None, null=False, index=True)
    code_hash = Bytea(default=None, null=False)
    """Keyed digest (HMAC-SHA256 with the secret key) of phone and code: a plain one of six digits is guessed."""
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    tries = Integer(default=0, null=False)
    used_at = Timestamptz(default=None, null=True)

    kept = keeps(SIGN_INS, "phone", "code_hash")
