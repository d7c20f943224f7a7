"""Group robots, webhooks, what became of messages, and one's own choices: over the pages."""

import re

import httpx
import pytest

from server.kernel import database
from server.notices import choices, logbook, outlets, subscribers
from server.notices.choosing import Choices, Quiet
from tests import cast as casting
from tests.cast import Cast
from tests.notices.conftest import gateway, hook, setting, wecom
from tests.notices.fakes import KEY, Gateway, Hook
from tests.notices.making import deliver_due, hooked, made
from tests.web.admining import send, send_surely, words
from tests.web.signed_in import as_
from tests.web.test_access import next_admin

__all__ = ["gateway", "hook", "setting", "wecom"]

ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"

FORM = {"quiet_begins": "21", "quiet_ends": "8", "daily_at": "17", "kind_asked": "daily", "kind_overdue": "inbox"}


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()


@pytest.fixture
async def admin(web: httpx.AsyncClient, cast: Cast) -> httpx.AsyncClient:
    return await as_(web, cast.area_admin)


class TestSubscribers:
    async def test_a_robot_is_added_tried_changed_and_ended(self, admin: httpx.AsyncClient, cast: Cast) -> None:
        fields = {"outlet": "wecom", "name": "民乐社区工作群", "whose": f"area:{cast.community}", "url": ROBOT}
        added = await send(admin, "/admin/subscribers", **fields, kinds="overdue")
        path = added.headers["location"].partition("?")[0]
        page = await admin.get(path)
        assert "民乐社区" in words(page) and "已超期" in words(page)
        assert "693a91f6" not in page.text, "the key is shown to nobody"
        tried = await send(admin, f"{path}/trial")
        assert "等着发" in words(await admin.get(tried.headers["location"]))
        await send(admin, f"{path}/settings", name="新群名", quiet="on")
        assert "不打扰" in words(await admin.get(path)) and "新群名" in words(await admin.get("/admin/subscribers"))
        for _ in range(2):
            assert (await send_surely(admin, f"{path}/end")).status_code == 303
        assert "已停用" in words(await admin.get(path))

    async def test_a_command_sent_twice_adds_one(self, admin: httpx.AsyncClient, cast: Cast) -> None:
        form = {"command": "018f0000-0000-7000-8000-000000000001", "outlet": "wecom", "name": "群", "url": ROBOT}
        for _ in range(2):
            answer = await admin.post("/admin/subscribers", data=form | {"whose": f"unit:{cast.unit}"})
            assert answer.status_code == 303
        assert len(await subscribers.listed(cast.area_admin)) == 1

    async def test_what_is_wrong_is_named_and_nothing_typed_is_lost(self, admin: httpx.AsyncClient) -> None:
        fields = {"outlet": "webhook", "name": "调度", "url": "hook.example", "key": "short", "kinds": "overdue"}
        answer = await send(admin, "/admin/subscribers", **fields)
        assert answer.status_code == 422
        for mend in ("请选一个区域或一个单位。", "请填以 https:// 开头的完整网址。", "密钥要 16 到 200 个字。"):
            assert mend in words(answer) or mend in answer.text
        assert 'value="hook.example"' in answer.text and re.search(r'value="overdue" checked', answer.text)

    async def test_a_neighbour_s_administrator_finds_nothing(
        self, web: httpx.AsyncClient, cast: Cast, hook: Hook
    ) -> None:
        subscriber = await hooked(hook, cast, area_id=cast.community)
        neighbour = await as_(web, await next_admin(cast))
        assert "调度系统" not in (await neighbour.get("/admin/subscribers")).text
        for path in ("settings", "address", "trial", "end"):
            answer = await send(neighbour, f"/admin/subscribers/{subscriber}/{path}", name="抢", url=ROBOT, key=KEY)
            assert answer.status_code == 404
        assert (await subscribers.one(subscriber, cast.area_admin)).name == "调度系统"


