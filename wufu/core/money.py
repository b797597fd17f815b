"""Amounts: whole numbers of an asset's minor unit, never a float.

A fen is the minor unit of CNY; a card is an asset with no decimals, so that
"no card from nowhere" and "no fen from nowhere" are one law.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that can be held: its code, and how many decimals people see."""

    code: str
    scale: int


CNY = Asset("CNY", 2)

LARGEST_MINOR = 2**62
"""No single amount may come near the limit of a 64-bit counter."""


def split_equal(total: int, parts: int) -> tuple[int, int]:
    """Split `total` minor units into equal whole parts: (each, remainder).

    `each * parts + remainder == total` always. With no parts everything remains.
    """
    assert total >= 0
    assert parts >= 0
    return divmod(total, parts) if parts else (0, total)


def render_minor(minor: int, asset: Asset = CNY) -> str:
    """The amount as people read it: 123456 fen → `¥1,234.56`."""
    sign = "-" if minor < 0 else ""
    whole, part = divmod(abs(minor), 10**asset.scale)
    decimals = f".{part:0{asset.scale}d}" if asset.scale else ""
    mark = "¥" if asset.code == "CNY" else ""
    return f"{sign}{mark}{whole:,}{decimals}"
