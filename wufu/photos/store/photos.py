"""All SQL of photo packets, except their laws."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from wufu.core.ids import GroupId, PersonId
from wufu.db import Connection
from wufu.objects import ObjectId
from wufu.photos.model import (
    Detail,
    Ended,
    Photo,
    PostPhoto,
    Settings,
    View,
)

NO_DAY = date(2000, 1, 1)
Pair = tuple[UUID, PersonId]


# --- Settings -------------------------------------------------------------------------------------


async def settings(connection: Connection) -> Settings:
    rows = await connection.fetch("SELECT name, value FROM photo_setting")
    return Settings(**{row["name"]: row["value"] for row in rows})


async def put_settings(connection: Connection, values: Mapping[str, int]) -> None:
    await connection.execute(
        """
        INSERT INTO photo_setting (name, value) SELECT * FROM unnest($1::text[], $2::bigint[])
        ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """,
        list(values),
        list(values.values()),
    )


# --- A person's day -------------------------------------------------------------------------------


@dataclass(slots=True)
class Day:
    """What a person posted and paid on the day of `day`."""

    day: date
    posted: int
    paid_minor: int


async def day_of_person(connection: Connection, person: PersonId, today: date) -> Day:
    row = await connection.fetchrow("SELECT * FROM photo_person WHERE person = $1", person)
    return _day(row, today) if row is not None else Day(today, 0, 0)


def _day(row: asyncpg.Record, today: date) -> Day:
    return Day(today, row["posted"], row["paid_minor"]) if row["day"] == today else Day(today, 0, 0)


async def lock_days(connection: Connection, people: Iterable[PersonId], today: date) -> dict[PersonId, Day]:
    """Lock what these people post and pay until the end of the transaction, and what they did today."""
    ordered = sorted(set(people))
    await connection.execute(
        """
        INSERT INTO photo_person (person, day, posted, paid_minor)
        SELECT p.person, $2, 0, 0 FROM unnest($1::bigint[]) AS p (person) ON CONFLICT DO NOTHING
        """,
        ordered,
        NO_DAY,
    )
    rows = await connection.fetch(
        "SELECT * FROM photo_person WHERE person = ANY($1::bigint[]) ORDER BY person FOR UPDATE", ordered
    )
    return {row["person"]: _day(row, today) for row in rows}


async def put_days(connection: Connection, days: Mapping[PersonId, Day]) -> None:
    await connection.execute(
        """
        UPDATE photo_person AS kept SET day = new.day, posted = new.posted, paid_minor = new.paid_minor
        FROM unnest($1::bigint[], $2::date[], $3::int[], $4::bigint[])
             AS new (person, day, posted, paid_minor)
        WHERE kept.person = new.person
        """,
        list(days),
        [day.day for day in days.values()],
        [day.posted for day in days.values()],
        [day.paid_minor for day in days.values()],
    )


# --- Photos ---------------------------------------------------------------------------------------


def _photo(row: asyncpg.Record) -> Photo:
    detail = None
    if row["detail_x"] is not None:
        detail = Detail(row["detail_x"], row["detail_y"], row["detail_width"], row["detail_height"])
    return Photo(**{name: row[name] for name in Photo.__struct_fields__ if name != "detail"}, detail=detail)


async def insert_photo(
    connection: Connection,
    request: PostPhoto,
    photo: Photo,
    blur: bytes,
    clear: ObjectId,
    detail: ObjectId | None,
    secret: bytes,
) -> None:
    box = request.detail
    await connection.execute(
        """
        INSERT INTO photo (id, author, asked, message, audience, conversation, least_minor, most_minor,
                           visible_mark, detail_x, detail_y, detail_width, detail_height, width, height,
                           blur, clear_object, detail_object, commitment, posted_at, dies_at, credit_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                $21, $22)
        """,
        photo.id,
        photo.author,
        photo.asked,
        photo.message,
        photo.audience,
        photo.conversation,
        photo.least_minor,
        photo.most_minor,
        photo.visible_mark,
        *((box.x, box.y, box.width, box.height) if box else (None, None, None, None)),
        photo.width,
        photo.height,
        blur,
        clear,
        detail,
        photo.commitment,
        photo.posted_at,
        photo.dies_at,
        photo.credit_at,
    )
    await connection.execute("INSERT INTO photo_secret (photo, secret) VALUES ($1, $2)", photo.id, secret)


async def photos(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Photo]:
    rows = await connection.fetch("SELECT * FROM photo WHERE id = ANY($1::uuid[])", list(set(ids)))
    return {row["id"]: _photo(row) for row in rows}


async def lock_photos(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Photo]:
    """The photos, locked until the end of the transaction, in the order of their ids."""
    rows = await connection.fetch(
        "SELECT * FROM photo WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", list(set(ids))
    )
    return {row["id"]: _photo(row) for row in rows}


async def blurs(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """What everybody may see of photos that live."""
    rows = await connection.fetch(
        "SELECT id, blur FROM photo WHERE id = ANY($1::uuid[]) AND blur IS NOT NULL", ids
    )
    return {row["id"]: row["blur"] for row in rows}


async def objects_of(connection: Connection, id_: UUID) -> tuple[ObjectId | None, ObjectId | None]:
    """A photo's clear picture and detail; None when there is none (any more)."""
    row = await connection.fetchrow("SELECT clear_object, detail_object FROM photo WHERE id = $1", id_)
    return (None, None) if row is None else (row["clear_object"], row["detail_object"])


