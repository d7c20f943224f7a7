"""Prints messages for whoever tries Huying on their own machine; refuses wherever real people are meant."""

import sys

from server.kernel.settings import settings
from server.notices.outlets.interface import Outgoing, Sent, TryLater
from server.notices.outlets.sms import templates


class Console:
    name = "console"
    at_once = 1

    async def send(self, what: Outgoing) -> Sent:
        """Print one line on stderr, in the demo only."""
        if not settings().demo:
            raise TryLater("没有设置短信网关(SMS_GATEWAY_URL);控制台只在演示里用")
        print(f"[短信 {what.address}] {templates.fill(what).text}", file=sys.stderr, flush=True)
        return Sent("印在控制台上")
