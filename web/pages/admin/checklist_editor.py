"""The editor of a checklist: items as fields, a preview as the phone will show it, and the publishing of what is there.

Adding, moving and removing are round trips that change nothing here: the form holds everything that was typed.
"""

import json

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from server.forms import checklist_publishing as publishing
from server.forms import checklist_versions as checklists
from server.forms.checklists import read_items
from server.forms.conditions import TEST_WORDS
from server.kernel.errors import Invalid, NotAllowed
from server.patrols import checklist_use
from web.fragments import AnyRequest, actor_of
from web.pages.admin import checklist_rows as rows
from web.pages.admin import written
from web.pages.admin.acting import Asked, Filled, Form, Page, asked_for, change, number, shown, texts
from web.pages.admin.checklist_rows import Draft
from web.pages.admin.checklists import path_of, touched, words_for


class Publish(Form, frozen=True, kw_only=True):
    """A new version: the items as JSON, read from the editor's fields before; `seen` is the version it began with."""

    items: str = ""
    seen: int


@get("/checklists/{checklist_id:int}/versions")
async def editor(request: AnyRequest, checklist_id: FromPath[int]) -> Template:
    """Where a version is written, beginning with the items in force, or those of the version asked for by `from`."""
    every = {one.version: one for one in await checklists.versions(checklist_id)}
    begin = every.get(number(asked_for(request, "from")) or 0) or every.get(max(every, default=0))
    draft = rows.draft(rows.rows_of(begin.read if begin else ()))
    return await _editor(request, checklist_id, draft, Filled(), seen=max(every, default=0))


@post("/checklists/{checklist_id:int}/editor")
async def edit(request: AnyRequest, checklist_id: FromPath[int]) -> Template:
    """The editor again, with what was typed, after an item was added, moved or removed; nothing is kept here."""
    sent = texts(await request.form())
    there, opened = rows.act(rows.rows_sent(sent), sent.get("do", ""))
    draft = rows.draft(there)
    seen = number(sent.get("seen", "")) or 0
    return await _editor(request, checklist_id, draft, Filled(), seen=seen, opened=opened, check=False)


@post("/checklists/{checklist_id:int}/versions")
async def publish(request: AnyRequest, checklist_id: FromPath[int]) -> Page:
    """Say what the new version changes, then publish it."""
    by, sent = actor_of(request), texts(await request.form())
    there = rows.rows_sent(sent)
    if "items" not in sent or there:
        items = rows.draft(there).items
        sent = {name: sent.get(name, "") for name in ("command", "seen")} | {
            "items": json.dumps(items, ensure_ascii=False)
        }

    async def run(sent: Publish, dry_run: bool) -> publishing.Publication:
        found = written.form(sent.items, "items", "项目")
        if wrong := rows.draft(there).wrong:
            raise Invalid({"items": ";".join(wrong.get(-1, ["有项目要改一下,见下面标出的地方"])) + "。"})
        return await publishing.publish(checklist_id, found, by=by, seen=sent.seen, dry_run=dry_run)

    async def ask(sent: Publish) -> Asked:
        would = await run(sent, True)
        if not would.changes:
            raise NotAllowed("内容与现行版本一致,不需要发布。")
        known = await checklists.listed_one(checklist_id)
        return Asked(
            title=f"发布 {known.name} 第 {would.number} 版",
            back=path_of(checklist_id),
            yes="发布",
            lines=would.changes,
            also=touched(await checklist_use.use_of(checklist_id)),
            danger=False,
        )

    async def do(sent: Publish) -> str:
        await publishing.publish(checklist_id, written.form(sent.items, "items", "项目"), by=by, seen=sent.seen)
        return path_of(checklist_id)

    async def show(filled: Filled) -> Template:
        draft = rows.draft(there or _rows_kept(str(filled.typed.get("items", ""))))
        seen = number(filled.typed.get("seen", "")) or 0
        return await _editor(request, checklist_id, draft, filled, seen=seen)

    return await change(request, "checklist.publish", Publish, show=show, do=do, ask=ask, given=sent)


def _rows_kept(items: str) -> list[rows.Row]:
    """The rows of the items that a confirmation carried."""
    try:
        return rows.rows_of(read_items(written.form(items, "items", "项目")))
    except (Invalid, msgspec.ValidationError):
        return []


async def _editor(
    request: AnyRequest,
    checklist_id: int,
    draft: Draft,
    filled: Filled,
    *,
    seen: int,
    opened: int | None = None,
    check: bool = True,
) -> Template:
    await publishing.must_administer_checklists(actor_of(request))
    readable = draft.readable
    # A fresh editor has nothing to mend; while somebody writes, half an item is no mistake yet.
    wrong = draft.wrong if check and filled.refusal is not None else {}
    return shown(
        request,
        "admin/checklist_editor.html",
        filled,
        row=await checklists.listed_one(checklist_id),
        rows=draft.rows,
        wrong=wrong,
        opened=opened,
        seen=seen,
        preview=msgspec.json.encode(readable).decode(),
        test_words=TEST_WORDS,
        **words_for(readable),
    )


handlers = [editor, edit, publish]
"""In the address they lie beside those of checklists.py."""
