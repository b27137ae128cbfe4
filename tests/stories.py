"""Two evenings of one small account: a calm one, and one that went wrong in every way that the checks know."""

from datetime import date

from build import at, bars, equity, fills, flows, positions, store_with, together

from trade_dashboard import schema, store
from trade_dashboard.sessions import calendar

MONDAY = "2025-06-30"
FRIDAY = "2025-06-27"
THURSDAY = "2025-06-26"
DAYS = tuple(str(day) for day in calendar().between(date(2025, 5, 1), date(2025, 6, 30)))
EVENING = at("2025-06-30 21:00")


def close_of(n):
    """Tell the close of session n of a walk, counted from 1 May 2025: five prices, over and over."""
    return (100.0, 101.0, 100.0, 102.0, 100.5)[n % 5]


def walk(symbol, **changed):
    """Closes from May 2025 to Monday 30 June, the last of them 100; some changed: `d27=50.5`, or left out: `d26=None`."""
    closes = {day: close_of(n) for n, day in enumerate(DAYS)}
    closes |= {f"2025-06-{day[1:]}": close for day, close in changed.items()}
    return bars(symbol, {day: close for day, close in closes.items() if close is not None})


def checks(*lines):
    """Make checks of services: `checks("2025-06-27 20:30 svc up 40 said=OK")`; a dash is no latency."""
    rows = []
    for line in lines:
        day, clock, service, status, latency, *more = line.split()
        said = dict(word.split("=") for word in more)
        asked = {"service": service, "session": day, "time": at(f"{day} {clock}"), "status": status}
        rows.append(asked | {"said": said.get("said"), "latency_ms": None if latency == "-" else float(latency)})
    return schema.conform("service_health", rows)


def rejected(*lines):
    """Make quarantined rows: `rejected("2025-06-30 fills trades.csv 7 price -1")`."""
    words = [line.split() for line in lines]
    rows = [
        {"session": day, "dataset": name, "origin": origin, "line": line, "column": column, "value": value}
        for day, name, origin, line, column, value in words
    ]
    return schema.conform("quarantine", [row | {"reason": "greater_than(0)"} for row in rows])


def good(root):
    """A store of a calm account: 10 AAA bought in May; every feed is there at each close, and the broker agrees to the cent."""
    records = {
        "cash_flows": flows("2025-05-01 deposit 5000"),
        "fills": fills("2025-05-02 AAA BUY 10@101"),
        "bars": walk("AAA"),
        "equity": equity(*(f"{day} {3990 + 10 * close_of(n)}" for n, day in enumerate(DAYS) if n)),
        "positions": positions(*(f"{day} AAA 10" for day in DAYS[1:])),
        "service_health": checks(*(f"{day} 20:30 analyst up {30 + n % 7}" for n, day in enumerate(DAYS))),
        "market_states": schema.conform(
            "market_states",
            [
                {"symbol": "SPY", "session": day, "time": at(f"{day} 20:00"), "state_id": 1, "description": "calm"}
                for day in DAYS
            ],
        ),
    }
    for first, last in ((DAYS[0], THURSDAY), (FRIDAY, FRIDAY), (MONDAY, MONDAY)):
        told = {name: frame[frame["session"].between(first, last)] for name, frame in records.items()}
        settings = store_with(root, known_at=at(f"{last} 20:00"), **told)
    return settings


def bad(root):
    """Spoil the calm account's evening in every way that the checks know."""
    settings = good(root)
    spoiled = together(
        walk("BBB", d27=50.5, d30=50),
        walk("CCC", d25=80),
        walk("DDD", d20=None, d23=None, d26=None),
        walk("EEE", d24=7, d25=7, d26=7, d27=7, d30=7),
    )
    last = spoiled.index[(spoiled["symbol"] == "DDD") & (spoiled["session"] == MONDAY)]
    spoiled.loc[last, "high"] = 90.0
    spoiled.loc[spoiled["symbol"] == "EEE", "volume"] = None
    records = {
        "bars": together(spoiled, bars("AAA", {FRIDAY: 101.5})),
        "fills": fills("2025-06-27 BBB BUY 4@50.5 id=F2"),
        "equity": equity(f"{MONDAY} 4900"),
        "positions": positions(f"{MONDAY} AAA 11", f"{MONDAY} BBB 4"),
        "service_health": checks(f"{FRIDAY} 21:30 analyst down -", f"{MONDAY} 21:30 analyst down -"),
        "quarantine": rejected(f"{MONDAY} fills trades.csv 7 price -1", f"{MONDAY} bars prices.csv 9 close 0"),
    }
    store.append(settings.store, records, "broker-export", EVENING)
    return settings
