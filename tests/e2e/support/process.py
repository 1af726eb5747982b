"""Child processes that cannot outlive the test run."""

from __future__ import annotations

import ctypes
import signal

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """For `preexec_fn`: the kernel ends the child when pytest dies."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
