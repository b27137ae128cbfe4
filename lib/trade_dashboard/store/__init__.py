"""The point-in-time store: records are appended with the instant they became known, and never changed.

    <root>/data/<dataset>/<month of session>/<batch>.parquet     immutable, invisible until committed
    <root>/commits/<batch>.json                                  one per batch; names the batch's files

A batch becomes visible as a whole when its commit is renamed into place. Of records with the same key, the newest known
at the cut counts; one that voids its key counts as none.
"""

from trade_dashboard.store.append import Appended, append, withdraw
from trade_dashboard.store.compact import Compacted, compact
from trade_dashboard.store.layout import Part, parts
from trade_dashboard.store.read import Extent, extent, newest_session, read
from trade_dashboard.store.restatements import restatements

__all__ = [
    "Appended",
    "Compacted",
    "Extent",
    "Part",
    "append",
    "compact",
    "extent",
    "newest_session",
    "parts",
    "read",
    "restatements",
    "withdraw",
]
