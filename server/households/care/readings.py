"""What a sensor says: that all is as usual, or alarm. Each reading leaves an event; the same one twice is one.

A sensor speaks with a secret of its own watch and knows nothing else: not whose door it hangs on, not who hears.
"""

import re
from uuid import UUID

import msgspec

from server.households import household as households
from server.households.care import looking, register
from server.kernel import clock, database
from server.kernel.actor import Actor, the_system
from server.kernel.errors import Invalid, NotAllowed, NotFound
from server.kernel.ids import digest, new_secret

SENSOR = the_system("sensor")
SAID = ("alive", "alarm")
_CODE = re.compile(r"[\w.:-]{1,64}", re.ASCII)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One reading. `id` is the sender's own, unique for its sensor; `said` is alive (something moved, as its kind means
    it) or alarm."""

    id: str
    said: str


async def new_key(household_id: UUID, watch_id: UUID, *, by: Actor) -> str:
    """A new secret for the watch's sensor, shown once; the one before is worth nothing from now on."""
    async with database.transaction():
        known = await households.load(household_id, by, lock=True)
        households.must_keep(known, by)
        watch = await register.watch_of(known, watch_id)
        if watch.way != "signal":
            raise NotAllowed("这种方式没有设备。")
        secret = new_secret()
        await database.execute("UPDATE care_watches SET key_digest = $2 WHERE id = $1", watch.id, digest(secret))
        await households.tell(known.household, by, "household.sensor_keyed", {"watch": str(watch.id)})
        return secret


async def receive(secret: str, reading: Reading) -> bool:
    """Take a reading; False where it was known. NotFound for a secret that is worth nothing (any more)."""
    if reading.said not in SAID:
        raise Invalid({"said": "alive or alarm"})
    if not _CODE.fullmatch(reading.id):
        raise Invalid({"id": "1 to 64 letters, digits or .:-_"})
    async with database.transaction():
        row = await database.fetch_one(
            "SELECT id, household FROM care_watches WHERE key_digest = $1 AND until IS NULL", digest(secret)
        )
        if row is None:
            raise NotFound()
        known = await households.load(row["household"], households.SYSTEM, lock=True)
        watch = await register.watch_of(known, row["id"])
        moment = clock.now()
        new = await database.fetch_value(
            """INSERT INTO care_readings (watch, code, said, at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (watch, code) DO NOTHING RETURNING TRUE""",
            watch.id,
            reading.id,
            reading.said,
            moment,
        )
        if not new:
            return False
        if reading.said == "alarm":
            # A second alarm while the first stands starts nobody's time anew.
            await database.execute(
                """UPDATE care_watches SET alarm = TRUE, told = 0, due_at = $2, next_at = $2
                   WHERE id = $1 AND NOT alarm""",
                watch.id,
                moment,
            )
        elif not watch.alarm:
            # After an alarm somebody looks; that the sensor goes on speaking says nothing.
            await looking.satisfied([watch], moment)
        data = {"watch": str(watch.id), "said": reading.said}
        await households.tell(known.household, SENSOR, "household.signalled", data)
        return True
