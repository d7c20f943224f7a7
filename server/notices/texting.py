"""Text messages for reporters without account: what they must know, made in the transaction that tells of it."""

from collections.abc import Sequence

from server.cases import links
from server.kernel.settings import settings
from server.notices.made import Made
from server.people import messages


async def send_later(made: Sequence[Made]) -> None:
    """Have the worker text these, each to its phone."""
    for one in made:
        await messages.send_later(one.phone, f"【呼应】{one.title}。{one.line}{await _way(one)}")


async def _way(one: Made) -> str:
    """Who told it has a secret link; for whom it was told signs in with the phone that this goes to."""
    link = await links.link_of(one.report) if one.teller and one.report is not None else None
    if link is not None:
        return f"点开看:{settings().public_url}/r/{links.secret_of(link)} 请不要转发给别人。"
    return f"用这个手机号登录就能看到:{settings().public_url}/mine"
