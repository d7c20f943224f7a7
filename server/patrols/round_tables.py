"""Rounds: plans make tasks, visits meet them, and what is wrong leads on. What happened is a row of its own."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigSerial,
    Boolean,
    Date,
    DoublePrecision,
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

from server.areas.tables import Area
from server.cases.tables import Case
from server.forms.tables import Checklist, ChecklistVersion
from server.kernel.personal import STAFF_BASIS, Kind, keeps, names
from server.patrols.tables import Place, PlaceKind
from server.people.tables import Account, Post
from server.photos.tables import Photo

ROUNDS = Kind(
    code="rounds",
    what="巡查记录:写的话、拍的照片、填写时的位置;平时不记录轨迹",
    why="知道查过什么、哪里要整改",
    basis=STAFF_BASIS,
    days=1095,
    counted="巡查后",
    then="写的话、位置和照片删去,只留查过没有",
)


class Plan(Table, tablename="patrol_plans"):
    """Which kinds of places within an area are visited how often, with which checklist."""

    id = Serial(primary_key=True)
    name = Text(default=None, null=False)
    department = Text(default=None, null=False)
    """Who wants it, as people say it: 消防."""
    checklist = ForeignKey(Checklist, null=False, default=None, on_delete=OnDelete.restrict)
    area = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    kinds = JSONB(default=None, null=False)
    """Ids of place kinds."""
    every = Integer(default=None, null=False)
    unit = Text(default=None, null=False)
    """days or months"""
    window_days = Integer(default=0, null=False)
    """Working days from the beginning of each period; 0: the whole period."""
    first = Date(default=None, null=False)
    last = Date(default=None, null=True)
    version = Integer(default=1, null=False)
    made_at = Timestamptz(default=None, null=False)

    patrol_plans_unit = Check("unit IN ('days', 'months')")
    patrol_plans_every = Check("every > 0 AND window_days >= 0")

    plain = names("name", "department", "kinds", "unit")


class Task(Table, tablename="patrol_tasks"):
    """One visit to make. It is the grid's workers' unless it was given to a post or the desk."""

    id = UUID(primary_key=True, default=None)
    place = ForeignKey(Place, null=False, default=None, on_delete=OnDelete.restrict)
    kind = ForeignKey(PlaceKind, null=False, default=None, on_delete=OnDelete.restrict)
    community = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    grid = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict)
    window_from = Date(default=None, null=False)
    window_to = Date(default=None, null=False)
    day = Date(default=None, null=False)
    """The working day that it is meant for, so that every day has its share."""
    saved = SmallInt(default=0, null=False)
    """Visits that this one makes needless: the plans behind it but one."""
    tries = SmallInt(default=0, null=False)
    """Times that nobody was there."""
    post = ForeignKey(Post, null=True, default=None, on_delete=OnDelete.restrict)
    """Whose it was made by hand; none: the grid's workers'."""
    given = JSONB(default="[]", null=False)
    """Posts that it was ever given to: what they did offline still counts when it was taken back."""
    at_desk = Boolean(default=False, null=False)
    """Nobody walks there in these days; the desk looks after it."""
    absence = Integer(default=None, null=True)
    """The absence that moved it."""
    rectification = UUID(default=None, null=True)
    """It looks again at what had to be put right."""
    state = Text(default="open", null=False)
    outcome = Text(default=None, null=True)
    """As of the visit that met it."""
    visit = UUID(default=None, null=True)
    made_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)

    patrol_tasks_state = Check("state IN ('open', 'done', 'withdrawn')")

    plain = names("given", "state", "outcome")


class TaskItem(Table, tablename="patrol_task_items"):
    """What one plan wants of the visit. The key is why no task is ever made twice."""

    id = BigSerial(primary_key=True)
    task = ForeignKey(Task, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    place = UUID(default=None, null=False)
    plan = ForeignKey(Plan, null=True, default=None, on_delete=OnDelete.restrict)
    """None for a re-visit."""
    period = Date(default=None, null=False)
    checklist = ForeignKey(Checklist, null=False, default=None, on_delete=OnDelete.restrict)

    patrol_task_items_once = Unique([place, plan, period])


class Absence(Table, tablename="patrol_absences"):
    """The holder of a post is away; the tasks of these days are somebody else's."""

    id = Serial(primary_key=True)
    post = ForeignKey(Post, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    since = Date(default=None, null=False)
    until = Date(default=None, null=False)
    to_post = ForeignKey(Post, null=True, default=None, on_delete=OnDelete.restrict)
    """None: the desk."""
    by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)
    """Taken back before its time."""

    patrol_absences_order = Check("since <= until")


class Visit(Table, tablename="patrol_visits"):
    """What somebody saw. Never changed: correcting makes a new version with the same root."""

    id = UUID(primary_key=True, default=None)
    """Made on the phone."""
    root = UUID(default=None, null=False, index=True)
    version = SmallInt(default=1, null=False)
    corrects = UUID(default=None, null=True)
    corrected_at = Timestamptz(default=None, null=True)
    """A later version stands in its stead."""
    account = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict)
    post = ForeignKey(Post, null=True, default=None, on_delete=OnDelete.restrict)
    task = ForeignKey(Task, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    place = ForeignKey(Place, null=True, default=None, on_delete=OnDelete.restrict)
    place_words = Text(default="", null=False)
    """Where, in words, if it was at no known place."""
    community = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    grid = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict)
    outcome = Text(default=None, null=False)
    note = Text(default="", null=False)
    latitude = DoublePrecision(default=None, null=True)
    longitude = DoublePrecision(default=None, null=True)
    accuracy = DoublePrecision(default=None, null=True)
    """Metres."""
    answers = JSONB(default="[]", null=False)
    """[{"version": id of a checklist version, "answers": {…}, "failed": [item id, …]}]"""
    finding = Text(default="", null=False)
    """The findings in one line, for lists; empty where nothing was wrong."""
    marks = JSONB(default="[]", null=False)
    """Why the desk should look at it, as server.patrols.marks names it."""
    settled_at = Timestamptz(default=None, null=True)
    made_at = Text(default="", null=False)
    """The phone's own time, as it said it; never believed."""
    odd_clock = Boolean(default=False, null=False)
    at = Timestamptz(default=None, null=False)

    patrol_visits_outcome = Check("outcome IN ('done', 'nobody_there', 'refused', 'closed_down', 'moved', 'not_found')")

    kept = keeps(ROUNDS, "place_words", "note", "latitude", "longitude", "accuracy", "answers", "finding")
    plain = names("outcome", "marks", "made_at")


