"""Who is told what: one table of event, relation, words, urgency and the page it leads to.

The worker tells by it (server.notices.following); it is printed in docs/notices.md (`python -m server.notices.table`).
Where somebody stands in several relations the first rule holds: one notice for a person and an event. Words carry
number, category, area, unit and deadline, never what somebody wrote nor a name; of a private case number and deadline
alone (server.notices.wording).
"""

from server.notices.kinds import Urgency
from server.notices.relations import RELATION_WORDS, Relation
from server.notices.rules import Page, Rule, When

NUMBER = "编号 {number}。"


def _(
    event: str,
    to: Relation,
    kind: str,
    urgency: Urgency,
    title: str,
    line: str = "{about}",
    *,
    page: Page = Page.CASE,
    when: When = When.ALWAYS,
) -> Rule:
    return Rule(
        event=event,
        to=to,
        kind=kind,
        urgency=urgency,
        title=title,
        line=line,
        page=page,
        when=when,
    )


R = Relation
NOW: Urgency = "now"
SOON: Urgency = "soon"
CALM: Urgency = "calm"
_SEE = NUMBER + "谁在办、办到哪一步,随时能看。"
_BY = NUMBER + "{promise}。"
_RATE = NUMBER + "看看结果,打个分;没办好可以要求重办。"
_ROUND = "在巡查里看。"
_CLIMBED = "{about}{climbed}"

