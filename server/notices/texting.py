"""Text messages for reporters without account: what they must know, made in the transaction that tells of it."""

from collections.abc import Sequence

from server.cases import links
from server.kernel.settings import settings
from server.notices.made import Made
from server.people import messages


async def send_later(made: Sequence[Made]) -> None:
    """Have the worker text these, each to its phone."""
    for one in made:
        link, way = await _way(one)
        values = {"title": one.title, "words": one.line, "link": link}
        await messages.send_later(one.phone, f"{one.title}。{one.line}{way}", template="notice", values=values)


async def _way(one: Made) -> tuple[str, str]:
    """The address, alone and in words. Who told it has a secret link; for whom it was told signs in with the phone."""
    secret = await links.link_of(one.report) if one.teller and one.report is not None else None
    if secret is not None:
        link = f"{settings().public_url}/r/{links.secret_of(secret)}"
        return link, f"点开看:{link} 请不要转发给别人。"
    link = f"{settings().public_url}/mine"
    return link, f"用这个手机号登录就能看到:{link}"
