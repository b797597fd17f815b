"""The edge toolkits: how requests come in and facts go out.

The story. A phone asks over NATS (`live`, on the `trunk` line) or HTTP (`http`);
both decode into a domain's request (`bodies`), gather requests of one verb for
about 2 ms (`batch`), and run them in one transaction. Facts that verbs announced are carried out by `relay`.

To add a verb: write it in its domain as a function over a list, list it in the
domain's `live.py`, and add the domain's list in `main`. Its refusals need words
in the app.
"""

from wufu.edge.batch import Batcher, ServerError
from wufu.edge.guard import LARGEST_UPLOAD, read_upload
from wufu.edge.http import Door, NotFound, create_http
from wufu.edge.live import LiveEdge, connect
from wufu.edge.relay import Relay
from wufu.edge.verbs import LiveVerb, UnknownVerb, VerbTable, decode, render

__all__ = [
    "LARGEST_UPLOAD",
    "Batcher",
    "Door",
    "LiveEdge",
    "LiveVerb",
    "NotFound",
    "Relay",
    "ServerError",
    "UnknownVerb",
    "VerbTable",
    "connect",
    "create_http",
    "decode",
    "read_upload",
    "render",
]
