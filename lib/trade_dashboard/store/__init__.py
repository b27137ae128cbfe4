"""The point-in-time store: records are appended with the instant they became known, and never changed.

    <root>/data/<dataset>/<month of session>/<batch>.parquet     immutable, invisible until committed
    <root>/commits/<batch>.json                                  one per batch; names the batch's files

A batch becomes visible as a whole when its commit is renamed into place. Of records with the same key, the newest known
at the cut counts.
"""

from trade_dashboard.store.append import Appended, append
from trade_dashboard.store.layout import Part, parts
from trade_dashboard.store.read import Extent, extent, read

__all__ = ["Appended", "Extent", "Part", "append", "extent", "parts", "read"]
