"""A report has arrived: who has no account learns the number and the link, and who it was told for learns of it."""

from server.cases import links
from server.cases.reporting import Received
from server.kernel import database, jobs
from server.kernel.settings import settings
from server.people.messages import send_later


@jobs.job("notices.received", Received)
async def tell_received(data: Received) -> None:
    """Enqueue the messages of a report that has arrived, all or none."""
    async with database.transaction():
        row = await database.fetch_one(
            "SELECT number, account IS NOT NULL AS has_account, phone, for_phone FROM reports WHERE id = $1",
            data.report_id,
        )
        if row is None:
            return
        if row["phone"] and not row["has_account"]:
            await send_later(row["phone"], await _to_teller(data, row["number"]))
        if row["for_phone"]:
            await send_later(row["for_phone"], _to_the_other(row["number"]))


async def _to_teller(data: Received, number: str) -> str:
    link = await links.link_of(data.report_id)
    where = f"{settings().public_url}/r/{links.secret_of(link)}" if link else f"{settings().public_url}/mine"
    return f"您上报的事已收到,编号 {number}。谁在办、办到哪一步,点开看:{where} 请不要转发给别人。"


def _to_the_other(number: str) -> str:
    return f"有人替您上报了一件事,编号 {number}。用这个手机号登录就能看到进展:{settings().public_url}/mine"
