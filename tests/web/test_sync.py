"""POST /sync and PUT /sync/photos over HTTP: what is done, what is told, and that nothing is lost or done twice."""

import base64
import hashlib
from typing import Any

import httpx
from litestar.openapi.spec import OpenAPI

from server.kernel import database
from server.kernel.ids import new_id
from tests import cast as casting
from tests.web.signed_in import another, as_


def command(verb: str = "report", account: object = None, **data: Any) -> dict[str, Any]:
    """A command as a phone makes it."""
    return {
        "id": str(new_id()),
        "account": str(account) if account else None,
        "protocol": 1,
        "verb": verb,
        "at": "2026-11-21T18:02:11.123+08:00",
        "form": {"name": verb, "version": 1},
        "mends": None,
        "data": data,
    }


async def send(client: httpx.AsyncClient, *commands: Any, **have: str) -> dict[str, Any]:
    """The answer to a request that is answered."""
    answer = await client.post("/sync", json={"protocol": 1, "commands": list(commands), "have": have})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def phone(web: httpx.AsyncClient) -> httpx.AsyncClient:
    """A phone on which nobody is signed in, known by its cookie since it opened a page."""
    client = another(web)
    await client.get("/report")
    return client


async def test_a_report_without_an_account_arrives_and_opens_on_the_phone(web: httpx.AsyncClient) -> None:
    cast = await casting.gather()
    client = await phone(web)
    told = await send(client, command(text="路灯坏了", community_id=cast.community))
    receipt = told["receipts"][0]
    assert receipt["outcome"] == "done"
    assert (await client.get(f"/mine/{receipt['answer']['number']}")).status_code == 200
    assert [one["number"] for one in told["sections"]["mine"]["data"]] == [receipt["answer"]["number"]]
    assert (await another(web).get(f"/mine/{receipt['answer']['number']}")).status_code == 404
    assert (await another(web).get(receipt["answer"]["link"])).status_code == 303
