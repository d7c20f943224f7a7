"""A WeCom (企业微信) group robot: markdown to its webhook, whose key is the secret.

WeCom knows no id of a message, so a crash between its taking a message and our noting it shows it twice in the group.
It takes 20 messages a minute from each robot; what is more waits.
"""

from datetime import timedelta
from urllib.parse import quote

import msgspec

from server.kernel import limits
from server.kernel.settings import settings
from server.notices.outlets import calling
from server.notices.outlets.interface import NeverWorks, Outgoing, Sent, TryLater
from server.people import sealing

MOST_BYTES = 4096
"""Of a markdown message, by WeCom's own limit."""
A_MINUTE = 20
_PASSING = frozenset({-1, 45009, 45033})
"""Its own trouble, too many calls, too many at once."""
_MARKS = str.maketrans("<>[]*`\n", "\uff1c\uff1e\uff3b\uff3d\uff0a' ")
"""What would be read as markdown, in its wide form."""


class Said(msgspec.Struct, frozen=True):
    """What WeCom answers: 0 means taken. Its words are kept out of the log: they may quote the key."""

    errcode: int


class Robot:
    name = "wecom"
    at_once = 1

    def __init__(self, key: str) -> None:
        self._key = key

    async def send(self, what: Outgoing) -> Sent:
        """Have the robot say it in its group."""
        if not await limits.take(sealing.bucket("wecom", self._key), burst=A_MINUTE, per_hour=A_MINUTE * 60):
            raise TryLater("群机器人每分钟只收 20 条", timedelta(seconds=20))
        body = msgspec.json.encode({"msgtype": "markdown", "markdown": {"content": content(what)}})
        url = f"{settings().wecom_url}?key={quote(self._key, safe='')}"
        answer = await calling.post(url, body, {"Content-Type": "application/json"}, public_only=True)
        return _judged(answer)


def content(what: Outgoing) -> str:
    """The message as WeCom's markdown, within its limit; the link is never cut."""
    urgent = '<font color="warning">紧急</font> ' if what.urgency == "now" else ""
    head = f"{urgent}**{what.title.translate(_MARKS)}**"
    tail = f"\n[打开查看]({what.link})" if what.link else ""
    room = MOST_BYTES - len((head + tail).encode()) - 1
    words = what.words.translate(_MARKS).encode()[: max(room, 0)].decode(errors="ignore")
    return f"{head}\n{words}{tail}" if words else head + tail


def _judged(answer: calling.Answer) -> Sent:
    if calling.is_passing(answer.status):
        raise TryLater(f"企业微信没有收下:{calling.said(answer)}", calling.pause_asked(answer))
    if not 200 <= answer.status < 300:
        raise NeverWorks(f"企业微信不收:{calling.said(answer)}")
    try:
        code = msgspec.json.decode(answer.body, type=Said).errcode
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise TryLater("企业微信的回答看不懂") from None
    if code in _PASSING:
        raise TryLater(f"企业微信没有收下:代码 {code}", timedelta(minutes=1))
    if code != 0:
        raise NeverWorks(f"企业微信不收:代码 {code}")
    return Sent("企业微信已收下")
