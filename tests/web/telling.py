"""A resident tells something over HTTP: the form as a browser sends it."""

import re
from typing import Any
from uuid import UUID

import httpx

from server.kernel.ids import new_id
from tests.cast import Cast
from tests.photos import pictures

TEXT = "三栋楼下的井盖坏了,晚上走路很危险。"


def form(cast: Cast, **also: Any) -> dict[str, Any]:
    """The fields of 找书记, filled in."""
    return {"command": str(new_id()), "text": TEXT, "community_id": str(cast.community), **also}


async def tell(client: httpx.AsyncClient, cast: Cast, **also: Any) -> str:
    """Send a report; its number comes back."""
    answer = await client.post("/report", data=form(cast, **also))
    assert answer.status_code == 303, answer.text
    return number_in(answer)


def number_in(answer: httpx.Response) -> str:
    """The number in the address that a report leads to."""
    found = re.fullmatch(r"/mine/(\d+)/receipt", answer.headers["location"])
    assert found, answer.headers["location"]
    return found[1]


async def upload(client: httpx.AsyncClient, content: bytes = b"", name: str = "a.jpg") -> UUID:
    """Send one photo as the page does when it is chosen."""
    answer = await client.post("/photos", files={"photo": (name, content or pictures.jpeg())})
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


def hidden(page: str, name: str) -> list[str]:
    """The values of the hidden inputs of this name on a page."""
    return re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)">', page)
