"""A notice as it is made: pure, from an event, a rule and who it is for."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from server.kernel.events import Event
from server.kernel.ids import new_id
from server.notices import outlets, table, wording
from server.notices.receivers import Receiver
from server.notices.relations import Relation
from server.notices.rules import Page, Rule, holds
from server.notices.wording import Facts


class Made(outlets.Made, frozen=True, kw_only=True):
    """A notice for one person. Without `account` it is a text message to `phone`, which is kept nowhere."""

    event: UUID
    receiver: str
    stream: str
    report: UUID | None = None
    phone: str = ""
    teller: bool = False


def applying(event: Event, about: Facts) -> list[Rule]:
    """The rules that hold for an event, first ones first."""
    data = event.data
    return [rule for rule in table.rules_for(event.kind) if holds(rule.when, data, about.needs_check)]


def make(
    events: Sequence[Event],
    abouts: Mapping[str, Facts],
    found: Mapping[tuple[Relation, UUID], Sequence[Receiver]],
) -> list[Made]:
    """One notice for each person and event, by the first rule that names them."""
    made: dict[tuple[UUID, str], Made] = {}
    for event in events:
        about = abouts.get(event.stream, Facts())
        for rule in applying(event, about):
            for receiver in found.get((rule.to, event.id), ()):
                if _is_told(receiver, rule, event) and (event.id, receiver.key) not in made:
                    made[event.id, receiver.key] = _one(event, rule, receiver, about)
    return list(_one_per_phone(made.values()))


def _is_told(receiver: Receiver, rule: Rule, event: Event) -> bool:
    """Never who did it; who has no inbox only of what they must know (that it was received among it)."""
    if receiver.account is not None:
        return receiver.account != event.account_id
    if not rule.must_know:
        return False
    did_it = receiver.teller and event.account_id is None and event.data.get("report") == str(receiver.report)
    return not did_it or rule.to is Relation.TELLER


def _one_per_phone(made: Iterable[Made]) -> Iterable[Made]:
    seen: set[tuple[UUID, str]] = set()
    for one in made:
        if one.account is None:
            if (one.event, one.phone) in seen:
                continue
            seen.add((one.event, one.phone))
        yield one


def _one(event: Event, rule: Rule, receiver: Receiver, about: Facts) -> Made:
    said = wording.words(event, about, receiver.number)
    return Made(
        id=new_id(),
        event=event.id,
        kind=rule.kind,
        receiver=receiver.key,
        account=receiver.account,
        urgency=rule.urgency,
        title=rule.title.format_map(said),
        line=rule.line.format_map(said),
        href=_href(rule, event, receiver, said["number"]),
        stream=event.stream,
        at=event.at,
        report=receiver.report if receiver.account is None else None,
        phone=receiver.phone if receiver.account is None else "",
        teller=receiver.teller,
    )


def _href(rule: Rule, event: Event, receiver: Receiver, number: str) -> str:
    if rule.page in (Page.HOUSEHOLD, Page.CARE):
        return f"/desk/households/{wording.subject_of(event)}" + ("/care" if rule.page is Page.CARE else "")
    if rule.page is Page.DESK_DOOR:
        return f"/desk/door/{wording.subject_of(event)}"
    if rule.page is not Page.CASE:
        return rule.page.value
    return f"/mine/{number}" if receiver.door == "mine" else f"/{receiver.door}/cases/{number}"
