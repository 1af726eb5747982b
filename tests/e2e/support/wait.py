"""Waiting for a state: poll with a deadline, never sleep and hope."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Set to 5 or so for sanitizer builds: every deadline is multiplied by it.
SLOW = float(os.environ.get("RECLOSER_SLOW", "1"))


def until(check: Callable[[], T], what: str, seconds: float = 5) -> T:
    """Calls check until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds * SLOW
    while True:
        if found := check():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"gave up after {seconds * SLOW:g} s: {what}")
        time.sleep(0.005)
