"""Exposure is of equity, adds up by sector and strategy, and says how few holdings it is and how fast it could be sold."""

import pandas as pd
import pytest
from build import bars, fills, flows, ledger_of, together, worth
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from trade_dashboard import schema
from trade_dashboard.metrics import by_symbol, history
from trade_dashboard.metrics.exposure import by_sector, by_strategy, concentration, days_to_sell, exposure, weights
from trade_dashboard.metrics.open_lots import open_lots
from trade_dashboard.schema import empty

NAN = float("nan")
START = flows("2025-06-26 deposit 1000")
repeatable = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def near(*values):
    return pytest.approx(list(values), nan_ok=True, abs=1e-9)


def sectors(**named):
    rows = [
        {
            "symbol": symbol,
            "session": "2025-06-02",
            "name": symbol,
            "kind": "stock",
            "sector": sector,
            "currency": "USD",
        }
        for symbol, sector in named.items()
    ]
    return schema.conform("instruments", rows)


def book(*lines, strategies=(), **prices):
    """Reckon 1000 in cash and these fills of Friday, at these closes of Friday and Monday."""
    traded = fills(*(f"2025-06-27 {line}" for line in lines))
    if strategies:
        traded = traded.assign(strategy=pd.Series(strategies, dtype="str"))
    closes = together(*(bars(symbol, {"2025-06-27": price, "2025-06-30": price}) for symbol, price in prices.items()))
    return traded, ledger_of(cash_flows=START, fills=traded, bars=closes)


LONG_SHORT = ("AAA BUY 10@50", "BBB BUY 20@10", "CCC SELL 10@30")
PRICES = {"AAA": 50, "BBB": 10, "CCC": 30}


def test_long_and_short_are_gross_and_net():
    """700 long and 300 short of 1000: a gross of one, a net of two fifths."""
    _, account = book(*LONG_SHORT, **PRICES)
    now = exposure(history(account)).iloc[-1]
    assert now.to_dict() == pytest.approx({"gross": 1.0, "net": 0.4, "long": 0.7, "short": 0.3})


def test_weights_are_signed_shares_of_equity():
    """Half long, a fifth long, three tenths short; none on the day before."""
    _, account = book(*LONG_SHORT, **PRICES)
    assert weights(account).iloc[-1].to_dict() == pytest.approx({"AAA": 0.5, "BBB": 0.2, "CCC": -0.3})
    assert weights(account).iloc[0].tolist() == [0, 0, 0]


def test_sectors_add_up_to_the_account():
    """AAA and CCC are of one sector, nobody knows BBB's: it has a line of its own."""
    _, account = book(*LONG_SHORT, **PRICES)
    found = by_sector(by_symbol(account), sectors(AAA="Energy", CCC="Energy", BBB=None))
    assert found.index.tolist() == ["Energy", "no sector"]
    assert found.loc["Energy"].tolist() == near(0.5, 0.3, 0.8, 0.2, 2)
    assert found.loc["no sector"].tolist() == near(0.2, 0, 0.2, 0.2, 1)


def test_without_instruments_nothing_has_a_sector():
    """A broker's export names none."""
    _, account = book(*LONG_SHORT, **PRICES)
    assert by_sector(by_symbol(account), empty("instruments")).index.tolist() == ["no sector"]


def test_strategies_are_those_of_the_fills():
    """Two strategies hold AAA, one long and one short of it; a fill without a strategy is unassigned."""
    traded, account = book(
        "AAA BUY 12@50", "AAA SELL 2@50", "BBB BUY 20@10", strategies=["trend", "fade", None], AAA=50, BBB=10
    )
    found = by_strategy(open_lots(traded, empty("corporate_actions"), account.sessions), by_symbol(account))
    assert found.index.tolist() == ["trend", "unassigned", "fade"]
    assert found["long"].tolist() == near(0.6, 0.2, 0)
    assert found["short"].tolist() == near(0, 0, 0.1)
    assert found["net"].sum() == pytest.approx(history(account)["net_exposure"].iloc[-1])


def test_what_two_strategies_closed_for_each_other_is_not_held():
    """Bought by one and sold without a word: nothing is held, so no strategy has an exposure."""
    traded, account = book("AAA BUY 10@50", "AAA SELL 10@50", strategies=["trend", None], AAA=50)
    assert by_strategy(open_lots(traded, empty("corporate_actions"), account.sessions), by_symbol(account)).empty


def test_concentration_of_equal_holdings():
    """Four of a tenth each: the largest a tenth, Herfindahl a quarter, as concentrated as four."""
    lines = [f"{symbol} BUY 10@10" for symbol in ("AAA", "BBB", "CCC", "DDD")]
    _, account = book(*lines, AAA=10, BBB=10, CCC=10, DDD=10)
    found = concentration(by_symbol(account))
    told = (found.largest.value, found.top.value, found.herfindahl.value, found.effective_number.value)
    assert told == pytest.approx((0.1, 0.4, 0.25, 4))


