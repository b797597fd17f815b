"""What the tests of photo packets do on the way: pictures, posts, payments, all by real verbs."""

import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import numpy as np
from PIL import Image

from tests.world import an_id
from wufu.core.ids import PersonId
from wufu.db import Database, Tx
from wufu.ledger import Account, balances, named_group
from wufu.objects import ObjectStore, stage
from wufu.people import NewPerson, create_people
from wufu.photos import (
    Asked,
    AskPhoto,
    Made,
    Paid,
    PayPhoto,
    Photo,
    PostPhoto,
    ask_photos,
    clean_post,
    content_digest,
    develop,
    pay_photos,
    post_photo,
    see_settings,
)
from wufu.photos.model import pending_of
from wufu.ties import AcceptTie, AskTie, accept_ties, ask_ties
from wufu.wallet import fund, money_of

P = ParamSpec("P")
T = TypeVar("T")


def natural(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    """A picture whose frequencies fall off as those of photographs do, made from a seed."""
    chance = np.random.default_rng(seed)
    fall = np.fft.fftfreq(height)[:, None] ** 2 + np.fft.fftfreq(width)[None, :] ** 2
    fall[0, 0] = 1
    planes = []
    for _ in range(3):
        waves = np.fft.fft2(chance.normal(size=(height, width))) / fall**0.6
        plane = np.fft.ifft2(waves).real
        planes.append((plane - plane.mean()) / plane.std() * 40 + 125)
    return Image.fromarray(np.clip(np.stack(planes, 2), 0, 255).astype(np.uint8))


def as_file(picture: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


PICTURE = as_file(natural())


async def do(
    database: Database, verb: Callable[Concatenate[Tx, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run one verb and commit it."""

    async def work(tx: Tx) -> T:
        return await verb(tx, *args, **kwargs)

    return await database.run(work, actor="test")


@dataclass(slots=True)
class Album:
    """People with money, and photos among them."""

    database: Database
    store: ObjectStore

    async def people(self, count: int, minor: int = 1_000_00) -> list[PersonId]:
        people = await do(
            self.database, create_people, [NewPerson(f"甲{n}", "imported") for n in range(count)]
        )
        for person in people:
            if minor:
                await do(
                    self.database, fund, money_of(person).holder, minor, named_group("rich", str(person))
                )
        return people

    async def befriend(self, one: PersonId, *others: PersonId) -> None:
        await do(self.database, ask_ties, [AskTie(one, other) for other in others])
        await do(self.database, accept_ties, [AcceptTie(other, one) for other in others])

    async def friends(self, count: int, minor: int = 1_000_00) -> list[PersonId]:
        """An author and their friends."""
        people = await self.people(count, minor)
        await self.befriend(people[0], *people[1:])
        return people

    async def post(self, author: PersonId, name: str = "photo", **more: Any) -> Photo:
        """Post `PICTURE`; `more` are fields of `PostPhoto`."""
        fields: dict[str, Any] = {"least_minor": 1_00, "most_minor": 5_00, "audience": "friends", **more}
        content = fields.pop("content", PICTURE)
        asked = PostPhoto(author, an_id(name), **fields)
        async with self.database.read() as connection:
            request = clean_post(asked, await see_settings(connection))
        developed = develop(content, request.detail)
        now = self.database.clock()
        clear = await stage(self.store, developed.clear, "image/jpeg", now=now, sealed=True)
        detail = None
        if developed.detail is not None:
            detail = await stage(self.store, developed.detail, "image/jpeg", now=now, sealed=True)
        made = Made(developed.width, developed.height, developed.blur, clear, detail)
        return await do(self.database, post_photo, request, content_digest(request, content), made)

    async def ask(self, viewer: PersonId, photo: UUID, seed: str | None = None) -> Asked | Any:
        [answer] = await do(self.database, ask_photos, [AskPhoto(viewer, photo, seed or f"{viewer:064x}")])
        return answer

    async def pay(self, viewer: PersonId, photo: UUID, minor: int | None = None) -> Paid | Any:
        """Pay what is asked (or `minor`)."""
        if minor is None:
            asked = await self.ask(viewer, photo)
            if not isinstance(asked, Asked):
                return asked
            minor = asked.minor
        [answer] = await do(self.database, pay_photos, [PayPhoto(viewer, photo, minor)])
        return answer

    async def money(self, *people: PersonId) -> list[int]:
        async with self.database.read() as connection:
            return await balances(connection, [money_of(person) for person in people])

    async def held(self, account: Account) -> int:
        async with self.database.read() as connection:
            [minor] = await balances(connection, [account])
        return minor

    async def pending(self, photo: UUID) -> int:
        return await self.held(pending_of(photo))
