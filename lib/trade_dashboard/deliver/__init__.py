"""What becomes of the pages: an index of them, copies elsewhere, and an end after their time.

Everything here is made from the records of runs alone; nothing opens the store, and nothing imports pandas.
"""

from trade_dashboard.deliver.index import build_index
from trade_dashboard.deliver.prune import prune
from trade_dashboard.deliver.records import Record, records

__all__ = ["Record", "build_index", "prune", "records"]
