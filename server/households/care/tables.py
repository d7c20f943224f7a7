"""What a household agreed to, what looking in means there, and what its sensors said."""

from piccolo.columns import (
    UUID,
    BigSerial,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from server.households.tables import Household
from server.kernel.personal import CONSENT, Kind, keeps, names
from server.people.tables import Account

CARE = Kind(
    code="care",
    what="关爱约定的同意人、见证人,看望的情况,设备报的平安",
    why="按住户同意的方式常去看望",
    basis=CONSENT,
    days=365,
    counted="约定结束后",
    then="姓名、情况和设备记录都删去",
)


class CareKind(Table, tablename="care_kinds"):
    """A way of looking in; kinds are data."""

    id = Serial(primary_key=True)
    code = Text(default=None, null=False)
    name = Text(default=None, null=False)
    purpose = Text(default=None, null=False)
    """What it is for, in words that the household reads before it agrees."""
    way = Text(default=None, null=False)
    every_hours = Integer(default=None, null=False)
    """So long after the last contact it is missed."""
    active = Boolean(default=True, null=False)

    care_kinds_code = Unique([code])
    care_kinds_way = Check("way IN ('contact', 'visit', 'signal')")
    care_kinds_every = Check("every_hours BETWEEN 1 AND 2400")

    plain = names("code", "name", "purpose", "way")


class CareAgreement(Table, tablename="care_agreements"):
    """A household agreed: to what, until when; who spoke for it, who took it down, who was there."""

    id = UUID(primary_key=True, default=None)
    household = ForeignKey(Household, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    agreed_by = Text(default="", null=False)
    """Who of the household said yes, by name."""
    witness = Text(default="", null=False)
    taken_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    agreed_at = Timestamptz(default=None, null=False)
    until = Date(default=None, null=False)
    """The last day on which it holds."""
    ended_at = Timestamptz(default=None, null=True)
    why_ended = Text(default="", null=False)

    kept = keeps(CARE, "agreed_by", "witness")
    plain = names("why_ended")


class CareWatch(Table, tablename="care_watches"):
    """One way of looking in that an agreement names; when it is missed, and who has heard."""

    id = UUID(primary_key=True, default=None)
    agreement = ForeignKey(CareAgreement, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    household = ForeignKey(Household, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    kind = ForeignKey(CareKind, null=False, default=None, on_delete=OnDelete.restrict)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    """The member who looks in; None: whoever is linked."""
    key_digest = Bytea(default=None, null=True)
    """Of the secret by which its sensor speaks."""
    since = Timestamptz(default=None, null=False)
    last_at = Timestamptz(default=None, null=True)
    """When somebody was met, or the sensor spoke."""
    due_at = Timestamptz(default=None, null=False)
    alarm = Boolean(default=False, null=False)
    """Its sensor gave alarm and nobody has looked since."""
    told = SmallInt(default=0, null=False)
    """How many of `rule.RUNGS` have heard."""
    next_at = Timestamptz(default=None, null=True)
    """When somebody is to hear next; None once all have, or when it has ended."""
    until = Timestamptz(default=None, null=True)

    kept = keeps(CARE, "key_digest")


class CareLook(Table, tablename="care_looks"):
    """Somebody looked after a missed contact or an alarm, and how they found it."""

    id = UUID(primary_key=True, default=None)
    watch = ForeignKey(CareWatch, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    found = Text(default=None, null=False)
    note = Text(default="", null=False)
    at = Timestamptz(default=None, null=False)

    care_looks_found = Check("found IN ('well', 'helped', 'away')")

    kept = keeps(CARE, "note")
    plain = names("found")


class CareReading(Table, tablename="care_readings"):
    """What a sensor said; the same reading twice is one."""

    id = BigSerial(primary_key=True)
    watch = ForeignKey(CareWatch, null=False, default=None, on_delete=OnDelete.restrict)
    code = Text(default=None, null=False)
    """Its own number, by whoever sends it."""
    said = Text(default=None, null=False)
    at = Timestamptz(default=None, null=False)

    care_readings_said = Check("said IN ('alive', 'alarm')")
    care_readings_code = Unique([watch, code])

    kept = keeps(CARE, "code", "said")
