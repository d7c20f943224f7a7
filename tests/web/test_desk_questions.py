"""A category's extra questions in the form of accepting: asked, kept, wrong ones named with what was typed."""

import httpx
import pytest

from server.forms.demo_categories import install_demo
from server.kernel import database
from server.kernel.actor import the_system
from tests.cast import Cast, gather
from tests.web import deskwork
from tests.web.deskwork import command
from tests.web.signed_in import as_


@pytest.fixture
async def cast(web: httpx.AsyncClient) -> Cast:
    return await gather()


async def _category_with_number() -> tuple[int, str]:
    await install_demo(the_system("test"))
    row = await database.fetch_one(
        """SELECT v.category, q ->> 'id' AS question FROM category_versions v, jsonb_array_elements(v.questions) AS q
           WHERE q ->> 'kind' = 'number' AND NOT q ? 'shown_if' AND NOT v.private LIMIT 1"""
    )
    assert row is not None
    return row["category"], row["question"]


async def test_the_answers_are_kept_and_shown(web: httpx.AsyncClient, cast: Cast) -> None:
    category, question = await _category_with_number()
    case = await deskwork.reported(cast)
    client = await as_(web, cast.staff)
    form = await client.get(f"/desk/cases/{case}?do=accept&category={category}")
    assert f'name="q.{question}"' in form.text
    sent = {**command(), "seen": "1", "category": str(category), f"q.{question}": " ３ "}
    answer = await client.post(f"/desk/cases/{case}/acceptance", data=sent)
    assert answer.status_code == 303, answer.text
    kept = await database.fetch_value("SELECT answers ->> $1 FROM cases WHERE number = $2", question, case)
    assert kept == "3"


async def test_a_wrong_answer_is_named_and_nothing_typed_is_lost(web: httpx.AsyncClient, cast: Cast) -> None:
    category, question = await _category_with_number()
    case = await deskwork.reported(cast)
    client = await as_(web, cast.staff)
    sent = {**command(), "seen": "1", "category": str(category), f"q.{question}": "好几盏<b>"}
    answer = await client.post(f"/desk/cases/{case}/acceptance", data=sent)
    assert answer.status_code == 422
    assert "好几盏&lt;b&gt;" in answer.text
    assert await database.fetch_value("SELECT state FROM cases WHERE number = $1", case) == "reported"


async def test_blank_answers_are_not_demanded(web: httpx.AsyncClient, cast: Cast) -> None:
    category, question = await _category_with_number()
    case = await deskwork.reported(cast)
    sent = {**command(), "seen": "1", "category": str(category), f"q.{question}": ""}
    answer = await (await as_(web, cast.staff)).post(f"/desk/cases/{case}/acceptance", data=sent)
    assert answer.status_code == 303, answer.text


async def test_the_category_can_be_changed_later_and_the_neighbour_cannot(web: httpx.AsyncClient, cast: Cast) -> None:
    category, _ = await _category_with_number()
    case = await deskwork.accepted(cast)
    seen = await database.fetch_value("SELECT version FROM cases WHERE number = $1", case)
    sent = command(seen, category=category, level="urgent")
    form = await (await as_(web, cast.staff)).get(f"/desk/cases/{case}?do=classify&category={category}")
    assert "改好了" in form.text
    refused = await (await as_(web, cast.next_staff)).post(f"/desk/cases/{case}/category", data=sent)
    assert refused.status_code == 404
    for _ in range(2):
        answer = await (await as_(web, cast.staff)).post(f"/desk/cases/{case}/category", data=sent)
        assert answer.status_code == 303, answer.text
    told = await database.fetch_value("SELECT count(*) FROM events WHERE kind = 'case.classified'")
    assert told == 1
