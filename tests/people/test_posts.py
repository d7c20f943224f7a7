"""Posts: who may change them, what each change leaves, whom it touches; a hand-over keeps the post."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec
import pytest

from server.kernel import database, events
from server.kernel.actor import Actor, Post, Role, the_system
from server.kernel.errors import Invalid, NotAllowed, NotFound, Stale
from server.kernel.ids import new_id
from server.people import accounts, candidates, posts
from tests import cast as casting
from tests.cast import Cast


def account(who: Actor) -> UUID:
    assert who.account_id is not None
    return who.account_id


async def kinds(post_id: int) -> list[str]:
    return [event.kind for event in await events.history(f"post:{post_id}")]


async def admin_of(area_id: int, cast: Cast) -> Actor:
    """An administrator of one area alone."""
    post_id = await posts.create(Role.AREA_ADMIN, "管理员", area_id=area_id, by=cast.system_admin)
    post = Post(id=post_id, role=Role.AREA_ADMIN, title="管理员", area_id=area_id)
    return Actor(account_id=account(cast.neighbour), name="王大山", posts=(post,))


@pytest.mark.usefixtures("db")
class TestHandingOver:
    async def test_the_post_stays_and_the_holder_changes(self, cast: Cast) -> None:
        post = cast.staff.posts[0].id
        touched = await posts.hand_over(post, account(cast.resident), cast.area_admin)
        assert touched.posts == ("社区工作者",) and touched.people == ("刘慧", "李小梅")
        [held] = [one for one in await posts.holders(cast.area_admin, area_id=cast.community) if one.id == post]
        assert held.account_id == account(cast.resident)
        assert await posts.held_by(account(cast.staff)) == []
        assert await kinds(post) == ["post.handed_over"]
        assert events.verifies(await events.history(f"post:{post}"))

    async def test_twice_is_once(self, cast: Cast) -> None:
        post = cast.staff.posts[0].id
        for _ in range(2):
            await posts.hand_over(post, account(cast.resident), cast.area_admin)
        assert await kinds(post) == ["post.handed_over"]
        assert (await posts.hand_over(post, account(cast.resident), cast.area_admin)).nobody

    async def test_a_dry_run_tells_the_same_and_changes_nothing(self, cast: Cast) -> None:
        post = cast.staff.posts[0].id
        told = await posts.hand_over(post, account(cast.resident), cast.area_admin, dry_run=True)
        assert await kinds(post) == [] and len(await posts.held_by(account(cast.staff))) == 1
        assert told == await posts.hand_over(post, account(cast.resident), cast.area_admin)

    async def test_who_saw_another_holder_is_told(self, cast: Cast) -> None:
        post = cast.staff.posts[0].id
        await posts.hand_over(post, account(cast.resident), cast.area_admin, seen=account(cast.staff))
        with pytest.raises(Stale) as refused:
            await posts.hand_over(post, account(cast.neighbour), cast.area_admin, seen=account(cast.staff))
        assert "李小梅" in refused.value.meanwhile[0]
        with pytest.raises(Stale):
            await posts.fill(post, account(cast.neighbour), cast.area_admin)

    async def test_a_closed_or_unknown_account_gets_none(self, cast: Cast) -> None:
        await accounts.close(account(cast.resident), cast.resident)
        for to in (account(cast.resident), new_id()):
            with pytest.raises(NotFound):
                await posts.hand_over(cast.staff.posts[0].id, to, cast.area_admin)

    async def test_a_vacant_post_is_filled(self, cast: Cast) -> None:
        post = cast.staff.posts[0].id
        await posts.vacate(post, cast.area_admin)
        await posts.fill(post, account(cast.resident), cast.area_admin)
        assert await kinds(post) == ["post.vacated", "post.filled"]


@pytest.mark.usefixtures("db")
class TestVacatingAndEnding:
    async def test_a_vacated_post_has_no_holder_and_followers_hear_at_once(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        heard: list[tuple[int, bool]] = []

        async def follower(event: events.Event, by: Actor) -> None:
            heard.append((event.data["post"], await candidates.is_active(event.data["post"])))

        monkeypatch.setitem(events._followers, "post.vacated", [follower])
        post = cast.staff.posts[0].id
        touched = await posts.vacate(post, cast.area_admin)
        assert touched.people == ("刘慧",) and heard == [(post, False)]
        assert (await posts.vacate(post, cast.area_admin)).nobody and len(heard) == 1

    async def test_ending_vacates_first_and_nothing_more_can_be_done(self, cast: Cast) -> None:
        post = cast.staff.posts[0].id
        assert (await posts.end(post, cast.area_admin, dry_run=True)).people == ("刘慧",)
        assert await candidates.is_active(post)
        await posts.end(post, cast.area_admin)
        assert (await posts.end(post, cast.area_admin)).nobody
        assert await kinds(post) == ["post.vacated", "post.ended"]
        for change in (
            posts.hand_over(post, account(cast.resident), cast.area_admin),
            posts.vacate(post, cast.area_admin),
            posts.rename(post, "新名", cast.area_admin),
        ):
            with pytest.raises(NotAllowed):
                await change

    async def test_a_follower_that_fails_undoes_the_change(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        async def failing(event: events.Event, by: Actor) -> None:
            raise NotAllowed("没有人可以接手。")

        monkeypatch.setitem(events._followers, "post.vacated", [failing])
        post = cast.staff.posts[0].id
        with pytest.raises(NotAllowed):
            await posts.vacate(post, cast.area_admin)
        assert await candidates.is_active(post) and await kinds(post) == []

    async def test_the_last_system_administrator_stays(self, cast: Cast) -> None:
        post, me = cast.system_admin.posts[0].id, cast.system_admin
        for leaving in (posts.vacate(post, me), posts.end(post, me), accounts.close(account(me), me)):
            with pytest.raises(NotAllowed):
                await leaving
        second = await posts.create(Role.SYSTEM_ADMIN, "第二位系统管理员", by=me)
        await posts.fill(second, account(cast.neighbour), me)
        await posts.vacate(post, me)
        assert await posts.held_by(account(me)) == []

    async def test_closing_an_account_vacates_its_posts(self, cast: Cast) -> None:
        post = cast.staff.posts[0].id
        assert (await accounts.close(account(cast.staff), cast.area_admin, dry_run=True)).posts == ("社区工作者",)
        await accounts.close(account(cast.staff), cast.area_admin)
        assert (await accounts.close(account(cast.staff), cast.area_admin)).nobody
        assert await kinds(post) == ["post.vacated"]
        told = [event.kind for event in await events.history(f"account:{account(cast.staff)}")]
        assert told == ["account.closed"]


Change = Callable[[Cast, Actor], Awaitable[object]]
CHANGES: dict[str, Change] = {
    "create": lambda cast, by: posts.create(Role.SECRETARY, "书记", area_id=cast.community, by=by),
    "rename": lambda cast, by: posts.rename(cast.staff.posts[0].id, "新名", by),
    "second factor": lambda cast, by: posts.demand_second_factor(cast.staff.posts[0].id, True, by),
    "hand over": lambda cast, by: posts.hand_over(cast.staff.posts[0].id, account(cast.resident), by),
    "vacate": lambda cast, by: posts.vacate(cast.staff.posts[0].id, by),
    "end": lambda cast, by: posts.end(cast.staff.posts[0].id, by),
    "dry run": lambda cast, by: posts.end(cast.staff.posts[0].id, by, dry_run=True),
    "read": lambda cast, by: posts.holders(by, area_id=cast.community),
    "reset": lambda cast, by: accounts.reset_sign_in(account(cast.staff), by),
    "close": lambda cast, by: accounts.close(account(cast.staff), by),
    "rename person": lambda cast, by: accounts.rename(account(cast.staff), "别名", by),
}


@pytest.mark.usefixtures("db")
class TestWhoMay:
    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    async def test_the_area_and_the_system_administrator(self, cast: Cast, change: Change) -> None:
        await change(cast, cast.area_admin)

    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    async def test_the_system_itself(self, cast: Cast, change: Change) -> None:
        await change(cast, the_system("import"))

    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    async def test_nobody_else(self, cast: Cast, change: Change) -> None:
        others = (Actor(), cast.resident, cast.secretary, cast.street_secretary, cast.centre, cast.lead)
        for by in (*others, await admin_of(cast.next_community, cast), await admin_of(cast.grid, cast)):
            with pytest.raises(NotFound):
                await change(cast, by)

    async def test_an_area_administrator_makes_and_touches_no_system_administrator(self, cast: Cast) -> None:
        with pytest.raises(NotAllowed):
            await posts.create(Role.SYSTEM_ADMIN, "系统管理员", by=cast.area_admin)
        with pytest.raises(NotAllowed):
            await posts.create(Role.SYSTEM_ADMIN, "系统管理员", area_id=cast.community, by=cast.area_admin)
        post = cast.system_admin.posts[0].id
        with pytest.raises(NotFound):
            await posts.hand_over(post, account(cast.area_admin), cast.area_admin)
        with pytest.raises(NotFound):
            await posts.holders(cast.area_admin)
        with pytest.raises(NotFound):
            await accounts.close(account(cast.system_admin), cast.area_admin)

    async def test_nobody_gives_a_role_with_a_wider_area_than_their_own(self, cast: Cast) -> None:
        narrow = await admin_of(cast.community, cast)
        for area in (cast.street, cast.district, cast.next_community):
            with pytest.raises(NotFound):
                await posts.create(Role.AREA_ADMIN, "更大的管理员", area_id=area, by=narrow)
        with pytest.raises(NotFound):
            await posts.hand_over(cast.area_admin.posts[0].id, account(narrow), narrow)
        await posts.create(Role.AREA_ADMIN, "同级管理员", area_id=cast.community, by=narrow)

    async def test_a_post_reaches_no_unit_outside_by_naming_an_area_inside(self, cast: Cast) -> None:
        narrow = await admin_of(cast.community, cast)
        with pytest.raises(NotFound):
            await posts.create(Role.UNIT_LEAD, "队长", area_id=cast.community, unit_id=cast.unit, by=narrow)

    async def test_a_system_administrator_does_not_appoint_themselves_to_see_cases(self, cast: Cast) -> None:
        with pytest.raises(NotAllowed):
            await posts.hand_over(cast.secretary.posts[0].id, account(cast.system_admin), cast.system_admin)

    async def test_somebody_with_a_post_elsewhere_is_not_theirs_to_administer(self, cast: Cast) -> None:
        narrow = await admin_of(cast.community, cast)
        await accounts.rename(account(cast.staff), "刘", narrow)
        elsewhere = await posts.create(Role.COMMUNITY_STAFF, "兼职", area_id=cast.next_community, by=cast.area_admin)
        await posts.fill(elsewhere, account(cast.staff), cast.area_admin)
        with pytest.raises(NotFound):
            await accounts.reset_sign_in(account(cast.staff), narrow)
        with pytest.raises(NotFound):
            await accounts.close(account(cast.resident), narrow)


@pytest.mark.usefixtures("db")
class TestCreating:
    async def test_a_role_belongs_where_it_belongs(self, cast: Cast) -> None:
        wrong = [
            (Role.GRID_WORKER, {"area_id": cast.district}),
            (Role.COMMUNITY_STAFF, {"area_id": cast.grid}),
            (Role.CENTRE_OFFICER, {"area_id": cast.community}),
            (Role.SECRETARY, {"unit_id": cast.unit}),
            (Role.UNIT_LEAD, {"area_id": cast.community}),
            (Role.SYSTEM_ADMIN, {"area_id": cast.community}),
            (Role.SECRETARY, {}),
        ]
        for role, place in wrong:
            with pytest.raises(Invalid):
                await posts.create(role, "岗位", by=cast.system_admin, **place)

    @pytest.mark.parametrize("title", ["", "  ", "长" * 41, "a\x00b", "\u202e反"])
    async def test_odd_titles_are_refused(self, cast: Cast, title: str) -> None:
        with pytest.raises(Invalid):
            await posts.create(Role.SECRETARY, title, area_id=cast.community, by=cast.area_admin)
        with pytest.raises(Invalid):
            await posts.rename(cast.staff.posts[0].id, title, cast.area_admin)

    async def test_what_does_not_exist_is_not_found(self, cast: Cast) -> None:
        for place in ({"area_id": 999_999}, {"unit_id": 999_999}, {"area_id": cast.community, "organisation_id": 9}):
            with pytest.raises(NotFound):
                await posts.create(Role.SECRETARY, "书记", by=cast.system_admin, **place)
        with pytest.raises(NotFound):
            await posts.vacate(999_999_999, cast.system_admin)

    async def test_a_new_post_is_vacant_and_told(self, cast: Cast) -> None:
        post = await posts.create(Role.UNIT_HANDLER, " 维护员  乙 ", unit_id=cast.unit, by=cast.area_admin)
        [held] = [one for one in await posts.holders(cast.area_admin, unit_id=cast.unit) if one.id == post]
        assert (held.title, held.account_id) == ("维护员 乙", None)
        assert await kinds(post) == ["post.created"]
        await posts.rename(post, "维护员丙", cast.area_admin)
        await posts.rename(post, "维护员丙", cast.area_admin)
        assert await kinds(post) == ["post.created", "post.renamed"]


@pytest.mark.usefixtures("db")
class TestCandidates:
    async def test_only_posts_held_by_active_people_count(self, cast: Cast) -> None:
        async def found() -> list[int]:
            wanted = [Role.COMMUNITY_STAFF, Role.SECRETARY]
            return [one.post_id for one in await candidates.active_posts([cast.community], wanted)]

        staff, second, secretary = (one.posts[0].id for one in (cast.staff, cast.second_staff, cast.secretary))
        assert await found() == [staff, second, secretary]
        await posts.vacate(staff, cast.area_admin)
        await accounts.close(account(cast.second_staff), cast.second_staff)
        assert await found() == [secretary]
        await posts.end(secretary, cast.area_admin)
        assert await found() == []
        assert await candidates.active_posts([], list(Role)) == [] == await candidates.active_posts([1], [])

    async def test_a_units_lead_comes_first(self, cast: Cast) -> None:
        found = await candidates.unit_posts(cast.unit)
        assert [one.account_id for one in found] == [account(cast.lead), account(cast.handler)]
        assert (found[0].role, found[0].area_id) == (Role.UNIT_LEAD, None)
        assert await candidates.unit_posts(cast.empty_unit) == []


@pytest.mark.usefixtures("fresh_db")
class TestAtTheSameTime:
    async def test_of_two_hand_overs_both_end_with_one_holder(self) -> None:
        cast = await casting.gather()
        post = cast.staff.posts[0].id
        to = [account(one) for one in (cast.resident, cast.neighbour, cast.second_staff)]
        await asyncio.gather(*(posts.hand_over(post, one, cast.area_admin) for one in to))
        rows = await database.fetch("SELECT account FROM holdings WHERE post = $1 AND until IS NULL", post)
        assert len(rows) == 1
        history = await events.history(f"post:{post}")
        assert [event.data["from"] for event in history[1:]] == [event.data["to"] for event in history[:-1]]
        assert events.verifies(history) and history[-1].data["to"] == str(rows[0]["account"])

    async def test_of_two_who_saw_the_same_holder_one_is_told(self) -> None:
        cast = await casting.gather()
        post, seen = cast.staff.posts[0].id, account(cast.staff)
        answers = await asyncio.gather(
            *(
                posts.hand_over(post, account(one), cast.area_admin, seen=seen)
                for one in (cast.resident, cast.neighbour)
            ),
            return_exceptions=True,
        )
        assert sorted(type(one).__name__ for one in answers) == ["Stale", "Touched"]

    async def test_an_account_that_closes_meanwhile_holds_nothing(self) -> None:
        cast = await casting.gather()
        post = cast.staff.posts[0].id
        await asyncio.gather(
            posts.hand_over(post, account(cast.resident), cast.area_admin),
            accounts.close(account(cast.resident), cast.resident),
            return_exceptions=True,
        )
        holder = await database.fetch_value(
            """SELECT a.closed_at FROM holdings h JOIN accounts a ON a.id = h.account
                WHERE h.post = $1 AND h.until IS NULL""",
            post,
        )
        assert holder is None

    async def test_two_system_administrators_do_not_both_leave(self) -> None:
        cast = await casting.gather()
        second = await posts.create(Role.SYSTEM_ADMIN, "第二位", by=cast.system_admin)
        await posts.fill(second, account(cast.neighbour), cast.system_admin)
        both = (cast.system_admin.posts[0].id, second)
        answers = await asyncio.gather(*(posts.vacate(one, cast.system_admin) for one in both), return_exceptions=True)
        left = await database.fetch_value(
            """SELECT count(*) FROM holdings h JOIN posts p ON p.id = h.post
                WHERE p.role = 'system_admin' AND h.until IS NULL"""
        )
        assert left == 1 and sum(isinstance(one, NotAllowed) for one in answers) == 1

    async def test_finding_one_phone_many_times_at_once_makes_one_account(self) -> None:
        found = await asyncio.gather(*(accounts.find_or_create("13900000001", Actor()) for _ in range(6)))
        assert len(set(found)) == 1
        told = [event.kind for event in await events.history(f"account:{found[0]}")]
        assert told == ["account.opened"]


def test_touched_says_when_nobody_is() -> None:
    from server.people.touched import Touched

    assert Touched().nobody and not msgspec.structs.replace(Touched(), people=("甲",)).nobody
