"""The laws of photo packets can fail: each is broken by what a fault of ours might have written."""

from tests.conftest import FreshDatabase, TestClock
from tests.damage import unnoticed
from tests.photos.acts import Album, do
from tests.world import an_id
from wufu.objects import drop_dead
from wufu.photos import LAWS, CommentPhoto, LikePhoto, comment_photos, like_photos, review_photo
from wufu.photos.verbs.ending import credit_due, end_due
from wufu.photos.verbs.seeing import show_clear

SUMS = "a photo's payments equal its author's credits plus pending, less refunds"
PAYMENT = "each payment for a photo is in the ledger once, from its viewer to its author or aside"
REFUND = "each refund gives a payer back what they paid, once, or is kept when they have left"
ASIDE = "nothing stays aside for a photo whose author was credited"
RANGE = "an amount that was drawn is in the author's range"
UNPAID = "nobody sees a photo unpaid"
COUNTERS = "a photo's counters are what is there"
PICTURES = "a photo's pictures live sealed exactly as long as it does"
MIDNIGHT = "no photo lives past its midnight"
DAY = "what somebody posted and paid today is the sum of it"
KEPT = "what is kept for people who left is what photos gave back to them"

UP = "photo = (SELECT id FROM photo WHERE message = 'up')"
DAMAGE = {
    f"UPDATE photo_view SET minor = minor + 1 WHERE {UP} AND paid_at IS NOT NULL": SUMS,
    "UPDATE account SET credits = credits + 5 WHERE purpose = 'pending' AND holder LIKE 'photo/%'": SUMS,
    f"UPDATE photo_view SET pay_group = gen_random_uuid() WHERE {UP} AND paid_at IS NOT NULL": PAYMENT,
    f"UPDATE photo_view SET to_pending = true WHERE {UP} AND paid_at IS NOT NULL": PAYMENT,
    "UPDATE photo_view SET refund_group = pay_group WHERE refunded_at IS NOT NULL": REFUND,
    "UPDATE photo_view SET refund_group = gen_random_uuid() WHERE refunded_at IS NOT NULL": REFUND,
    "UPDATE photo SET credited_at = posted_at WHERE message = 'evening'": ASIDE,
    "UPDATE photo SET most_minor = least_minor - 1 WHERE message = 'up'": RANGE,
    "UPDATE photo_view SET viewer = (SELECT min(author) FROM photo) WHERE seen_at IS NOT NULL": RANGE,
    "UPDATE photo_view SET seen_at = paid_at - interval '1 second' WHERE seen_at IS NOT NULL": UNPAID,
    "UPDATE photo_comment SET writer = writer + 2": UNPAID,
    "UPDATE photo SET likes = likes + 1 WHERE message = 'up'": COUNTERS,
    "UPDATE photo SET payers = payers - 1 WHERE message = 'up'": COUNTERS,
    "DELETE FROM photo_comment": COUNTERS,
    "UPDATE object SET sealed = false WHERE owner LIKE 'photo/%' AND dropped_at IS NULL": PICTURES,
    "UPDATE object SET dies_at = dies_at + interval '1 hour' WHERE dropped_at IS NULL": PICTURES,
    "UPDATE photo SET clear_object = NULL WHERE message = 'up'": PICTURES,
    "UPDATE object SET dropped_at = dies_at WHERE owner LIKE 'photo/%'": PICTURES,
    "UPDATE photo SET dies_at = posted_at - interval '1 day' WHERE message = 'up'": MIDNIGHT,
    "UPDATE photo_person SET posted = posted + 1": DAY,
    "UPDATE photo_person SET paid_minor = 0": DAY,
    """INSERT INTO account (id, holder, purpose, asset, may_overdraw, credits)
       VALUES (gen_random_uuid(), 'operator/photos', 'unclaimed', 'CNY', false, 7)""": KEPT,
}


async def test_every_law_of_photos_notices_its_damage(
    album: Album, clock: TestClock, fresh: FreshDatabase
) -> None:
    author, saw, unseen, _ = await album.friends(4)
    up = await album.post(author, "up", message="up")
    evening = await album.post(author, "evening", message="evening", credit="evening")
    down = await album.post(author, "down", message="down")
    for photo in (up, evening, down):
        await album.pay(saw, photo.id)
    await album.pay(unseen, up.id)
    await do(album.database, show_clear, saw, up.id)
    await do(album.database, like_photos, [LikePhoto(saw, up.id, True)])
    await do(album.database, comment_photos, [CommentPhoto(saw, an_id("c"), up.id, "好")])
    await do(album.database, review_photo, down.id, "take_down")
    for verb in (credit_due, end_due, drop_dead):
        await do(album.database, verb)
    tables = ("photo", "photo_view", "photo_comment", "photo_person", "object", "account")
    assert await unnoticed(fresh.superuser_url, LAWS, tables, DAMAGE) == {}
    assert {law.name for law in LAWS} == set(DAMAGE.values())
