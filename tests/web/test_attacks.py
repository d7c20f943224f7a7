"""What somebody hostile would try: markup that runs, masks that slip, foreign orders, doing a thing twice at once."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import httpx
import pyotp
import pytest
import structlog

from server import cases
from server.cases import Changed, Telling, evidence, links, lists, reporting
from server.cases.evidence import Strip
from server.devices import receipts
from server.kernel import clock, database, logs
from server.kernel.actor import Actor
from server.kernel.errors import HuyingError, Invalid
from server.kernel.ids import new_id
from server.people import codes, posts, second_factor, sessions
from server.photos import receive
from tests import cast as making
from tests.cast import Cast, middle
from tests.photos import pictures
from tests.web import deskwork, telling
from tests.web.deskwork import command
from tests.web.signed_in import another, as_
from tests.web.test_access import WHO, For, World, made, meant_for, path_of, undone

EVIL = '"><img src=x id=evil onerror=alert(1)><script>alert(1)</script>'
SHORT = "<b onclick=alert(1)>名</b>"
PHONE, FOR_PHONE = "13911112222", "13933334444"


@pytest.fixture
async def cast(web: httpx.AsyncClient) -> Cast:
    return await making.gather()


class Page(HTMLParser):
    """What of a page a browser would run, load from elsewhere, or refuse by the Content-Security-Policy."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self._inline = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._inline = tag in ("script", "style") and "src" not in given
        for name, value in attrs:
            target = (value or "").strip().lower()
            runs = name.startswith("on") or name in ("style", "srcdoc", "nonce")
            leads_away = name in ("src", "href", "action", "formaction", "hx-get", "hx-post") and (
                target.startswith(("javascript:", "vbscript:", "data:", "http:", "https:", "//"))
            )
            if runs or leads_away or (name == "id" and target == "evil"):
                self.wrong.append(f"<{tag} {name}={target[:60]}>")

    def handle_data(self, data: str) -> None:
        if self._inline and data.strip():
            self.wrong.append(f"inline: {data.strip()[:60]}")
        self._inline = False


async def pages(client: httpx.AsyncClient, world: World, who: str, query: str = "") -> dict[str, httpx.Response]:
    """Every page that this member of the cast is shown, by its route."""
    found = {}
    for route in meant_for(who):
        if route.startswith("GET") and "/assets/" not in route:
            async with undone():
                answer = await client.get(path_of(route, world) + query)
            found[route] = answer
    return found


# Markup.


async def test_nothing_that_was_typed_is_markup_anywhere(web: httpx.AsyncClient) -> None:
    """Report, place, names, areas, units, organisations, posts, categories, questions, answers: on every page."""
    world = await made(False)
    number = world.names["number"]
    await database.execute("UPDATE reports SET text = $1, place = $1, name = $1, for_name = $1", EVIL)
    await database.execute("UPDATE reports SET for_phone = $1", FOR_PHONE)
    await database.execute("UPDATE cases SET subject = $1, place = $1", EVIL)
    for table, column in (("areas", "name"), ("units", "name"), ("organisations", "name"), ("posts", "title")):
        await database.execute(f"UPDATE {table} SET {column} = $1 || {column}", EVIL)
    await database.execute("UPDATE accounts SET name = $1", SHORT)
    await database.execute("UPDATE categories SET name = $1, path = $1", EVIL)
    await database.execute("UPDATE areas SET answers = $1", EVIL)
    await database.execute("UPDATE area_epochs SET epoch = epoch + 1")
    handler = world.people["handler"]
    await cases.take_on(number, handler, seen=None, promise=EVIL)
    await cases.note(number, handler, text=EVIL)
    await cases.finish(number, handler, seen=None, text=EVIL)
    for who in ("resident", "staff", "secretary", "handler", "system_admin"):
        client = await as_(web, world.people[who])
        shown = await pages(client, world, who)
        steps = ("accept", "dispatch", "check", "close", "answer", "ask", "relocate", "assign", "note", "reject")
        for step in steps if who == "secretary" else ():
            shown[step] = await client.get(f"/desk/cases/{number}?do={step}&find={EVIL}")
        for searched in ("/desk", "/unit", "/admin/posts", "/admin/categories", "/admin/areas", "/admin/units"):
            shown[searched + "?q"] = await client.get(searched, params={"q": EVIL, "standard": EVIL, "said": EVIL})
        for route, answer in shown.items():
            assert answer.status_code < 500, f"{who} {route}"
            if answer.headers.get("content-type", "").startswith("text/html"):
                assert Page(answer.text).wrong == [], f"{who} {route}"
            else:
                # Read as a page it must do no harm either: types are not guessed.
                assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("who", ["stranger", "resident", "staff", "handler", "area_admin"])