TABLE: tuple[Rule, ...] = (
    # The people who told it
    _("case.reported", R.TELLER, "received", CALM, "您上报的事已收到", _SEE),
    _("case.reported", R.TOLD_FOR, "received", CALM, "有人替您上报了一件事", _SEE),
    _("case.accepted", R.REPORTERS, "accepted", CALM, "{area}已受理", _BY),
    _("case.relocated", R.REPORTERS, "in_hand", CALM, "转到{area}办理", _BY),
    _("case.dispatched", R.REPORTERS, "in_hand", CALM, "已交给{unit}去办", _BY),
    _("case.taken_on", R.REPORTERS, "in_hand", CALM, "{unit}已接单", _BY),
    _("case.asked", R.REPORTERS, "asked", SOON, "{area}有话要问您", NUMBER + "您回答了才能接着办。"),
    _("case.finished", R.REPORTERS, "finished", CALM, "{unit}说办好了", NUMBER + "做了什么,点开看。"),
    _("case.closed", R.REPORTERS, "rate", SOON, "办完了,您满意吗", _RATE),
    _("case.answered", R.REPORTERS, "rate", SOON, "{area}答复您了", _RATE),
    _("case.rejected", R.REPORTERS, "rate", SOON, "没有受理,请看理由", NUMBER + "不同意可以要求重办。"),
    _("case.responded", R.REPORTERS, "responded", CALM, "{area}回应了您的评价", NUMBER + "点开看看。"),
    _("case.reopened", R.REPORTERS, "reopened", CALM, "重新办理了", _BY),
    _("case.withdrawn", R.REPORTERS, "in_hand", CALM, "上报的事撤回了", NUMBER),
    # The unit that has it
    _("case.dispatched", R.UNIT, "assigned", NOW, "新单子,请接单"),
    _("case.checked", R.UNIT, "assigned", NOW, "核查没有通过,请重办", when=When.NOT_PASSED),
    _("case.assigned", R.ASSIGNED, "assigned", SOON, "同事转给您一件事"),
    _("case.added", R.UNIT, "task_changed", SOON, "上报人有补充"),
    _("case.classified", R.UNIT, "task_changed", SOON, "类别和期限改了"),
    _("case.withdrawn", R.UNIT, "task_changed", SOON, "上报人撤回了,不用办了"),
    _("case.taken_back", R.FORMER_UNIT, "task_changed", SOON, "单子收回了,不用办了", NUMBER, page=Page.UNIT),
    _("case.closed", R.UNIT, "low_rating", CALM, "结案时评价低,请看原因", when=When.LOW),
    # The desk
    _("case.reported", R.OWNER, "new", SOON, "新的诉求"),
    _("case.relocated", R.OWNER, "new", SOON, "转来一件事"),
    _("case.fell", R.OWNER, "floats", NOW, "{unit}没有人,这件事到您这里"),
    _("case.floated", R.OWNER, "floats", NOW, "岗位空缺,这件事到您这里"),
    _("case.returned", R.OWNER, "returned", NOW, "{unit}退单"),
    _("case.reopened", R.OWNER, "returned", NOW, "要求重办"),
    _("case.replied", R.OWNER, "added", SOON, "上报人回答了"),
    _("case.added", R.OWNER, "added", CALM, "上报人有补充"),
    _("case.report_withdrawn", R.OWNER, "added", CALM, "一位上报人撤回了"),
    _("case.withdrawn", R.DESK, "added", CALM, "上报人撤回了"),
    _("case.came_late", R.OWNER, "added", CALM, "手机上补传来办理内容"),
    _("case.finished", R.OWNER, "check", SOON, "办结了,请核查", when=When.CHECKED_FIRST),
    _("case.finished", R.SECRETARY, "check", CALM, "办结了,请结案", when=When.CLOSED_AT_ONCE),
    _("case.checked", R.SECRETARY, "check", CALM, "核查过了,请结案", when=When.PASSED),
    _("case.rated", R.OWNER, "low_rating", SOON, "上报人评价低", when=When.LOW),
    _("case.rated", R.SECRETARY, "low_rating", CALM, "上报人评价低", when=When.LOW),
    # Alarms (docs/alarms.md)
    _("case.warned", R.WARNED, "due_soon", SOON, "快到期了", when=When.DUE_SOON),
    _("case.warned", R.WARNED, "overdue", NOW, "已超期,请马上办", _CLIMBED, when=When.OVERDUE),
    _("case.warned", R.WARNED, "low_rating", SOON, "评价低,还没有回应", when=When.LOW_RATING),
    _("case.warned", R.ABOVE, "due_soon", SOON, "快到期,还没有办好", _CLIMBED, when=When.DUE_SOON),
    _("case.warned", R.ABOVE, "escalated", NOW, "超期还没有办好", _CLIMBED, when=When.OVERDUE),
    _("case.warned", R.ABOVE, "floats", NOW, "没有人管,请安排", _CLIMBED, when=When.FLOATING),
    _("case.warned", R.ABOVE, "returned_twice", NOW, "退了两次,请定由谁办", _CLIMBED, when=When.RETURNED_TWICE),
    _("case.warned", R.ABOVE, "escalated", SOON, "评价低,还没有回应", _CLIMBED, when=When.LOW_RATING),
    _("alarms.gathered", R.GATHERED, "escalated", NOW, "{count} 件事等着,最急的在前", "{worst}", page=Page.ALARMS),
    # Linked households
    _(
        "household.linked",
        R.LINKED,
        "task_changed",
        SOON,
        "请您联系一户",
        "找谁、怎么联系,点开看。",
        page=Page.HOUSEHOLDS,
    ),
    _(
        "household.handed_over",
        R.LINKED,
        "task_changed",
        SOON,
        "有一户移交给您联系",
        "前面的同志留了话,点开看。",
        page=Page.HOUSEHOLDS,
    ),
    _("household.asked", R.KEEPERS, "added", SOON, "联系户有话要说", "点开看。", page=Page.HOUSEHOLD),
    _(
        "household.missed",
        R.LOOKS_IN,
        "look_in",
        SOON,
        "该联系一户了",
        "哪一户,点开看。",
        page=Page.HOUSEHOLDS,
        when=When.SILENT,
    ),
    _(
        "household.missed",
        R.SENT_TO_LOOK,
        "look_in",
        NOW,
        "有一户没联系上,请去看看",
        "哪一户,点开看。",
        page=Page.CARE,
        when=When.SILENT,
    ),
    _(
        "household.missed",
        R.LOOKS_IN,
        "look_in",
        NOW,
        "有一户的设备报警",
        "请马上联系,点开看。",
        page=Page.HOUSEHOLDS,
        when=When.ALARMED,
    ),
    _(
        "household.missed",
        R.SENT_TO_LOOK,
        "look_in",
        NOW,
        "有一户的设备报警",
        "请马上去看,点开看。",
        page=Page.CARE,
        when=When.ALARMED,
    ),
    # The secretary's door
    _("door.asked", R.AT_DOOR, "door", SOON, "有居民给您留了话", "点开看,先答应一个答复的日子。", page=Page.DESK_DOOR),
    _("door.promised", R.KNOCKED, "door_answer", CALM, "书记定了答复您的日子", "点开看。", page=Page.DOOR),
    _("door.answered", R.KNOCKED, "door_answer", SOON, "书记回了您的话", "点开看。", page=Page.DOOR),
    _(
        "door.made_case",
        R.KNOCKED,
        "door_answer",
        CALM,
        "书记把您说的事转成了工单",
        "您说的话仍只有书记看得到。",
        page=Page.DOOR,
    ),
    _("door.handed_over", R.KNOCKED, "door_answer", CALM, "换了一位书记,接着答复您", "点开看。", page=Page.DOOR),
    _(
        "door.handed_over",
        R.AT_DOOR,
        "door",
        SOON,
        "有居民的留言到您这里",
        "前面的书记还没有答复。",
        page=Page.DESK_DOOR,
    ),
    _(
        "door.reminded",
        R.AT_DOOR,
        "door",
        SOON,
        "居民的留言还没定答复的日子",
        "点开看。",
        page=Page.DESK_DOOR,
        when=When.NO_PROMISE,
    ),
    _(
        "door.reminded",
        R.AT_DOOR,
        "door",
        SOON,
        "今天是答应居民的日子",
        "点开看。",
        page=Page.DESK_DOOR,
        when=When.TODAY,
    ),
    _(
        "door.reminded",
        R.AT_DOOR,
        "door",
        NOW,
        "居民的留言过了日子,还没答复",
        "点开看。",
        page=Page.DESK_DOOR,
        when=When.LATE,
    ),
    _(
        "door.reminded",
        R.ABOVE_DOOR,
        "escalated",
        SOON,
        "{area}有一条居民留言没按时答复",
        "只有本社区书记看得到内容。",
        page=Page.DOOR_NUMBERS,
        when=When.LATE,
    ),
    # Rounds
    _("order.sent", R.SENT, "go_now", NOW, "请马上去一趟", "去哪里、做什么,点开看。", page=Page.ROUND),
    _("order.withdrawn", R.SENT, "go_now", NOW, "不用去了", "派遣撤回了。", page=Page.ROUND),
    _("order.on_way", R.SENDER, "task_changed", CALM, "派的人在路上了", "在派遣里看。", page=Page.ORDERS),
    _("order.arrived", R.SENDER, "task_changed", CALM, "派的人到了", "在派遣里看。", page=Page.ORDERS),
    _("tasks.handed_over", R.WALKERS, "task_changed", SOON, "给您 {count} 个巡查任务", _ROUND, page=Page.ROUND),
    _("tasks.passed_on", R.WALKERS, "task_changed", CALM, "{count} 个巡查任务转给了同事", _ROUND, page=Page.ROUND),
    _("tasks.withdrawn", R.WALKERS, "task_changed", CALM, "{count} 个巡查任务不用做了", _ROUND, page=Page.ROUND),
    _(
        "absence.begun",
        R.STAND_IN,
        "task_changed",
        SOON,
        "同事请假,请您替班",
        "现在有 {count} 个任务。",
        page=Page.ROUND,
    ),
    _("absence.ended", R.STAND_IN, "task_changed", CALM, "同事回来了,不用替班了", _ROUND, page=Page.ROUND),
    _(
        "absence.ended",
        R.ABSENT,
        "task_changed",
        SOON,
        "{count} 个任务回到您这里",
        _ROUND,
        page=Page.ROUND,
        when=When.SOME,
    ),
    _("rectification.moved", R.RECTIFIERS, "task_changed", SOON, "复查改了日子", "整改单 {number}。", page=Page.ROUND),
    _(
        "rectification.withdrawn",
        R.RECTIFIERS,
        "task_changed",
        CALM,
        "不用复查了",
        "整改单 {number}。",
        page=Page.ROUND,
    ),
)

EVENTS: frozenset[str] = frozenset(rule.event for rule in TABLE)


def rules_for(event: str) -> tuple[Rule, ...]:
    """The rules of an event, first ones first."""
    return tuple(rule for rule in TABLE if rule.event == event)


def as_markdown() -> str:
    """The table and its relations for the docs."""
    lines = [
        "| event | to | if | title | line | urgency | leads to | kind | texted |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {rule.event} | {rule.to} | {rule.when} | {rule.title} | {rule.line} | {rule.urgency} | {rule.page} "
        f"| {rule.kind} | {'yes' if rule.must_know else ''} |"
        for rule in TABLE
    ]
    lines += ["", "| relation | who |", "|---|---|"]
    lines += [f"| {relation} | {words} |" for relation, words in RELATION_WORDS.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(as_markdown(), end="")
