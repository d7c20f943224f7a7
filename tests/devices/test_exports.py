"""What a phone hands to the desk in a file is done once, in the name of who made it, whoever comes first."""

import os
from typing import Any

import pytest

from server.cases import view
from server.devices import export_file, exports
from server.devices.exports import Seen
from server.kernel import database
from server.kernel.actor import Actor
from server.kernel.errors import Invalid, NotFound
from server.kernel.ids import new_id
from server.people import accounts
from tests import cast as casting
from tests.devices import exporting
from tests.devices.phone import command, count, dispatched, in_hand, outcomes, rows, state_of, told
from tests.photos import pictures


async def _look(sent: bytes, by: Actor) -> list[Seen]:
    return list((await exports.look(sent, by))[1])


async def test_what_is_brought_in_is_done_in_the_name_of_who_made_it(db: None) -> None:
    cast = await casting.gather()
    taken = await in_hand(cast)
    report = told(cast)
    finish = command("finish", cast.handler, number=taken.number, seen=taken.version, text="换好了")
    await exports.bring_in(exporting.file(cast.resident, [report]), cast.staff)
    await exports.bring_in(exporting.file(cast.handler, [finish]), cast.staff)
    assert await database.fetch_value("SELECT account FROM reports ORDER BY reported_at DESC, id DESC LIMIT 1") == (
        cast.resident.account_id
    )
    assert await state_of(taken.case_id) == "finished"


async def test_the_phone_that_sends_it_later_is_told_that_it_arrived(db: None) -> None:
    cast = await casting.gather()
    one = told(cast)
    await exports.bring_in(exporting.file(cast.resident, [one]), cast.staff)
    assert await outcomes(cast.resident, one) == ["already"]
    assert await count("cases") == 1


async def test_what_the_phone_sent_before_is_not_brought_in_again(db: None) -> None:
    cast = await casting.gather()
    one = told(cast)
    await outcomes(cast.resident, one)
    sent = exporting.file(cast.resident, [one])
    [seen] = await _look(sent, cast.staff)
    assert (seen.state, seen.can) == ("received", False)
    before = await rows()
    await exports.bring_in(sent, cast.staff)
    assert await rows() == before


async def test_what_was_told_signed_out_is_the_phones_own(db: None) -> None:
    cast = await casting.gather()
    one = told(cast, by=cast.stranger)
    await exports.bring_in(exporting.file(cast.stranger, [one]), cast.staff)
    assert await outcomes(cast.stranger, one) == ["already"]
    assert await count("cases") == 1


async def test_of_a_phone_that_cannot_prove_itself_nothing_signed_out_is_taken(db: None) -> None:
    cast = await casting.gather()
    one = told(cast, by=cast.stranger)
    sent = exporting.file(cast.stranger, [one], device="e" * 64 + ".forged")
    [seen] = await _look(sent, cast.staff)
    assert (seen.can, seen.words) == (False, exports.NO_PHONE)
    await exports.bring_in(sent, cast.staff)
    assert await count("cases") == 0


async def test_its_photos_hang_themselves_up(db: None) -> None:
    cast = await casting.gather()
    id = new_id()
    one = told(cast, photos=[str(id)])
    sent = exporting.file(cast.resident, [one], [exporting.photo(one, pictures.jpeg(64, 48), id)])
    await exports.bring_in(sent, cast.staff)
    assert await database.fetch_value("SELECT array_agg(photo) FROM case_photos") == [id]
    [seen] = await _look(sent, cast.staff)
    assert (seen.photos_in, seen.can) == (1, False)


async def test_a_photo_that_is_none_is_refused_and_the_record_stands(db: None) -> None:
    cast = await casting.gather()
    id = new_id()
    one = told(cast, photos=[str(id)])
    sent = exporting.file(cast.resident, [one], [exporting.photo(one, b"%PDF-1.4 no photo", id)])
    await exports.bring_in(sent, cast.staff)
    [seen] = await _look(sent, cast.staff)
    assert (seen.state, len(seen.photos_refused), seen.can) == ("received", 1, False)


