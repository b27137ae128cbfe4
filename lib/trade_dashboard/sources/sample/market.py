"""The invented market of the sample: 24 companies that do not exist, and the fund that holds them all.

Returns are one market factor, one factor for each sector and each company's own noise, with persistent drifts, fat
tails and a quarterly surprise. Arrays have shape (n_sessions, n_symbols), the fund last. Everything is rounded as soon
as it is drawn, so that no decision hangs on the last bit of a sum.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from trade_dashboard.sessions import calendar

Floats = npt.NDArray[np.float64]
Record = dict[str, object]

FIRST, LAST = date(2022, 7, 1), date(2025, 6, 30)
SEED = 221
YEAR, QUARTER = 252, 63

# symbol, name, sector, first price, size, beta, own volatility a year
COMPANIES = (
    ("QBLX", "Quiblex Software", "Technology", 84.0, 9.0, 1.15, 0.24),
    ("VYNT", "Vyntra Cloud", "Technology", 141.0, 7.0, 1.25, 0.30),
    ("NULL", "Nullarbor Data", "Technology", 37.0, 4.0, 1.20, 0.34),
    ("ZORQ", "Zorqa Payments", "Technology", 62.0, 3.0, 1.10, 0.28),
    ("NANO", "Nanolith Devices", "Semiconductors", 118.0, 8.0, 1.40, 0.36),
    ("WAFRO", "Wafro Foundries", "Semiconductors", 73.0, 5.0, 1.30, 0.32),
    ("JUNQ", "Junqtion Chips", "Semiconductors", 29.0, 3.0, 1.35, 0.40),
    ("LITHQ", "Lithoquartz Optics", "Semiconductors", 205.0, 4.0, 1.25, 0.30),
    ("MEDZO", "Medzora Devices", "Health", 96.0, 6.0, 0.75, 0.20),
    ("VIRQ", "Virqo Biologics", "Health", 44.0, 3.0, 0.80, 0.38),
    ("KURAL", "Kural Clinics", "Health", 58.0, 4.0, 0.65, 0.19),
    ("BIOXQ", "Bioxquisite Labs", "Health", 23.0, 2.0, 0.85, 0.42),
    ("PETRU", "Petru Offshore", "Energy", 67.0, 5.0, 0.85, 0.26),
    ("GUSHR", "Gusher Ridge Oil", "Energy", 41.0, 3.0, 0.95, 0.33),
    ("WATTZ", "Wattz Grid", "Energy", 52.0, 4.0, 0.55, 0.17),
    ("FALSE", "Falsework Scaffolding", "Industrials", 88.0, 4.0, 1.00, 0.23),
    ("1E52", "1E52 Aerostructures", "Industrials", 129.0, 5.0, 1.10, 0.27),
    ("BOLTZ", "Boltzen Fasteners", "Industrials", 34.0, 3.0, 0.95, 0.22),
    ("GIRDQ", "Girdquist Steel", "Industrials", 47.0, 3.0, 1.05, 0.30),
    ("KRNQ", "Kranquist Cranes", "Industrials", 76.0, 2.0, 1.00, 0.25),
    ("SNAQS", "Snaqs Foods", "Consumer", 54.0, 5.0, 0.55, 0.18),
    ("MUGZ", "Mugz Coffee Houses", "Consumer", 31.0, 3.0, 0.85, 0.26),
    ("SOFAQ", "Sofaquest Homes", "Consumer", 68.0, 3.0, 1.05, 0.31),
    ("TOYZO", "Toyzo Games", "Consumer", 26.0, 2.0, 1.00, 0.35),
)
BENCHMARK = "SMPX"
FUND_NAME, FUND_PRICE = "Sample 500 index fund", 400.0

# until, logarithmic return of the stretch, volatility a year
WEATHER = (
    (date(2022, 10, 31), -0.02, 0.15),
    (date(2023, 7, 31), 0.20, 0.11),
    (date(2024, 2, 9), -0.19, 0.18),
    (date(2024, 11, 29), 0.27, 0.12),
    (date(2025, 3, 31), -0.03, 0.15),
    (LAST, 0.07, 0.11),
)

LISTED = {"BIOXQ": date(2023, 6, 14)}
DELISTED = {"KRNQ": date(2025, 2, 14)}
SPLITS = {("LITHQ", date(2023, 8, 15)): 2, ("VYNT", date(2024, 10, 10)): 3}
DIVIDENDS = {
    "MEDZO": 0.42,
    "KURAL": 0.35,
    "PETRU": 0.55,
    "GUSHR": 0.24,
    "WATTZ": 0.48,
    "FALSE": 0.40,
    "SNAQS": 0.45,
    "BOLTZ": 0.16,
}
GAPS = {
    "NULL": (date(2023, 2, 14), date(2024, 3, 5), date(2024, 3, 6)),
    "GIRDQ": (date(2023, 6, 6), date(2024, 11, 13), date(2025, 4, 22)),
    "JUNQ": (date(2022, 11, 22), date(2024, 5, 29)),
    "WATTZ": (date(2023, 12, 4), date(2025, 5, 13)),
}


@dataclass(frozen=True)
class Market:
    """Every session of every symbol, as traded.

    Attributes
    ----------
    sessions
        Shape (n_sessions,), ascending.
    symbols
        Shape (n_symbols,), the fund last.
    open, high, low, close, volume
        Shape (n_sessions, n_symbols), USD/share as traded and shares, whether or not a bar exists.
    traded
        Whether a bar exists.
    ratio
        New shares for each old one on that session, 1 without a split.
    dividend
        Cash for each share on its ex session, USD, 0 without one.
    """

    sessions: tuple[date, ...]
    symbols: tuple[str, ...]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    traded: npt.NDArray[np.bool_]
    ratio: Floats
    dividend: Floats

    @property
    def scale(self) -> Floats:
        """Count the shares today for each share of the first session: price as traded x scale is adjusted for splits."""
        return np.cumprod(self.ratio, axis=0, dtype=np.float64)


def invent(seed: int = SEED) -> Market:
    """Draw the whole market."""
    rng = np.random.Generator(np.random.PCG64(seed))
    sessions = calendar().between(FIRST, LAST)
    symbols = (*(company[0] for company in COMPANIES), BENCHMARK)
    traded, ratio, dividend = _events(sessions, symbols)
    returns = _returns(rng, sessions, traded)
    opened, high, low, close = _prices(rng, returns, ratio, dividend)
    volume = _volume(rng, returns, np.cumprod(ratio, axis=0, dtype=np.float64))
    return Market(sessions, symbols, opened, high, low, close, volume, traded, ratio, dividend)


def _events(sessions: tuple[date, ...], symbols: tuple[str, ...]) -> tuple[npt.NDArray[np.bool_], Floats, Floats]:
    shape = len(sessions), len(symbols)
    traded, ratio, dividend = np.full(shape, fill_value=True), np.ones(shape), np.zeros(shape)
    for at, symbol in enumerate(symbols):
        listed, last = LISTED.get(symbol, FIRST), DELISTED.get(symbol, LAST)
        gaps = GAPS.get(symbol, ())
        traded[:, at] = [listed <= day <= last and day not in gaps for day in sessions]
        if symbol in DIVIDENDS:
            dividend[30 + at :: QUARTER, at] = DIVIDENDS[symbol]
    for (symbol, day), shares in SPLITS.items():
        ratio[sessions.index(day), symbols.index(symbol)] = shares
    return traded, ratio, dividend


def _weather(rng: np.random.Generator, sessions: tuple[date, ...]) -> Floats:
    pieces, start = [], 0
    for until, total, volatility in WEATHER:
        count = sum(day <= until for day in sessions) - start
        noise = rng.standard_t(6, count) * volatility / np.sqrt(1.5 * YEAR)
        pieces.append(noise - noise.mean() + total / count)
        start += count
    return np.concatenate(pieces).round(6)


def _drift(rng: np.random.Generator, count: int, width: int) -> Floats:
    shocks = rng.standard_normal((count, width)) * 0.00025
    drift = np.zeros((count, width))
    for at in range(1, count):
        drift[at] = (0.98 * drift[at - 1] + shocks[at]).round(7)
    return drift


def _returns(rng: np.random.Generator, sessions: tuple[date, ...], traded: npt.NDArray[np.bool_]) -> Floats:
    count, width = len(sessions), len(COMPANIES)
    sectors = sorted({company[2] for company in COMPANIES})
    size, beta, volatility = np.array([company[4:] for company in COMPANIES]).T
    sector = rng.standard_normal((count, len(sectors))) * 0.08 / np.sqrt(YEAR)
    own = rng.standard_t(5, (count, width)) * volatility / np.sqrt(YEAR * 5 / 3)
    for at in range(width):
        own[20 + at :: QUARTER, at] *= 3.0
    market = _weather(rng, sessions)
    stocks = market[:, None] * beta + sector[:, [sectors.index(company[2]) for company in COMPANIES]] + own
    stocks = np.clip(stocks + _drift(rng, count, width), -0.30, 0.35).round(6)
    weight = size * traded[:, :width]
    fund = ((stocks * weight).sum(axis=1) / weight.sum(axis=1)).round(6)
    return np.column_stack([stocks, fund])


def _prices(rng: np.random.Generator, returns: Floats, ratio: Floats, dividend: Floats) -> tuple[Floats, ...]:
    shape = returns.shape
    wide = np.abs(rng.standard_normal((2, *shape))) * 0.006 + 0.001
    early = 0.35 * returns + rng.standard_normal(shape) * 0.003
    close = np.zeros(shape)
    opened = np.zeros(shape)
    before = np.array([*(company[3] for company in COMPANIES), FUND_PRICE])
    for at in range(len(returns)):
        before = before / ratio[at] - dividend[at]
        opened[at] = (before * (1 + early[at])).round(2)
        before = close[at] = (before * (1 + returns[at])).round(2)
    high = (np.maximum(opened, close) * (1 + wide[0])).round(2)
    low = (np.minimum(opened, close) * (1 - wide[1])).round(2)
    return opened, high, low, close


def _volume(rng: np.random.Generator, returns: Floats, shares: Floats) -> Floats:
    size = np.array([*(company[4] for company in COMPANIES), 60.0]) * 240_000
    busy = np.exp(rng.standard_normal(returns.shape) * 0.25 + 14 * np.abs(returns))
    volume: Floats = (size * busy * shares / 1000).round() * 1000
    return volume


def bars(market: Market) -> list[Record]:
    """List the bars that exist, symbol by symbol."""
    prices = {name: getattr(market, name).tolist() for name in ("open", "high", "low", "close", "volume")}
    return [
        {"symbol": symbol, "session": day} | {name: values[row][at] for name, values in prices.items()}
        for at, symbol in enumerate(market.symbols)
        for row, day in enumerate(market.sessions)
        if market.traded[row, at]
    ]


def instruments() -> list[Record]:
    """List what each symbol is, dated the session of its first bar."""
    stocks: list[Record] = [
        {"symbol": symbol, "session": LISTED.get(symbol, FIRST), "name": name, "kind": "stock", "sector": sector}
        for symbol, name, sector, *_ in COMPANIES
    ]
    fund: Record = {"symbol": BENCHMARK, "session": FIRST, "name": FUND_NAME, "kind": "benchmark"}
    return [one | {"name": f"{one['name']} (fictitious)", "currency": "USD"} for one in [*stocks, fund]]


def corporate_actions(market: Market) -> list[Record]:
    """List the splits and the dividends of symbols that traded then."""
    found: list[Record] = []
    for kind, column, values in (("split", "ratio", market.ratio), ("dividend", "amount", market.dividend)):
        for row, at in np.argwhere(values != (1 if kind == "split" else 0)):
            record = {"symbol": market.symbols[at], "session": market.sessions[row], "kind": kind}
            found.append(record | {column: float(values[row, at])})
    return found
