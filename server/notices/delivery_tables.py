"""What leaves the inbox: messages on their way, the robots and systems that get them, and what people chose."""

from piccolo.columns import (
    JSONB,
    UUID,
    Boolean,
    ForeignKey,
    OnDelete,
    Serial,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.constraints import Check
from piccolo.table import Table

from server.areas.tables import Area
from server.kernel.personal import keeps, names
from server.notices.tables import NOTICES
from server.people.tables import Account, Unit


class Subscriber(Table, tablename="subscribers"):
    """A group's robot or another system that gets the notices of an area's or a unit's posts."""

    id = Serial(primary_key=True)
    outlet = Text(default=None, null=False)
    """wecom or webhook"""
    name = Text(default=None, null=False)
    area = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    below = Boolean(default=False, null=False)
    """The notices of all areas below, too."""
    kinds = JSONB(default="[]", null=False)
    """Which kinds; none named: all."""
    quiet = Boolean(default=False, null=False)
    """Nothing at night but what is owed now."""
    host = Text(default="", null=False)
    """Where it leads, for people to see: the sealed address holds secrets."""
    sealed = Text(default=None, null=False)
    """Address and key."""
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)

    subscribers_outlet = Check("outlet IN ('wecom', 'webhook')")
    subscribers_place = Check("area IS NOT NULL OR unit IS NOT NULL")

    plain = names("outlet", "name", "kinds", "host", "sealed")


class Delivery(Table, tablename="deliveries"):
    """A message on its way out, or what became of it."""

    id = UUID(primary_key=True, default=None)
    """Goes with the message, however often it is tried."""
    outlet = Text(default=None, null=False)
    notice = UUID(default=None, null=True)
    event = UUID(default=None, null=True)
    """What the notice tells of: a robot says it once, however many people were told."""
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    """Whose phone it goes to, looked up when it goes."""
    subscriber = ForeignKey(Subscriber, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    kind = Text(default=None, null=False)
    urgency = Text(default=None, null=False)
    title = Text(default="", null=False)
    words = Text(default="", null=False)
    href = Text(default="", null=False)
    sealed = Text(default=None, null=True)
    """Phone and words of a message that is no notice; forgotten once it is done."""
    useless_after = Timestamptz(default=None, null=True)
    together = Boolean(default=False, null=False)
    """May go in one message with whatever else of the account waits."""
    sent_with = UUID(default=None, null=True)
    """The delivery that carries this one."""
    state = Text(default="waiting", null=False)
    tries = SmallInt(default=0, null=False)
    first_at = Timestamptz(default=None, null=False)
    """When it should first go: the day of trying begins here."""
    next_at = Timestamptz(default=None, null=False)
    """When it is tried next; while somebody tries it, when another may."""
    said = Text(default="", null=False)
    """What the outlet answered last, without anything personal."""
    created_at = Timestamptz(default=None, null=False)
    done_at = Timestamptz(default=None, null=True)

    deliveries_state = Check("state IN ('waiting', 'sent', 'failed', 'dropped')")
    deliveries_urgency = Check("urgency IN ('now', 'soon', 'calm')")
    deliveries_subscriber = Check("subscriber IS NOT NULL OR outlet NOT IN ('wecom', 'webhook')")
    deliveries_open = Check("state = 'waiting' OR done_at IS NOT NULL")

    kept = keeps(NOTICES, "title", "words", "href", "sealed")
    plain = names("outlet", "kind", "urgency", "state", "said")


class NoticeChoices(Table, tablename="notice_choices"):
    """What a person chose about messages; without a row it is as usual."""

    account = ForeignKey(Account, primary_key=True, default=None, on_delete=OnDelete.restrict, null=False)
    quiet_begins = SmallInt(default=None, null=False)
    quiet_ends = SmallInt(default=None, null=False)
    daily_at = SmallInt(default=None, null=False)
    kinds = JSONB(default="{}", null=False)
    changed_at = Timestamptz(default=None, null=False)

    notice_choices_hours = Check(
        "quiet_begins BETWEEN 0 AND 23 AND quiet_ends BETWEEN 0 AND 23 AND daily_at BETWEEN 0 AND 23"
    )

    plain = names("kinds")
