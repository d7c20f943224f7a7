"""Every verb of the program against everybody of the cast: who must, can; everybody else finds nothing, or is refused.

The verbs come from the program itself: every public coroutine of a room that takes `by` and changes something. One that
neither `VERBS` nor `INNER` names fails the first test. The world is that of test_access: a case, a household, a round
and a door of 民乐社区; whoever is of 向阳社区 is the neighbour.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
import pytest

import server
from server import cases, patrols
from server.addresses import importing as address_importing
from server.addresses import register
from server.areas import divisions, polygons, tree
from server.cases import Telling
from server.forms import checklist_publishing, publishing, standards
from server.forms.categories import Allowance
from server.households import helping, importing, keeping, links, own, people, tags, visits
from server.households import visit as household_visit
from server.households.care import agreements, looking, readings
from server.households.care import kinds as care_kinds
from server.households.care import register as care_register
from server.households.care.agreements import Agreed
from server.households.door import casing, talking
from server.households.facts import Facts, Person
from server.kernel.actor import Actor, Role
from server.kernel.errors import HuyingError, Invalid, NotAllowed, NotFound, SignInNeeded, Stale
from server.kernel.ids import new_id
from server.kernel.sheets import Imported
from server.notices import logbook, subscribers
from server.patrols import absences, calling, checklist_use, kinds, late, orders, plans, reach, rectifications, sheets
from server.patrols import importing as place_importing
from server.patrols import keeping as places
from server.patrols import tasks as patrol_tasks
from server.patrols.destinations import Wanted
from server.patrols.facts import Facts as PlaceFacts
from server.patrols.visit import Told as Seen
from server.patrols.wishes import Wish
from server.people import accounts, organisations, posts, sessions, units
from tests.cast import middle
from tests.web.test_access import (
    _OF_CASE,
    _OF_UNIT,
    _OWN_ADMINS,
    PEOPLE,
    World,
    made,
    undone,
)

EVERYBODY = frozenset(PEOPLE)
ACCOUNTS = EVERYBODY - {"stranger"}
NOBODY: frozenset[str] = frozenset()
KEEPERS = frozenset({"staff", "second_staff", "secretary"})
DESK = frozenset(_OF_CASE)
ROUND = DESK - {"grid_worker"}
PLACE = DESK | {"area_admin"}
UNIT = frozenset(_OF_UNIT)
OWN_ADMINS = frozenset(_OWN_ADMINS)
SYSTEM = frozenset({"system_admin"})
RESIDENT = frozenset({"resident"})
SECRETARY = frozenset({"secretary"})
MEMBER = frozenset({"party_member"})
CARERS = KEEPERS | MEMBER | {"grid_worker"}

Call = Callable[["At"], Awaitable[object]]


class Verb(msgspec.Struct, frozen=True):
    """Who must be able to, and how it is called so that it does."""

    who: frozenset[str]
    call: Call
    state: bool = False
    """The world's own state may refuse it (409) even to who may: then that, and never "not found", is the answer."""
    names_area: bool = False
    """Where is a field of the form: to whom it is not theirs, that field is wrong."""


class At(msgspec.Struct, frozen=True):
    """The world with who acts in it."""

    world: World
    by: Actor

    def __getattr__(self, name: str) -> Any:
        found = self.world.names[name]
        return int(found) if found.isdigit() and name != "number" else UUID(found) if len(found) == 36 else found

    @property
    def community(self) -> int:
        return int(self.world.form["community"])

    def actor(self, name: str) -> Any:
        return self.world.people[name].account_id

    def worker_post(self) -> int:
        return self.world.people["grid_worker"].posts[0].id

    @property
    def today(self) -> Any:
        return reach.today()


HOUSEHOLD_FACTS = Facts(place="民乐新村", building="3", unit="2", room="901")
DAY = timedelta(days=1)


def _facts(at: At) -> Facts:
    return msgspec.structs.replace(HOUSEHOLD_FACTS, area_id=at.area_id)


def _agreed(at: At) -> Agreed:
    return Agreed(kinds=(at.care_kind,), person=at.person, until=at.today + 30 * DAY, witness="女儿郑芳")


