"""A round that was walked without a signal, sent after the password was changed or the account was closed."""

import httpx

from server.kernel import database
from server.people import accounts, sessions
from tests import cast as casting
from tests.devices.test_rounds import seen
from tests.patrols.rounds import MONDAY, ground, on
from tests.web.signed_in import as_
from tests.web.test_sync import ask, send


async def _kept() -> tuple[int, int]:
    visits = await database.fetch_value("SELECT count(*) FROM patrol_visits")
    return visits, await database.fetch_value("SELECT count(*) FROM receipts")


async def test_after_a_new_password_the_queue_waits_for_the_sign_in_and_is_taken_once(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        worker, queue = of.cast.grid_worker, [seen(of), seen(of)]
        client = await as_(web, worker)
        assert worker.account_id is not None
        await accounts.reset_sign_in(worker.account_id, of.cast.system_admin)
        assert (await ask(client, *queue)).status_code == 401
        assert await _kept() == (0, 0)
        again = await as_(web, worker)
        assert [one["outcome"] for one in (await send(again, *queue))["receipts"]] == ["done", "done"]
        assert [one["outcome"] for one in (await send(again, *queue))["receipts"]] == ["already", "already"]
        assert await _kept() == (2, 2)


async def test_a_closed_account_sends_nothing_and_nothing_of_its_queue_is_lost(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        worker, queue = of.cast.grid_worker, [seen(of)]
        client = await as_(web, worker)
        assert worker.account_id is not None
        await accounts.close(worker.account_id, of.cast.system_admin)
        answer = await ask(client, *queue)
        assert answer.status_code == 401 and "都还在手机上" in answer.json()["detail"]
        # Who signs in on that phone next sends none of it: it stays, for the desk to open (docs/export.md).
        said = await send(await as_(web, of.cast.next_grid_worker), *queue)
        assert [one["outcome"] for one in said["receipts"]] == ["not_yet"]
        assert await _kept() == (0, 0)


async def test_a_phone_whose_session_was_ended_elsewhere_is_asked_to_sign_in(web: httpx.AsyncClient) -> None:
    with on(MONDAY):
        of = await ground(await casting.gather())
        client = await as_(web, of.cast.grid_worker)
        assert of.cast.grid_worker.account_id is not None
        await sessions.end_all(of.cast.grid_worker.account_id)
        assert (await ask(client, seen(of))).status_code == 401
