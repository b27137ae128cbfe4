"""Parts of the world that a test needs: without one it is skipped, and where nothing may be skipped it fails."""

import os
from typing import NoReturn

import pytest

NO_SKIP = "TRADE_DASHBOARD_NO_SKIP"
MAY_SKIP = os.environ.get(NO_SKIP, "") == ""


def missing(reason: str) -> NoReturn:
    """Skip for want of a part, or fail for it."""
    if MAY_SKIP:
        pytest.skip(reason)
    pytest.fail(reason)


def needs(part: object, reason: str) -> None:
    """Go on only if the part is there."""
    if not part:
        missing(reason)