async def test_pages_keep_to_their_own_policy_and_nobody_keeps_them(web: httpx.AsyncClient, who: str) -> None:
    world = await made(False)
    client = await as_(web, world.people[who])
    for route, answer in (await pages(client, world, who)).items():
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert Page(answer.text).wrong == [], route
        if who != "stranger" and WHO[route] is not For.EVERYBODY and answer.status_code == 200:
            assert answer.headers["cache-control"].startswith("private"), route
            if answer.headers["content-type"].startswith("text/html"):
                assert answer.headers["cache-control"] == "private, no-store", route


# Masks.


@pytest.mark.parametrize(
    "who",
    ["grid_worker", "staff", "secretary", "centre", "handler", "area_admin", "system_admin"],
)
async def test_no_page_of_the_staff_holds_a_name_or_phone_of_a_reporter(web: httpx.AsyncClient, who: str) -> None:
    """In no text, attribute, JSON, address or header; not after they rated, reopened, added and withdrew either."""
    world = await made(False)
    number, resident = world.names["number"], world.people["resident"]
    await database.execute(
        "UPDATE reports SET name = '诸葛明理', phone = $1, for_name = '司马求是', for_phone = $2", PHONE, FOR_PHONE
    )
    await database.execute("UPDATE accounts SET name = '欧阳真真' WHERE id = $1", resident.account_id)
    named = Actor(account_id=resident.account_id, name="欧阳真真", device=resident.device)
    await cases.add(number, named, text="更黑了")
    await cases.return_case(number, world.people["handler"], seen=None, reason="不归我们")
    client = await as_(web, world.people[who])
    secret = (PHONE, FOR_PHONE, "13800000001", "诸葛明理", "司马求是", "欧阳真真", "明理", "求是", "真真")
    for query in (f"?q={number}", "?do=accept", f"?q={PHONE}"):
        for route, answer in (await pages(client, world, who, query)).items():
            told = answer.text + repr(answer.headers.raw)
            if PHONE in query:
                told = told.replace(PHONE, "")  # what was searched for is said back
            assert [one for one in secret if one in told] == [], route