def test_concentration_counts_short_holdings_by_size():
    """Shares of gross 0.5, 0.2 and 0.3: squares add up to 0.38, whatever their sign."""
    _, account = book(*LONG_SHORT, **PRICES)
    found = concentration(by_symbol(account))
    assert (found.symbol, found.largest.value, found.top.value) == ("AAA", pytest.approx(0.5), pytest.approx(1.0))
    assert found.herfindahl.value == pytest.approx(0.38)


def test_the_top_are_five():
    """Six of a tenth each: five of them are a half."""
    lines = [f"{symbol * 3} BUY 10@10" for symbol in "ABCDEF"]
    _, account = book(*lines, **{symbol * 3: 10 for symbol in "ABCDEF"})
    assert concentration(by_symbol(account)).top.value == pytest.approx(0.5)


def test_nothing_held_has_no_concentration():
    """It says so; an account below zero, and one without prices, say why as well."""
    assert concentration(by_symbol(worth("100 110"))).largest.reason == "nothing is held"
    _, bankrupt = book("AAA SELL 100@10", AAA=50)
    assert "equity is not above zero" in concentration(by_symbol(bankrupt)).herfindahl.reason
    unpriced = ledger_of(cash_flows=START, fills=fills("2025-06-27 AAA BUY 1@10"))
    assert "has no price" in concentration(by_symbol(unpriced)).largest.reason


def test_a_bankrupt_account_has_no_exposures_by_sector():
    """Its holdings are counted, but they are no share of anything."""
    _, bankrupt = book("AAA SELL 100@10", AAA=50)
    (row,) = by_sector(by_symbol(bankrupt), empty("instruments")).to_dict("records")
    assert row["positions"] == 1
    assert all(pd.isna(row[name]) for name in ("long", "short", "gross", "net"))


def traded_volume(*volumes, symbol="AAA"):
    days = pd.bdate_range("2025-06-02", periods=len(volumes))
    closes = bars(symbol, {str(day.date()): 10 for day in days})
    return closes.assign(volume=pd.Series(volumes, dtype="float64"))


def held(quantity, symbol="AAA"):
    return pd.DataFrame({"quantity": [float(quantity)]}, index=pd.Index([symbol], name="symbol"))


def test_selling_takes_a_tenth_of_the_usual_volume_a_day():
    """500 shares where 1000 are usually traded: five days, whether they are long or short."""
    assert days_to_sell(held(500), traded_volume(*[1000] * 20)).tolist() == [5]
    assert days_to_sell(held(-500), traded_volume(*[1000] * 20)).tolist() == [5]


def test_the_usual_volume_is_the_median_of_twenty_sessions():
    """One wild day moves nothing, and what was before the last twenty sessions is past."""
    assert days_to_sell(held(500), traded_volume(*[9], *[1000] * 19, 10**9)).tolist() == [5]
    assert days_to_sell(held(500), traded_volume(*[1] * 30, *[1000] * 20)).tolist() == [5]


def test_without_volume_nobody_knows():
    """No column of volumes, too few of them, nothing traded, or no bars at all: NaN."""
    assert days_to_sell(held(5), traded_volume(*[NAN] * 20)).isna().all()
    assert days_to_sell(held(5), traded_volume(*[NAN] * 11, *[1000] * 9)).isna().all()
    assert days_to_sell(held(5), traded_volume(*[0] * 20)).isna().all()
    assert days_to_sell(held(5), empty("bars")).isna().all()


sizes = st.lists(st.integers(-9, 9).filter(bool), min_size=1, max_size=6)


def random_book(numbers):
    names = [chr(ord("A") + n) * 3 for n in range(len(numbers))]
    lines = [
        f"{name} {'BUY' if size > 0 else 'SELL'} {abs(size)}@10" for name, size in zip(names, numbers, strict=True)
    ]
    return book(*lines, **dict.fromkeys(names, 10))


@repeatable
@given(numbers=sizes)
def test_the_parts_are_the_whole(numbers):
    """Long and short add up to gross; sectors and strategies to gross and net; sizes to 1/n at least."""
    traded, account = random_book(numbers)
    now, holdings = exposure(history(account)).iloc[-1], by_symbol(account)
    assert now["long"] + now["short"] == pytest.approx(now["gross"])
    assert now["long"] - now["short"] == pytest.approx(now["net"])
    by_name = sectors(**{symbol: f"sector {n % 2}" for n, symbol in enumerate(holdings.index)})
    lots = open_lots(traded, empty("corporate_actions"), account.sessions)
    for parts in (by_sector(holdings, by_name), by_strategy(lots, holdings)):
        assert parts[["gross", "net", "long", "short"]].sum().to_dict() == pytest.approx(now.to_dict())
    found = concentration(holdings)
    assert 1 / len(numbers) - 1e-12 <= found.herfindahl.value <= 1
    assert found.largest.value <= found.top.value <= now["gross"] + 1e-12
