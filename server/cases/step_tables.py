"""What happened to a case, each step a row of its own: asked, dispatched, answered, checked, closed, rated, shown."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigSerial,
    Boolean,
    ForeignKey,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from server.cases.tables import REPORTS, Case, Report
from server.kernel.personal import keeps, names
from server.people.tables import Account, Unit
from server.photos.tables import Photo


class Addition(Table, tablename="additions"):
    """What a reporter added later, or answered when asked."""

    id = UUID(primary_key=True, default=None)
    case = ForeignKey(Case, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    report = ForeignKey(Report, null=False, default=None, on_delete=OnDelete.restrict)
    text = Text(default=None, null=False)
    at = Timestamptz(default=None, null=False)

    kept = keeps(REPORTS, "text")


class Question(Table, tablename="questions"):
    """The desk asks the reporter; the clock stands until the answer."""

    id = UUID(primary_key=True, default=None)
    case = ForeignKey(Case, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    text = Text(default=None, null=False)
    asked_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    asked_at = Timestamptz(default=None, null=False)
    answer = ForeignKey(Addition, null=True, default=None, on_delete=OnDelete.restrict)
    answered_at = Timestamptz(default=None, null=True)

    kept = keeps(REPORTS, "text")


class Dispatch(Table, tablename="dispatches"):
    """The case is given to a unit; it ends by finishing, or by being returned with a reason."""

    id = UUID(primary_key=True, default=None)
    case = ForeignKey(Case, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    unit = ForeignKey(Unit, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    note = Text(default="", null=False)
    by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    at = Timestamptz(default=None, null=False)
    taken_on_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    taken_on_at = Timestamptz(default=None, null=True)
    promise = Text(default="", null=False)
    """What the unit said when it took it on: what it will do, by when."""
    ended_at = Timestamptz(default=None, null=True)
    outcome = Text(default=None, null=True)
    """finished, returned, withdrawn or closed"""
    reason = Text(default="", null=False)

    dispatches_outcome = Check("outcome IN ('finished', 'returned', 'withdrawn', 'closed')")

    kept = keeps(REPORTS, "note", "promise", "reason")
    plain = names("outcome")


class Answer(Table, tablename="answers"):
    """What was done, in words for the reporter: by the unit that finished it, or by the desk without dispatch."""

    id = UUID(primary_key=True, default=None)
    case = ForeignKey(Case, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    dispatch = ForeignKey(Dispatch, null=True, default=None, on_delete=OnDelete.restrict)
    text = Text(default=None, null=False)
    by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    at = Timestamptz(default=None, null=False)

    kept = keeps(REPORTS, "text")


class CheckRow(Table, tablename="checks"):
    """Somebody else than the doer looked whether it is so."""

    id = UUID(primary_key=True, default=None)
    case = ForeignKey(Case, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    answer = ForeignKey(Answer, null=False, default=None, on_delete=OnDelete.restrict)
    passed = Boolean(default=None, null=False)
    note = Text(default="", null=False)
    by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    at = Timestamptz(default=None, null=False)

    kept = keeps(REPORTS, "note")


class Closure(Table, tablename="closures"):
    """The case ended: closed, answered, rejected or withdrawn. The reopening window counts from `at`."""

    id = UUID(primary_key=True, default=None)
    case = ForeignKey(Case, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    kind = Text(default=None, null=False)
    stars = SmallInt(default=None, null=True)
    """The centre's rating, 1–5."""
    reason = Text(default="", null=False)
    by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    at = Timestamptz(default=None, null=False)
    reopened_at = Timestamptz(default=None, null=True)
    reopened_reason = Text(default="", null=False)

    closures_kind = Check("kind IN ('closed', 'answered', 'rejected', 'withdrawn')")
    closures_stars = Check("stars BETWEEN 1 AND 5")

    kept = keeps(REPORTS, "reason", "reopened_reason")
    plain = names("kind")


class Rating(Table, tablename="ratings"):
    """A reporter's own rating of a closure; low ones say why."""

    id = UUID(primary_key=True, default=None)
    closure = ForeignKey(Closure, null=False, default=None, on_delete=OnDelete.restrict)
    report = ForeignKey(Report, null=False, default=None, on_delete=OnDelete.restrict)
    stars = SmallInt(default=None, null=False)
    reason = Text(default="", null=False)
    """One of server.cases.rating.REASONS, where the rating is low."""
    text = Text(default="", null=False)
    at = Timestamptz(default=None, null=False)

    ratings_once = Unique([closure, report])
    ratings_stars = Check("stars BETWEEN 1 AND 5")

    kept = keeps(REPORTS, "text")
    plain = names("reason")


class ClockSegment(Table, tablename="clock_segments"):
    """The clock of a case: running or stopped and why, from–until."""

    id = BigSerial(primary_key=True)
    case = ForeignKey(Case, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    running = Boolean(default=None, null=False)
    reason = Text(default="", null=False)
    allowance = JSONB(default=None, null=False)
    """What is still allowed when the segment begins, as server.cases.deadlines.Allowance."""
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)

    plain = names("reason", "allowance")


class CasePhoto(Table, tablename="case_photos"):
    """Which photo hangs on what of a case."""

    id = BigSerial(primary_key=True)
    case = ForeignKey(Case, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    photo = ForeignKey(Photo, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    role = Text(default=None, null=False)
    """report, added, before, after or check"""
    report = ForeignKey(Report, null=True, default=None, on_delete=OnDelete.restrict)
    addition = ForeignKey(Addition, null=True, default=None, on_delete=OnDelete.restrict)
    answer = ForeignKey(Answer, null=True, default=None, on_delete=OnDelete.restrict)
    place = SmallInt(default=0, null=False)
    """Order within its strip."""

    case_photos_role = Check("role IN ('report', 'added', 'before', 'after', 'check')")

    plain = names("role")


class AwaitedPhoto(Table, tablename="awaited_photos"):
    """A photo that a record names and that has not come from the phone yet; it hangs itself up when it comes."""

    id = BigSerial(primary_key=True)
    case = ForeignKey(Case, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    photo = UUID(default=None, null=False)
    """The id that the phone gave it."""
    role = Text(default=None, null=False)
    """As of CasePhoto."""
    report = ForeignKey(Report, null=True, default=None, on_delete=OnDelete.restrict)
    addition = ForeignKey(Addition, null=True, default=None, on_delete=OnDelete.restrict)
    answer = ForeignKey(Answer, null=True, default=None, on_delete=OnDelete.restrict)
    place = SmallInt(default=0, null=False)
    account = UUID(default=None, null=True)
    """Who sent the record: the account, or the device where nobody was signed in. Only they may send the photo."""
    device = Text(default=None, null=True)
    since = Timestamptz(default=None, null=False)
    refused = Text(default="", null=False)
    """Why the photo was not taken when it came, in words; empty while it may still come."""

    awaited_photos_photo = Unique([photo])
    awaited_photos_role = Check("role IN ('report', 'added', 'before', 'after', 'check')")

    kept = keeps(REPORTS, "device")
    plain = names("role", "refused")


class Reveal(Table, tablename="reveals"):
    """Somebody looked behind the mask: who, what, why, when."""

    id = BigSerial(primary_key=True)
    case = ForeignKey(Case, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    report = ForeignKey(Report, null=False, default=None, on_delete=OnDelete.restrict)
    account = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict)
    reason = Text(default=None, null=False)
    at = Timestamptz(default=None, null=False)

    kept = keeps(REPORTS, "reason")