async def test_a_reporter_who_reopens_is_not_named_to_the_staff(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.reported(cast)
    await cases.answer(number, cast.staff, seen=None, text="已答复")
    await cases.rate(number, cast.resident, seen=None, stars=1, reason="not_fixed", text="没好")
    await cases.reopen(number, cast.resident, seen=None, reason="还是黑的")
    page = (await (await as_(web, cast.staff)).get(f"/desk/cases/{number}")).text
    assert "要求重办" in page and cast.resident.name not in page
    stale = await (await as_(web, cast.staff)).post(f"/desk/cases/{number}/dispatch", data=command(1, unit=cast.unit))
    assert stale.status_code == 409 and cast.resident.name not in stale.text


async def test_revealing_leaves_a_trace_and_nobody_elses_report_is_shown_by_it(
    web: httpx.AsyncClient, cast: Cast
) -> None:
    mine = await deskwork.reported(cast, phone=PHONE)
    theirs = await deskwork.reported(cast, private=True, phone=FOR_PHONE, by=cast.neighbour)
    other = await database.fetch_value("SELECT id FROM reports WHERE number = $1", theirs)
    staff = await as_(web, cast.staff)
    for report in (other, new_id()):
        answer = await staff.post(f"/desk/cases/{mine}/reveals", data=command(1, report=report, reason="看看"))
        assert answer.status_code == 404 and FOR_PHONE not in answer.text
    assert await database.fetch_value("SELECT count(*) FROM reveals") == 0


async def test_a_revealing_is_not_replayed_once_the_case_is_somebody_elses(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.in_hand(cast, phone=PHONE)
    report = await database.fetch_value("SELECT id FROM reports WHERE number = $1", number)
    handler = await as_(web, cast.handler)
    sent = command(1, report=report)
    assert PHONE in (await handler.post(f"/unit/cases/{number}/reveals", data=sent)).text
    await cases.return_case(number, cast.handler, seen=None, reason="不归我们")
    again = await handler.post(f"/unit/cases/{number}/reveals", data=sent)
    assert again.status_code == 404 and PHONE not in again.text


async def test_once_a_case_is_over_its_unit_needs_a_reason_to_call(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.checked(cast)
    report = await database.fetch_value("SELECT id FROM reports WHERE number = $1", number)
    await database.execute("UPDATE reports SET phone = $1", PHONE)
    await cases.close(number, cast.centre, seen=None, stars=5)
    handler = await as_(web, cast.handler)
    refused = await handler.post(f"/unit/cases/{number}/reveals", data=command(1, report=report))
    assert refused.status_code == 422 and PHONE not in refused.text
    told = await handler.post(f"/unit/cases/{number}/reveals", data=command(1, report=report, reason="回访"))
    assert told.status_code == 200 and PHONE in told.text


# Private cases.


@pytest.mark.parametrize("who", ["neighbour", "grid_worker", "staff", "centre", "next_secretary", "lead"])
async def test_of_a_private_case_others_learn_nothing(web: httpx.AsyncClient, who: str) -> None:
    """No list, count, search, photo, title, receipt or refusal tells that it is there."""
    world = await made(False)
    actor = world.people[who]
    client = await as_(web, actor)
    before = await _counted(actor)
    longitude, latitude = middle(0)
    photo = await receive.receive(pictures.jpeg(50, 40), by=world.people["resident"])
    told = Telling(
        text="家里的秘密事", place="秘密楼", latitude=latitude, longitude=longitude, private=True, photos=(photo.id,)
    )
    number = (await cases.report(told, world.people["resident"])).number
    assert await _counted(actor) == before
    for query in ("", "?q=秘密", "?q=" + number, "?done=1"):
        for route, answer in (await pages(client, world, who, query)).items():
            text = answer.text.replace("“秘密”", "").replace('value="秘密"', "")
            assert "秘密事" not in text and "秘密楼" not in text and str(photo.id) not in text, route
            assert f"/cases/{number}" not in text and f"/mine/{number}" not in text, route
    assert (await client.get(f"/photos/{photo.id}/display")).status_code == 404
    for route in WHO:
        if "{number}" in route:
            path = path_of(route, world).replace(world.names["number"], number)
            async with undone():
                answer = await client.request(route.split()[0], path, data=command(1, text="x", reason="x"))
            assert answer.status_code == 404 and number not in answer.text, route


async def test_a_case_made_private_is_gone_for_the_desk_at_once(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.reported(cast)
    staff = await as_(web, cast.staff)
    kept = await staff.get(f"/desk/cases/{number}")
    assert kept.status_code == 200
    await cases.accept(number, cast.secretary, seen=None, category_id=await deskwork.category(cast, private=True))
    assert (await staff.get(f"/desk/cases/{number}")).status_code == 404
    assert number not in (await staff.get("/desk")).text
    note = await staff.post(f"/desk/cases/{number}/notes", data=command(1, text="x"))
    assert note.status_code == 404 and deskwork.TEXT[:10] not in note.text


# Orders from elsewhere.


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"referer": "https://evil.example/testserver.local"},
    ],
    ids=["cross-site", "same-site", "origin", "null", "referer"],
)
async def test_no_route_takes_an_order_from_another_site(web: httpx.AsyncClient, headers: dict[str, str]) -> None:
    world = await made(False)
    for who in ("resident", "secretary", "system_admin"):
        client = await as_(web, world.people[who])
        client.headers.update(headers)
        for route in WHO:
            if not route.startswith("GET"):
                async with undone():
                    method, path = route.split()[0], path_of(route, world)
                    answer = await client.request(method, path, data=world.form)
                assert answer.status_code == 403, f"{who} {route}"


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/%0d%0aSet-Cookie:a=b",
        "\r\n/x",
    ],
)
async def test_no_form_leads_elsewhere(web: httpx.AsyncClient, cast: Cast, to: str) -> None:
    resident = await as_(web, cast.resident)
    for path in ("/place", "/me/look", "/signin/claim"):
        answer = await resident.post(path, data={"next": to})
        there = answer.headers["location"]
        assert there.startswith("/") and not there.startswith(("//", "/\\")), path
        assert not re.search(r"[\r\n\t]", repr(answer.headers.raw).replace("\\\\", "")), path
    for path in ("/signin", "/signin/claim", "/signin/staff"):
        there = (await resident.get(path, params={"next": to})).headers.get("location", "/")
        assert there.startswith("/") and not there.startswith(("//", "/\\")), path


