"""Categories are data: a code within a standard, and versions of what the category demands."""

from typing import Any

from piccolo.columns import JSONB, Boolean, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Unique
from piccolo.table import Table

from server.areas.tables import Area
from server.people.tables import Unit


class Category(Table, tablename="categories"):
    id = Serial(primary_key=True)
    standard = Text(default=None, null=False)
    """Whose code it is: a national standard's name, or the district's own."""
    code = Text(default=None, null=False)
    name = Text(default=None, null=False)
    path = Text(default=None, null=False)
    """Names from the top, with " / " between."""
    parent: ForeignKey[Any] = ForeignKey(
        LazyTableReference("Category", app_name="huying"), null=True, default=None, on_delete=OnDelete.restrict
    )
    is_leaf = Boolean(default=True, null=False)
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)

    categories_standard_code = Unique([standard, code])


class CategoryVersion(Table, tablename="category_versions"):
    """What a category demands from `since` on; a case keeps the version it was given."""

    id = Serial(primary_key=True)
    category = ForeignKey(Category, null=False, default=None, on_delete=OnDelete.restrict)
    version = Integer(default=None, null=False)
    allowances = JSONB(default=None, null=False)
    """level -> {"amount": 5, "unit": "working_days" | "hours"}; levels: normal, urgent, emergency."""
    photo_before = Boolean(default=False, null=False)
    photo_after = Boolean(default=False, null=False)
    needs_check = Boolean(default=True, null=False)
    private = Boolean(default=False, null=False)
    """Cases of it are private whatever the reporter chose."""
    questions = JSONB(default="[]", null=False)
    """Extra questions: a form as server.forms.questions reads it."""
    since = Timestamptz(default=None, null=False)

    category_versions_number = Unique([category, version])


class DefaultUnit(Table, tablename="default_units"):
    """Which unit is offered first for a category within an area."""

    id = Serial(primary_key=True)
    category = ForeignKey(Category, null=False, default=None, on_delete=OnDelete.restrict)
    area = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    unit = ForeignKey(Unit, null=False, default=None, on_delete=OnDelete.restrict)

    default_units_place = Unique([category, area])