def _place(at: At) -> PlaceFacts:
    longitude, latitude = middle(0)
    return PlaceFacts(
        kind_id=at.kind_id,
        name="新的一处",
        address_text="民乐新村 9 栋",
        longitude=longitude,
        latitude=latitude,
        position_source="map",
        operator="张三丰",
        operator_phone="13912345678",
    )


def _wish(at: At) -> Wish:
    return Wish(name="每月", checklist=at.checklist_id, area=at.community, kinds=(at.kind_id,), every=1, first=at.today)


VERBS: dict[str, Verb] = {
    # Cases: the table of the way says who may do what in which state (tests/cases); here who finds the case at all.
    "server.cases.closing.check": Verb(DESK, lambda a: cases.check(a.number, a.by, seen=None, passed=True), True),
    "server.cases.closing.close": Verb(DESK, lambda a: cases.close(a.number, a.by, seen=None, stars=4), True),
    "server.cases.closing.rate": Verb(RESIDENT, lambda a: cases.rate(a.number, a.by, seen=None, stars=4), True),
    "server.cases.closing.respond": Verb(DESK, lambda a: cases.respond(a.number, a.by, seen=None, text="好"), True),
    "server.cases.closing.reopen": Verb(
        RESIDENT, lambda a: cases.reopen(a.number, a.by, seen=None, reason="没好"), True
    ),
    "server.cases.desk.accept": Verb(DESK, lambda a: cases.accept(a.number, a.by, seen=None), True),
    "server.cases.desk.classify": Verb(
        DESK, lambda a: cases.classify(a.number, a.by, seen=None, category_id=a.category_id, level="normal"), True
    ),
    "server.cases.desk.reject": Verb(DESK, lambda a: cases.reject(a.number, a.by, seen=None, reason="不归"), True),
    "server.cases.desk.answer": Verb(DESK, lambda a: cases.answer(a.number, a.by, seen=None, text="好"), True),
    "server.cases.desk.ask": Verb(DESK, lambda a: cases.ask(a.number, a.by, seen=None, text="在哪"), True),
    "server.cases.desk.dispatch": Verb(
        DESK, lambda a: cases.dispatch(a.number, a.by, seen=None, unit_id=a.unit_id), True
    ),
    "server.cases.desk.relocate": Verb(
        DESK, lambda a: cases.relocate(a.number, a.by, seen=None, area_id=a.area_id, reason="在那边"), True
    ),
    "server.cases.desk.assign": Verb(DESK, lambda a: cases.assign(a.number, a.by, seen=None, post_id=a.post_id), True),
    "server.cases.handling.take_on": Verb(UNIT, lambda a: cases.take_on(a.number, a.by, seen=None, promise="今天")),
    "server.cases.handling.return_case": Verb(
        UNIT, lambda a: cases.return_case(a.number, a.by, seen=None, reason="不归我们")
    ),
    "server.cases.handling.finish": Verb(UNIT, lambda a: cases.finish(a.number, a.by, seen=None, text="修好了"), True),
    "server.cases.insiders.note": Verb(DESK | UNIT, lambda a: cases.note(a.number, a.by, text="记一笔")),
    "server.cases.insiders.reveal": Verb(
        DESK | UNIT, lambda a: cases.reveal(a.number, a.by, report_id=UUID(a.world.form["report"]), reason="联系"), True
    ),
    "server.cases.reporter.add": Verb(RESIDENT, lambda a: cases.add(a.number, a.by, text="还有")),
    "server.cases.reporter.reply": Verb(RESIDENT, lambda a: cases.reply(a.number, a.by, text="在这"), True),
    "server.cases.reporter.withdraw": Verb(RESIDENT, lambda a: cases.withdraw(a.number, a.by, seen=None), True),
    "server.cases.reporting.report": Verb(
        EVERYBODY, lambda a: cases.report(Telling(text="路灯不亮", community_id=a.community), a.by)
    ),
    "server.cases.recounting.enter_year": Verb(
        OWN_ADMINS, lambda a: cases.enter_year(2031, frozenset(), frozenset(), a.by)
    ),
    # Households
    "server.households.keeping.add": Verb(
        KEEPERS, lambda a: keeping.add(_facts(a), Person(name="林婆婆", phone="13700000078"), by=a.by), names_area=True
    ),
    "server.households.keeping.change": Verb(
        KEEPERS, lambda a: keeping.change(a.household, _facts(a), by=a.by, seen=None)
    ),
    "server.households.keeping.move": Verb(KEEPERS, lambda a: keeping.move(a.household, _facts(a), by=a.by, seen=None)),
    "server.households.keeping.close": Verb(
        KEEPERS, lambda a: keeping.close(a.household, by=a.by, seen=None, why="moved_away")
    ),
    "server.households.keeping.reopen": Verb(KEEPERS, lambda a: keeping.reopen(a.household, by=a.by, seen=None), True),
    "server.households.keeping.merge": Verb(
        KEEPERS, lambda a: keeping.merge(a.household_of, a.household, by=a.by, seen=None)
    ),
    "server.households.keeping.unmerge": Verb(
        KEEPERS, lambda a: keeping.unmerge(a.household, by=a.by, seen=None), True
    ),
    "server.households.importing.import_households": Verb(
        KEEPERS, lambda a: _imported(importing.import_households(_households(a), by=a.by))
    ),
    "server.households.links.link": Verb(
        KEEPERS, lambda a: links.link(a.household_of, a.actor("party_member"), by=a.by)
    ),
    "server.households.links.unlink": Verb(
        KEEPERS, lambda a: links.unlink(a.household, a.actor("party_member"), by=a.by, why="moved")
    ),
    "server.households.links.hand_over": Verb(
        KEEPERS | MEMBER,
        lambda a: _found(a, links.hand_over([a.household], a.actor("party_member"), new_id(), by=a.by, why="ill")),
        True,
    ),
    "server.households.own.ask": Verb(RESIDENT, lambda a: own.ask(a.household_of, a.by, words="换一位")),
    "server.households.own.leave": Verb(RESIDENT, lambda a: own.leave(a.household_of, a.by)),
    "server.households.own.leave_care": Verb(RESIDENT, lambda a: own.leave_care(a.household_of, a.by)),
    "server.households.own.erase": Verb(RESIDENT, lambda a: own.erase(a.household_of, a.by)),
    "server.households.own.see_to": Verb(KEEPERS, lambda a: own.see_to(a.household, a.wish, a.by)),
    "server.households.people.add": Verb(
        KEEPERS, lambda a: people.add(a.household, Person(name="女儿", phone="13700000079"), by=a.by, seen=None)
    ),
    "server.households.people.change": Verb(
        KEEPERS, lambda a: people.change(a.household, a.person, by=a.by, seen=None, name="郑奶奶")
    ),
    "server.households.people.make_contact": Verb(
        KEEPERS, lambda a: people.make_contact(a.household, a.person, by=a.by, seen=None)
    ),
    "server.households.people.remove": Verb(
        KEEPERS, lambda a: people.remove(a.household, a.person, by=a.by, seen=None), True
    ),
    "server.households.people.reveal": Verb(
        DESK | MEMBER, lambda a: people.reveal(a.household, a.person, by=a.by, reason="约时间")
    ),
    "server.households.people.called": Verb(MEMBER, lambda a: people.called(a.household, a.person, by=a.by)),
    "server.households.tags.save_kind": Verb(OWN_ADMINS, lambda a: tags.save_kind("x", "新来", "认认门", 30, by=a.by)),
    "server.households.tags.put": Verb(KEEPERS, lambda a: tags.put(a.household, a.tag_id, by=a.by, seen=None)),
    "server.households.tags.take_off": Verb(
        KEEPERS, lambda a: tags.take_off(a.household, a.tag_id, by=a.by, seen=None)
    ),
    "server.households.visits.record": Verb(
        KEEPERS | MEMBER,
        lambda a: visits.record(
            household_visit.Told(id=new_id(), household=a.household, way="door", outcome="met"), a.by
        ),
    ),
    "server.households.helping.choose": Verb(MEMBER, lambda a: helping.choose(a.by, named=True)),
    # Care
    "server.households.care.agreements.agree": Verb(
        KEEPERS, lambda a: agreements.agree(a.household, _agreed(a), by=a.by, seen=None)
    ),
    "server.households.care.agreements.end": Verb(KEEPERS, lambda a: agreements.end(a.household, by=a.by, seen=None)),
    "server.households.care.kinds.save": Verb(
        OWN_ADMINS, lambda a: care_kinds.save("x", "每天看看", "问一声", "contact", 24, by=a.by)
    ),
    "server.households.care.looking.look": Verb(
        CARERS, lambda a: looking.look(a.household, a.watch, by=a.by, found="well")
    ),
    "server.households.care.readings.new_key": Verb(KEEPERS, lambda a: readings.new_key(a.household, a.watch, by=a.by)),
    "server.households.care.register.read": Verb(CARERS, lambda a: care_register.read(a.household, a.by)),
    # The door
    "server.households.door.talking.write": Verb(
        ACCOUNTS - SECRETARY, lambda a: talking.write(a.community, "有件事", by=a.by)
    ),
    "server.households.door.talking.promise": Verb(
        SECRETARY, lambda a: talking.promise(a.thread, a.today + DAY, by=a.by, seen=None)
    ),
    "server.households.door.talking.answer": Verb(
        SECRETARY, lambda a: talking.answer(a.thread, "好", by=a.by, seen=None)
    ),
    "server.households.door.talking.leave_word": Verb(
        SECRETARY, lambda a: talking.leave_word(a.thread, "怕生", by=a.by, seen=None)
    ),
    "server.households.door.talking.reveal": Verb(SECRETARY, lambda a: talking.reveal(a.thread, by=a.by)),
    "server.households.door.talking.erase": Verb(RESIDENT, lambda a: talking.erase(a.thread, by=a.by)),
    "server.households.door.casing.make": Verb(
        SECRETARY, lambda a: casing.make(a.thread, "请看看", by=a.by, seen=None)
    ),
    # Rounds
    "server.patrols.keeping.add_place": Verb(PLACE, lambda a: places.add_place(_place(a), by=a.by), names_area=True),
    "server.patrols.keeping.change_place": Verb(
        PLACE, lambda a: places.change_place(a.code, _place(a), by=a.by, seen=None)
    ),
    "server.patrols.keeping.retire_place": Verb(
        PLACE, lambda a: places.retire_place(a.code, by=a.by, seen=None, reason="拆了"), True
    ),
    "server.patrols.keeping.restore_place": Verb(
        PLACE, lambda a: places.restore_place(a.code, by=a.by, seen=None), True
    ),
    "server.patrols.keeping.merge_places": Verb(
        PLACE, lambda a: places.merge_places(a.code, "x", by=a.by, seen=None), True
    ),
    "server.patrols.keeping.unmerge_place": Verb(
        PLACE, lambda a: places.unmerge_place(a.code, by=a.by, seen=None), True
    ),
    "server.patrols.keeping.reveal_operator": Verb(
        PLACE, lambda a: places.reveal_operator(a.code, by=a.by, reason="约检查"), True
    ),
    "server.patrols.importing.import_places": Verb(
        PLACE - {"grid_worker"},
        lambda a: _imported(place_importing.import_places(_places(a), by=a.by)),
    ),
    "server.patrols.kinds.create_kind": Verb(OWN_ADMINS, lambda a: kinds.create_kind("x", "垃圾屋", by=a.by)),
    "server.patrols.kinds.change_kind": Verb(
        OWN_ADMINS, lambda a: kinds.change_kind(a.kind_id, by=a.by, name="房", needs_operator=True, active=True)
    ),
    "server.patrols.kinds.publish_kind": Verb(
        OWN_ADMINS, lambda a: kinds.publish_kind(a.kind_id, by=a.by, questions=[])
    ),
    "server.patrols.checklist_use.retire": Verb(OWN_ADMINS, lambda a: checklist_use.retire(a.checklist_id, a.by), True),
    "server.patrols.late.settle": Verb(ROUND, lambda a: late.settle(a.visit, a.by, holds=True), True),
    "server.patrols.orders.send": Verb(
        ROUND,
        lambda a: orders.send(a.worker_post(), a.by, words="看看", to=Wanted(latitude=22.605, longitude=114.005)),
        names_area=True,
    ),
    "server.patrols.orders.withdraw": Verb(ROUND, lambda a: orders.withdraw(a.order, a.by, reason="不用了")),
    "server.patrols.plans.create": Verb(ROUND, lambda a: plans.create(_wish(a), a.by), names_area=True),
    "server.patrols.plans.change": Verb(ROUND, lambda a: plans.change(a.plan_id, _wish(a), a.by)),
    "server.patrols.plans.end": Verb(ROUND, lambda a: plans.end(a.plan_id, a.by)),
    "server.patrols.recording.record": Verb(DESK, lambda a: _all(patrols.record([_seen(a)], a.by)), names_area=True),
    "server.patrols.rectifications.withdraw": Verb(
        ROUND, lambda a: rectifications.withdraw(a.rectification, a.by, reason="不用了")
    ),
    "server.patrols.rectifications.set_due": Verb(
        ROUND, lambda a: rectifications.set_due(a.rectification, a.today + 20 * DAY, a.by, reason="等材料")
    ),
    "server.patrols.sheets.link": Verb(ROUND, lambda a: sheets.link(a.rectification, a.by)),
    "server.patrols.tasks.hand_over": Verb(ROUND, lambda a: patrol_tasks.hand_over([a.task], a.worker_post(), a.by)),
    "server.patrols.tasks.withdraw": Verb(ROUND, lambda a: patrol_tasks.withdraw([a.task], a.by, reason="不用")),
    "server.patrols.absences.begin": Verb(
        ROUND, lambda a: absences.begin(a.worker_post(), a.today + 9 * DAY, a.today + 9 * DAY, a.by), names_area=True
    ),
    "server.patrols.absences.end": Verb(ROUND, lambda a: absences.end(a.absence_id, a.by)),
    "server.patrols.calling.call": Verb(frozenset({"grid_worker"}), lambda a: _call(a), True),
    # What administrators do
    "server.addresses.register.add": Verb(
        OWN_ADMINS, lambda a: register.add(a.community, register.Given(text="民治路99号"), by=a.by)
    ),
    "server.addresses.register.correct": Verb(
        OWN_ADMINS, lambda a: register.correct(a.address_id, register.Given(text="民治路13号"), by=a.by)
    ),
    "server.addresses.register.retire": Verb(OWN_ADMINS, lambda a: register.retire(a.address_id, by=a.by)),
    "server.addresses.register.add_alias": Verb(
        OWN_ADMINS, lambda a: register.add_alias(a.address_id, "老站", by=a.by)
    ),
    "server.addresses.register.end_alias": Verb(
        OWN_ADMINS, lambda a: register.end_alias(a.address_id, a.alias_id, by=a.by)
    ),
    "server.addresses.importing.import_addresses": Verb(
        OWN_ADMINS, lambda a: _imported(address_importing.import_addresses(_addresses(a), by=a.by))
    ),
    "server.areas.tree.create": Verb(
        OWN_ADMINS,
        lambda a: tree.create(code="44030000100103", name="三网格", level="grid", parent_id=a.community, by=a.by),
    ),
    "server.areas.tree.rename": Verb(OWN_ADMINS, lambda a: tree.rename(a.area_id, "新名", by=a.by)),
    "server.areas.tree.set_answers": Verb(OWN_ADMINS, lambda a: tree.set_answers(a.area_id, "工作日", by=a.by)),
    "server.areas.tree.move": Verb(OWN_ADMINS, lambda a: tree.move(a.area_id, a.community, by=a.by), True),
    "server.areas.tree.retire": Verb(OWN_ADMINS, lambda a: tree.retire(a.area_id, by=a.by), True),
    "server.areas.divisions.import_divisions": Verb(
        OWN_ADMINS, lambda a: _imported(divisions.import_divisions(_divisions(a), by=a.by))
    ),
    "server.areas.polygons.import_polygons": Verb(
        OWN_ADMINS, lambda a: _imported(polygons.import_polygons(_polygons(a), by=a.by))
    ),
    "server.forms.checklist_publishing.create": Verb(
        OWN_ADMINS, lambda a: checklist_publishing.create("gas", "燃气", "消防", by=a.by)
    ),
    "server.forms.checklist_publishing.rename": Verb(
        OWN_ADMINS, lambda a: checklist_publishing.rename(a.checklist_id, "消防二", "消防", None, by=a.by)
    ),
    "server.forms.checklist_publishing.publish": Verb(
        OWN_ADMINS,
        lambda a: checklist_publishing.publish(
            a.checklist_id, [{"id": "b", "kind": "check", "label": "灯亮"}], by=a.by
        ),
    ),
    "server.forms.checklist_publishing.retire": Verb(
        OWN_ADMINS, lambda a: checklist_publishing.retire(a.checklist_id, by=a.by), True
    ),
    "server.forms.publishing.publish": Verb(
        OWN_ADMINS,
        lambda a: publishing.publish(
            a.category_id,
            by=a.by,
            allowances={"normal": Allowance(9, "working_days")},
            photo_before=False,
            photo_after=False,
            needs_check=False,
            private=False,
            questions=[],
        ),
        True,
    ),
    "server.forms.publishing.set_default_unit": Verb(
        OWN_ADMINS, lambda a: publishing.set_default_unit(a.category_id, a.community, a.unit_id, by=a.by)
    ),
    "server.forms.publishing.retire": Verb(OWN_ADMINS, lambda a: publishing.retire(a.category_id, by=a.by), True),
    "server.forms.publishing.create": Verb(OWN_ADMINS, lambda a: publishing.create("t", "99", "新类", by=a.by), True),
    "server.forms.publishing.create_group": Verb(
        OWN_ADMINS, lambda a: publishing.create_group("t", "98", "新组", by=a.by), True
    ),
    "server.forms.standards.import_categories": Verb(
        OWN_ADMINS,
        lambda a: _imported(standards.import_categories(b"code,name,parent_code\n99,x,\n", "t", by=a.by)),
        True,
    ),
    "server.notices.logbook.replay": Verb(OWN_ADMINS, lambda a: logbook.replay([new_id()], a.by), True),
    "server.notices.logbook.set_aside": Verb(OWN_ADMINS, lambda a: logbook.set_aside([new_id()], a.by), True),
    "server.notices.subscribers.add": Verb(
        OWN_ADMINS,
        lambda a: subscribers.add(
            "wecom", subscribers.Wanted(name="群"), area_id=a.community, url="693a91f6-4bc4", by=a.by
        ),
        True,
    ),
    "server.notices.subscribers.change": Verb(
        OWN_ADMINS, lambda a: subscribers.change(a.subscriber_id, subscribers.Wanted(name="群"), a.by)
    ),
    "server.notices.subscribers.readdress": Verb(
        OWN_ADMINS, lambda a: subscribers.readdress(a.subscriber_id, "693a91f6-4bc5", "", a.by), True
    ),
    "server.notices.subscribers.end": Verb(OWN_ADMINS, lambda a: subscribers.end(a.subscriber_id, a.by)),
    "server.notices.subscribers.try_out": Verb(OWN_ADMINS, lambda a: subscribers.try_out(a.subscriber_id, a.by), True),
    "server.people.accounts.rename": Verb(
        OWN_ADMINS | {"staff"}, lambda a: accounts.rename(a.account_id, "刘惠", a.by)
    ),
    "server.people.accounts.close": Verb(OWN_ADMINS | {"staff"}, lambda a: accounts.close(a.account_id, a.by)),
    "server.people.accounts.reset_sign_in": Verb(
        OWN_ADMINS, lambda a: accounts.reset_sign_in(a.account_id, a.by), True
    ),
    "server.people.organisations.create": Verb(
        OWN_ADMINS,
        lambda a: organisations.create("二支部", "branch", a.community, parent_id=a.organisation_id, by=a.by),
        True,
    ),
    "server.people.organisations.rename": Verb(
        OWN_ADMINS, lambda a: organisations.rename(a.organisation_id, "民乐党委", a.by)
    ),
    "server.people.organisations.end": Verb(OWN_ADMINS, lambda a: organisations.end(a.organisation_id, a.by)),
    "server.people.posts.create": Verb(
        OWN_ADMINS, lambda a: posts.create(Role.COMMUNITY_STAFF, "社工", area_id=a.community, by=a.by)
    ),
    "server.people.posts.rename": Verb(OWN_ADMINS, lambda a: posts.rename(a.post_id, "社工一", a.by)),
    "server.people.posts.demand_second_factor": Verb(
        OWN_ADMINS, lambda a: posts.demand_second_factor(a.post_id, True, a.by)
    ),
    "server.people.posts.hand_over": Verb(OWN_ADMINS, lambda a: posts.hand_over(a.post_id, a.actor("neighbour"), a.by)),
    "server.people.posts.vacate": Verb(OWN_ADMINS, lambda a: posts.vacate(a.post_id, a.by)),
    "server.people.posts.end": Verb(OWN_ADMINS, lambda a: posts.end(a.post_id, a.by)),
    "server.people.sessions.revoke": Verb(RESIDENT, lambda a: sessions.revoke(a.session_id, a.by)),
    "server.people.units.create": Verb(
        OWN_ADMINS, lambda a: units.create("U9", "新队", "street_team", a.community, by=a.by)
    ),
    "server.people.units.rename": Verb(OWN_ADMINS, lambda a: units.rename(a.unit_id, "新名", a.by)),
    "server.people.units.end": Verb(OWN_ADMINS, lambda a: units.end(a.unit_id, a.by)),
}

