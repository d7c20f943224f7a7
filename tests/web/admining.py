"""What the tests of administration share: forms sent as a browser sends them, and what their answer asks."""

import html
import re
from typing import Any

import httpx

from server.kernel.ids import new_id


async def send(client: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    """Send a form with a command of its own; fields that are None are not sent."""
    data = {"command": str(new_id())} | {name: value for name, value in fields.items() if value is not None}
    return await client.post(path, data=data)


async def agree(client: httpx.AsyncClient, asked: httpx.Response) -> httpx.Response:
    """Confirm what a page of confirmation asks, with exactly the fields it carries."""
    path, fields = form_of(asked.text)
    return await client.post(path, data=fields)


async def send_surely(client: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    """Send a form, see the confirmation, confirm it."""
    asked = await send(client, path, **fields)
    assert asked.status_code == 200, asked.text[-2000:]
    return await agree(client, asked)


def form_of(text: str) -> tuple[str, dict[str, str]]:
    """Address and hidden fields of the last form of a page."""
    form = text[text.rindex("<form") :]
    action = re.search(r'action="([^"]+)"', form)
    assert action
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return html.unescape(action[1]), {name: html.unescape(value) for name, value in hidden}


def words(answer: httpx.Response) -> str:
    """The text of a page's main part, without tags."""
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)))
