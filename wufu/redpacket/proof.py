"""The proof of a packet: the file that shows how it was split, and its check from nothing but the file.

`check_packet_proof` takes the parsed JSON and answers lines, as the check of a campaign's proof does. The
secret must match the commitment together with the terms, the key is rebuilt from these, and every share is
drawn again. What a file alone cannot show, and a reader compares outside: that the commitment was there when
the packet was sent, and that the shares are those that people got.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal

import msgspec

from wufu.core.money import render_minor
from wufu.redpacket.model import Opening, Packet
from wufu.redpacket.split import Split, Terms, all_shares, packet_commitment

FORMAT: Final = "packet/1"
MOST_SHARES = 1_000_000
MOST_FAULTS = 20

Fen = Annotated[int, msgspec.Meta(ge=1, lt=1 << 53)]
Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, msgspec.Meta(ge=0, le=MOST_SHARES)]


class ProofTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The terms as the file has them; nothing else may stand there, for the commitment covers them."""

    packet: Annotated[str, msgspec.Meta(pattern="^[0-9a-f-]{36}$")]
    sender: Annotated[int, msgspec.Meta(ge=1, lt=1 << 53)]
    split: Split
    minor: Fen
    shares: Annotated[int, msgspec.Meta(ge=1, le=MOST_SHARES)]
    most_minor: Fen
    sent_at: Annotated[
        str, msgspec.Meta(pattern=r"^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}\.[0-9]{6}Z$")
    ]


class ProofOpening(msgspec.Struct, frozen=True):
    """One share as it was paid; `person` is a number, the file names nobody."""

    place: Count
    minor: Fen
    person: Annotated[int, msgspec.Meta(ge=1, lt=1 << 53)]


class PacketProof(msgspec.Struct, frozen=True):
    """The file. Whole numbers are below 2^53, so that a browser reads exactly what we read."""

    wufu: Literal["packet/1"]
    terms: ProofTerms
    commitment: Hash | None
    secret: Hash | None
    state: Literal["finished", "returned"]
    refund_minor: Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]
    openings: Annotated[list[ProofOpening], msgspec.Meta(max_length=MOST_SHARES)]


class Finding(msgspec.Struct, frozen=True):
    """One line: whether it holds, and a sentence that says what was checked."""

    ok: bool
    text: str


def prove(packet: Packet, openings: Sequence[Opening]) -> PacketProof:
    """The proof file of a packet that has ended."""
    assert packet.state != "open"
    return PacketProof(
        FORMAT,
        ProofTerms(**msgspec.structs.asdict(packet.terms)),
        packet.commitment.hex() if packet.commitment else None,
        packet.secret.hex() if packet.secret else None,
        packet.state,
        packet.refund_minor,
        [ProofOpening(one.place, one.minor, one.person) for one in openings],
    )


def check_packet_proof(proof: object) -> list[Finding]:
    """What holds in a packet's proof file and what does not, line by line. Never raises.

    The proof holds when every line is ok.
    """
    try:
        file = msgspec.convert(proof, PacketProof)
    except msgspec.ValidationError as error:
        why, _, where = str(error).partition(" - at `")
        return [Finding(False, f"{where.rstrip('`').lstrip('$.') or 'the file'}: {why}")]
    except RecursionError:
        return [Finding(False, "the file: nests too deep")]
    return list(_check(file))


def _check(file: PacketProof) -> Iterator[Finding]:
    terms = Terms(**msgspec.structs.asdict(file.terms))
    if fault := _terms_fault(terms):
        yield Finding(False, f"terms: {fault}")
        return
    yield Finding(
        True,
        f"terms: {render_minor(terms.minor)} in {terms.shares:,} shares, {terms.split}, "
        f"at most {render_minor(terms.most_minor)} each",
    )
    secret = None
    if terms.split == "lucky":
        if file.secret is None or file.commitment is None:
            yield Finding(False, "secret: a lucky packet that has ended shows its commitment and its secret")
            return
        secret = bytes.fromhex(file.secret)
        found = packet_commitment(secret, terms).hex()
        if found != file.commitment:
            yield Finding(
                False,
                f"commitment: secret and terms hash to {found[:16]}…, committed was {file.commitment[:16]}…",
            )
            return
        yield Finding(True, f"commitment: secret and terms hash to what was committed, {found[:16]}…")
    yield from _check_shares(file, all_shares(secret, terms, len(file.openings)))
    yield _check_sum(file)


def _terms_fault(terms: Terms) -> str | None:
    if not terms.shares <= terms.minor <= terms.shares * terms.most_minor:
        return f"{terms.minor} fen cannot be {terms.shares} shares from 1 to {terms.most_minor} fen"
    if terms.split == "equal" and terms.minor % terms.shares:
        return f"{terms.minor} fen are not {terms.shares} equal shares"
    return None


def _check_shares(file: PacketProof, expected: Sequence[int]) -> Iterator[Finding]:
    faults = 0
    seen: set[int] = set()
    for place, (one, minor) in enumerate(zip(file.openings, expected, strict=False)):
        fault = None
        if one.place != place:
            fault = f"is numbered {one.place}"
        elif one.minor != minor:
            fault = f"the split gives {render_minor(minor)}, the record says {render_minor(one.minor)}"
        elif one.person in seen:
            fault = f"person {one.person} has two shares"
        seen.add(one.person)
        if fault is not None:
            faults += 1
            if faults <= MOST_FAULTS:
                yield Finding(False, f"openings[{place}]: {fault}")
    if len(expected) < len(file.openings):
        faults += 1
        yield Finding(False, f"openings: {len(file.openings)} of {file.terms.shares} shares")
    if faults > MOST_FAULTS:
        yield Finding(False, f"openings: {faults - MOST_FAULTS} more are wrong")
    if not faults:
        yield Finding(True, f"openings: all {len(expected):,} shares are what the secret gives, in order")


def _check_sum(file: PacketProof) -> Finding:
    terms = file.terms
    paid = sum(one.minor for one in file.openings)
    complete = len(file.openings) == terms.shares
    if (file.state == "finished") != complete:
        return Finding(
            False, f"state: {file.state} with {len(file.openings):,} of {terms.shares:,} shares opened"
        )
    if paid + file.refund_minor != terms.minor:
        return Finding(
            False,
            f"refund_minor: {render_minor(paid)} opened and {render_minor(file.refund_minor)} returned "
            f"are not {render_minor(terms.minor)}",
        )
    text = f"sum: {render_minor(paid)} opened"
    if file.refund_minor:
        text += f" and {render_minor(file.refund_minor)} returned"
    if terms.split == "lucky" and complete and terms.shares > 1:
        best = max(one.minor for one in file.openings)
        place = next(one.place for one in file.openings if one.minor == best)
        text += f"; the luckiest was share {place} with {render_minor(best)}"
    return Finding(True, text)
