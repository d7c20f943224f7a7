"""What can go wrong, in words for the person in front of the screen.

Signed out is `SignInNeeded`; not visible is `NotFound`; visible but not allowed now is `NotAllowed` with the reason;
somebody was quicker is `Stale`; what was typed cannot be taken as it is is `Invalid`.
"""

from collections.abc import Mapping, Sequence


class HuyingError(Exception):
    """A refusal whose text may be shown to the person as it is."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class SignInNeeded(HuyingError):
    """Nobody is signed in, or the session has ended (HTTP 401)."""

    def __init__(self, words: str = "请先登录。") -> None:
        super().__init__(words)


class NotFound(HuyingError):
    """The thing does not exist or this actor may not know that it does (HTTP 404)."""

    def __init__(self, words: str = "没有找到,或者您没有权限查看。") -> None:
        super().__init__(words)


class NotAllowed(HuyingError):
    """The actor sees the thing, but this cannot be done now; `words` say why (HTTP 409)."""


class Stale(NotAllowed):
    """Somebody changed the thing since the actor looked at it (HTTP 409).

    `meanwhile` holds what happened since, oldest first, one sentence each.
    """

    def __init__(self, meanwhile: Sequence[str]) -> None:
        super().__init__("在您操作之前,这件事已有新的进展:" + ";".join(meanwhile))
        self.meanwhile = tuple(meanwhile)


class Invalid(HuyingError):
    """What was sent cannot be taken; `fields` maps field names to the mend, in words (HTTP 422)."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(";".join(fields.values()))
        self.fields = dict(fields)


class TooMany(HuyingError):
    """A limit was reached; `retry_seconds` says when the next try is taken (HTTP 429)."""

    def __init__(self, words: str, retry_seconds: int) -> None:
        super().__init__(words)
        self.retry_seconds = retry_seconds
