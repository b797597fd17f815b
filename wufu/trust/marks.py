"""Marks: a device and a network prefix as keyed hashes, and nothing else of them.

A network prefix has so few values that a plain hash would be read by trying them all; the key is the
server's (from the object store's key, not from the database), so a copy of the database tells nothing. A
prefix is the first 24 bits of an IPv4 address, the first 48 of an IPv6 one: a household or a school, not a
person. Loopback and addresses that cannot be read make no mark: behind a proxy that hides who asks, everybody
would be one network.
"""

import hmac
import ipaddress
import re

from wufu.trust.model import Mark, MarkKind

MARK_BYTES = 16
DEVICE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
V4_BITS, V6_BITS = 24, 48


def marks_of(key: bytes, device: str, address: str) -> list[Mark]:
    """The marks of a sign-in: none, one or two. What is malformed is no mark, not an error."""
    found = []
    if DEVICE.fullmatch(device):
        found.append(_mark(key, "device", device))
    if prefix := network_prefix(address):
        found.append(_mark(key, "network", prefix))
    return found


def network_prefix(address: str) -> str | None:
    """Such as `203.0.113.0/24`, or None when the address says nothing about who asks."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = read.ipv4_mapped if isinstance(read, ipaddress.IPv6Address) else None
    read = mapped or read
    if read.is_loopback or read.is_unspecified or read.is_link_local or read.is_multicast:
        return None
    if isinstance(read, ipaddress.IPv4Address):
        return str(ipaddress.IPv4Network((int(read), V4_BITS), strict=False))
    return str(ipaddress.IPv6Network((int(read), V6_BITS), strict=False))


def _mark(key: bytes, kind: MarkKind, value: str) -> Mark:
    digest = hmac.digest(key, f"wufu/trust/{kind}/{value}".encode(), "sha256")
    return Mark(kind, digest[:MARK_BYTES])