INNER = {
    "server.notices.outlets.push.devices.add": "one's own browser, by one's own session",
    "server.cases.links.claim": "one's own: what this device told before signing in",
    "server.cases.reporting.report_all": "many of what `report` is one of",
    "server.cases.too_late.keep_word": "devices: of a command whose verb found the case",
    "server.devices.exports.opened": "opens a file by its seal; what is in it goes through the verbs",
    "server.devices.receipts.once": "runs another verb once",
    "server.devices.syncing.sync": "runs other verbs, each by its own rule",
    "server.forms.demo_categories.install_demo": "the demo's",
    "server.forms.demo_checklists.install_demo": "the demo's",
    "server.households.visits.record_all": "many of what `record` is one of",
    "server.kernel.kept_files.keep": "one's own file",
    "server.notices.choices.choose": "one's own choices",
    "server.people.accounts.find_or_create": "signing in by a code that was just proven",
    "server.people.codes.ask": "asking for a code, limited by phone and device",
    "server.people.second_factor.enrol": "one's own",
    "server.people.second_factor.give_up": "one's own",
    "server.people.sessions.revoke_others": "one's own",
    "server.people.staff_sign_in.choose_password": "one's own",
}
"""Not in the table: what calls other verbs, or acts on nothing but the actor's own; and why."""

