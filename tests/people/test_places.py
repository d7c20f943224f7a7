"""Accounts, units and organisations: made, renamed, ended, each by who may."""

from datetime import timedelta

import pytest

from server.kernel import clock, database, events
from server.kernel.actor import Actor, Role
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.people import accounts, organisations, posts, sessions, units
from tests.cast import Cast
from tests.people.test_posts import account, admin_of

pytestmark = pytest.mark.usefixtures("db")


async def told(stream: str) -> list[str]:
    return [event.kind for event in await events.history(stream)]


class TestAccounts:
    async def test_one_for_each_phone_however_it_is_typed(self) -> None:
        first = await accounts.find_or_create("139 0000 0001", Actor())
        assert await accounts.find_or_create("+86 13900000001", Actor(), name="后来的名字") == first
        assert (await accounts.one(first)).name == ""

    async def test_a_closed_accounts_phone_may_belong_to_somebody_new(self, cast: Cast) -> None:
        await accounts.close(account(cast.resident), cast.resident)
        assert await accounts.find("13800000001") is None
        new = await accounts.find_or_create("13800000001", Actor())
        assert new != account(cast.resident)
        with pytest.raises(NotFound):
            await accounts.one(account(cast.resident))

    @pytest.mark.parametrize("name", ["长" * 41, "a\x00b", "\u202e反", "x" * 1_000_000, "\udcff"])
    async def test_odd_names_are_refused(self, cast: Cast, name: str) -> None:
        with pytest.raises(Invalid):
            await accounts.rename(account(cast.resident), name, cast.resident)

    async def test_ones_own_name_is_ones_own_to_change(self, cast: Cast) -> None:
        for _ in range(2):
            await accounts.rename(account(cast.resident), " 李  阿姨 ", cast.resident)
        assert (await accounts.one(account(cast.resident))).name == "李 阿姨"
        assert await told(f"account:{account(cast.resident)}") == ["account.renamed"]
        with pytest.raises(NotFound):
            await accounts.rename(account(cast.resident), "别人", cast.neighbour)
        with pytest.raises(NotFound):
            await accounts.close(account(cast.resident), cast.neighbour)

    async def test_only_an_administrator_opens_accounts_for_staff(self, cast: Cast) -> None:
        new = await accounts.open_for_staff("13900000009", "新来的", cast.area_admin)
        assert (await accounts.one(new)).name == "新来的"
        with pytest.raises(NotFound):
            await accounts.open_for_staff("13900000008", "谁", cast.secretary)
        for phone, name in (("110", "谁"), ("13900000008", " ")):
            with pytest.raises(Invalid):
                await accounts.open_for_staff(phone, name, cast.area_admin)

    async def test_a_reset_takes_password_second_factor_and_sessions(self, cast: Cast) -> None:
        token = await sessions.open_session(account(cast.staff), password=True)
        await database.execute(
            "UPDATE accounts SET password_hash = 'x', totp_secret = 'x', totp_step = 1 WHERE id = $1",
            account(cast.staff),
        )
        await accounts.reset_sign_in(account(cast.staff), cast.area_admin)
        assert await sessions.actor_of(token) is None
        after = await accounts.one(account(cast.staff))
        assert not after.has_password and not after.has_totp
        with pytest.raises(NotFound):
            await accounts.reset_sign_in(account(cast.staff), cast.staff)

    async def test_closing_erases_what_signs_in(self, cast: Cast) -> None:
        await database.execute("UPDATE accounts SET password_hash = 'x' WHERE id = $1", account(cast.resident))
        with clock.at(clock.now() + timedelta(days=1)):
            await accounts.close(account(cast.resident), cast.resident)
        row = await database.fetch_one("SELECT * FROM accounts WHERE id = $1", account(cast.resident))
        assert row is not None and row["password_hash"] is None and row["closed_at"] is not None


