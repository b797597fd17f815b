"""Become another program, one that ends when Wufu ends, even by kill -9.

Run as a script by `process.launch`, never imported:
`python -I -S launch.py PARENT SIGNAL UID GID PROGRAM ARGUMENT…`. It drops to the user, asks the kernel for
SIGNAL at the parent's death, and turns into PROGRAM, keeping the process id.

The order matters: Linux forgets the wish when the user changes, so the user changes first. A script does what
`preexec_fn` could, but in a process of its own: Python code between fork and exec may deadlock in a server
that runs threads, and a restart happens in the middle of exactly that.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(arguments: list[str]) -> None:
    """Drop, bind to the parent, become the program."""
    parent, death_signal, uid, gid = (int(argument) for argument in arguments[:4])
    program = arguments[4:]
    os.umask(0o077)
    if os.geteuid() != uid:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
            sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:
        sys.exit("the server that started this engine is gone")
    os.execv(program[0], program)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
