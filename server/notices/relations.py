"""How people stand to what happened: who is told by a rule of the table, as the words of docs/notices.md have it."""

from enum import StrEnum


class Relation(StrEnum):
    """Always active people as they stand when it is told, never who did it."""

    TELLER = "teller"
    """Who told it: the account, or the phone of who has none."""
    TOLD_FOR = "told_for"
    """Whose phone it was told for."""
    REPORTERS = "reporters"
    """Both, of every report behind the case."""
    UNIT = "unit"
    FORMER_UNIT = "former_unit"
    OWNER = "owner"
    DESK = "desk"
    SECRETARY = "secretary"
    ASSIGNED = "assigned"
    NAMED = "named"
    WARNED = "warned"
    ABOVE = "above"
    GATHERED = "gathered"
    KEEPERS = "keepers"
    LINKED = "linked"
    LOOKS_IN = "looks_in"
    SENT_TO_LOOK = "sent_to_look"
    AT_DOOR = "at_door"
    KNOCKED = "knocked"
    ABOVE_DOOR = "above_door"
    WALKERS = "walkers"
    SENT = "sent"
    SENDER = "sender"
    ABSENT = "absent"
    STAND_IN = "stand_in"
    RECTIFIERS = "rectifiers"


RELATION_WORDS: dict[Relation, str] = {
    Relation.TELLER: "who told it (without account: the phone that was left)",
    Relation.TOLD_FOR: "whom it was told for",
    Relation.REPORTERS: "every reporter behind the case, and whom they told it for",
    Relation.UNIT: "the people of the unit that has it",
    Relation.FORMER_UNIT: "the people of the unit that had it last, where another or none has it now",
    Relation.OWNER: "who holds the post that owns the case",
    Relation.DESK: "who holds the desk's post of the case",
    Relation.SECRETARY: "the nearest secretaries: the community's, else the street's, else the district's",
    Relation.ASSIGNED: "the colleague it was given to, while it is still theirs",
    Relation.NAMED: "who holds the post that the event names",
    Relation.WARNED: "whom an alarm names as who has the case, while they may open it",
    Relation.ABOVE: "whom an alarm names on a rung above, while they may open it",
    Relation.GATHERED: "who would hear of many alarms at once",
    Relation.KEEPERS: "staff and secretary of the household's community",
    Relation.LINKED: "the member whom the event links to the household, while they are",
    Relation.LOOKS_IN: "the linked members whom a missed contact names, while they are",
    Relation.SENT_TO_LOOK: "the grid workers and secretaries whom a missed contact names, while they are",
    Relation.AT_DOOR: "the nearest secretaries of the door's community",
    Relation.KNOCKED: "the resident whose thread it is",
    Relation.ABOVE_DOOR: "the secretaries of the street of the door, else of the district, who may not open the thread",
    Relation.WALKERS: "who holds the posts, or walks the grids, that the event names",
    Relation.SENT: "the worker who was sent",
    Relation.SENDER: "who sent them, while at a desk",
    Relation.ABSENT: "the worker who was away",
    Relation.STAND_IN: "the worker who takes over",
    Relation.RECTIFIERS: "the grid workers of the place's grid",
}
