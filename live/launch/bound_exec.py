"""Become the given command, bound to the life of the parent.

    python -I -S bound_exec.py PARENT_PID COMMAND [ARGUMENT...]

Run as a file, never imported. On Linux the kernel is asked to send SIGKILL when the thread that started us ends
(PR_SET_PDEATHSIG, prctl(2)); the request survives execve. This is done here and not in `preexec_fn`, because code
between fork and exec in a process with threads may deadlock. SIGKILL, since a child that is busy or broken
must not outlive its parent; both embedded servers lose nothing acknowledged by it.
"""

import os
import sys

PR_SET_PDEATHSIG = 1
SIGKILL = 9


def main() -> None:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - costs 7 ms and is of use on Linux only

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL)
    if os.getppid() != parent:  # it died before the request was made: nobody would tell us
        sys.exit("the parent is gone")
    os.execvp(command[0], command)  # noqa: S606 - becoming the command is the purpose


if __name__ == "__main__":
    main()
