"""Photo packets 红包照片: a photo that friends see for a small amount that chance draws, until midnight.

The story. An author posts a photo, says between which amounts it costs, and who may know of it: friends, a
conversation, or whoever has the link. What these see is a blur that has nothing of the picture left in it
(`blur.py`), and a small detail if the author chose one. A viewer asks what it costs: their phone sends a
seed, the amount follows from it and a secret that the server committed to at posting
(`model.draw_amount`), and is the same however often they ask. They pay with their PIN and are given the
clear picture, with a mark in it that says whose view it is (`mark.py`), by an address that is good for a
minute and for them only (`tickets.py`). Only payers comment; anybody who sees the post may like it. At
midnight the post and every copy of its picture die; what is left is who paid what, and the secret, from
which everybody can draw their amount again (`proof.py`, `wufu verify`).

The clear picture lies sealed in the object store (`photo/<id>`), leaves the server at one place
(`http.py`), and never before the payment is committed. Whether somebody may see a post is asked anew every
time (`verbs/access.py`): who is blocked, no longer a friend, or left the conversation is out at once, also
with an address in hand.

The money. It goes to the author at once, or lies aside (`photo/<id> pending`) until the author's hour.
Payers who were never shown the picture get theirs back when the author removes it or shut them out; a
takedown gives back everybody's. What an author has spent by then comes from `operator/photos guarantee`,
which may overdraw: its debt is what authors owe the operator.

What is wrong is reported; when enough payers did (`held_by`), the photo is shown to nobody until the
operator has looked (`wufu photos queue`, `show`, `keep`, `take-down`).

Twice, at once, after a crash: posting is repeatable by the phone's id and the file; a viewer has one
amount and one payment a photo, by the primary key and by the name of the ledger's group; pictures are
stored before the transaction that speaks of them, and what no transaction kept is swept away; every end is
one transaction.

Locks, in order: `photo_person` (by number), `photo` (by id), objects, the conversation, ledger accounts.
Tables: photo, photo_secret, photo_view, photo_comment, photo_report, photo_review, photo_person,
photo_setting. Facts: `photos.paid`, `photos.credited`, `photos.liked`, `photos.commented`, `photos.ended`,
`photos.refunded`, and `wallet.moved` to whose money changed. Laws: `audit.py`.
"""

from wufu.photos.acts import LISTENERS
from wufu.photos.audit import LAWS
from wufu.photos.blur import Developed, develop
from wufu.photos.http import router
from wufu.photos.jobs import jobs
from wufu.photos.live import VERBS, PayRequest
from wufu.photos.mark import Found, find_mark, find_mark_in, payload, photo_bits, show_marked
from wufu.photos.model import (
    Asked,
    AskPhoto,
    Commented,
    CommentPhoto,
    Detail,
    Done,
    Liked,
    LikePhoto,
    Paid,
    PayPhoto,
    Photo,
    PostPhoto,
    RemoveComment,
    Removed,
    RemovePhoto,
    ReportPhoto,
    Settings,
    clean_post,
    content_digest,
)
from wufu.photos.personal import PERSONAL, forget_person, see_unsettled
from wufu.photos.proof import FORMAT, Line, check_photo_proof
from wufu.photos.verbs.ending import remove_photos
from wufu.photos.verbs.paying import ask_photos, pay_photos
from wufu.photos.verbs.posting import Made, post_photo, post_upload
from wufu.photos.verbs.reviewing import (
    Reviewed,
    review_photo,
    see_queue,
    see_reported,
    see_settings,
    set_settings,
)
from wufu.photos.verbs.seeing import see_clear_object, see_feed, see_photo, see_proof
from wufu.photos.verbs.talking import comment_photos, like_photos, remove_comments, report_photos

__all__ = [
    "FORMAT",
    "LAWS",
    "LISTENERS",
    "PERSONAL",
    "VERBS",
    "AskPhoto",
    "Asked",
    "CommentPhoto",
    "Commented",
    "Detail",
    "Developed",
    "Done",
    "Found",
    "LikePhoto",
    "Liked",
    "Line",
    "Made",
    "Paid",
    "PayPhoto",
    "PayRequest",
    "Photo",
    "PostPhoto",
    "RemoveComment",
    "RemovePhoto",
    "Removed",
    "ReportPhoto",
    "Reviewed",
    "Settings",
    "ask_photos",
    "check_photo_proof",
    "clean_post",
    "comment_photos",
    "content_digest",
    "develop",
    "find_mark",
    "find_mark_in",
    "forget_person",
    "jobs",
    "like_photos",
    "pay_photos",
    "payload",
    "photo_bits",
    "post_photo",
    "post_upload",
    "remove_comments",
    "remove_photos",
    "report_photos",
    "review_photo",
    "router",
    "see_clear_object",
    "see_feed",
    "see_photo",
    "see_proof",
    "see_queue",
    "see_reported",
    "see_settings",
    "see_unsettled",
    "set_settings",
    "show_marked",
]
