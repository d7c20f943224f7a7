"""Households, who to ask for there, why they are known, who is linked to them and what passed between them."""

from typing import Any

from piccolo.columns import (
    JSONB,
    UUID,
    BigSerial,
    Boolean,
    Bytea,
    Date,
    DoublePrecision,
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

from server.addresses.tables import Address
from server.areas.tables import Area
from server.cases.tables import Case
from server.kernel.personal import CONSENT, Kind, keeps, names
from server.people.tables import Account, Organisation

HOUSEHOLDS = Kind(
    code="households",
    what="联系户的地址、联系人的姓名电话、住户提的要求",
    why="有人常去看看,有事找得到人",
    basis=CONSENT,
    days=365,
    counted="不再联系后",
    then="地址、姓名、电话、标签都删去",
)
VISITS = Kind(
    code="visits",
    what="走访时说了什么、需要什么、留给接手党员的话",
    why="记得上次说的事,把答复带回去",
    basis=CONSENT,
    days=730,
    counted="走访后",
    then="说过的话删去,只留去过没有",
)


class Household(Table, tablename="households"):
    """One door. Never deleted while its past is kept: it is closed, or merged into another."""

    id = UUID(primary_key=True, default=None)
    place = Text(default=None, null=False)
    """Where, in words, without the room."""
    building = Text(default="", null=False)
    unit = Text(default="", null=False)
    room = Text(default="", null=False)
    address = ForeignKey(Address, null=True, default=None, on_delete=OnDelete.restrict)
    """Of the register, where it is sure what the words mean."""
    latitude = DoublePrecision(default=None, null=True)
    longitude = DoublePrecision(default=None, null=True)
    """WGS-84, degrees: the register's point."""
    district = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    street = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict)
    community = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    grid = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict)
    external_code = Text(default="", null=False)
    """Its code in the list it was imported from, unique within the community."""
    private = Boolean(default=False, null=False)
    """What they need becomes a private case unless they say otherwise."""
    version = Integer(default=1, null=False)
    history_sequence = Integer(default=None, null=False)
    history_link = Bytea(default=None, null=False)
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)
    """Closed at: they moved away, or left; or it was merged."""
    merged_into: ForeignKey[Any] = ForeignKey(
        LazyTableReference("Household", app_name="huying"), null=True, default=None, on_delete=OnDelete.restrict
    )
    last_visit_at = Timestamptz(default=None, null=True)
    """Somebody was met; in no index, so that a visit rewrites the row alone."""
    last_tried_at = Timestamptz(default=None, null=True)
    next_visit_on = Date(default=None, null=True)

    kept = keeps(HOUSEHOLDS, "place", "building", "unit", "room", "latitude", "longitude", "external_code")
    plain = names("history_link")


class HouseholdAddress(Table, tablename="household_addresses"):
    """Where it lived before, from–until: moving keeps its past."""

    id = BigSerial(primary_key=True)
    household = ForeignKey(Household, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    words = Text(default=None, null=False)
    community = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=False)

    kept = keeps(HOUSEHOLDS, "words")


class HouseholdPerson(Table, tablename="household_people"):
    """Somebody to ask for, and how to reach them; nothing else is kept of a person."""

    id = UUID(primary_key=True, default=None)
    household = ForeignKey(Household, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    name = Text(default=None, null=False)
    phone = Text(default="", null=False)
    relation = Text(default="", null=False)
    """How they call it themselves: 女儿, 房东."""
    contact = Boolean(default=False, null=False)
    """Who is asked for first; one of each household."""
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)

    kept = keeps(HOUSEHOLDS, "name", "phone", "relation")


class HouseholdTagKind(Table, tablename="household_tag_kinds"):
    """A tag and the purpose it serves; kinds are data."""

    id = Serial(primary_key=True)
    code = Text(default=None, null=False)
    name = Text(default=None, null=False)
    purpose = Text(default=None, null=False)
    """Why it is kept, in words that the household reads on its own page."""
    days = Integer(default=None, null=False)
    """After so many days it lapses unless it is set again."""
    active = Boolean(default=True, null=False)

    household_tag_kinds_code = Unique([code])
    household_tag_kinds_days = Check("days BETWEEN 1 AND 3660")

    plain = names("code", "name", "purpose")


class HouseholdTag(Table, tablename="household_tags"):
    id = BigSerial(primary_key=True)
    household = ForeignKey(Household, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    kind = ForeignKey(HouseholdTagKind, null=False, default=None, on_delete=OnDelete.restrict)
    by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    since = Timestamptz(default=None, null=False)
    lapses_at = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)


class HouseholdLink(Table, tablename="household_links"):
    """A member is linked to a household, from–until; many to many."""

    id = UUID(primary_key=True, default=None)
    household = ForeignKey(Household, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    account = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict)
    organisation = ForeignKey(Organisation, null=True, default=None, on_delete=OnDelete.restrict)
    """Through which party organisation, where the member's post names one."""
    by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)
    reason = Text(default="", null=False)
    """Why it ended."""
    for_successor = Text(default="", null=False)
    """What the next member should know; nobody else but the desk reads it."""
    successor: ForeignKey[Any] = ForeignKey(
        LazyTableReference("HouseholdLink", app_name="huying"), null=True, default=None, on_delete=OnDelete.restrict
    )

    kept = keeps(VISITS, "for_successor")
    plain = names("reason")


class HouseholdVisit(Table, tablename="household_visits"):
    """One contact: who, when, how, what was said, what is needed. Never changed; a correction is a new version."""

    id = UUID(primary_key=True, default=None)
    """Made on the phone."""
    root = UUID(default=None, null=False)
    """The first version of the same contact."""
    version = Integer(default=1, null=False)
    latest = Boolean(default=True, null=False)
    household = ForeignKey(Household, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    account = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict)
    """The member who went or called."""
    entered_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    """Staff who wrote it for a member without a smartphone."""
    way = Text(default=None, null=False)
    outcome = Text(default=None, null=False)
    topics = JSONB(default="[]", null=False)
    said = Text(default="", null=False)
    needs = Text(default="", null=False)
    next_on = Date(default=None, null=True)
    at = Timestamptz(default=None, null=False)
    """When it was received."""
    made_at = Text(default="", null=False)
    """The phone's own time as it said it; shown, never believed."""
    odd_clock = Boolean(default=False, null=False)
    case = ForeignKey(Case, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    """What its need became."""
    marks = JSONB(default="[]", null=False)
    """Why the desk should look at it: late, no longer linked …"""

    household_visits_way = Check("way IN ('door', 'phone', 'message', 'passing')")
    household_visits_outcome = Check("outcome IN ('met', 'nobody_home', 'not_now')")
    household_visits_versions = Unique([root, version])

    kept = keeps(VISITS, "said", "needs", "topics")
    plain = names("way", "outcome", "made_at", "marks")


class HouseholdWish(Table, tablename="household_wishes"):
    """What the household asks of those who keep it, in its own words, until somebody has seen to it."""

    id = UUID(primary_key=True, default=None)
    household = ForeignKey(Household, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    words = Text(default=None, null=False)
    at = Timestamptz(default=None, null=False)
    done_at = Timestamptz(default=None, null=True)
    done_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)

    kept = keeps(HOUSEHOLDS, "words")


class HelperChoice(Table, tablename="helper_choices"):
    """A member who agreed that a case names them, and their organisation, as who helped; or took that back."""

    id = Serial(primary_key=True)
    account = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict)
    named = Boolean(default=False, null=False)
    at = Timestamptz(default=None, null=False)

    helper_choices_once = Unique([account])
