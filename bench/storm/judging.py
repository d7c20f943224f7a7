"""Whether anything is lost, doubled or stuck: what the phones say they saved against what the server has."""

import asyncio
import time
from typing import Any
from uuid import UUID

from bench.storm.town import Plan
from server.kernel import database, events

CAUGHT_UP = 120.0
"""Seconds in which the worker must have told of everything, once the faults stopped."""

_EFFECTS = {
    "report": "SELECT count(*) FROM reports WHERE text = $1",
    "take_on": """SELECT count(*) FROM events e JOIN cases c ON e.stream = 'case:' || c.id
                  WHERE c.number = $1 AND e.kind = 'case.taken_on'""",
    "finish": """SELECT count(*) FROM events e JOIN cases c ON e.stream = 'case:' || c.id
                 WHERE c.number = $1 AND e.kind = 'case.finished'""",
    "visit": "SELECT count(*) FROM patrol_visits WHERE id = $1::uuid",
    "contact": "SELECT count(*) FROM household_visits WHERE id = $1::uuid",
    "call": "SELECT count(*) FROM events WHERE stream = 'place:' || $1 AND kind = 'place.called'",
    "ring": "SELECT count(*) FROM events WHERE stream = 'household:' || $1 AND kind = 'household.called'",
    "go": "SELECT count(*) FROM events WHERE stream = 'order:' || $1 AND kind = 'order.on_way'",
}
"""How often what a verb does was done."""
_ABOUT = {
    **{"report": "text", "take_on": "number", "finish": "number", "visit": "id"},
    **{"contact": "id", "call": "place", "ring": "household", "go": "order"},
}
_HUNG = """SELECT (SELECT count(*) FROM case_photos WHERE photo = $1),
                  (SELECT count(*) FROM patrol_photos WHERE photo = $1 AND hung IS NOT NULL)"""
"""How often a photo hangs on cases and on records: that of a finding that became a case hangs on both."""


async def judge(outcome: dict[str, Any], plan: Plan) -> list[str]:
    """What is wrong with one storm; empty where everything holds."""
    if "broke" in outcome:
        return [outcome["broke"]]
    for phone, planned in zip(outcome["outcomes"], plan.phones, strict=False):
        phone |= {"account": planned.account and str(planned.account), "closed": planned.fate == "closed"}
    return [f"phone {place}: {said}" for place, phone in enumerate(outcome["outcomes"]) for said in await _phone(phone)]


async def _phone(phone: dict[str, Any]) -> list[str]:
    wrong = [*_queues(phone), *_photos_left(phone)]
    done: dict[tuple[str, str], int] = {}
    for save in _once(phone["saves"]):
        told = await database.fetch_value("SELECT outcome FROM receipts WHERE id = $1", UUID(save["id"]))
        wrong += [f"{_words(save)}: {said}" for said in _where(save, told, phone)]
        about = save["verb"], str(save["data"][_ABOUT[save["verb"]]])
        done[about] = done.get(about, 0) + (told == "done")
        if told == "done":
            wrong += [f"{_words(save)}: {said}" for said in await _photos(save, phone)]
            wrong += [f"{_words(save)}: {said}" for said in await _cases_of(save)]
    for (verb, about), times in done.items():
        there = await database.fetch_value(_EFFECTS[verb], about)
        # To go is said any number of times and happens once; accepting is another event.
        if not (there <= min(times, 1) if verb == "go" else there == times):
            wrong.append(f"{verb} {about} is there {there} times, with {times} receipts")
    return wrong