class Settlement(Table, tablename="patrol_settlements"):
    """Somebody at the desk looked at a late or doubled record and said what holds."""

    id = BigSerial(primary_key=True)
    visit = ForeignKey(Visit, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    holds = Boolean(default=None, null=False)
    """The record counts; else it is kept and counts for nothing."""
    note = Text(default="", null=False)
    by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    at = Timestamptz(default=None, null=False)

    kept = keeps(ROUNDS, "note")


class Rectification(Table, tablename="patrol_rectifications"):
    """What has to be put right by a day; a re-visit looks."""

    id = UUID(primary_key=True, default=None)
    number = Text(default=None, null=False)
    place = ForeignKey(Place, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    community = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    grid = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict)
    checklist_version = ForeignKey(ChecklistVersion, null=False, default=None, on_delete=OnDelete.restrict)
    items = JSONB(default=None, null=False)
    """Ids of the items that failed."""
    words = Text(default=None, null=False)
    """What is to be done, for the operator."""
    due = Date(default=None, null=False)
    failed = SmallInt(default=0, null=False)
    """Re-visits that found it not put right."""
    state = Text(default="open", null=False)
    case = ForeignKey(Case, null=True, default=None, on_delete=OnDelete.restrict)
    link = UUID(default=None, null=True)
    """The operator's link, whose secret is made from this id."""
    link_digest = Text(default=None, null=True, index=True)
    version = Integer(default=1, null=False)
    made_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)

    patrol_rectifications_number = Unique([number])
    patrol_rectifications_state = Check("state IN ('open', 'passed', 'case', 'withdrawn')")

    kept = keeps(ROUNDS, "words", "items", "link_digest")
    plain = names("number", "state")


class Finding(Table, tablename="patrol_findings"):
    """What was wrong, and what it led to."""

    id = UUID(primary_key=True, default=None)
    """Made on the phone."""
    visit = ForeignKey(Visit, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    place = ForeignKey(Place, null=True, default=None, on_delete=OnDelete.restrict)
    checklist_version = ForeignKey(ChecklistVersion, null=True, default=None, on_delete=OnDelete.restrict)
    """None for what no checklist asked about."""
    item = Text(default="", null=False)
    leads_to = Text(default=None, null=False)
    words = Text(default="", null=False)
    rectification = ForeignKey(Rectification, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    case = ForeignKey(Case, null=True, default=None, on_delete=OnDelete.restrict)
    at = Timestamptz(default=None, null=False)

    patrol_findings_leads_to = Check("leads_to IN ('note', 'fixed', 'rectify', 'case')")

    kept = keeps(ROUNDS, "words")
    plain = names("item", "leads_to")


class VisitPhoto(Table, tablename="patrol_photos"):
    """A photo that a visit names; `hung` once it has come."""

    id = BigSerial(primary_key=True)
    visit = ForeignKey(Visit, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    photo = UUID(default=None, null=False)
    """The id that the phone gave it."""
    role = Text(default=None, null=False)
    item = Text(default="", null=False)
    """The item that it answers, as "<checklist version>/<item>"."""
    finding = UUID(default=None, null=True)
    account = UUID(default=None, null=False)
    """Who sent the record; only they may send the photo."""
    hung = ForeignKey(Photo, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    refused = Text(default="", null=False)
    """Why the photo was not taken when it came, in words."""

    patrol_photos_once = Unique([photo, visit])
    patrol_photos_role = Check("role IN ('answer', 'finding', 'before', 'after')")

    plain = names("role", "item", "refused")


class Order(Table, tablename="patrol_orders"):
    """Go there now: from the desk to a worker, who says that they go and arrives by recording a visit."""

    id = UUID(primary_key=True, default=None)
    post = ForeignKey(Post, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    community = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    words = Text(default=None, null=False)
    place = ForeignKey(Place, null=True, default=None, on_delete=OnDelete.restrict)
    case = ForeignKey(Case, null=True, default=None, on_delete=OnDelete.restrict)
    place_words = Text(default="", null=False)
    """Where, in words, where it is no known place."""
    latitude = DoublePrecision(default=None, null=True)
    longitude = DoublePrecision(default=None, null=True)
    state = Text(default="sent", null=False)
    by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    at = Timestamptz(default=None, null=False)
    accepted_at = Timestamptz(default=None, null=True)
    on_way_at = Timestamptz(default=None, null=True)
    arrived_at = Timestamptz(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)
    visit = UUID(default=None, null=True)

    patrol_orders_state = Check("state IN ('sent', 'accepted', 'on_way', 'arrived', 'withdrawn')")

    kept = keeps(ROUNDS, "words", "place_words", "latitude", "longitude")
    plain = names("state")
