"""How the store bears a career: 5,000 symbols over ten years, measured beside the sample and beside pandas.

    make bench            (some minutes, and about 1 GB below the folder for temporary files)

Every figure is a wall-clock median of five in a process of its own, with that process's peak memory; what can be is
given as a ratio of two figures from this same run.
"""

import json
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from trade_dashboard import store
from trade_dashboard.ingest import ingest
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Settings

SYMBOLS, FILLS, RUNS = 5_000, 1_000_000, 5
SESSIONS = calendar().between(date(2015, 7, 1), date(2025, 6, 30))
NAMES = np.array([f"S{number:04d}" for number in range(SYMBOLS)])
HELD = 12
NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "nightly_summary.ipynb"
KNOWN = datetime(2025, 7, 1, tzinfo=UTC)


def bars(sessions: tuple[date, ...], seed: int) -> pd.DataFrame:
    """Make a bar of every symbol for each session."""
    rng = np.random.default_rng(seed)
    count = len(sessions) * SYMBOLS
    close = rng.uniform(5, 500, count).round(2)
    return pd.DataFrame(
        {
            "symbol": np.tile(NAMES, len(sessions)),
            "session": pd.DatetimeIndex(np.repeat(np.array(sessions, dtype="datetime64[us]"), SYMBOLS)),
            "open": close,
            "high": close + 1,
            "low": close - 1,
            "close": close,
            "volume": rng.integers(1_000, 1_000_000, count).astype("float64"),
        }
    )


def fills() -> pd.DataFrame:
    """Make the fills of one account in a dozen symbols."""
    rng = np.random.default_rng(7)
    session = pd.DatetimeIndex(np.sort(rng.choice(np.array(SESSIONS, dtype="datetime64[us]"), FILLS)))
    return pd.DataFrame(
        {
            "account": "BIG",
            "fill_id": [f"F{number:07d}" for number in range(FILLS)],
            "session": session,
            "time": session.tz_localize("UTC") + pd.Timedelta(hours=15),
            "symbol": NAMES[rng.integers(0, HELD, FILLS)],
            "side": rng.choice(["BUY", "SELL"], FILLS),
            "quantity": rng.integers(1, 100, FILLS).astype("float64"),
            "price": rng.uniform(5, 500, FILLS).round(2),
            "commission": 1.0,
        }
    ).reindex(columns=[*FILL_COLUMNS])


FILL_COLUMNS = (
    "account", "fill_id", "session", "time", "symbol", "side", "quantity", "price", "commission", "order_id", "strategy",
    "tag", "arrival_price", "stop_price", "target_price",
)  # fmt: skip


def build(root: Path) -> dict[str, float]:
    """Fill the big store year by year; gives how fast a year goes in."""
    rates = []
    for year in range(2015, 2026):
        sessions = tuple(day for day in SESSIONS[:-1] if day.year == year)
        frame = bars(sessions, year)
        begun = time.perf_counter()
        store.append(root, {"bars": frame}, "bench", KNOWN - timedelta(days=400))
        rates.append(len(frame) / (time.perf_counter() - begun))
        print(f"  {year}: {len(frame):>9,} bars, {rates[-1]:>9,.0f} rows/s", flush=True)
    # tonight's came after the close, as an evening's do
    store.append(root, {"bars": bars(SESSIONS[-1:], 1)}, "bench", KNOWN)
    equity = pd.DataFrame({"account": ["BIG"], "session": [pd.Timestamp(SESSIONS[0])], "equity": [1e7], "cash": [1e7]})
    store.append(root, {"fills": fills(), "equity": equity}, "bench", KNOWN - timedelta(days=400))
    return {"yearly append, rows/s": statistics.median(rates)}


