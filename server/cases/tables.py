"""A report is one person's telling; a case is the matter. State changes that matter are rows of their own."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigSerial,
    Boolean,
    Bytea,
    DoublePrecision,
    ForeignKey,
    Integer,
    OnDelete,
    Text,
    Timestamptz,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from server.areas.tables import Area
from server.forms.tables import CategoryVersion
from server.kernel.personal import DUTY, Kind, keeps, names
from server.people.tables import Account, Post, Unit

REPORTS = Kind(
    code="reports",
    what="诉求内容、照片、位置、上报人和代报人的姓名电话、办理中的话",
    why="弄清是什么事、派人去办、把结果告诉上报人",
    basis=DUTY,
    days=1095,
    counted="办结后",
    then="内容、姓名、电话、位置、照片都删去,只留类别、区域和时间",
)


class Case(Table, tablename="cases"):
    """Today's summary, kept in the transaction of every change; what led here is in the rows below and the history."""

    id = UUID(primary_key=True, default=None)
    number = Text(default=None, null=False)
    """The number of the report that opened it."""
    state = Text(default=None, null=False)
    open = Boolean(default=True, null=False)
    """Whether somebody still has to do something; the lists of open cases rest on it."""
    version = Integer(default=1, null=False)
    """Grows with every change; the pages send it back as `seen`."""
    history_sequence = Integer(default=None, null=False)
    history_link = Bytea(default=None, null=False)
    subject = Text(default=None, null=False)
    """The first words of the first report, for lists."""
    place = Text(default="", null=False)
    """Where, in words."""
    private = Boolean(default=False, null=False)
    held = Boolean(default=False, null=False)
    """Suspicious: the desk looks at it before anybody else is troubled."""
    district = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    street = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict)
    community = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict)
    grid = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict)
    latitude = DoublePrecision(default=None, null=True)
    longitude = DoublePrecision(default=None, null=True)
    category_version = ForeignKey(CategoryVersion, null=True, default=None, on_delete=OnDelete.restrict)
    answers = JSONB(default="{}", null=False)
    """Answers to the category's extra questions, as the desk learned them."""
    level = Text(default="normal", null=False)
    owner_post = ForeignKey(Post, null=False, default=None, on_delete=OnDelete.restrict)
    desk_post = ForeignKey(Post, null=False, default=None, on_delete=OnDelete.restrict)
    """The desk that gets it back when the unit has finished or returns it."""
    handler_unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict)
    handler_account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    """The colleague it was assigned to."""
    asked_from = Text(default=None, null=True)
    """While the reporter is asked: the state it goes back to."""
    reported_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=True)
    """When the reporter must have the answer; none while the clock stands."""
    due_provisional = Boolean(default=False, null=False)
    """The deadline rests on a year whose working calendar is not published yet."""
    closed_at = Timestamptz(default=None, null=True)
    changed_at = Timestamptz(default=None, null=False)

    cases_number = Unique([number])
    cases_state = Check(
        "state IN ('reported', 'accepted', 'dispatched', 'in_hand', 'finished', 'checked', 'closed', 'asked',"
        " 'withdrawn', 'rejected')"
    )
    cases_level = Check("level IN ('normal', 'urgent', 'emergency')")

    kept = keeps(REPORTS, "subject", "place", "latitude", "longitude", "answers")
    plain = names("number", "state", "history_link", "level", "asked_from")


class Report(Table, tablename="reports"):
    """One person's telling. Never changed; what is added later is an addition of its own."""

    id = UUID(primary_key=True, default=None)
    number = Text(default=None, null=False)
    channel = Text(default=None, null=False)
    """web, desk, hotline or import."""
    text = Text(default=None, null=False)
    place = Text(default="", null=False)
    latitude = DoublePrecision(default=None, null=True)
    longitude = DoublePrecision(default=None, null=True)
    accuracy = DoublePrecision(default=None, null=True)
    """Metres."""
    position_source = Text(default=None, null=True)
    """photo, phone, map or none."""
    datum = Text(default="WGS-84", null=False)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    name = Text(default="", null=False)
    phone = Text(default="", null=False)
    for_phone = Text(default="", null=False)
    """The phone of the person it was told for, who said yes; both follow it."""
    for_name = Text(default="", null=False)
    private = Boolean(default=False, null=False)
    answers = JSONB(default="{}", null=False)
    """Answers to the category's extra questions."""
    refused_photos = JSONB(default="[]", null=False)
    """Why photos were not taken, in words."""
    device = Text(default=None, null=True)
    reported_at = Timestamptz(default=None, null=False)

    reports_number = Unique([number])

    kept = keeps(
        REPORTS,
        "text",
        "place",
        "latitude",
        "longitude",
        "accuracy",
        "name",
        "phone",
        "for_phone",
        "for_name",
        "answers",
        "device",
    )
    plain = names("number", "channel", "position_source", "datum", "refused_photos")


class ReportLink(Table, tablename="report_links"):
    """A secret link to one report, for who has no account; only its digest is kept."""

    id = UUID(primary_key=True, default=None)
    report = ForeignKey(Report, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    secret_digest = Bytea(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    revoked_at = Timestamptz(default=None, null=True)

    report_links_secret_digest = Unique([secret_digest])

    kept = keeps(REPORTS, "secret_digest")


class LinkCookie(Table, tablename="link_cookies"):
    """What a secret link was swapped for on a device."""

    id = UUID(primary_key=True, default=None)
    link = ForeignKey(ReportLink, null=False, default=None, on_delete=OnDelete.cascade, index=True)
    token_digest = Bytea(default=None, null=False, index=True)
    """Of the device's one link cookie; a device may hold several reports under it."""
    created_at = Timestamptz(default=None, null=False)

    link_cookies_once = Unique([link, token_digest])

    kept = keeps(REPORTS, "token_digest")


class ReportCase(Table, tablename="report_cases"):
    """A report belongs to a case from–until; merging and splitting end and begin such rows and move nothing."""

    id = BigSerial(primary_key=True)
    report = ForeignKey(Report, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    case = ForeignKey(Case, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)


class Standing(Table, tablename="standings"):
    """Who stands how to a case, from–until. Loading and notices both read it."""

    id = BigSerial(primary_key=True)
    case = ForeignKey(Case, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    kind = Text(default=None, null=False)
    post = ForeignKey(Post, null=True, default=None, on_delete=OnDelete.restrict)
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    report = ForeignKey(Report, null=True, default=None, on_delete=OnDelete.restrict)
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)

    standings_kind = Check("kind IN ('owner', 'handler', 'co_handler', 'reporter', 'linked_member', 'supervisor')")
    standings_who = Check("num_nonnulls(post, unit, account, report) >= 1")

    plain = names("kind")
