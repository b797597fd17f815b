"""The parts of chat that have rooms of their own, put together: secrets, media, notifications."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter

from wufu.chat.media import audit as media_audit
from wufu.chat.media import http as media_http
from wufu.chat.media import jobs as media_jobs
from wufu.chat.moderation import audit as moderation_audit
from wufu.chat.previews import http as previews_http
from wufu.chat.push import audit as push_audit
from wufu.chat.push import http as push_http
from wufu.chat.push import verbs as push
from wufu.chat.push.jobs import Waking
from wufu.chat.secret import audit as secret_audit
from wufu.chat.secret import devices
from wufu.chat.secret import http as secret_http
from wufu.chat.secret import jobs as secret_jobs
from wufu.db import Job, Listener
from wufu.edge import Door
from wufu.objects import ObjectStore, Workshop

LAWS = (*secret_audit.LAWS, *media_audit.LAWS, *push_audit.LAWS, *moderation_audit.LAWS)

LISTENERS: Mapping[str, Sequence[Listener]] = {
    "people.signed_out": (devices.hear_signed_out, push.hear_signed_out),
}


def routers(door: Door, objects: ObjectStore, workshop: Workshop, waking: Waking) -> list[APIRouter]:
    """Their routes, under `/api`."""
    return [
        secret_http.router(door, objects),
        media_http.router(door, objects, workshop),
        push_http.router(door, loopback=waking.loopback),
        previews_http.router(door),
    ]


def jobs(waking: Waking) -> list[Job]:
    """Their work by the clock."""
    return [*secret_jobs.jobs(), *media_jobs.jobs(), *waking.jobs()]