_CASES = ("closing", "desk", "handling", "insiders", "reporter", "reporting")


async def _imported(done: Awaitable[Imported]) -> object:
    """A file with rows of somebody else's area is refused whole, row by row in words."""
    found = await done
    if found.problems:
        raise NotAllowed(found.problems[0].words)
    return found


def _households(at: At) -> bytes:
    return f"external_code,place,room,name,area_code\nX9,民乐新村,901,林婆婆,{GRID}\n".encode()


def _places(at: At) -> bytes:
    head = "code,kind,external_code,name,address,latitude,longitude,area_code,operator,operator_phone"
    return f"{head}\n,k-出租屋,X9,九号,民乐新村,,,{GRID},张三丰,13912345678\n".encode()


def _addresses(at: At) -> bytes:
    return f"text,community_code\n民治路88号,{at.world.community}\n".encode()


def _divisions(at: At) -> bytes:
    return f"code,name,level,parent_code\n{at.world.community}09,九网格,grid,{at.world.community}\n".encode()


def _polygons(at: At) -> bytes:
    ring = [[114.001, 22.601], [114.009, 22.601], [114.009, 22.609], [114.001, 22.609], [114.001, 22.601]]
    feature = {"properties": {"code": GRID}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    return msgspec.json.encode({"type": "FeatureCollection", "features": [{"type": "Feature", **feature}]})


GRID = "44030000100101"


def _seen(at: At) -> Seen:
    return Seen(id=new_id(), outcome="done", place=at.place, note="看过")


async def _call(at: At) -> object:
    return await calling.call((await places.places.load(at.code, at.world.people["staff"])).id, at.by)


async def _all(answers: Awaitable[list[Any]]) -> object:
    """What answers one by one raises what the one raised."""
    for answer in await answers:
        if isinstance(answer, HuyingError):
            raise answer
    return answers


async def _found(at: At, call: Awaitable[int]) -> object:
    """A list of which nothing is theirs is passed over: for the matrix that is not found."""
    if await call == 0:
        raise NotFound()
    return None


@cache
def verbs() -> frozenset[str]:
    """Every public coroutine of the rooms that takes `by` and opens a transaction, or is a step of a case."""
    found = set()
    for module in pkgutil.walk_packages(server.__path__, "server."):
        if module.name.startswith(("server.demo", "server.supervisor")) or module.name.endswith("__main__"):
            continue
        room = importlib.import_module(module.name)
        of_cases = module.name.startswith("server.cases.") and module.name.rpartition(".")[2] in _CASES
        for name, value in vars(room).items():
            if name.startswith("_") or not inspect.iscoroutinefunction(value) or value.__module__ != module.name:
                continue
            if "by" in inspect.signature(value).parameters and (
                of_cases or "transaction()" in inspect.getsource(value)
            ):
                found.add(f"{module.name}.{name}")
    return frozenset(found - {"server.cases.reporting.suspicion"})


def test_of_every_verb_it_is_said_who_may() -> None:
    assert verbs() - set(VERBS) - set(INNER) == set(), "say in VERBS who may, or in INNER why not"
    assert (set(VERBS) | set(INNER)) - verbs() == set(), "these are no verbs (any more)"


@pytest.mark.parametrize("who", PEOPLE)
async def test_who_must_can_and_nobody_else(db: None, who: str) -> None:
    world = await made(False)
    at = At(world, world.people[who])
    wrong = []
    for name, verb in VERBS.items():
        answer = ""
        async with undone():
            try:
                await verb.call(at)
                answer = "done"
            except (NotFound, SignInNeeded) as error:
                answer = type(error).__name__
            except (Invalid, NotAllowed, Stale) as error:
                answer = f"{type(error).__name__} {error}"
        able = answer == "done" or (verb.state and not answer.startswith(("NotFound", "SignInNeeded")))
        refused = answer.startswith(("NotFound", "SignInNeeded", "NotAllowed")) or (
            verb.names_area and answer.startswith("Invalid")
        )
        if who in verb.who and not able:
            wrong.append(f"{name} must be possible: {answer}")
        if who not in verb.who and not refused:
            wrong.append(f"{name} must be refused: {answer}")
    assert not wrong, "\n" + "\n".join(f"WRONG {who}: {line}" for line in wrong)


MASKED: dict[str, Call] = {
    "who to ask for at a household, changed": lambda a: people.change(
        a.household, a.person, by=a.by, seen=None, name="郑**", phone="137****0077"
    ),
    "the name alone": lambda a: people.change(a.household, a.person, by=a.by, seen=None, name="郑**"),
    "another one at the household": lambda a: people.add(
        a.household, Person(name="郑**", phone="137****0077"), by=a.by, seen=None
    ),
    "another one's name alone": lambda a: people.add(a.household, Person(name="郑**", phone=""), by=a.by, seen=None),
    "a household's file": lambda a: _imported(
        importing.import_households(
            f"external_code,place,room,name,phone,area_code\nX9,民乐新村,901,郑**,137****0077,{GRID}\n".encode(),
            by=a.by,
        )
    ),
    "who runs a place": lambda a: places.change_place(
        a.code, msgspec.structs.replace(_place(a), operator="张**", operator_phone="139****5678"), by=a.by, seen=None
    ),
    "the operator's name alone": lambda a: places.change_place(
        a.code, msgspec.structs.replace(_place(a), operator="张**"), by=a.by, seen=None
    ),
    "a report told for somebody": lambda a: cases.report(
        Telling(text="路灯", community_id=a.community, for_name="李**", for_phone="138****0001", for_agreed=True), a.by
    ),
    "one's own name": lambda a: accounts.rename(a.account_id, "刘*", a.by),
}


@pytest.mark.parametrize("what", MASKED)
async def test_a_masked_value_is_never_saved_back_over_the_real_one(db: None, what: str) -> None:
    world = await made(False)
    with pytest.raises((Invalid, NotAllowed)):
        await MASKED[what](At(world, world.people["staff"]))
