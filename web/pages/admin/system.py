"""The system's own state, for system administrators: jobs that failed for good."""

import re

from litestar import get, post
from litestar.response import Template

from server.kernel import events, jobs
from server.kernel.actor import Role
from server.kernel.errors import Invalid
from web import session
from web.fragments import AnyRequest, actor_of
from web.pages.admin import history
from web.pages.admin.acting import Filled, Form, Number, Page, change, shown

STREAM = "jobs:failed"
_PERSONAL = re.compile(r"\d{5,}")
ONLY_SYSTEM = [session.roles(Role.SYSTEM_ADMIN)]


class Retry(Form, frozen=True):
    job: tuple[Number, ...] = ()


@get("/system", guards=ONLY_SYSTEM)
async def index(request: AnyRequest) -> Template:
    """What failed for good."""
    return await _show(request, Filled())


@post("/system/retries", guards=ONLY_SYSTEM)
async def retry(request: AnyRequest) -> Page:
    """Try jobs again; those that are done or were retried meanwhile are left alone."""

    async def do(sent: Retry) -> str:
        known = {job.id: job for job in await jobs.failed()}
        chosen = [known[number] for number in sent.job if number in known]
        if not sent.job:
            raise Invalid({"job": "请至少选一个任务。"})
        if chosen:
            await jobs.retry([job.id for job in chosen])
            data = {"jobs": [{"id": job.id, "name": job.name} for job in chosen]}
            await events.record(STREAM, "jobs.retried", data, actor_of(request))
        return "/admin/system"

    return await change(request, "job.retry", Retry, show=lambda filled: _show(request, filled), do=do)


async def _show(request: AnyRequest, filled: Filled) -> Template:
    failed = [(job, plain(job.error)) for job in await jobs.failed()]
    return shown(request, "admin/system.html", filled, failed=failed, history=await history.of(STREAM))


def plain(error: str) -> str:
    """An error's words without what could be a phone or a number of a report."""
    return _PERSONAL.sub("…", error)[:300]


handlers = [index, retry]
