"""Every piece of `present` once, with data made by hand: what the tests of the kit and whoever looks at it draw from."""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from trade_dashboard import present
from trade_dashboard.metrics import Alert, Kpi, Notice, Stat, undefined
from trade_dashboard.present import Column

FRIDAY = date(2025, 6, 27)


def sessions(number: int, last: str = "2025-06-30") -> pd.DatetimeIndex:
    """Name some sessions up to one, oldest first."""
    return pd.bdate_range(end=last, periods=number, name="session")


def walk(number: int, seed: int, step: float = 0.01) -> pd.Series:
    """Make a line that goes up and down, the same at every call."""
    moves = np.random.default_rng(seed).normal(0.0003, step, number)
    return pd.Series(np.exp(np.cumsum(moves)), index=sessions(number))


def lines(number: int, many: int) -> pd.DataFrame:
    """Make some lines over the same sessions."""
    names = ["Account", "SMPX", "Trend", "Short book", "Mean reversion", "Pairs of semiconductors"]
    return pd.DataFrame({name: walk(number, seed) - 1 for seed, name in enumerate(names[:many], 3)})


def kpi(name: str, value: float | None, previous: float | None, seed: int = 0, **more: object) -> Kpi:
    """Make a KPI with a trail that ends at its value."""
    trail = () if value is None else (*(value * walk(58, seed)).tolist(), previous or value, value)
    return Kpi(name, value, previous, trail=trail, previous_session=FRIDAY, **more)


def kpis() -> dict[str, Kpi]:
    """Make one KPI of every unit, and some that are undefined."""
    made = [
        kpi("total_return", 0.0834, 0.0951, 1, low=-0.021, high=0.1834),
        kpi("sharpe", 0.82, 0.85, 2, low=-0.4, high=1.9),
        kpi("net_pnl", -1234.4, -1100.0, 3),
        kpi("round_trips", 212, 210, 4),
        kpi("slippage_bps", 2.31, 2.3, 5),
        kpi("freshness_sessions", 1, 0, 6),
        kpi("breadth_200", 0.62, 0.41, 7),
        Kpi("regime", None, None, word="rising, calm", previous_word="falling, wild", previous_session=FRIDAY),
        Kpi("ic_5", None, None, reason="not enough data: 12 of 20 dates", previous_session=FRIDAY),
    ]
    return {one.name: one for one in made}


def returns(number: int = 500) -> pd.Series:
    """Make daily returns."""
    return walk(number, 9).pct_change().dropna()


def months() -> pd.DataFrame:
    """Make a table of years by months, unfinished at both ends."""
    values = np.random.default_rng(4).normal(0.006, 0.035, (6, 12))
    values[0, :3], values[-1, 6:] = np.nan, np.nan
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return pd.DataFrame(values, index=[str(year) for year in range(2020, 2026)], columns=names)


def correlations() -> pd.DataFrame:
    """Make a correlation matrix."""
    names = ["NANO", "BIOXQ", "BOLTZ", "KURAL", "NULL", "1E52"]
    return pd.DataFrame([walk(200, seed).pct_change() for seed in range(6)], index=names).T.corr()


def setups() -> pd.DataFrame:
    """Make a table with every kind of cell."""
    rng = np.random.default_rng(5)
    names = ["trend", "short_book", "mean_reversion", "pairs", "earnings drift"]
    return pd.DataFrame(
        {
            "setup": names,
            "n": [48, 31, 22, 4, 2],
            "win": [Stat(0.54, 48, 0.40, 0.67), Stat(0.45, 31, 0.29, 0.62), Stat(0.59, 22, 0.39, 0.77),
                    Stat(0.25, 4, 0.05, 0.70), undefined("not enough data: 2 of 3 trips", 2)],
            "factor": [Stat(1.84, 48, 1.1, 2.9), Stat(0.91, 31), Stat(1.2, 22), Stat(0.3, 4), undefined("no losses", 2)],
            "mean": [Stat(56.25, 48), Stat(-12.5, 31), Stat(33.0, 22), Stat(-140.0, 4), Stat(210.0, 2)],
            "r": [0.42, -0.11, 0.18, -1.2, np.nan],
            "cost": [2.3, 4.1, -0.4, 11.0, np.nan],
            "pnl": [2700.0, -387.5, 726.0, -560.0, 420.0],
            "trail": [tuple(rng.normal(0, 1, 20).cumsum()) for _ in names],
            "first": pd.to_datetime(["2024-01-03", "2024-12-02", "2025-01-09", "2025-02-28", "2025-06-30"]),
            "state": ["notice", "warning", "notice", "critical", "notice"],
        }
    )  # fmt: skip


SETUPS = [
    Column("setup", "Setup"),
    Column("n", "Trips", "count"),
    Column("win", "Win rate, 95\u202f%", "fraction_interval"),
    Column("factor", "Profit factor", "stat_ratio"),
    Column("mean", "Expectancy, USD", "stat_money"),
    Column("r", "R", "signed_ratio"),
    Column("cost", "Slippage, bps", "bps"),
    Column("pnl", "Net P&L, USD", "signed_money"),
    Column("trail", "Cumulative", "spark"),
    Column("first", "First", "day"),
    Column("state", "Verdict", "severity"),
]


