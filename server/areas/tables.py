"""Areas and the counter by which every process notices that polygons have changed."""

from typing import Any

from piccolo.columns import JSONB, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from server.kernel.personal import names


class Area(Table, tablename="areas"):
    id = Serial(primary_key=True)
    code = Text(default=None, null=False)
    name = Text(default=None, null=False)
    level = Text(default=None, null=False)
    """district, street, community or grid"""
    parent: ForeignKey[Any] = ForeignKey(
        LazyTableReference("Area", app_name="huying"), null=True, default=None, on_delete=OnDelete.restrict, index=True
    )
    path = Text(default=None, null=False, index=True)
    """Ids from the district down, as /1/4/19/; an area lies under another whose path its own begins with."""
    polygon = JSONB(default=None, null=True)
    """GeoJSON Polygon or MultiPolygon, WGS-84."""
    answers = Text(default="", null=False)
    """When the secretary of this area answers, in words for the resident's home page."""
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)

    areas_code = Unique([code])
    areas_level = Check("level IN ('district', 'street', 'community', 'grid')")

    plain = names("code", "name", "level", "path", "polygon", "answers")


class AreaEpoch(Table, tablename="area_epochs"):
    """One row; its number grows with every change of an area."""

    id = Integer(primary_key=True, default=1)
    epoch = Integer(default=0, null=False)
