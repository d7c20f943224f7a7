"""The OpenAPI of what machines ask: whole, without anything foreign, and no input of its shape is ever our fault."""

import asyncio
import re
from typing import Any

import httpx
import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from server.kernel import database
from tests import cast as casting
from tests.web.signed_in import as_
from web.app import create_app

PATHS = {
    "/healthz",
    "/readyz",
    "/sync",
    "/sync/photos/{photo_id}",
    "/signals",
    "/push/key",
    "/push/devices",
    "/push/shown",
}
EXAMPLES = 150
"""For each operation and each of two senders."""


def document() -> dict[str, Any]:
    """The document as it is served."""
    made: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(create_app().openapi_schema.to_schema()))
    return made


def test_it_names_what_machines_ask_and_nothing_foreign() -> None:
    said = document()
    assert set(said["paths"]) == PATHS
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"] and operation["tags"], (path, method)
            assert "requestBody" in operation or method == "get" or path == "/sync/photos/{photo_id}", (path, method)
    assert re.findall(rb"https?://[^\"]+", msgspec.json.encode(said)) == []


async def test_it_is_served_whole_and_without_a_page_of_somebody_elses(web: httpx.AsyncClient) -> None:
    answer = await web.get("/api/schema/openapi.json")
    assert answer.status_code == 200 and set(answer.json()["paths"]) == PATHS


SCHEMA = schemathesis.openapi.from_dict(document())


@pytest.mark.parametrize("who", ["stranger", "handler"])
@pytest.mark.parametrize("label", [f"{one.ok().method.upper()} {one.ok().path}" for one in SCHEMA.get_all_operations()])
async def test_nothing_of_its_shape_is_our_fault(web: httpx.AsyncClient, label: str, who: str) -> None:
    """Valid, empty, huge, of the wrong type: what schemathesis makes of it. Refused is fine, broken is not."""
    cast = await casting.gather()
    client = web if who == "stranger" else await as_(web, cast.handler)
    method, path = label.split(" ")
    cases = await asyncio.to_thread(_cases, SCHEMA[path][method])
    broken = []
    for case in cases:
        sent = case.as_transport_kwargs(base_url="http://test")
        headers = {name: value for name, value in dict(sent["headers"]).items() if name.lower() != "user-agent"}
        sent |= {"headers": {**headers, "Sec-Fetch-Site": "same-origin"}}
        url = sent.pop("url")
        if "data" in sent and isinstance(sent["data"], bytes):
            sent["content"] = sent.pop("data")
        sent.pop("cookies", None)
        try:
            async with database.transaction():
                answer = await client.request(sent.pop("method"), httpx.URL(url).raw_path.decode(), **sent)
                raise _Undone
        except _Undone:
            pass
        except (httpx.InvalidURL, UnicodeError, TypeError, ValueError):
            continue  # what no client can send
        # A photo of a phone without its cookie is asked for again; /sync itself says 503 only where it broke.
        allowed = {503} if path in ("/readyz", "/sync/photos/{photo_id}") else set()
        if answer.status_code >= 500 and answer.status_code not in allowed:
            broken.append((answer.status_code, case.body, answer.text[:200]))
    assert broken == []


class _Undone(Exception):
    pass


def _cases(operation: Any) -> list[Any]:
    """So many inputs of one operation, of its shape and against it; the same each time."""
    found: list[Any] = []
    both = [operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode]

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(both))
    def collect(case: Any) -> None:
        found.append(case)

    collect()
    assert len(found) > 1 or operation.method == "get"
    return found
