"""What people were told."""

from piccolo.columns import UUID, ForeignKey, OnDelete, Text, Timestamptz
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from server.cases.tables import Report
from server.kernel.personal import DUTY, Kind, keeps, names
from server.people.tables import Account

NOTICES = Kind(
    code="notices",
    what="发给本人的提醒和短信",
    why="让该知道的人知道",
    basis=DUTY,
    days=400,
    counted="发出后",
    then="整条删除",
    swept_by=("notices.sweep", "notices.forget", "push.forget"),
)


class Notice(Table, tablename="notices"):
    """One person is told of one event, once. Written by server.notices.following alone."""

    id = UUID(primary_key=True, default=None)
    """Sorts by when it was written: the inbox's order."""
    event = UUID(default=None, null=False)
    kind = Text(default=None, null=False)
    """The rule of server.notices.table that it was made by."""
    receiver = Text(default=None, null=False)
    """Who, in one word for the key: an account's id, or who stands behind a report without one."""
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    """None: a reporter without account, who gets a text message and has no inbox."""
    report = ForeignKey(Report, null=True, default=None, on_delete=OnDelete.restrict)
    urgency = Text(default=None, null=False)
    title = Text(default=None, null=False)
    line = Text(default=None, null=False)
    href = Text(default=None, null=False)
    """The path of the page it leads to; its receiver may open it."""
    stream = Text(default=None, null=False)
    """What it is about."""
    at = Timestamptz(default=None, null=False)
    """When it happened."""
    read_at = Timestamptz(default=None, null=True)

    notices_once = Unique([event, receiver])
    notices_urgency = Check("urgency IN ('now', 'soon', 'calm')")

    kept = keeps(NOTICES, "receiver", "title", "line", "href", "stream")
    plain = names("kind", "urgency")