# Uploads.


async def test_what_hides_behind_a_picture_is_not_served(web: httpx.AsyncClient, cast: Cast) -> None:
    """A picture that is a page too, or an archive, or carries a script in its comment, comes out as a bare picture."""
    resident = await as_(web, cast.resident)
    for tail in (b"<html><script>alert(1)</script>", b"PK\x03\x04evil", b"\xff\xfe<\x00s\x00"):
        sent = pictures.jpeg(80, 60, comment=b"<script>alert(1)</script>") + tail
        answer = await resident.post("/photos", files={"photo": ("a.html", sent, "text/html")})
        assert answer.status_code == 201
        shown = await resident.get(answer.json()["display"])
        assert shown.headers["content-type"] == "image/jpeg" and shown.headers["x-content-type-options"] == "nosniff"
        assert b"script" not in shown.content and shown.content.endswith(b"\xff\xd9")


async def test_somebody_elses_photo_hangs_on_nothing_of_mine(web: httpx.AsyncClient, cast: Cast) -> None:
    theirs = (await receive.receive(pictures.jpeg(60, 40), by=cast.neighbour)).id
    number = await deskwork.in_hand(cast)
    version = await deskwork.version(number)
    handler, resident = await as_(web, cast.handler), await as_(web, cast.resident)
    sent = command(version, text="好了", after_id=theirs, before_id=theirs)
    assert (await handler.post(f"/unit/cases/{number}/result", data=sent)).status_code == 422
    await resident.post(f"/mine/{number}/additions", data=command(version, text="看", photo=theirs))
    secretary = await as_(web, cast.secretary)
    other = await deskwork.reported(cast)
    sent = command(1, text="答复", photos_id=theirs)
    assert (await secretary.post(f"/desk/cases/{other}/answer", data=sent)).status_code == 422
    assert await database.fetch_value("SELECT count(*) FROM case_photos WHERE photo = $1", theirs) == 0
    for client in (handler, resident, secretary):
        assert (await client.get(f"/photos/{theirs}/thumb")).status_code == 404


# Sent again, sent with another version.