async def secrets(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    rows = await connection.fetch("SELECT * FROM photo_secret WHERE photo = ANY($1::uuid[])", ids)
    return {row["photo"]: row["secret"] for row in rows}


async def feed(
    connection: Connection,
    person: PersonId,
    friends: Sequence[PersonId],
    before: datetime | None,
    now: datetime,
    limit: int,
) -> list[Photo]:
    """Living photos of friends, and one's own and those one has to do with, also ended ones; newest first."""
    rows = await connection.fetch(
        """
        SELECT * FROM photo AS p
        WHERE ($3::timestamptz IS NULL OR p.posted_at < $3)
          AND (p.author = $1
               OR (p.audience = 'friends' AND p.ended IS NULL AND p.dies_at > $4
                   AND p.author = ANY($2::bigint[]))
               OR p.id IN (SELECT v.photo FROM photo_view AS v WHERE v.viewer = $1))
        ORDER BY p.posted_at DESC, p.id DESC LIMIT $5
        """,
        person,
        friends,
        before,
        now,
        limit,
    )
    return [_photo(row) for row in rows]


async def earned(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, int]:
    """What was paid for photos and not given back."""
    rows = await connection.fetch(
        """
        SELECT photo, sum(minor)::bigint AS minor FROM photo_view
        WHERE photo = ANY($1::uuid[]) AND paid_at IS NOT NULL AND refunded_at IS NULL GROUP BY photo
        """,
        ids,
    )
    return {row["photo"]: row["minor"] for row in rows}


async def due_photos(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    rows = await connection.fetch(
        "SELECT id FROM photo WHERE ended IS NULL AND dies_at <= $1 ORDER BY dies_at, id LIMIT $2", now, limit
    )
    return [row["id"] for row in rows]


async def due_credits(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    rows = await connection.fetch(
        """
        SELECT id FROM photo WHERE credit_at IS NOT NULL AND credited_at IS NULL AND credit_at <= $1
        ORDER BY credit_at, id LIMIT $2
        """,
        now,
        limit,
    )
    return [row["id"] for row in rows]


async def open_photos_of(connection: Connection, author: PersonId) -> list[UUID]:
    rows = await connection.fetch("SELECT id FROM photo WHERE author = $1 AND ended IS NULL", author)
    return [row["id"] for row in rows]


async def unsettled_of(connection: Connection, person: PersonId) -> dict[str, tuple[int, int, datetime]]:
    """Photos that may still give or owe a person something: how many, how much in fen, until when."""
    rows = await connection.fetch(
        """
        SELECT what, count(*) AS count, sum(minor)::bigint AS minor, max(until) AS until FROM (
            SELECT CASE WHEN p.ended IS NULL THEN 'photo' ELSE 'photo_credit' END AS what,
                   coalesce(v.minor, 0) AS minor,
                   CASE WHEN p.ended IS NULL THEN p.dies_at ELSE p.credit_at END AS until
            FROM photo AS p
            CROSS JOIN LATERAL (SELECT sum(minor) AS minor FROM photo_view
                                WHERE photo = p.id AND paid_at IS NOT NULL AND refunded_at IS NULL) AS v
            WHERE p.author = $1
              AND (p.ended IS NULL OR p.credit_at IS NOT NULL AND p.credited_at IS NULL AND v.minor > 0)
            UNION ALL
            SELECT 'photo_paid', v.minor, p.dies_at
            FROM photo_view AS v JOIN photo AS p ON p.id = v.photo
            WHERE v.viewer = $1 AND v.paid_at IS NOT NULL AND v.refunded_at IS NULL AND p.ended IS NULL
        ) AS found GROUP BY what ORDER BY what
        """,
        person,
    )
    return {row["what"]: (row["count"], row["minor"], row["until"]) for row in rows}


async def end_photos(connection: Connection, ids: Sequence[UUID], ended: Ended, now: datetime) -> None:
    """What is left of ended photos: who posted and paid, and how the amounts were drawn."""
    await connection.execute(
        """
        UPDATE photo SET ended = $2, ended_at = $3, message = '', blur = NULL, clear_object = NULL,
                         detail_object = NULL, comments = 0
        WHERE id = ANY($1::uuid[])
        """,
        ids,
        ended,
        now,
    )
    await connection.execute("DELETE FROM photo_comment WHERE photo = ANY($1::uuid[])", ids)


async def retitle_ended(connection: Connection, id_: UUID, ended: Ended) -> None:
    """A photo that ended otherwise was taken down after all."""
    await connection.execute("UPDATE photo SET ended = $2 WHERE id = $1", id_, ended)


async def note_credit(connection: Connection, id_: UUID, group: GroupId | None, now: datetime) -> None:
    await connection.execute(
        "UPDATE photo SET credited_at = $2, credit_group = $3 WHERE id = $1", id_, now, group
    )


async def count(
    connection: Connection,
    ids: Sequence[UUID],
    *,
    payers: Sequence[int] | None = None,
    likes: Sequence[int] | None = None,
    comments: Sequence[int] | None = None,
) -> None:
    """Add to the counters of locked photos, each by its own number."""
    none = [0] * len(ids)
    await connection.execute(
        """
        UPDATE photo AS p SET payers = p.payers + n.payers, likes = p.likes + n.likes,
                              comments = p.comments + n.comments
        FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[]) AS n (id, payers, likes, comments)
        WHERE p.id = n.id
        """,
        ids,
        payers or none,
        likes or none,
        comments or none,
    )


async def hold(connection: Connection, id_: UUID, at: datetime | None) -> None:
    await connection.execute("UPDATE photo SET held_at = $2 WHERE id = $1", id_, at)


# --- Views ----------------------------------------------------------------------------------------


def _view(row: asyncpg.Record) -> View:
    return View(**{name: row[name] for name in View.__struct_fields__})


async def views(connection: Connection, pairs: Iterable[Pair]) -> dict[Pair, View]:
    wanted = list(set(pairs))
    rows = await connection.fetch(
        """
        SELECT v.* FROM unnest($1::uuid[], $2::bigint[]) AS k (photo, viewer)
        JOIN photo_view AS v ON v.photo = k.photo AND v.viewer = k.viewer
        """,
        [photo for photo, _ in wanted],
        [viewer for _, viewer in wanted],
    )
    return {(row["photo"], row["viewer"]): _view(row) for row in rows}


async def views_of(connection: Connection, photo: UUID) -> list[View]:
    """Everybody who had to do with a photo, by number."""
    rows = await connection.fetch("SELECT * FROM photo_view WHERE photo = $1 ORDER BY viewer", photo)
    return [_view(row) for row in rows]


async def let_in(connection: Connection, photo: UUID, viewer: PersonId, now: datetime) -> None:
    await connection.execute(
        """
        INSERT INTO photo_view AS v (photo, viewer, let_in_at) VALUES ($1, $2, $3)
        ON CONFLICT (photo, viewer) DO UPDATE SET let_in_at = coalesce(v.let_in_at, excluded.let_in_at)
        """,
        photo,
        viewer,
        now,
    )


async def put_draws(connection: Connection, draws: Mapping[Pair, tuple[bytes, int]]) -> dict[Pair, int]:
    """Write down drawn amounts; of two seeds of one viewer the first one counts. The amounts that count."""
    rows = await connection.fetch(
        """
        INSERT INTO photo_view AS v (photo, viewer, seed, minor)
        SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::bigint[])
        ON CONFLICT (photo, viewer) DO UPDATE
        SET seed = coalesce(v.seed, excluded.seed), minor = coalesce(v.minor, excluded.minor)
        RETURNING photo, viewer, minor
        """,
        [photo for photo, _ in draws],
        [viewer for _, viewer in draws],
        [seed for seed, _ in draws.values()],
        [minor for _, minor in draws.values()],
    )
    return {(row["photo"], row["viewer"]): row["minor"] for row in rows}


async def put_payments(
    connection: Connection, paid: Sequence[tuple[Pair, GroupId, bool]], now: datetime
) -> None:
    """Each: photo and viewer, the ledger's group, and whether it was set aside for later."""
    await connection.execute(
        """
        UPDATE photo_view AS v SET paid_at = $5, pay_group = n.pay_group, to_pending = n.to_pending
        FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::boolean[])
             AS n (photo, viewer, pay_group, to_pending)
        WHERE v.photo = n.photo AND v.viewer = n.viewer
        """,
        [photo for (photo, _), _, _ in paid],
        [viewer for (_, viewer), _, _ in paid],
        [group for _, group, _ in paid],
        [pending for _, _, pending in paid],
        now,
    )


async def put_refunds(connection: Connection, refunds: Mapping[Pair, GroupId], now: datetime) -> None:
    await connection.execute(
        """
        UPDATE photo_view AS v SET refunded_at = $4, refund_group = n.refund_group
        FROM unnest($1::uuid[], $2::bigint[], $3::uuid[]) AS n (photo, viewer, refund_group)
        WHERE v.photo = n.photo AND v.viewer = n.viewer
        """,
        [photo for photo, _ in refunds],
        [viewer for _, viewer in refunds],
        list(refunds.values()),
        now,
    )


async def note_seen(connection: Connection, photo: UUID, viewer: PersonId, now: datetime) -> None:
    await connection.execute(
        """
        UPDATE photo_view SET seen_at = $3
        WHERE photo = $1 AND viewer = $2 AND paid_at IS NOT NULL AND seen_at IS NULL
        """,
        photo,
        viewer,
        now,
    )


async def put_likes(connection: Connection, likes: Mapping[Pair, datetime | None]) -> None:
    await connection.execute(
        """
        INSERT INTO photo_view (photo, viewer, liked_at)
        SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[])
        ON CONFLICT (photo, viewer) DO UPDATE SET liked_at = excluded.liked_at
        """,
        [photo for photo, _ in likes],
        [viewer for _, viewer in likes],
        list(likes.values()),
    )
