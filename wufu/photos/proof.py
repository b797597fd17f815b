"""The proof of a photo's amounts: the file that shows how they were drawn, and its check from nothing but it.

`check_photo_proof` takes the parsed JSON and answers lines, as the checks of campaigns and packets do. The
secret must match the commitment together with the terms, and every amount is drawn again from it and the
viewer's seed. What a file alone cannot show, and a reader compares outside: that the commitment stood
under the post before the viewer asked, and that the seed is the one the viewer's own phone made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

import msgspec

from wufu.core.chance import canonical_json, sha256
from wufu.core.ids import PersonId
from wufu.core.money import render_minor
from wufu.photos.model import draw_amount

FORMAT: Final = "photo/1"
MOST_FAULTS = 20

Fen = Annotated[int, msgspec.Meta(ge=1, lt=1 << 53)]
Number = Annotated[int, msgspec.Meta(ge=1, lt=1 << 53)]
Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
PhotoUuid = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Instant = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}\.[0-9]{6}Z$")]


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: whether it holds, and a sentence that says what was checked."""

    ok: bool
    text: str


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was committed to; nothing else may stand there, for the commitment covers it."""

    photo: PhotoUuid
    author: Number
    least_minor: Fen
    most_minor: Fen
    posted_at: Instant


class Draw(msgspec.Struct, frozen=True):
    """What one viewer's seed drew."""

    viewer: Number
    seed: Hash
    minor: Fen


class PhotoProof(msgspec.Struct, frozen=True):
    """The file. Whole numbers are below 2^53, so that a browser reads exactly what we read."""

    wufu: str
    terms: Terms
    commitment: Hash
    secret: Hash
    draws: list[Draw]


def check_photo_proof(proof: object) -> list[Line]:
    """What holds in the proof file of a photo and what does not, line by line. Never raises."""
    try:
        read = msgspec.convert(proof, PhotoProof)
    except (msgspec.ValidationError, RecursionError) as error:
        return [Line(False, f"the file is malformed: {error}")]
    return list(_check(read))


def _check(proof: PhotoProof) -> Iterator[Line]:
    if proof.wufu != FORMAT:
        yield Line(False, f"wufu: this is no {FORMAT}")
        return
    terms = proof.terms
    if terms.least_minor > terms.most_minor:
        yield Line(False, "terms: least_minor is above most_minor")
        return
    secret = bytes.fromhex(proof.secret)
    found = sha256(secret + canonical_json(msgspec.to_builtins(terms))).hex()
    if found != proof.commitment:
        yield Line(
            False,
            f"commitment: secret and terms hash to {found[:16]}…, committed was {proof.commitment[:16]}…",
        )
    else:
        yield Line(True, f"secret and terms hash to the commitment {found[:16]}…")
    yield from _check_draws(proof, secret)


def _check_draws(proof: PhotoProof, secret: bytes) -> Iterator[Line]:
    terms = proof.terms
    if not proof.draws:
        yield Line(False, "draws: there is none, so there is nothing to check")
        return
    faults = []
    seen: set[int] = set()
    for draw in proof.draws:
        if draw.viewer in seen:
            faults.append(f"draws: viewer {draw.viewer} is in the file twice")
        seen.add(draw.viewer)
        minor = draw_amount(
            secret,
            UUID(terms.photo),
            PersonId(draw.viewer),
            bytes.fromhex(draw.seed),
            terms.least_minor,
            terms.most_minor,
        )
        if minor != draw.minor:
            faults.append(
                f"draws: viewer {draw.viewer} is said to pay {render_minor(draw.minor)}, the draw is"
                f" {render_minor(minor)}"
            )
    for fault in faults[:MOST_FAULTS]:
        yield Line(False, fault)
    span = f"between {render_minor(terms.least_minor)} and {render_minor(terms.most_minor)}"
    told = f"{len(proof.draws):,} amounts {span} drawn again"
    yield Line(not faults, f"{told}, {len(faults):,} not as claimed" if faults else f"{told}, all as claimed")
