"""The other processes of a headless run and of the demo; started by `wufu/db/child.py`, never by hand."""

import logging
import sys

import uvloop

from wufu.crowd.bots import play
from wufu.crowd.server import serve

WORK = {"serve": serve, "bots": play}

if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    uvloop.run(WORK[sys.argv[1]]())
