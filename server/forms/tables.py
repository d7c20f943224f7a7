"""Categories and checklists are data: a code, and versions of what each demands."""

from typing import Any

from piccolo.columns import JSONB, Boolean, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Unique
from piccolo.table import Table

from server.areas.tables import Area
from server.kernel.personal import names
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

    plain = names("standard", "code", "name", "path")


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

    plain = names("allowances", "questions")


class DefaultUnit(Table, tablename="default_units"):
    """Which unit is offered first for a category within an area."""

    id = Serial(primary_key=True)
    category = ForeignKey(Category, null=False, default=None, on_delete=OnDelete.restrict)
    area = ForeignKey(Area, null=False, default=None, on_delete=OnDelete.restrict)
    unit = ForeignKey(Unit, null=False, default=None, on_delete=OnDelete.restrict)

    default_units_place = Unique([category, area])


class Checklist(Table, tablename="checklists"):
    """What a visit looks at, as one department demands it; its items are in versions."""

    id = Serial(primary_key=True)
    code = Text(default=None, null=False)
    name = Text(default=None, null=False)
    department = Text(default=None, null=False)
    """Who demands it, as people say it: 消防, 市监."""
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict)
    """The unit of that department, where it has one here."""
    since = Timestamptz(default=None, null=False)
    until = Timestamptz(default=None, null=True)

    checklists_code = Unique([code])

    plain = names("code", "name", "department")


class ChecklistVersion(Table, tablename="checklist_versions"):
    """The items from `since` on; kept for ever, because late work was done by an older one."""

    id = Serial(primary_key=True)
    checklist = ForeignKey(Checklist, null=False, default=None, on_delete=OnDelete.restrict)
    version = Integer(default=None, null=False)
    items = JSONB(default=None, null=False)
    """Items as server.forms.checklists reads them."""
    since = Timestamptz(default=None, null=False)

    checklist_versions_number = Unique([checklist, version])

    plain = names("items")