async def test_photos_of_a_record_that_arrived_before_follow_in_the_file(db: None) -> None:
    cast = await casting.gather()
    id = new_id()
    one = told(cast, photos=[str(id)])
    await outcomes(cast.resident, one)
    sent = exporting.file(cast.resident, [one], [exporting.photo(one, pictures.jpeg(64, 48), id)])
    assert [seen.can for seen in await _look(sent, cast.staff)] == [True]
    await exports.bring_in(sent, cast.staff)
    assert await count("case_photos") == 1


async def test_bringing_in_twice_changes_no_row(db: None) -> None:
    cast = await casting.gather()
    sent = exporting.file(cast.resident, [told(cast), told(cast, "井盖松了")])
    await exports.bring_in(sent, cast.staff)
    before = await rows()
    await exports.bring_in(sent, cast.staff)
    await exports.bring_in(sent, cast.next_staff)
    assert await rows() == before


async def test_more_than_a_request_holds_is_brought_in_too(db: None) -> None:
    cast = await casting.gather()
    sent = exporting.file(cast.resident, [told(cast, f"第 {n} 件") for n in range(60)])
    await exports.bring_in(sent, cast.staff)
    assert await count("reports") == 60


async def test_who_opened_it_and_who_brought_it_in_is_written_down(db: None) -> None:
    cast = await casting.gather()
    one = told(cast)
    sent = exporting.file(cast.resident, [one])
    export = await exports.opened(sent, cast.staff)
    await exports.bring_in(sent, cast.secretary)
    found = await database.fetch(
        "SELECT kind, account_id, content FROM events WHERE stream = $1 ORDER BY sequence", f"export:{export.digest}"
    )
    assert [(row["kind"], row["account_id"]) for row in found] == [
        ("export.opened", cast.staff.account_id),
        ("export.brought_in", cast.secretary.account_id),
    ]
    assert one["id"] in bytes(found[1]["content"]).decode()


async def test_only_a_desk_opens_it(db: None) -> None:
    cast = await casting.gather()
    sent = exporting.file(cast.resident, [told(cast)])
    for other in (cast.neighbour, cast.grid_worker, cast.handler, cast.party_member, cast.system_admin, cast.stranger):
        for refused in (exports.opened, exports.look, exports.bring_in):
            with pytest.raises(NotFound):
                await refused(sent, other)
    assert await count("cases") == 0
    for desk in (cast.next_staff, cast.centre, cast.street_secretary):
        await exports.opened(sent, desk)


async def test_nobody_writes_in_anothers_name(db: None) -> None:
    cast = await casting.gather()
    forged = exporting.part(cast.handler, [told(cast, by=cast.handler)], key=os.urandom(32))
    inner = exporting.part(cast.neighbour, [told(cast)])
    signed_out = exporting.part(cast.stranger, [told(cast)])
    for part in (forged, inner, signed_out):
        with pytest.raises(Invalid) as refused:
            await exports.look(exporting.sealed([part], [], cast.neighbour.device), cast.staff)
        assert refused.value.fields == {"file": export_file.WORDS["damaged"]}


async def test_an_account_may_no_more_in_a_file_than_on_its_phone(db: None) -> None:
    cast = await casting.gather()
    waiting = await dispatched(cast)
    one = command("take_on", cast.next_handler, number=waiting.number, seen=waiting.version)
    sent = exporting.file(cast.next_handler, [one])
    await exports.bring_in(sent, cast.staff)
    assert [seen.state for seen in await _look(sent, cast.staff)] == ["refused"]
    assert await state_of(waiting.case_id) == "dispatched"


async def test_a_refused_one_is_shown_with_its_reason(db: None) -> None:
    cast = await casting.gather()
    one = told(cast, "")
    assert await outcomes(cast.resident, one) == ["refused"]
    [seen] = await _look(exporting.file(cast.resident, [one]), cast.staff)
    assert (seen.state, seen.can, seen.hidden) == ("refused", False, False)
    assert seen.words


