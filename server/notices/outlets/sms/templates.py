"""The words of a text message: the sign first, as carriers demand, then what is to be known, then where to look."""

import msgspec

from server.kernel.settings import settings
from server.notices.outlets.interface import Outgoing

LONGEST = 300
"""Characters of a whole message; a longer one costs five and is read by nobody."""


class Filled(msgspec.Struct, frozen=True):
    """A text, and the template and values that make it at a carrier who takes registered ones only."""

    text: str
    template: str
    values: dict[str, str]


def fill(what: Outgoing) -> Filled:
    """The text of a message; its words are cut, never its sign or its link."""
    sign, link = f"【{settings().sms_sign}】", f" {what.link}" if what.link else ""
    words = _joined(what.title, what.words)
    room = LONGEST - len(sign) - len(link)
    if len(words) > room:
        words = words[: room - 1] + "…"
    values = dict(what.values) or {"title": what.title, "words": what.words, "link": what.link}
    return Filled(f"{sign}{words}{link}", what.template, values)


def _joined(title: str, words: str) -> str:
    title, words = _one_line(title), _one_line(words)
    if title and words:
        return f"{title}{'' if title[-1] in '。!?,:;' else ':'}{words}"
    return title or words


def _one_line(text: str) -> str:
    return " ".join(text.split())