async def test_a_command_answers_only_who_sent_it(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.reported(cast)
    sent = command(1, text="记一笔")
    path = f"/desk/cases/{number}/notes"
    assert (await (await as_(web, cast.staff)).post(path, data=sent)).status_code == 303
    for other in (cast.second_staff, cast.secretary):
        assert (await (await as_(web, other)).post(path, data=sent)).status_code == 409
    other_words = sent | {"text": "别的"}
    assert (await (await as_(web, cast.staff)).post(path, data=other_words)).status_code == 409
    assert await deskwork.events(number, "case.noted") == 1


@pytest.mark.parametrize("seen", ["0", "2", "999", "2147483647"])
async def test_a_version_that_was_never_shown_orders_nothing(web: httpx.AsyncClient, cast: Cast, seen: str) -> None:
    number = await deskwork.reported(cast)
    secretary = await as_(web, cast.secretary)
    for resource, fields in (("rejection", {"reason": "x"}), ("acceptance", {}), ("answer", {"text": "x"})):
        answer = await secretary.post(f"/desk/cases/{number}/{resource}", data=command(1, **fields) | {"seen": seen})
        assert answer.status_code == 409
    resident = await as_(web, cast.resident)
    answer = await resident.post(f"/mine/{number}/withdrawal", data=command(1) | {"seen": seen})
    assert answer.status_code == 409
    assert await deskwork.state(number) == "reported"


# Sessions and links.


async def test_nothing_of_a_session_is_left_after_signing_out(web: httpx.AsyncClient, cast: Cast) -> None:
    resident = await as_(web, cast.resident)
    token = resident.cookies["huying"]
    await resident.post("/me/signout")
    late = another(web, {"huying": token})
    assert (await late.get("/me/devices")).headers["location"].startswith("/signin")
    for table in ("sessions", "link_cookies", "report_links", "events", "receipts"):
        assert await database.fetch_value(f"SELECT count(*) FROM {table} t WHERE t::text LIKE $1", f"%{token}%") == 0


@pytest.mark.parametrize("cookie", ["", "x" * 43, "' OR 1=1 --", "\x01", "a" * 5000, "%00" * 14])
async def test_a_made_up_cookie_is_nobody(web: httpx.AsyncClient, cast: Cast, cookie: str) -> None:
    for rest in ("", "_links", "_device", "_place", "_look", "_signin", "_refused"):
        name = f"huying{rest}"
        client = another(web)
        answer = await client.get("/mine", headers={"cookie": f"{name}={cookie}"})
        assert answer.status_code == 200
        assert (await client.get("/desk", headers={"cookie": f"{name}={cookie}"})).status_code == 303
        assert (await client.get("/signin/code", headers={"cookie": f"{name}={cookie}"})).status_code in (200, 303)


async def test_a_link_is_no_key_to_any_other_report(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/")
    mine = await telling.tell(web, cast)
    other = another(web)
    await other.get("/")
    theirs = await telling.tell(other, cast, text="别家的事", private="on")
    for path in (f"/mine/{theirs}", f"/mine/{theirs}/receipt"):
        assert (await web.get(path)).status_code == 303  # to sign in
    answer = await web.post(f"/mine/{theirs}/withdrawal", data=command(1))
    assert answer.status_code == 303 and "/signin" in answer.headers["location"]
    assert (await web.get(f"/mine/{mine}")).status_code == 200
    assert theirs not in (await web.get("/mine")).text


async def test_a_claimed_report_is_closed_to_its_old_link(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/")
    number = await telling.tell(web, cast)
    report = await database.fetch_value("SELECT id FROM reports WHERE number = $1", number)
    link = await links.link_of(report)
    assert link is not None
    holder = another(web, {name: web.cookies[name] for name in ("huying_links", "huying_device")})
    token = await sessions.open_session(cast.resident.account_id)  # type: ignore[arg-type]
    claimer = another(web, {"huying": token, "huying_links": web.cookies["huying_links"]})
    assert (await claimer.post("/signin/claim")).status_code == 303
    assert (await claimer.get(f"/mine/{number}")).status_code == 200
    assert (await holder.get(f"/mine/{number}")).status_code == 303  # to sign in
    assert (await holder.get(f"/r/{links.secret_of(link)}")).status_code == 404


async def test_a_post_that_was_taken_away_counts_no_more_in_an_open_page(web: httpx.AsyncClient, cast: Cast) -> None:
    number = await deskwork.reported(cast)
    staff = await as_(web, cast.staff)
    await posts.vacate(cast.staff.posts[0].id, cast.system_admin)
    answer = await staff.post(f"/desk/cases/{number}/acceptance", data=command(1))
    assert answer.status_code in (303, 404)
    assert await deskwork.state(number) == "reported"


# Logs.


async def test_logs_hold_no_secret_of_a_request(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/")
    number = await telling.tell(web, cast, name="诸葛明理", phone=PHONE)
    report = await database.fetch_value("SELECT id FROM reports WHERE number = $1", number)
    link = await links.link_of(report)
    assert link is not None
    secret = links.secret_of(link)
    with structlog.testing.capture_logs() as told:
        opened = await another(web).get(f"/r/{secret}")
        await web.get(f"/mine/{number}", headers={"referer": f"http://testserver.local/r/{secret}"})
        await web.post("/signin", data={"phone": PHONE, "next": "/mine"})
        await web.get(f"/signin?next=/r/{secret}")
    assert opened.headers["referrer-policy"] == "no-referrer" and opened.headers["cache-control"] == "no-store"
    written = repr(told)
    assert [one for one in (secret, PHONE, number, "诸葛明理") if one in written] == []


@pytest.mark.parametrize(
    "said",
    [
        "invalid input for query argument $4: '诸葛明理住在三栋\\n五零一' (expected str)",
        "DataError: invalid input for query argument $1: ['诸葛明理',\n '住五零一'] (a sized iterable)",
        "new row violates\nDETAIL:  Failing row contains (诸葛明理, 第一行\n第二行五零一, null).",
        "duplicate key\nDETAIL:  Key (name)=(诸葛明理\n五零一) already exists.",
        'invalid input syntax for type uuid: "诸葛明理五零一"',
    ],
)
async def test_what_the_database_quotes_is_not_logged(said: str) -> None:
    trace = f"Traceback\n  File x\nasyncpg.DataError: {said}\n\nTraceback: after"
    cleaned = logs.redact(None, "error", {"traceback": trace})
    text = str(cleaned["traceback"])
    assert "诸葛" not in text and "五零一" not in text
    assert "File x" in text and "after" in text


async def test_limits_keep_no_address_and_no_phone(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/")
    await telling.tell(web, cast)
    await web.post("/signin", data={"phone": PHONE})
    await web.post("/photos", files={"photo": ("a.jpg", pictures.jpeg(40, 30))})
    kept = [row["key"] for row in await database.fetch("SELECT key FROM buckets")]
    assert len(kept) >= 5
    assert [key for key in kept if re.search(r"\d+\.\d+\.\d+\.\d+|1[3-9]\d{9}$", key)] == []


# Limits.


async def test_a_thrown_away_device_cookie_does_not_get_around_the_limits(web: httpx.AsyncClient, cast: Cast) -> None:
    held = [await reporting.suspicion(Actor(device=new_id().hex, address="192.0.2.66")) for _ in range(61)]
    assert held[59] == "" and "网络地址" in held[60]


async def test_forwarded_addresses_are_nobodys_word(web: httpx.AsyncClient, cast: Cast) -> None:
    asked = []
    for number in range(31):
        claimed = f"203.0.113.{number}"
        headers = {"x-forwarded-for": claimed, "x-real-ip": claimed, "forwarded": f"for={claimed}"}
        answer = await another(web).post("/signin", data={"phone": f"139{number:08d}"}, headers=headers)
        asked.append(answer.status_code)
    assert asked[0] == 303 and asked[30] == 429


async def test_guessing_a_code_ends_after_five_tries_from_anywhere(web: httpx.AsyncClient, cast: Cast) -> None:
    asked = await codes.ask(PHONE, Actor(device="a", address="192.0.2.1"))
    for place in range(codes.TRIES):
        with pytest.raises(Invalid):
            await codes.check(asked.id, PHONE, "x", Actor(device=str(place), address=f"192.0.2.{place}"))
    with pytest.raises(Invalid):
        await codes.check(asked.id, PHONE, asked.code, Actor(device="a", address="192.0.2.1"))


# At the same time.

Attempt = Callable[[], Awaitable[Any]]


async def at_once(*attempts: Attempt) -> list[Any]:
    """What became of calls that ran side by side: the answers, and the refusals that came instead."""
    return await asyncio.gather(*(one() for one in attempts), return_exceptions=True)


def _refused(outcomes: list[Any]) -> list[HuyingError]:
    strange = [one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, HuyingError)]
    assert strange == []
    return [one for one in outcomes if isinstance(one, HuyingError)]


async def test_a_code_is_spent_once_by_many_at_once(fresh_db: str) -> None:
    asked = await codes.ask(PHONE, Actor(device="a"))
    outcomes = await at_once(*[lambda: codes.check(asked.id, PHONE, asked.code, Actor())] * 8)
    assert len(_refused(outcomes)) == 7


async def test_many_guesses_at_once_are_counted_one_by_one(fresh_db: str) -> None:
    asked = await codes.ask(PHONE, Actor(device="a"))
    await at_once(*[lambda: codes.check(asked.id, PHONE, "000000x", Actor())] * 12)
    with pytest.raises(Invalid):
        await codes.check(asked.id, PHONE, asked.code, Actor())
    assert await database.fetch_value("SELECT tries FROM signin_codes") == codes.TRIES


async def test_a_second_factor_is_spent_once_by_many_at_once(fresh_db: str) -> None:
    cast = await making.gather()
    account = cast.staff.account_id
    assert account is not None
    token = await sessions.open_session(account, password=True)
    by = await sessions.actor_of(token)
    assert by is not None
    offer = await second_factor.offer(by)
    maker, now = pyotp.TOTP(offer.secret), int(clock.now().timestamp())
    await second_factor.enrol(offer.sealed, maker.at(now - second_factor.SECONDS), by)
    code = maker.at(now)
    outcomes = await at_once(*[lambda: second_factor.demand(account, code)] * 5)
    assert len(_refused(outcomes)) == 4


async def test_of_two_dispatches_one_is_done(fresh_db: str) -> None:
    cast = await making.gather()
    number = await deskwork.accepted(cast)
    seen = await deskwork.version(number)
    outcomes = await at_once(
        lambda: cases.dispatch(number, cast.staff, seen=seen, unit_id=cast.unit),
        lambda: cases.dispatch(number, cast.secretary, seen=seen, unit_id=cast.next_unit),
        lambda: cases.reject(number, cast.second_staff, seen=seen, reason="不归我们"),
        lambda: cases.withdraw(number, cast.resident, seen=seen),
    )
    assert len(_refused(outcomes)) == 3
    assert await database.fetch_value("SELECT count(*) FROM dispatches WHERE ended_at IS NULL") <= 1
    assert await database.fetch_value("SELECT count(*) FROM standings WHERE kind = 'owner' AND until IS NULL") == 1


async def test_reopening_and_rating_twice_at_once_is_once(fresh_db: str) -> None:
    cast = await making.gather()
    number = await deskwork.reported(cast)
    await cases.answer(number, cast.staff, seen=None, text="已答复")
    rated = await at_once(*[lambda: cases.rate(number, cast.resident, seen=None, stars=1, reason="other")] * 4)
    assert len(_refused(rated)) == 3
    reopened = await at_once(*[lambda: cases.reopen(number, cast.resident, seen=None, reason="没好")] * 4)
    assert len(_refused(reopened)) == 3
    assert await deskwork.events(number, "case.reopened") == 1
    assert await database.fetch_value("SELECT count(*) FROM clock_segments WHERE until IS NULL") == 1


async def test_one_command_sent_many_times_at_once_is_done_once(fresh_db: str) -> None:
    cast = await making.gather()
    number = await deskwork.reported(cast)
    one = new_id()

    async def send() -> Changed:
        return await receipts.once(
            one, "note", [number, "x"], cast.staff, Changed, lambda: cases.note(number, cast.staff, text="x")
        )

    outcomes = await at_once(*[send] * 6)
    assert _refused(outcomes) == [] and len(set(map(repr, outcomes))) == 1
    assert await deskwork.events(number, "case.noted") == 1


async def test_of_two_hand_overs_one_is_done_and_the_other_is_told(fresh_db: str) -> None:
    cast = await making.gather()
    post, before = cast.staff.posts[0].id, cast.staff.account_id
    first, second = cast.resident.account_id, cast.neighbour.account_id
    assert before and first and second
    outcomes = await at_once(
        lambda: posts.hand_over(post, first, cast.system_admin, seen=before),
        lambda: posts.hand_over(post, second, cast.area_admin, seen=before),
    )
    assert len(_refused(outcomes)) == 1
    assert await database.fetch_value("SELECT count(*) FROM holdings WHERE post = $1 AND until IS NULL", post) == 1


async def test_one_photo_named_by_two_records_at_once_hangs_on_the_first(fresh_db: str) -> None:
    cast = await making.gather()
    photo = await making.photo(cast.resident)
    first, second = [
        await database.fetch_value("SELECT id FROM cases WHERE number = $1", await deskwork.reported(cast))
        for _ in range(2)
    ]
    hung, go_on = asyncio.Event(), asyncio.Event()

    async def hang(case: UUID) -> None:
        async with database.transaction():
            await evidence.hang(case, Strip(role="added", photos=(photo,)), cast.resident)
            hung.set()
            await go_on.wait()

    one = asyncio.create_task(hang(first))
    await hung.wait()
    other = asyncio.create_task(hang(second))
    await asyncio.wait([other], timeout=0.3)
    go_on.set()
    assert _refused(await asyncio.gather(one, other, return_exceptions=True)) != []
    assert [row["case"] for row in await database.fetch('SELECT "case" FROM case_photos')] == [first]


async def test_two_accounts_that_claim_one_report_do_not_both_get_it(fresh_db: str) -> None:
    cast = await making.gather()
    longitude, latitude = middle(0)
    done = await cases.report(Telling(text="灯", latitude=latitude, longitude=longitude), cast.stranger)
    people = [
        Actor(account_id=one.account_id, name=one.name, links=(done.report_id,))
        for one in (cast.resident, cast.neighbour)
    ]
    outcomes = await at_once(*[lambda one=one: links.claim(one) for one in people])
    assert sorted(map(len, outcomes)) == [0, 1]
    owner = await database.fetch_value("SELECT account FROM reports")
    assert await database.fetch_value("SELECT account FROM standings WHERE kind = 'reporter'") == owner


async def test_many_from_one_bucket_at_once_take_no_more_than_it_holds(fresh_db: str) -> None:
    by = Actor(device="d" * 64)
    held = await at_once(*[lambda: reporting.suspicion(by)] * 12)
    assert sum(one == "" for one in held) == 6


# The phone's door.


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"protocol": 1, "commands": [' + b"[" * 50_000 + b"]}",
        json.dumps({"protocol": 10**30, "commands": []}).encode(),
        json.dumps({"protocol": 1, "commands": [{"id": "\ud800"}], "have": {}}).encode(),
        json.dumps({"protocol": 1, "commands": [1, None, "x", [], {}], "have": {"me": "\x00", "../x": "y"}}).encode(),
    ],
)
async def test_nonsense_at_the_phones_door_is_no_fault_of_ours(web: httpx.AsyncClient, cast: Cast, body: bytes) -> None:
    for who in (cast.stranger, cast.resident, cast.handler):
        answer = await (await as_(web, who)).post("/sync", content=body, headers={"content-type": "application/json"})
        assert answer.status_code < 500


@pytest.mark.parametrize("number", ["0", "9" * 20, "x", "\x00"])
async def test_a_phone_of_another_unit_or_none_does_nothing(web: httpx.AsyncClient, cast: Cast, number: str) -> None:
    real = await deskwork.dispatched(cast)
    for who in (cast.resident, cast.next_handler, cast.staff):
        client = await as_(web, who)
        await client.get("/")
        for named in (real, number):
            one = {
                "id": str(new_id()),
                "account": str(who.account_id),
                "protocol": 1,
                "verb": "take_on",
                "at": "2026-11-21T18:02:11+08:00",
                "data": {"number": named, "seen": await deskwork.version(real), "promise": "x\x00"},
            }
            answer = await client.post("/sync", json={"protocol": 1, "commands": [one], "have": {}})
            assert answer.status_code == 200
            assert answer.json()["receipts"][0]["outcome"] == "refused"
            assert deskwork.TEXT[:10] not in answer.text or who is cast.resident
    assert await deskwork.state(real) == "dispatched"


async def _counted(actor: Actor) -> list[Any]:
    return [await lists.counts(lists.lens(actor, post.id)) for post in lists.lenses(actor)]
