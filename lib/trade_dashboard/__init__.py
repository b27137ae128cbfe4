"""Reports from notebooks that a trader can trust.

In a notebook: ``from trade_dashboard import metrics, open_book, present``.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trade_dashboard.book import open_book

__all__ = ["open_book"]


def __getattr__(name: str) -> Any:
    # the command line imports this package too, and must not pay for pandas
    if name == "open_book":
        from trade_dashboard.book import open_book

        return open_book
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
