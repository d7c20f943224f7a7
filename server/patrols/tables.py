"""Places are what a round visits; their kinds are data, each with versions of its own questions."""

from typing import Any

from piccolo.columns import (
    JSONB,
    UUID,
    Boolean,
    DoublePrecision,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Text,
    Timestamptz,
)
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from server.addresses.tables import Address
from server.areas.tables import Area
from server.kernel.personal import STAFF_BASIS, Kind, keeps, names

OPERATORS = Kind(
    code="operators",
    what="店铺、出租屋等对象的负责人姓名电话",
    why="约时间检查、通知整改",
    basis=STAFF_BASIS,
    days=365,
    counted="对象停用后",
    then="姓名和电话删去",
)


class PlaceKind(Table, tablename="place_kinds"):
    id = Serial(primary_key=True)
    code = Text(default=None, null=False)
    """What import files say."""
    name = Text(default=None, null=False)
    active = Boolean(default=True, null=False)
    needs_operator = Boolean(default=False, null=False)
    """Somebody runs it (a shop, a rented house): name and phone are asked for."""

    place_kinds_code = Unique([code])

    plain = names("code", "name")


class PlaceKindVersion(Table, tablename="place_kind_versions"):
    """What is asked about a place of this kind from `since` on; a place keeps the version it was answered with."""

    id = Serial(primary_key=True)
    kind = ForeignKey(PlaceKind, null=False, default=None, on_delete=OnDelete.restrict)
    version = Integer(default=None, null=False)
    questions = JSONB(default="[]", null=False)
    """A form as server.forms.questions reads it."""
    since = Timestamptz(default=None, null=False)

    place_kind_versions_number = Unique([kind, version])

    plain = names("questions")


class Place(Table, tablename="places"):
    """A shop, rented house, hydrant, manhole. Never deleted: it is retired, or merged into another."""

    id = UUID(primary_key=True, default=None)
    code = Text(default=None, null=False)
    """What its label says, as server.patrols.codes makes it."""
    external_code = Text(default="", null=False)
    """Its code in the list it was imported from, unique within the kind."""
    kind = ForeignKey(PlaceKind, null=False, default=None, on_delete=OnDelete.restrict)
    kind_version = ForeignKey(PlaceKindVersion, null=False, default=None, on_delete=OnDelete.restrict)
    name = Text(default=None, null=False)
    address_text = Text(default="", null=False)
    address = ForeignKey(Address, null=True, default=None, on_delete=OnDelete.restrict)
    """Of the register, where it is sure what the words mean."""
    latitude = DoublePrecision(default=None, null=True)
    longitude = DoublePrecision(default=None, null=True)
    accuracy = DoublePrecision(default=None, null=True)
    """Metres."""
    position_source = Text(default="none", null=False)
    """phone, map, import or none."""
    datum = Text(default="WGS-84", null=False)
    """Of the position as it was given; what is stored is WGS-84."""
    operator = Text(default="", null=False)
    operator_phone = Text(default="", null=False)
    answers = JSONB(default="{}", null=False)
    district = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    street = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict)
    community = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict)
    grid = ForeignKey(Area, null=True, default=None, on_delete=OnDelete.restrict)
    version = Integer(default=1, null=False)
    """Grows with every change by hand or import; the pages send it back as `seen`. A visit does not change it."""
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)
    """Retired or merged at; a place in use has none."""
    merged_into: ForeignKey[Any] = ForeignKey(
        LazyTableReference("Place", app_name="huying"), null=True, default=None, on_delete=OnDelete.restrict
    )
    last_visit_at = Timestamptz(default=None, null=True)
    """In no index: a visit rewrites the row alone."""
    last_finding = Text(default="", null=False)

    places_code = Unique([code])
    places_position_source = Check("position_source IN ('phone', 'map', 'import', 'none')")

    kept = keeps(OPERATORS, "operator", "operator_phone")
    plain = names(
        "code",
        "external_code",
        "name",
        "address_text",
        "latitude",
        "longitude",
        "accuracy",
        "position_source",
        "datum",
        "answers",
        "last_finding",
    )