# what nightly_summary asks of the store: its cells are run once, and every question is written down
RECORD = """
import json, os, pickle, sys
os.environ["TRADE_DASHBOARD_STORE"] = ROOT
from IPython.core.interactiveshell import InteractiveShell
from trade_dashboard import store
asked = []
def noted(name):
    real = getattr(store, name)
    def ask(looked, *args, **kwargs):
        asked.append((name, args, kwargs))
        return real(looked, *args, **kwargs)
    setattr(store, name, ask)
for name in ("records", "extent", "restatements", "owners", "newest_session"):
    noted(name)
shell = InteractiveShell.instance()
for cell in json.load(open(NOTEBOOK))["cells"]:
    if cell["cell_type"] == "code":
        shell.run_cell("".join(cell["source"])).raise_error()
pickle.dump(asked, open(QUESTIONS, "wb"))
"""
NIGHTLY = """
import pickle
from trade_dashboard import store
answers, looked = [], store.view(ROOT)
for name, args, kwargs in pickle.load(open(QUESTIONS, "rb")):
    answer = getattr(store, name)(looked, *args, **kwargs)
    answers.append(store.as_frame(args[0], answer) if name == "records" else answer)
"""
OPEN = """
from trade_dashboard.book import open_book
from trade_dashboard.settings import Settings
open_book("2025-06-30", settings=Settings(store=ROOT))
"""
PANDAS = """
import pandas as pd
pd.read_parquet(ROOT + "/data/bars")
"""
DAY = """
import sys
sys.path.insert(0, HERE)
import store as bench
from trade_dashboard import store
from datetime import date
frame = bench.bars((date(2025, 7, 1),), NUMBER)
begun = time.perf_counter()
store.append(__import__("pathlib").Path(ROOT), {"bars": frame}, "bench")
"""
MEASURE = """
import json, resource, time
import pandas, duckdb, pyarrow.parquet, trade_dashboard.book
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begun = time.perf_counter()
{code}
print(json.dumps([time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def measure(code: str, root: Path, runs: int = RUNS) -> tuple[float, float]:
    """Give the median seconds and peak megabytes of some code, each time in a new process."""
    found = []
    for number in range(runs):
        words = {
            "ROOT": repr(str(root)),
            "HERE": repr(str(Path(__file__).parent)),
            "NUMBER": str(number),
            "NOTEBOOK": repr(str(NOTEBOOK)),
            "QUESTIONS": repr(f"{root}.questions"),
        }
        text = MEASURE.format(code=code)
        for word, value in words.items():
            text = text.replace(word, value)
        done = subprocess.run([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True, check=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return statistics.median(one[0] for one in found), max(one[1] for one in found)


def evenings(root: Path, count: int = 1_000) -> tuple[int, int]:
    """Ingest an account's value and a bar, evening after evening; gives how many commits and data files there are then."""
    for number, session in enumerate(SESSIONS[:count]):
        day = pd.Timestamp(session)
        equity = pd.DataFrame({"account": ["BIG"], "session": [day], "equity": [1e6 + number], "cash": [1e6]})
        bar = bars((session,), number).head(1)
        store.append(root, {"equity": equity, "bars": bar}, "bench", KNOWN + timedelta(minutes=number))
    return len(list((root / "commits").iterdir())), len(list((root / "data").rglob("*.parquet")))


def main(folder: Path) -> None:
    """Build both stores, measure, and print the table."""
    big, sample = folder / "big", folder / "sample"
    print("building the big store", flush=True)
    # in a process of its own: what a child reports as its peak includes what its parent held when it began
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        rates = pool.apply(build, [big])
    ingest(Settings(store=sample), "sample")
    for root in (big, sample):
        measure(RECORD, root, runs=1)
    rows: list[tuple[str, Callable[[], tuple[float, float]]]] = [
        ("open a book, sample", lambda: measure(OPEN, sample)),
        ("open a book, big", lambda: measure(OPEN, big)),
        ("nightly reads, sample", lambda: measure(NIGHTLY, sample)),
        ("nightly reads, big", lambda: measure(NIGHTLY, big)),
        ("pandas.read_parquet of all bars, big", lambda: measure(PANDAS, big, runs=3)),
        ("a day's 5,000 bars in, big", lambda: measure(DAY, big)),
    ]
    print("\n| what | median s | peak MB |\n|---|---|---|")
    figures = {}
    for what, figure in rows:
        figures[what] = figure()
        print(f"| {what} | {figures[what][0]:.2f} | {figures[what][1]:.0f} |", flush=True)
    for what, rate in rates.items():
        print(f"| {what} | {rate:,.0f} | |")
    kept, files = evenings(folder / "evenings")
    print(f"| after 1,000 evenings of 2 datasets: {kept} commits, {files} data files | | |")
    nightly, whole = figures["nightly reads, big"][0], figures["pandas.read_parquet of all bars, big"][0]
    print(f"\nnightly reads, big / sample: {nightly / figures['nightly reads, sample'][0]:.1f}")
    print(f"nightly reads, big / pandas.read_parquet: {nightly / whole:.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        main(Path(place))
