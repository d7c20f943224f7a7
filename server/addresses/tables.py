"""Addresses as the register gives them, their parsed parts to be found by, and what else they are called."""

from piccolo.columns import DoublePrecision, ForeignKey, OnDelete, Serial, Text, Timestamptz
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from server.areas.tables import Area
from server.kernel.personal import names


class Address(Table, tablename="addresses"):
    """One address; the parts are normalised (see `spelling`), "" where it has none."""

    id = Serial(primary_key=True)
    code = Text(default=None, null=True)
    """As its source numbers it."""
    text = Text(default=None, null=False)
    """As given."""
    road = Text(default="", null=False)
    number = Text(default="", null=False)
    compound = Text(default="", null=False)
    building = Text(default="", null=False)
    unit = Text(default="", null=False)
    room = Text(default="", null=False)
    whole = Text(default=None, null=False)
    """The text normalised, without district, street and community: the same twice in a community is one address."""
    community = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    grid = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    latitude = DoublePrecision(default=None, null=True)
    longitude = DoublePrecision(default=None, null=True)
    """WGS-84, degrees."""
    accuracy = DoublePrecision(default=None, null=True)
    """Metres."""
    datum = Text(default=None, null=True)
    """In which the point was given; it is kept in WGS-84."""
    source = Text(default="", null=False)
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)

    addresses_code = Unique([code])
    addresses_point = Check("(latitude IS NULL) = (longitude IS NULL)")

    plain = names(
        "code",
        "text",
        "road",
        "number",
        "compound",
        "building",
        "unit",
        "room",
        "whole",
        "latitude",
        "longitude",
        "accuracy",
        "datum",
        "source",
    )


class AddressAlias(Table, tablename="address_aliases"):
    """Another text for an address, parsed in the same way. Of an address without building it renames the compound."""

    id = Serial(primary_key=True)
    address = ForeignKey(Address, null=False, default=None, on_delete=OnDelete.restrict, index=True)
    text = Text(default=None, null=False)
    road = Text(default="", null=False)
    number = Text(default="", null=False)
    compound = Text(default="", null=False)
    building = Text(default="", null=False)
    unit = Text(default="", null=False)
    room = Text(default="", null=False)
    whole = Text(default=None, null=False)
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)

    plain = names("text", "road", "number", "compound", "building", "unit", "room", "whole")
