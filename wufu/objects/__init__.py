"""Objects: bytes too large for a row (pictures, voices, files), in a folder by default, in S3 by URL.

The story. Bytes are *staged*: written to the store and made durable. Then, in the transaction of whoever
owns them, they are *kept*: a row says whose they are, what they are, their digests, and when they die. A
reader who was let in by the owner's own rules gets them by `fetch` or, in pieces over HTTP, by `download`;
every piece is checked against its SHA-256 before any of it is given out. *Dropping* happens in a
transaction too: from its commit on nobody gets the object; its bytes are erased right after by a job, its
row last.

What a crash leaves, between any two steps:

| crash after      | what is left                | what becomes of it                                  |
| ---------------- | --------------------------- | --------------------------------------------------- |
| half a write     | a half file (folder)        | taken away after an hour by the sweep               |
| staged           | bytes without a row         | taken away after an hour by the sweep               |
| kept (commit)    | the object                  | lives                                               |
| dropped (commit) | bytes nobody can get        | erased by the job; sealed ones have lost their key  |
| bytes erased     | a dropped row without bytes | erased again (nothing is there), the row is removed |

The sweep looks the other way too: a row whose bytes are not in the store is a loss; it is logged, marked,
and breaks a law until somebody brings the bytes back or drops it.

*Sealed* objects are encrypted under a key of their own, made of a seed in the row and the store's master
key: a copy of the database opens nothing, nor does a copy of the folder's files without the master key
(move it elsewhere with `WUFU_OBJECTS_KEY`), and dropping one destroys its seed.

An owner is a string such as `photo/<id>`; the owner's own laws say that each of its objects belongs to
something that is there. Tables: object, object_sweep. Laws: `audit.py`. Environment: WUFU_OBJECTS_URL,
WUFU_OBJECTS_KEY.
"""

from wufu.objects.audit import LAWS
from wufu.objects.download import content_headers, download
from wufu.objects.jobs import Checked, Swept, check_all, erase_dropped, jobs, sweep
from wufu.objects.model import (
    LARGEST,
    PIECE,
    BadPicture,
    ObjectDamaged,
    ObjectGone,
    ObjectId,
    Shelved,
    Staged,
    Stored,
)
from wufu.objects.pictures import (
    LARGEST_PICTURE,
    MOST_PIXELS,
    Picture,
    as_jpeg,
    clean_picture,
    open_picture,
    picture_and_thumbnail,
    picture_kind,
)
from wufu.objects.place import BadObjectStore, ObjectStore
from wufu.objects.verbs import (
    drop,
    drop_dead,
    drop_owned,
    fetch,
    hand_over,
    keep,
    look,
    look_at_owned,
    put,
    stage,
)
from wufu.objects.workshop import Workshop

__all__ = [
    "LARGEST",
    "LARGEST_PICTURE",
    "LAWS",
    "MOST_PIXELS",
    "PIECE",
    "BadObjectStore",
    "BadPicture",
    "Checked",
    "ObjectDamaged",
    "ObjectGone",
    "ObjectId",
    "ObjectStore",
    "Picture",
    "Shelved",
    "Staged",
    "Stored",
    "Swept",
    "Workshop",
    "as_jpeg",
    "check_all",
    "clean_picture",
    "content_headers",
    "download",
    "drop",
    "drop_dead",
    "drop_owned",
    "erase_dropped",
    "fetch",
    "hand_over",
    "jobs",
    "keep",
    "look",
    "look_at_owned",
    "open_picture",
    "picture_and_thumbnail",
    "picture_kind",
    "put",
    "stage",
    "sweep",
]