class TestDeliveries:
    async def failed(self, cast: Cast, hook: Hook) -> str:
        await hooked(hook, cast)
        hook.answer = "410 Gone"
        await outlets.plan([made(cast.handler)])
        await deliver_due()
        hook.answer = None
        return str(await database.fetch_value("SELECT id FROM deliveries"))

    async def test_what_failed_for_good_is_on_the_overview_and_sent_again_by_hand(
        self, admin: httpx.AsyncClient, cast: Cast, hook: Hook
    ) -> None:
        delivery = await self.failed(cast, hook)
        assert "1 消息没发成" in words(await admin.get("/admin"))
        page = words(await admin.get("/admin/deliveries?state=failed"))
        assert "新单子,请接单" in page and "对方回答 410" in page and "调度系统" in page
        for _ in range(2):
            assert (await send(admin, "/admin/deliveries/replays", delivery=delivery)).status_code == 303
        await deliver_due()
        assert list(hook.taken) == [delivery]
        assert "没有没发成的消息" in words(await admin.get("/admin/deliveries?state=failed"))
        assert "已发出" in words(await admin.get("/admin/deliveries"))

    async def test_or_set_aside(self, admin: httpx.AsyncClient, cast: Cast, hook: Hook) -> None:
        delivery = await self.failed(cast, hook)
        for _ in range(2):
            assert (await send(admin, "/admin/deliveries/set-aside", delivery=delivery)).status_code == 303
        assert await logbook.failed(cast.area_admin) == 0

    async def test_none_chosen_is_said(self, admin: httpx.AsyncClient, cast: Cast, hook: Hook) -> None:
        await self.failed(cast, hook)
        answer = await send(admin, "/admin/deliveries/replays")
        assert answer.status_code == 422 and "请至少选一条。" in answer.text

    async def test_a_neighbour_s_administrator_neither_sees_nor_sends(
        self, web: httpx.AsyncClient, cast: Cast, hook: Hook
    ) -> None:
        delivery = await self.failed(cast, hook)
        neighbour = await as_(web, await next_admin(cast))
        assert "新单子" not in (await neighbour.get("/admin/deliveries")).text
        for path in ("replays", "set-aside"):
            await send(neighbour, f"/admin/deliveries/{path}", delivery=delivery)
        assert await logbook.failed(cast.area_admin) == 1


class TestMe:
    async def test_a_resident_chooses_about_their_own_matters(self, web: httpx.AsyncClient, cast: Cast) -> None:
        browser = await as_(web, cast.resident)
        page = words(await browser.get("/me/notices"))
        assert "有话要问我" in page and "新来的事" not in page and "不能关" not in page
        for _ in range(2):
            answer = await browser.post("/me/notices", data=FORM)
            assert answer.headers["location"] == "/me/notices?done=notices"
        assert await choices.own(cast.resident) == Choices(quiet=Quiet(21, 8), daily_at=17, kinds={"asked": "daily"})
        assert (await choices.of([cast.neighbour.account_id])) == {}  # type: ignore[list-item]

    async def test_staff_are_told_what_cannot_be_switched_off(self, web: httpx.AsyncClient, cast: Cast) -> None:
        page = words(await (await as_(web, cast.handler)).get("/me/notices"))
        assert "新来的事" in page and "已超期" in page and "不能关" in page

    @pytest.mark.parametrize("wrong", [{"quiet_begins": "24"}, {"daily_at": ""}, {"kind_asked": "pigeon"}])
    async def test_odd_choices_change_nothing(self, web: httpx.AsyncClient, cast: Cast, wrong: dict[str, str]) -> None:
        answer = await (await as_(web, cast.resident)).post("/me/notices", data=FORM | wrong)
        assert answer.status_code == 422 and "没有保存" in words(answer)
        assert await choices.own(cast.resident) == Choices()

    async def test_one_s_own_latest_messages_say_what_became_of_them(
        self, web: httpx.AsyncClient, cast: Cast, gateway: Gateway
    ) -> None:
        await choices.choose(cast.handler, Quiet(0, 0), 18, {})
        await outlets.plan([made(cast.handler), made(cast.lead, title="给黄队的")])
        await deliver_due()
        page = words(await (await as_(web, cast.handler)).get("/me/notices"))
        assert "新单子,请接单" in page and "已发出" in page and "给黄队的" not in page