def _once(saves: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a draft kept after its phone died is saved later under the same id: the last counts."""
    return list({one["id"]: one for one in saves}.values())


def _words(save: dict[str, Any]) -> str:
    return f"{save['verb']} {save['id']}{'' if save['acknowledged'] else ' (not acknowledged)'}"


def _queues(phone: dict[str, Any]) -> list[str]:
    """Every queue drains; that of an account that is closed says that one has to sign in."""
    return [
        f"the queue of {turn['account']} does not drain: {turn['phase']} {turn['words']}"
        for turn in phone["passes"]
        if turn["passes"] is None and not (turn["phase"] == "signIn" and turn["words"] and phone.get("closed"))
    ]


def _photos_left(phone: dict[str, Any]) -> list[str]:
    """A photo that is still on the phone waits by name with what stands there, too."""
    return [
        f"photo {photo} of {command} is left behind"
        for photo, command in phone["photos"].items()
        if command not in phone["left"]
    ]


def _where(save: dict[str, Any], told: str | None, phone: dict[str, Any]) -> list[str]:
    """Each save is in one place: on the server by its receipt, or on the phone with what the person can do."""
    left = phone["left"].get(save["id"])
    photos = any(photo in phone["photos"] for photo in save["photos"])
    # Whose account was closed before the answer came does not hear any more that it was received.
    deaf = phone.get("closed") and save["account"] == phone["account"]
    if told == "done":
        return [f"is on the server and on the phone: {left}"] if left and not photos and not deaf else []
    if left is None:
        return ["is nowhere"] if save["acknowledged"] else []
    if left["state"] == "need":
        return [] if left["words"] else ["needs the person and does not say why"]
    return [] if deaf else [f"is stuck as {left['state']}"]


async def _photos(save: dict[str, Any], phone: dict[str, Any]) -> list[str]:
    """Every photo is there once or still on the phone by name."""
    missing = []
    for photo in save["photos"]:
        times = await database.fetch_one(_HUNG, UUID(photo))
        assert times is not None
        if max(times) != 1 and not (max(times) == 0 and photo in phone["photos"]):
            missing.append(f"photo {photo} is there {tuple(times)} times")
    return missing


async def _cases_of(save: dict[str, Any]) -> list[str]:
    """What became a case became one."""
    wanted = [one["id"] for one in save["data"].get("findings", []) if one["leads_to"] == "case"]
    wrong = []
    for finding in wanted:
        made = await database.fetch_value('SELECT count("case") FROM patrol_findings WHERE id = $1', UUID(finding))
        wrong += [] if made == 1 else [f"finding {finding} became {made} cases"]
    if save["data"].get("ask"):
        made = await database.fetch_value(
            'SELECT count("case") FROM household_visits WHERE id = $1', UUID(save["data"]["id"])
        )
        wrong += [] if made == 1 else [f"its needs became {made} cases"]
    return wrong


async def catch_up() -> float:
    """Wait until the worker has told of everything and done its jobs; how long it took, in seconds."""
    began = time.monotonic()
    while time.monotonic() - began < CAUGHT_UP:
        waiting = await database.fetch_value(
            "SELECT (SELECT count(*) FROM untold) + (SELECT count(*) FROM pgqueuer WHERE execute_after <= now())"
        )
        if not waiting:
            break
        await asyncio.sleep(0.1)
    return time.monotonic() - began


async def whole() -> list[str]:
    """What must hold of everything in the end."""
    wrong = [
        f"{row['text']} is there {row['n']} times"
        for row in await database.fetch("SELECT text, count(*) AS n FROM reports GROUP BY text HAVING count(*) > 1")
    ]
    return wrong + await _histories() + await _owners() + await _notices() + await _jobs()


_STREAMS = {
    "case": "SELECT id, history_sequence, history_link FROM cases",
    "household": "SELECT id, history_sequence, history_link FROM households",
}


async def _histories() -> list[str]:
    """Every history verifies, up to the end that its row names."""
    wrong = []
    for name, statement in _STREAMS.items():
        for row in await database.fetch(statement):
            head = events.Head(row["history_sequence"], row["history_link"])
            if not events.verifies(await events.history(f"{name}:{row['id']}"), head):
                wrong.append(f"the history of {name} {row['id']} does not verify")
    for row in await database.fetch("SELECT DISTINCT stream FROM events WHERE stream ~ '^(order|place|visit):'"):
        if not events.verifies(await events.history(row["stream"])):
            wrong.append(f"the history of {row['stream']} does not verify")
    return wrong


async def _owners() -> list[str]:
    """Every case has an owner who is there."""
    floating = await database.fetch_value(
        """SELECT count(*) FROM cases c WHERE NOT EXISTS (
               SELECT FROM holdings h JOIN accounts a ON a.id = h.account
               WHERE h.post = c.owner_post AND h.until IS NULL AND a.closed_at IS NULL)"""
    )
    return [f"{floating} cases have no owner"] if floating else []


async def _notices() -> list[str]:
    """Nothing is untold, nobody was told twice; of each report its owner was told, whom no storm moves."""
    untold = await database.fetch_value("SELECT count(*) FROM untold")
    twice = await database.fetch_value(
        "SELECT count(*) FROM (SELECT FROM notices GROUP BY event, receiver HAVING count(*) > 1) AS more"
    )
    owners = await database.fetch(
        """SELECT c.number, count(n.id) AS times
           FROM cases c JOIN events e ON e.stream = 'case:' || c.id AND e.kind = 'case.reported'
           LEFT JOIN notices n ON n.event = e.id AND n.kind = 'new'
           GROUP BY c.id, e.id HAVING count(n.id) <> 1"""
    )
    wrong = [f"the owner of case {row['number']} was told {row['times']} times" for row in owners]
    wrong += [f"{untold} events are untold"] if untold else []
    return wrong + ([f"{twice} notices are there twice"] if twice else [])


async def _jobs() -> list[str]:
    """Nothing waits for ever: no job failed for good, none is overdue."""
    rows = await database.fetch(
        "SELECT entrypoint, status, count(*) AS n FROM pgqueuer WHERE execute_after <= now() GROUP BY 1, 2"
    )
    return [f"{row['n']} jobs {row['entrypoint']} are {row['status']}" for row in rows]
