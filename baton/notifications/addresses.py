"""Which addresses notifications may go to, so that no endpoint's URL reaches into the network that Baton runs in."""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

LOOK_UP_TIMEOUT = 5.0
"""Seconds that the look-up of a host may take."""

_NAT64 = IPv6Network("64:ff9b::/96")
# Not the loop's own threads, which are few: a name server that does not answer must hold up no other endpoint.
_threads = ThreadPoolExecutor(max_workers=32, thread_name_prefix="endpoint-host")
_look_ups: dict[str, asyncio.Future[list[Address]]] = {}


class UrlRefused(Exception):
    """An endpoint's URL must not be called; the text says why, and what helps. It does not quote the URL."""


@dataclass(frozen=True, slots=True)
class CheckedUrl:
    """A URL whose host was looked up and may be called: the request goes to `address`, in the name of the host."""

    url: httpx.URL
    address: Address

    @property
    def target(self) -> httpx.URL:
        """The URL with the address instead of the host: a second look-up could give another one."""
        return self.url.copy_with(host=str(self.address))

    @property
    def host_header(self) -> str:
        """The value of the header `Host`."""
        return self.url.netloc.decode("ascii")


def networks_of(texts: Sequence[str]) -> tuple[Network, ...]:
    """Return the networks that a setting names.

    Raises:
        ValueError: One is no network.
    """
    return tuple(ip_network(text) for text in texts)


def check_url(text: str, networks: Sequence[Network]) -> httpx.URL:
    """Return an endpoint's URL, checked as far as that is possible without looking its host up.

    Args:
        text: The URL.
        networks: Networks beside the public internet that may be called, also without TLS.

    Raises:
        UrlRefused: It must not be called.
    """
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise UrlRefused("url is not a valid URL; write https://host/path") from None
    if url.scheme not in ("https", "http") or not url.host:
        raise UrlRefused("url must begin with https://")
    if url.userinfo or url.fragment:
        raise UrlRefused("url must hold no user, password or fragment; the secret signs each notification")
    if url.scheme == "http" and not networks:
        raise UrlRefused("url must begin with https://; plain http is for hosts in BATON_NOTIFY_NETWORKS alone")
    address = _literal(url.host)
    if address is not None:
        _check_address(address, url, networks)
    return url


async def resolve(text: str, networks: Sequence[Network]) -> CheckedUrl:
    """Return an endpoint's URL with the address that is called.

    Raises:
        UrlRefused: It must not be called, or its host is unknown.
    """
    url = check_url(text, networks)
    addresses = [literal] if (literal := _literal(url.host)) else await _look_up(url.host)
    for address in addresses:
        _check_address(address, url, networks)
    return CheckedUrl(url, addresses[0])


async def _look_up(host: str) -> list[Address]:
    """Look a host up; callers of the same host share one look-up, so that it takes one thread however slow it is."""
    running = _look_ups.get(host)
    if running is None or running.get_loop() is not asyncio.get_running_loop():
        running = _look_ups[host] = asyncio.get_running_loop().run_in_executor(_threads, _addresses_of, host)
        running.add_done_callback(partial(_forget, host))
    done, _ = await asyncio.wait({running}, timeout=LOOK_UP_TIMEOUT)
    if not done:
        raise UrlRefused(f"the host of url was not looked up within {LOOK_UP_TIMEOUT:g} s")
    try:
        return running.result()
    except (OSError, UnicodeError):
        raise UrlRefused("the host of url cannot be looked up") from None


def _forget(host: str, look_up: asyncio.Future[list[Address]]) -> None:
    _look_ups.pop(host, None)
    if not look_up.cancelled():
        look_up.exception()  # nobody may await it any more; asyncio warns of an exception that is never read


def _addresses_of(host: str) -> list[Address]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def _check_address(address: Address, url: httpx.URL, networks: Sequence[Network]) -> None:
    inside = _carried(address)
    if any(inside in network for network in networks):
        return
    if not _is_public(inside):
        raise UrlRefused(f"url leads to {inside}, which is not public; allow its network with BATON_NOTIFY_NETWORKS")
    if url.scheme == "http":
        raise UrlRefused("url must begin with https://; plain http is for hosts in BATON_NOTIFY_NETWORKS alone")


def _carried(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, where the system or a NAT64 gateway sends it on to that."""
    if isinstance(address, IPv6Address) and address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def _is_public(address: Address) -> bool:
    """Whether an address is on the public internet; forms that hide another address are not."""
    if isinstance(address, IPv6Address) and (address.sixtofour or address.is_site_local):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
