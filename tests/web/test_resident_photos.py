"""Photos over HTTP: real ones go through, others are refused with a reason, and only who may see one gets it."""

import json
from io import BytesIO
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from PIL import Image

from server import cases
from server.kernel import database
from server.kernel.ids import new_id
from tests.cast import Cast, gather, middle
from tests.photos import pictures
from tests.web.signed_in import another, as_
from tests.web.telling import form, number_in, tell, upload

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "photos"
JSON = {"accept": "application/json"}


@pytest.fixture
async def cast(web: httpx.AsyncClient) -> Cast:
    return await gather()


def _gif(frames: int) -> bytes:
    made = [Image.new("L", (20, 20), shade * 4) for shade in range(frames)]
    file = BytesIO()
    made[0].save(file, "GIF", save_all=True, append_images=made[1:], duration=50)
    return file.getvalue()


REFUSED = {
    "a renamed text": (b"this is no photo at all" * 40, "不是照片"),
    "a pdf": (b"%PDF-1.7\n" + b"0" * 4000, "PDF"),
    "an svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
    "a page": (b"<!doctype html><script>alert(1)</script>", "不是照片"),
    "a gif over the frames": (_gif(61), "动图太长"),
    "a pixel bomb": (pictures.png_claiming(50_000, 50_000), "尺寸太大"),
    "a truncated photo": (pictures.jpeg(2000, 1500)[:20_000], "没有传完整"),
    "thirty megabytes": (pictures.jpeg() + b"\0" * 30 * 1024 * 1024, "照片太大"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_no_photo_is_refused_with_a_reason(web: httpx.AsyncClient, cast: Cast, what: str) -> None:
    content, words = REFUSED[what]
    await web.get("/report")
    answer = await web.post("/photos", files={"photo": ("photo.jpg", content, "image/jpeg")}, headers=JSON)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert await database.fetch_value("SELECT count(*) FROM photos") == 0


@pytest.mark.parametrize("what", REFUSED)
async def test_a_refused_photo_never_loses_the_report(web: httpx.AsyncClient, cast: Cast, what: str) -> None:
    content, words = REFUSED[what]
    await web.get("/report")
    files = [("photos", ("bad.jpg", content, "image/jpeg")), ("photos", ("good.jpg", pictures.jpeg()))]
    answer = await web.post("/report", data=form(cast), files=files)
    number = number_in(answer)
    assert words in (await web.get(answer.headers["location"])).text
    assert words in (await web.get(f"/mine/{number}")).text
    assert await database.fetch_value("SELECT count(*) FROM case_photos") == 1


async def test_a_photo_refused_before_sending_is_told_in_the_report(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    number = await tell(web, cast, refused=["照片太大(31 MB),请重拍或选小一点的", "<b>x</b>" * 100])
    told = json.loads(await database.fetch_value("SELECT refused_photos::text FROM reports"))
    assert told[0].startswith("照片太大(31 MB)") and len(told[1]) == 200
    assert "<b>x</b>" not in (await web.get(f"/mine/{number}")).text


async def test_a_multipart_body_cut_short_does_no_harm(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    whole = httpx.Request("POST", "http://x/", files={"photo": ("a.jpg", pictures.jpeg())})
    body, kind = whole.read(), whole.headers["content-type"]
    answer = await web.post("/photos", content=body[: len(body) // 2], headers={"content-type": kind} | JSON)
    assert answer.status_code == 422
    assert await database.fetch_value("SELECT count(*) FROM photos") == 0


@pytest.mark.parametrize("fields", [{}, {"photo": "only words"}])
async def test_without_a_file_it_says_so(web: httpx.AsyncClient, cast: Cast, fields: dict[str, str]) -> None:
    assert (await web.post("/photos", data=fields, headers=JSON)).status_code == 422


async def test_the_position_of_a_photo_is_offered_with_the_communitys_name(web: httpx.AsyncClient, cast: Cast) -> None:
    longitude, latitude = middle(2)
    gps = pictures.position((latitude, 0.0, 0.0), "N", (longitude, 0.0, 0.0), "E")
    photo = pictures.jpeg(exif=pictures.exif(gps=gps))
    answer = (await web.post("/photos", files={"photo": ("a.jpg", photo)})).json()
    assert answer["position"]["community"] == "向阳社区"
    assert answer["position"]["community_id"] == cast.next_community
    assert abs(answer["position"]["latitude"] - latitude) < 1e-4


async def test_outside_every_area_the_position_names_no_community(web: httpx.AsyncClient, cast: Cast) -> None:
    photo = pictures.jpeg(exif=pictures.exif(gps=pictures.position((1.0, 0.0, 0.0), "N", (2.0, 0.0, 0.0), "E")))
    answer = (await web.post("/photos", files={"photo": ("a.jpg", photo)})).json()
    assert answer["position"]["community_id"] is None


async def test_what_is_served_is_a_bare_jpeg_that_only_the_browser_keeps(web: httpx.AsyncClient, cast: Cast) -> None:
    gps = pictures.position((22.6, 0.0, 0.0), "N", (114.0, 0.0, 0.0), "E")
    await web.get("/report")
    photo = await upload(web, pictures.jpeg(2400, 1800, exif=pictures.exif(orientation=6, gps=gps)))
    for size, longest in (("display", 1600), ("thumb", 320)):
        answer = await web.get(f"/photos/{photo}/{size}")
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"].startswith("private, max-age=")
        picture = Image.open(BytesIO(answer.content))
        assert max(picture.size) == longest and picture.height > picture.width
        assert len(picture.getexif()) == 0 and b"Exif" not in answer.content


async def test_before_it_hangs_on_anything_only_its_sender_sees_a_photo(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    photo = await upload(web)
    assert (await web.get(f"/photos/{photo}/thumb")).status_code == 200
    for other in (another(web), await as_(web, cast.neighbour), await as_(web, cast.staff)):
        assert (await other.get(f"/photos/{photo}/thumb")).status_code == 404


async def test_on_a_report_the_neighbour_does_not_see_it_and_the_desk_does(web: httpx.AsyncClient, cast: Cast) -> None:
    resident = await as_(web, cast.resident)
    photo = await upload(resident)
    await tell(resident, cast, photo=[str(photo)])
    seen = {
        name: (await (await as_(web, getattr(cast, name))).get(f"/photos/{photo}/display")).status_code
        for name in ("resident", "neighbour", "staff", "next_staff", "handler", "secretary", "system_admin")
    }
    assert seen == {
        "resident": 200,
        "neighbour": 404,
        "staff": 200,
        "next_staff": 404,
        "handler": 404,
        "secretary": 200,
        "system_admin": 404,
    }
    assert (await another(web).get(f"/photos/{photo}/display")).status_code == 404


async def test_of_a_private_report_only_the_secretary_sees_it(web: httpx.AsyncClient, cast: Cast) -> None:
    resident = await as_(web, cast.resident)
    photo = await upload(resident)
    await tell(resident, cast, photo=[str(photo)], private="on")
    for who, status in ((cast.secretary, 200), (cast.staff, 404), (cast.centre, 404), (cast.neighbour, 404)):
        assert (await (await as_(web, who)).get(f"/photos/{photo}/thumb")).status_code == status


async def test_a_photo_hangs_once(web: httpx.AsyncClient, cast: Cast) -> None:
    resident = await as_(web, cast.resident)
    photo = await upload(resident)
    await tell(resident, cast, photo=[str(photo)])
    number = await tell(resident, cast, photo=[str(photo)])
    assert await database.fetch_value("SELECT count(*) FROM case_photos") == 1
    assert "已经用过" in (await resident.get(f"/mine/{number}")).text


@pytest.mark.parametrize("path", ["/photos/{}/huge", "/photos/{}/../thumb", "/photos/not-an-id/thumb", "/photos/{}"])
async def test_odd_addresses_are_calmly_not_found(web: httpx.AsyncClient, cast: Cast, path: str) -> None:
    assert (await web.get(path.format(new_id()))).status_code == 404


async def test_one_device_cannot_fill_the_store(
    web: httpx.AsyncClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> bool:
        return False

    monkeypatch.setattr("web.pages.photos.limits.take", never)
    answer = await web.post("/photos", files={"photo": ("a.jpg", pictures.jpeg())}, headers=JSON)
    assert answer.status_code == 429 and "retry-after" in answer.headers
    monkeypatch.setattr("server.cases.reporting.limits.take", never)
    sent = await web.post("/report", data=form(cast), files={"photos": ("a.jpg", pictures.jpeg())})
    assert sent.status_code == 303
    assert await database.fetch_value("SELECT held FROM cases")


async def test_an_answers_photo_is_seen_by_its_reporter(web: httpx.AsyncClient, cast: Cast) -> None:
    resident, staff = await as_(web, cast.resident), await as_(web, cast.staff)
    number = await tell(resident, cast)
    photo = await upload(staff)
    seen = await database.fetch_value("SELECT version FROM cases")
    await cases.answer(number, cast.staff, seen=seen, text="已修好", photos=[photo])
    assert (await resident.get(f"/photos/{photo}/display")).status_code == 200
    assert (await (await as_(web, cast.neighbour)).get(f"/photos/{photo}/display")).status_code == 404


@pytest.mark.real_input
@pytest.mark.skipif(not REAL.is_dir(), reason=f"{REAL} is absent: no real photos to send")
async def test_every_real_photo_goes_through(web: httpx.AsyncClient, cast: Cast) -> None:
    await web.get("/report")
    told: dict[str, str] = {}
    taken: list[UUID] = []
    for file in sorted(REAL.iterdir()):
        answer = await web.post("/photos", files={"photo": (file.name, file.read_bytes())}, headers=JSON)
        assert answer.status_code in (201, 422), (file.name, answer.text)
        if answer.status_code == 201:
            taken.append(UUID(answer.json()["id"]))
        else:
            told[file.name] = answer.json()["detail"]
    assert len(taken) >= 6 and all("照片" in words for words in told.values())
    number = await tell(web, cast, photo=[str(one) for one in taken], refused=list(told.values()))
    page = (await web.get(f"/mine/{number}")).text
    for one in taken:
        served = await web.get(f"/photos/{one}/display")
        assert f"/photos/{one}/thumb" in page and served.status_code == 200
        assert len(Image.open(BytesIO(served.content)).getexif()) == 0