class TestUnits:
    async def test_made_renamed_and_ended_with_their_posts(self, cast: Cast) -> None:
        unit = await units.create(" W7 ", "排水队", "contractor", cast.street, phone="0755-1234567", by=cast.area_admin)
        post = await posts.create(Role.UNIT_LEAD, "队长", unit_id=unit, by=cast.area_admin)
        await posts.fill(post, account(cast.neighbour), cast.area_admin)
        for _ in range(2):
            await units.rename(unit, "排水一队", cast.area_admin)
        dry = await units.end(unit, cast.area_admin, dry_run=True)
        assert (dry.units, dry.posts, dry.people) == (("排水一队",), ("队长",), ("王大山",))
        assert "W7" in {one.code for one in await units.under(cast.district, cast.area_admin)}
        assert await units.end(unit, cast.area_admin) == dry
        assert (await units.end(unit, cast.area_admin)).nobody
        assert await told(f"unit:{unit}") == ["unit.created", "unit.renamed", "unit.ended"]
        assert await posts.held_by(account(cast.neighbour)) == []
        assert "W7" not in {one.code for one in await units.under(cast.district, cast.area_admin)}
        with pytest.raises(NotAllowed):
            await units.rename(unit, "又一名", cast.area_admin)
        with pytest.raises(NotFound):
            await posts.create(Role.UNIT_LEAD, "队长", unit_id=unit, by=cast.area_admin)

    async def test_a_code_is_one_units(self, cast: Cast) -> None:
        with pytest.raises(Invalid) as refused:
            await units.create("U1", "又一队", "contractor", cast.street, by=cast.area_admin)
        assert list(refused.value.fields) == ["code"]

    @pytest.mark.parametrize(
        ("code", "name", "kind"),
        [("", "名", "contractor"), ("c", "", "contractor"), ("c", "名", "army"), ("c" * 31, "名", "contractor")],
    )
    async def test_odd_input_is_refused(self, cast: Cast, code: str, name: str, kind: str) -> None:
        with pytest.raises(Invalid):
            await units.create(code, name, kind, cast.street, by=cast.area_admin)

    async def test_the_neighbour_cannot(self, cast: Cast) -> None:
        narrow = await admin_of(cast.community, cast)
        for by in (cast.secretary, cast.lead, Actor(), narrow):
            for change in (
                units.create("N1", "队", "contractor", cast.street, by=by),
                units.rename(cast.unit, "新名", by),
                units.end(cast.unit, by),
                units.under(cast.street, by),
            ):
                with pytest.raises(NotFound):
                    await change


class TestOrganisations:
    async def test_made_renamed_and_ended_from_below(self, cast: Cast) -> None:
        committee = await organisations.create("社区党委", "committee", cast.community, by=cast.area_admin)
        branch = await organisations.create(
            "第一支部", "branch", cast.community, parent_id=committee, by=cast.area_admin
        )
        await organisations.rename(branch, "第一党支部", cast.area_admin)
        post = await posts.create(
            Role.PARTY_MEMBER, "党员", area_id=cast.community, organisation_id=branch, by=cast.area_admin
        )
        await posts.fill(post, account(cast.neighbour), cast.area_admin)
        with pytest.raises(NotAllowed) as refused:
            await organisations.end(committee, cast.area_admin)
        assert "第一党支部" in refused.value.words
        dry = await organisations.end(branch, cast.area_admin, dry_run=True)
        assert (dry.organisations, dry.people) == (("第一党支部",), ("王大山",))
        assert await organisations.end(branch, cast.area_admin) == dry
        assert (await organisations.end(branch, cast.area_admin)).nobody
        await organisations.end(committee, cast.area_admin)
        assert await organisations.under(cast.district, cast.area_admin) == []
        assert await told(f"organisation:{branch}") == [
            "organisation.created",
            "organisation.renamed",
            "organisation.ended",
        ]

    async def test_a_parent_must_be_open(self, cast: Cast) -> None:
        for parent in (999_999, await ended(cast)):
            with pytest.raises(Invalid):
                await organisations.create("支部", "branch", cast.community, parent_id=parent, by=cast.area_admin)

    async def test_the_neighbour_cannot(self, cast: Cast) -> None:
        committee = await organisations.create("社区党委", "committee", cast.community, by=cast.area_admin)
        for by in (cast.secretary, Actor(), await admin_of(cast.next_community, cast)):
            for change in (
                organisations.create("支部", "branch", cast.community, by=by),
                organisations.rename(committee, "新名", by),
                organisations.end(committee, by),
                organisations.under(cast.community, by),
            ):
                with pytest.raises(NotFound):
                    await change


async def ended(cast: Cast) -> int:
    made = await organisations.create("旧支部", "branch", cast.community, by=cast.area_admin)
    await organisations.end(made, cast.area_admin)
    return made
