"""The inbox needs no outlet: whatever is down, everybody finds there what the table says."""

from datetime import timedelta

import pytest

from server import cases
from server.kernel import clock, database
from server.notices import inbox
from server.notices.alarms.ticking import tick
from server.notices.following import follow
from tests import cast as casting
from tests.cast import Cast
from tests.notices.conftest import Setting
from tests.notices.fakes import KEY, Gateway, Hook, WeCom
from tests.notices.making import deliver_due, hooked, states


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


@pytest.fixture(params=["answers 500", "is not there"])
def broken(request: pytest.FixtureRequest, gateway: Gateway, hook: Hook, wecom: WeCom, setting: Setting) -> str:
    """Every outlet at once is ill in the same way."""
    how: str = request.param
    for one in (gateway, hook, wecom):
        one.answer = "500 Ill" if how == "answers 500" else None
    if how == "is not there":
        setting(sms_gateway_url="http://127.0.0.1:9/", sms_gateway_key=KEY)
        hook.port = 9
    return how


async def test_the_inbox_is_right_when_every_outlet_is_down(cast: Cast, broken: str, hook: Hook) -> None:
    await hooked(hook, cast)
    report = await cases.report(cases.Telling(text="路灯不亮", community_id=cast.community), cast.resident)
    await follow()
    await cases.accept(report.case_id, cast.staff, seen=None)
    await follow()
    await cases.dispatch(report.case_id, cast.staff, seen=None, unit_id=cast.unit)
    await follow()
    await deliver_due()
    with clock.at(clock.now() + timedelta(days=30)):
        await tick()
        await follow()
        await deliver_due()
    assert "sent" not in [state for _, state in await states()] and len(await states()) > 2
    assert not await database.fetch_value("SELECT EXISTS (SELECT FROM untold)")
    for who, titles in (
        (cast.resident, ["已交给市政维护队去办", "民乐社区已受理"]),
        (cast.handler, ["已超期,请马上办", "新单子,请接单"]),
        (cast.lead, ["超期还没有办好", "新单子,请接单"]),
    ):
        assert who.account_id is not None
        assert [one.title for one in (await inbox.page(who.account_id)).rows] == titles
        assert await inbox.unread(who.account_id) == 2
