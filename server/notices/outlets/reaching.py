"""Where an address really leads: resolved here, every answer checked, so that no name reaches into our own network.

A name that an administrator typed may resolve to anything, and to something else the next second. So the addresses are
looked up once, all of them are checked, and the connection goes to a checked one, never to the name again.
"""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from server.kernel.settings import settings
from server.notices.outlets.interface import NeverWorks, TryLater

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")
SLOWEST_LOOKUP = 5.0


async def reachable(host: str, port: int) -> list[Address]:
    """The addresses of a host, each checked; raises `NeverWorks` where one of them is private."""
    try:
        found = [ip_address(host.strip("[]"))]
    except ValueError:
        found = await resolve(host, port)
    if not found:
        raise TryLater("对方的域名查不到地址")
    if not all(allowed(one) for one in found):
        raise NeverWorks("对方的域名指向内部网络的地址,为安全起见没有发送")
    return found


async def resolve(host: str, port: int) -> list[Address]:
    """Ask the system's resolver."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(SLOWEST_LOOKUP):
            rows = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        raise TryLater("对方的域名查不到地址") from None
    return list(dict.fromkeys(ip_address(str(row[4][0]).partition("%")[0]) for row in rows))


def allowed(address: Address) -> bool:
    """Whether messages may go there: a public address, or one of the networks that the installation names."""
    within = embedded(address)
    return all(_public(one) or _named(one) for one in within)


def embedded(address: Address) -> Sequence[Address]:
    """The address with every IPv4 address that it carries inside (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    carried: list[Address] = [address.sixtofour] if address.sixtofour else []
    carried += address.teredo or ()
    if address in _NAT64:
        return (IPv4Address(address.packed[-4:]),)
    return (address, *carried)


def _public(address: Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _named(address: Address) -> bool:
    networks = [one.strip() for one in settings().outlet_networks.split(",") if one.strip()]
    return any(address in ip_network(one) for one in networks)
