"""The point-in-time store: records are appended with the instant they became known, and never changed.

    <root>/data/<dataset>/<month of session>/<batch>.parquet     immutable, invisible until committed
    <root>/commits/<number>.json                                 one per batch; names the batch's files
    <root>/ingests/…                                             what sources need not tell again

The root is a folder or the URL of a bucket. A batch becomes visible as a whole when its commit is made. There can be one
commit of each number: who finds the next one taken looks again at what is stored. Of records with the same key, the
newest known at the cut counts; one that voids its key counts as none.
"""

from trade_dashboard.commits import Part, damaged, parts
from trade_dashboard.place import Root
from trade_dashboard.store.append import Appended, append, withdraw
from trade_dashboard.store.compact import Compacted, compact
from trade_dashboard.store.digest import digest
from trade_dashboard.store.memory import recall, remember
from trade_dashboard.store.read import STAMPS, Cut, Extent, as_frame, extent, newest_session, owners, read, records
from trade_dashboard.store.restatements import restatements
from trade_dashboard.store.view import View, view

__all__ = [
    "STAMPS",
    "Appended",
    "Compacted",
    "Cut",
    "Extent",
    "Part",
    "Root",
    "View",
    "append",
    "as_frame",
    "compact",
    "damaged",
    "digest",
    "extent",
    "newest_session",
    "owners",
    "parts",
    "read",
    "recall",
    "records",
    "remember",
    "restatements",
    "view",
    "withdraw",
]
