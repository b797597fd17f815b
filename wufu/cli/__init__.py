"""The command line: one place for every command, thin over what the domains offer.

`--json` puts exactly one object on the last line of standard output; everything
a person reads goes to standard error. Exit codes: 0 done, 1 a law, proof or
request failed, 2 wrong use, 3 an engine could not be started or reached.
"""

from wufu.cli.app import main

__all__ = ["main"]
