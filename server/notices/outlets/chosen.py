"""Which outlet a message takes: the one place that names the folders, so that one can go without the others."""

import msgspec

from server.kernel.settings import settings
from server.notices.outlets.console.outlet import Console
from server.notices.outlets.interface import NeverWorks, Outlet
from server.notices.outlets.sms.outlet import Gateway
from server.notices.outlets.webhook.outlet import Webhook
from server.notices.outlets.wecom.outlet import Robot
from server.people import sealing

PERSONS = "sms"
"""The outlet that reaches a person."""
SUBSCRIBERS = {"wecom": "企业微信群机器人", "webhook": "系统回调(webhook)"}
"""The outlets of rows that administrators keep, and what they are called."""
_PURPOSE = "outlet"


class Target(msgspec.Struct, frozen=True):
    """Where a subscriber is: a webhook's address and the key that signs, or a robot's key. Rests sealed."""

    key: str
    url: str = ""


def for_persons() -> Outlet:
    """The SMS gateway where one is set, else the console."""
    chosen = settings()
    if chosen.sms_gateway_url:
        return Gateway(chosen.sms_gateway_url, chosen.sms_gateway_key)
    return Console()


def persons_are_reached() -> bool:
    """Whether this installation can send text messages at all."""
    return bool(settings().sms_gateway_url) or settings().demo


def for_subscriber(outlet: str, sealed: str) -> Outlet:
    """The outlet of a subscriber's row; raises `NeverWorks` where it was sealed with another secret key."""
    target = opened(sealed)
    if target is None:
        raise NeverWorks("密钥打不开:安装的 SECRET_KEY 换过,请重新填写")
    return Robot(target.key) if outlet == "wecom" else Webhook(target.url, target.key)


def seal(target: Target) -> str:
    """A target as it may rest in the database."""
    return sealing.seal(_PURPOSE, msgspec.json.encode(target))


def opened(sealed: str) -> Target | None:
    """The target in plain; None where another secret key sealed it."""
    plain = sealing.unseal(_PURPOSE, sealed)
    return msgspec.json.decode(plain, type=Target) if plain is not None else None