async def test_what_cannot_be_read_leaves_the_others_alone(db: None) -> None:
    cast = await casting.gather()
    sent = exporting.file(cast.resident, [{"id": "1", "verb": "fly"}, 7, told(cast)])
    await exports.bring_in(sent, cast.staff)
    assert [seen.state for seen in await _look(sent, cast.staff)] == ["refused", "refused", "received"]


async def test_an_account_that_was_closed_is_said(db: None) -> None:
    cast = await casting.gather()
    sent = exporting.file(cast.resident, [told(cast)])
    assert cast.resident.account_id is not None
    await accounts.close(cast.resident.account_id, cast.resident)
    [seen] = await _look(sent, cast.staff)
    assert (seen.can, seen.words) == (False, exports.NO_ACCOUNT)
    await exports.bring_in(sent, cast.staff)
    assert await count("cases") == 0


async def test_private_words_are_for_the_secretary(db: None) -> None:
    cast = await casting.gather()
    sent = exporting.file(cast.resident, [told(cast, private=True)])
    assert [seen.hidden for seen in await _look(sent, cast.staff)] == [True]
    assert [seen.hidden for seen in await _look(sent, cast.secretary)] == [False]
    await exports.bring_in(sent, cast.staff)
    assert [(seen.hidden, seen.visible) for seen in await _look(sent, cast.staff)] == [(True, False)]


async def test_what_has_arrived_is_for_whoever_may_see_its_case(db: None) -> None:
    cast = await casting.gather()
    sent = exporting.file(cast.resident, [told(cast)])
    assert [seen.hidden for seen in await _look(sent, cast.next_staff)] == [False]
    await exports.bring_in(sent, cast.next_staff)
    assert [(seen.hidden, seen.visible) for seen in await _look(sent, cast.next_staff)] == [(True, False)]
    assert [(seen.hidden, seen.visible) for seen in await _look(sent, cast.staff)] == [(False, True)]


def _wrong() -> dict[str, tuple[bytes, str]]:
    foreign = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
    inside: list[Any] = [b"", b"\xff\xff\xff\xff{}", b"\x00\x00\x00\x02{}", b"\x00\x00\x00\x04null", b"\x00" * 40]
    found = {f"inside {n}": (exporting.envelope(one), "damaged") for n, one in enumerate(inside)}
    whole = exporting.envelope(inside[0])
    return found | {
        "empty": (b"", "other"),
        "a photo": (pictures.jpeg(8, 8), "other"),
        "only the magic": (whole[:8], "other"),
        "a later version": (whole[:8] + b"\x02" + whole[9:], "newer"),
        "half": (whole[:60], "damaged"),
        "cut": (whole[:-1], "damaged"),
        "changed": (whole[:-1] + bytes([whole[-1] ^ 1]), "damaged"),
        "no point": (whole[:17] + b"\x04" + b"\x01" * 64 + whole[82:], "damaged"),
        "other server": (exporting.envelope(b"", foreign), "foreign"),
        "too large": (b"HYEXPORT\x01" + bytes(export_file.MOST_BYTES), "large"),
    }


async def test_what_is_no_export_of_ours_is_said_in_words() -> None:
    for name, (sent, why) in _wrong().items():
        with pytest.raises(Invalid) as refused:
            export_file.read(sent)
        assert refused.value.fields == {"file": export_file.WORDS[why]}, name


async def test_a_photo_that_is_not_what_it_says_is_a_damaged_file(db: None) -> None:
    cast = await casting.gather()
    one = told(cast)
    named, content = exporting.photo(one, b"a photo")
    for wrong in (named | {"size": 3}, named | {"size": 8}, named | {"digest": "AAAA"}):
        with pytest.raises(Invalid):
            export_file.read(exporting.file(cast.resident, [one], [(wrong, content)]))


async def test_the_cases_room_knows_nothing_of_files(db: None) -> None:
    """A report that came in a file is a report like any other: owner, deadline, history that verifies."""
    cast = await casting.gather()
    await exports.bring_in(exporting.file(cast.resident, [told(cast)]), cast.staff)
    number = await database.fetch_value("SELECT number FROM cases")
    seen = await view.view(number, cast.staff)
    assert seen.verified and seen.owner and seen.case.due_at
