"""Write the sample account's files.

Run `python lib/trade_dashboard/sources/sample/make.py` after a change to the fiction; the same code writes the same
bytes, and a test holds the files against it. The market comes first, the account trades in it, the services talk
about it.
"""

import gzip
import io
from pathlib import Path

import pandas as pd

from trade_dashboard import schema
from trade_dashboard.sources.sample import account, market, services


def make() -> dict[str, pd.DataFrame]:
    """Invent every record, one frame for each dataset, sorted by its key."""
    invented = market.invent()
    records = {
        "bars": market.bars(invented),
        "instruments": market.instruments(),
        "corporate_actions": market.corporate_actions(invented),
        **account.live(invented),
        **services.speak(invented),
    }
    return {name: _frame(name, records[name]) for name in schema.PROVIDED}


def _frame(name: str, records: list[market.Record]) -> pd.DataFrame:
    return schema.conform(name, records).sort_values(list(schema.dataset(name).key), ignore_index=True)


def packed(name: str, frame: pd.DataFrame) -> bytes:
    """Write a frame as the CSV file that ships: short numbers, ISO times, nothing for what is missing."""
    columns = {
        column.name: frame[column.name].dt.strftime("%Y-%m-%d" if column.kind == "date" else "%Y-%m-%dT%H:%M:%S+00:00")
        for column in schema.dataset(name).columns
        if column.kind in ("date", "instant")
    }
    text = frame.assign(**columns).to_csv(index=False, float_format="%.10g", lineterminator="\n")
    file = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as zipped:
        zipped.write(text.encode())
    return file.getvalue()


def main() -> None:
    """Write every file beside this one."""
    for name, frame in make().items():
        target = Path(__file__).with_name(f"{name}.csv.gz")
        target.write_bytes(packed(name, frame))
        print(f"{target.name:<28}{len(frame):>7} records {target.stat().st_size:>8} bytes")


if __name__ == "__main__":
    main()
