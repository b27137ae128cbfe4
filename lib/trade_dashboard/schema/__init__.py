"""The columns, types, units and keys of every dataset, and the one check that holds frames to them.

Every record has the columns of its dataset plus three of the store's own: `known_at` (instant at which it entered the
store), `source` (where it came from) and `session`. Money is in the account's currency, quantities are in shares or
contracts and never negative where a side says the direction, prices are as traded (never adjusted for splits or
dividends), fractions are fractions.
"""

from trade_dashboard.schema.checks import LONGEST_TEXT, PANDAS_TYPES, check, conform, empty
from trade_dashboard.schema.datasets import DATASETS, PROVIDED, PROVIDES, QUARANTINE, Column, Dataset, dataset

__all__ = [
    "DATASETS",
    "LONGEST_TEXT",
    "PANDAS_TYPES",
    "PROVIDED",
    "PROVIDES",
    "QUARANTINE",
    "Column",
    "Dataset",
    "check",
    "conform",
    "dataset",
    "empty",
]