def gallery() -> dict[str, present.Html]:
    """Draw everything; each piece under the name that its anchors have."""
    numbers = kpis()
    one = lines(250, 1)["Account"]
    spread = 0.04 + 0.02 * np.sin(np.arange(250) / 30)
    trips = pd.DataFrame(
        {
            "mae": -np.abs(np.random.default_rng(6).normal(0, 90, 60)),
            "pnl": np.random.default_rng(7).normal(20, 120, 60),
        }
    ).assign(symbol=[f"SYM{number}" for number in range(60)])
    panels = {f"SYM{number}": pd.DataFrame({"Close": 50 * walk(40, number), "Stop": 47.0}) for number in range(5)} | {
        "NEW": pd.DataFrame({"Close": [10.0]}, index=sessions(1))
    }
    by_setup = setups().set_index("setup")
    stats = by_setup["win"]
    return {
        "banner": present.banner(
            [
                Alert("warning", "gross_exposure", 0.844, 0.8, FRIDAY),
                Alert("critical", "largest_position", 0.31, 0.3, FRIDAY, "NANO"),
                Alert("notice", "sharpe", 0.82, 1.5, FRIDAY),
            ],
            [Notice("warning", "Stale: equity.", "freshness"), Notice("notice", "3 records were restated.")],
        ),
        "strip": present.strip(numbers, list(numbers)),
        "changes": present.kpi_changes(numbers),
        "lines": present.line_chart(
            lines(1500, 3), name="lines", finding="Three lines over six years", note="Growth since the start.",
            grey=["SMPX"], zero=True,
        ),
        "six": present.line_chart(lines(120, 6), name="six", finding="Six lines, the second in grey", grey=["SMPX"]),
        "band": present.line_chart(
            pd.DataFrame({"Rolling Sharpe": 10 * one}), name="band", finding="Rolling Sharpe and its interval", unit="ratio",
            band=pd.DataFrame({"low": 10 * (one - spread), "high": 10 * (one + spread)}), zero=True,
            marks={pd.Timestamp("2024-09-03"): "new rules", pd.Timestamp("2025-05-01"): "half the size"},
        ),
        "underwater": present.underwater_chart(
            1 + lines(1500, 1)["Account"], name="underwater", finding="Far below the best day", note="Since inception."
        ),
        "bars": present.bar_chart(
            stats.map(lambda stat: stat.value) - 0.5, name="bars", finding="Two setups win more often than they lose",
            note="Win rate less one half; whiskers are 95\u202f% intervals.", n=by_setup["n"],
            low=stats.map(lambda stat: stat.low) - 0.5, high=stats.map(lambda stat: stat.high) - 0.5,
        ),
        "counts": present.bar_chart(by_setup["n"], name="counts", finding="Most trips are trend", unit="count"),
        "histogram": present.histogram(
            returns(), name="histogram", finding="One session in twenty lost more than 1.6\u202f%",
            marks={"VaR 95\u202f%": -0.016, "CVaR": -0.021, "Tonight": -0.0139, "Best": 0.03},
        ),
        "ages": present.histogram(
            pd.Series([1, 2, 2, 3, 3, 3, 4, 5, 9, 12, 40]), name="ages", finding="Most lots are days old", unit="sessions"
        ),
        "heatmap": present.heatmap(
            months(), name="heatmap", finding="March is the cruellest month", note="Returns in percent.",
            total=(1 + months()).prod(axis="columns").sub(1).rename("Year"),
        ),
        "correlations": present.heatmap(
            correlations(), name="correlations", finding="Nothing moves with anything", unit="ratio", strongest=1.0
        ),
        "scatter": present.scatter(
            trips, "mae", "pnl", name="scatter", finding="What went against us rarely came back", x_unit="USD", y_unit="USD",
            x_label="Worst excursion, USD", y_label="P&L, USD", label="symbol",
        ),
        "diagonal": present.scatter(
            trips.assign(mae=trips["pnl"] + trips["mae"] / 3), "mae", "pnl", name="diagonal", finding="On the line is as planned",
            x_unit="USD", y_unit="USD", diagonal=True,
        ),
        "multiples": present.small_multiples(
            panels, name="multiples", finding="The five worst trips", note="Closes from entry to exit.",
            marks={"SYM1": {sessions(40)[5]: "in", sessions(40)[30]: "out"}},
        ),
        "setups": present.table(
            setups(), SETUPS, name="setups", finding="Two setups earn their keep", note="Under five trips is grey.",
            total={"setup": "Total", "n": 107, "pnl": 2898.5}, few="n",
        ),
        "long": present.table(
            pd.DataFrame({"label": [f"row{number}" for number in range(24)], "value": np.arange(24.0) ** 2 - 50}),
            [Column("label", "Row"), Column("value", "Square less 50, USD", "signed_money")],
            name="long", finding="Twenty-four rows",
        ),
        "missing": present.missing("missing", "What luck would do", "not enough data: 12 of 20 sessions"),
    }  # fmt: skip


def write_gallery(path: Path) -> None:
    """Write the page of all pieces."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    from trade_dashboard.page import Facts, export

    cells = [new_markdown_cell("# Gallery\n\n*Does every piece look right?*")]
    for name, piece in gallery().items():
        data, metadata = piece._repr_mimebundle_()
        shown = new_output("execute_result", data, metadata=metadata, execution_count=1)
        cells += [new_markdown_cell(f"## {name}"), new_code_cell(f"present.{name}", outputs=[shown], execution_count=1)]
    facts = Facts("gallery", "Gallery", "Does every piece look right?", "2025-06-30")
    path.write_bytes(export(new_notebook(cells=cells), facts))


if __name__ == "__main__":
    write_gallery(Path(sys.argv[1]))  # `python tests/gallery.py PAGE.html`, to look at it
