"""An evening's page beside the day: nine cards and the services, on the sample, and cell by cell where little is known."""

import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from build import bars, equity, fills, flows, ledger_of, store_with, together
from cells import cells

from trade_dashboard import metrics, present, schema
from trade_dashboard.metrics import Alert, alerts, by_symbol, headroom, history
from trade_dashboard.settings import Limits, Settings

CARDS = {
    "alerts", "risk", "positions", "fills", "to-date", "recent", "market", "signals", "opportunities", "watchlist",
    "health",
}  # fmt: skip
DAYS = ("2025-06-27", "2025-06-30")


def text_of(markup):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", markup)))


def heading(page, name):
    return unescape(re.search(rf'<h3 id="{name}">(.*?)</h3>', page)[1]).replace("\u202f", " ")


@pytest.fixture(scope="module")
def sample(sample_run):
    """The page of the sample's last session."""
    return Path(sample_run.page).read_text()


def test_every_card_of_the_front_end_is_filled(sample):
    """Market state, signals, risk; trades, their history, performance; opportunities, watchlist, alerts; and the services."""
    assert set(re.findall(r'<h3 id="([\w-]+)">', sample)) >= CARDS
    assert heading(sample, "alerts") == "2 limits are crossed"
    assert heading(sample, "risk") == "Gross exposure 84 %, net 62 % of equity"
    assert heading(sample, "to-date") == "−0.5 % this month and −0.7 % this year"
    assert heading(sample, "recent") == "13 fills in the 20 sessions before tonight"
    assert heading(sample, "market") == "Calm advance, as the session before"
    assert heading(sample, "signals") == "3 BUY and 5 HOLD; 2 of tonight"
    assert heading(sample, "opportunities") == "6 candidates, GIRDQ best at 0.71; NULL and ZORQ held already"
    assert heading(sample, "watchlist") == "13 symbols watched, 10 of them held"
    assert heading(sample, "health") == "All services are up"


def test_a_page_says_each_number_once_and_the_same(sample):
    """Today's line is the strip's day; every limit's number is its KPI's."""
    text = text_of(sample)
    assert "Today −1.4 % −1.0 % −1 969" in text.replace("\u202f", " ")
    assert "Size of NANO 11.0 % 10.0 % 1.0 pp beyond" in text.replace("\u202f", " ")
    assert "Gross exposure 84.4 % 80.0 % 4.4 pp beyond" in text.replace("\u202f", " ")


def shown(settings, monkeypatch, day="2025-06-30"):
    """Run every cell on a store, and give all that is shown as text."""
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    page = "".join(one.markup for one in cells("nightly_summary", run_date=day).values())
    assert set(re.findall(r'<h3 id="([\w-]+)">', page)) >= CARDS
    text = text_of(page).replace("\u202f", " ")
    assert "NaN" not in text
    assert "nan %" not in text
    return text


def test_a_quiet_evening_of_cash_says_so(tmp_path, monkeypatch):
    """Nothing held, nothing done, no source but the broker: every card is there and says what it lacks."""
    text = shown(store_with(tmp_path, equity=equity("2025-06-26 100 cash=100", "2025-06-30 100 cash=100")), monkeypatch)
    assert "A flat day" in text
    assert "No limit is crossed" in text
    assert "No fills today" in text
    assert "No fill in the 20 sessions before tonight" in text
    assert "The state of the market is not known" in text
    assert "market-analysis gave no signal in 5 sessions" in text
    assert "No source provides opportunities" in text
    assert "Nothing is held, and market-analysis speaks of no symbol" in text
    assert "No service is watched" in text


def test_an_account_one_day_old(tmp_path, monkeypatch):
    """There is no day to compare with, and no period yet."""
    settings = store_with(tmp_path, bars=bars("AAA", {"2025-06-30": 10}), cash_flows=flows("2025-06-30 deposit 1000"))
    text = shown(settings, monkeypatch)
    assert "Not enough data: this is the account's first session, or its value is not known." in text


def test_a_bankrupt_account(tmp_path, monkeypatch):
    """Equity below zero: no fraction of it is told, no limit can be judged, and the loss is."""
    settings = store_with(
        tmp_path,
        cash_flows=flows("2025-06-26 deposit 1000"),
        fills=fills("2025-06-27 AAA SELL 10@50"),
        bars=bars("AAA", dict(zip(DAYS, (50, 200), strict=True))),
    )
    text = shown(settings, monkeypatch)
    assert "How much is at risk is not known" in text
    assert "not known" in text
    assert "−1 500" in text


def test_an_account_that_is_all_short(tmp_path, monkeypatch):
    """It is short, and a price that rises is a loss."""
    settings = store_with(
        tmp_path,
        cash_flows=flows("2025-06-26 deposit 1000"),
        fills=fills("2025-06-27 AAA SELL 10@50"),
        bars=bars("AAA", dict(zip(DAYS, (50, 55), strict=True))),
    )
    text = shown(settings, monkeypatch)
    assert "Long 0 %, short 58 %." in text
    assert "AAA short" in text


def test_a_holding_without_a_price(tmp_path, monkeypatch):
    """Its worth is unknown: so is the account's, and it is watched without a close."""
    settings = store_with(
        tmp_path, cash_flows=flows("2025-06-26 deposit 1000"), fills=fills("2025-06-30 AAA BUY 10@50")
    )
    text = shown(settings, monkeypatch)
    assert "How much is at risk is not known" in text
    assert "No price at all for AAA." in text


def test_a_service_that_is_away_is_told_since_when(tmp_path, monkeypatch):
    """On the banner and in its table, by the same date; one that was not asked tonight is told as well."""
    checks = [
        ("trade-discovery", "2025-06-26", "up", "UP"),
        ("trade-discovery", "2025-06-27", "down", None),
        ("trade-discovery", "2025-06-30", "down", None),
        ("trade-manager", "2025-06-30", "degraded", "operational"),
        ("market-analysis", "2025-06-27", "up", "healthy"),
    ]
    rows = [
        {"service": service, "session": day, "time": f"{day}T20:30:00Z", "status": status, "said": said}
        for service, day, status, said in checks
    ]
    settings = store_with(
        tmp_path,
        equity=equity("2025-06-26 100 cash=100", "2025-06-30 100 cash=100"),
        service_health=schema.conform("service_health", rows),
    )
    text = shown(settings, monkeypatch)
    assert "trade-discovery is down since 27 June 2025 and market-analysis was last checked on 27 June 2025" in text
    assert "trade-discovery is away since 27 June 2025, 20:30 UTC." in text
    assert "trade-manager up" in text


def test_the_services_own_words_are_text(tmp_path, monkeypatch):
    """Whatever a candidate, a signal or a service says is escaped."""
    nasty = '<img src=x onerror="alert(1)">'
    given = {"symbol": "AAA", "session": "2025-06-30", "time": "2025-06-30T20:30:00Z"}
    settings = store_with(
        tmp_path,
        equity=equity("2025-06-30 100 cash=100"),
        opportunities=schema.conform("opportunities", [given | {"opportunity_id": "1", "score": 1, "reason": nasty}]),
        signals=schema.conform("signals", [given | {"signal": "BUY", "indicators": nasty}]),
        market_states=schema.conform("market_states", [given | {"symbol": "SPY", "state_id": 1, "description": nasty}]),
        service_health=schema.conform(
            "service_health",
            [{"service": nasty, "session": given["session"], "time": given["time"], "status": "up", "said": nasty}],
        ),
    )
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    page = "".join(one.markup for one in cells("nightly_summary").values())
    assert "<img" not in page
    assert page.count("&lt;img src=x") >= 4


@pytest.mark.parametrize("day", ["2022-07-01", "2022-07-05", "2025-02-19"])
def test_other_evenings_of_the_sample(day, sample_store, monkeypatch):
    """Its first day, its second, and one on which a service was away."""
    text = shown(Settings(store=sample_store), monkeypatch, day)
    assert ("trade-discovery is down since 18 February 2025" in text) == (day == "2025-02-19")
    assert ("trade-discovery found no candidate tonight" in text) == (day == "2025-02-19")


@pytest.mark.real_account
def test_a_real_account_has_every_card(real_store, monkeypatch):
    """What the broker alone can tell, and the rest is named as missing."""
    text = shown(Settings(store=real_store), monkeypatch, "2009-12-31")
    assert "4 limits are crossed" in text
    assert "Calm uptrend, as the session before" in text
    assert "SPY is −0.9 % in its last session" in text
    assert "111 fills in the 20 sessions before tonight" in text
    assert "7 symbols watched, 7 of them held" in text


def account(close=52):
    return ledger_of(
        cash_flows=flows("2025-06-26 deposit 1000"),
        fills=fills("2025-06-27 AAA BUY 1@50"),
        bars=bars("AAA", dict(zip(DAYS, (50, close), strict=True))),
    )


def test_on_a_quiet_evening_the_nearest_limit_is_named():
    """5.2 % of equity in one holding, of 10 %: no other number has used as much of its limit."""
    here = account()
    room = headroom(here, Limits())
    shown = present.alerts_table(alerts(here, Limits()), room).markup.replace("\u202f", " ")
    assert "No limit is crossed" in shown
    assert "The nearest is Size of AAA: 5.2 % of 10 %." in shown


def test_room_is_said_in_words():
    """Beyond, near, or left; in percentage points."""
    here = account()
    limits = Limits(position_size=0.05, concentration=0.055, heat=0.5)
    table = present.risk_table(headroom(here, limits), history(here), by_symbol(here)).markup
    text = text_of(table).replace("\u202f", " ")
    assert "Size of AAA 5.2 % 5.0 % 0.2 pp beyond" in text
    assert "Size of AAA, critical 5.2 % 5.5 % 0.3 pp left, near" in text
    assert "Gross exposure 5.2 % 50.0 % 44.8 pp left" in text


def test_an_alert_says_about_what():
    """The label of its number, the holding it is about, how grave and since when."""
    alert = Alert("critical", "largest_position", 0.4, 0.3, pd.Timestamp("2025-06-27").date(), "AAA")
    text = text_of(present.alerts_table([alert], headroom(account(), Limits())).markup).replace("\u202f", " ")
    assert "One limit is crossed" in text
    assert "Largest position, AAA critical 40.0 % 27 June 2025" in text


def test_the_fills_before_tonight_are_ten_at_most():
    """Tonight's own stand elsewhere; the newest comes first."""
    many = fills(*(f"2025-06-{day} AAA BUY {day}@10" for day in (12, 13, 16, 17, 18, 20, 23, 24, 25, 26, 27, 30)))
    text = text_of(present.recent_fills_table(many, pd.Timestamp("2025-06-30"), 20).markup)
    assert "11 fills in the 20 sessions before tonight" in text
    assert "30 June" not in text
    assert "12 June" not in text
    assert text.index("27 June") < text.index("13 June")


def test_candidates_stand_by_their_score():
    """Best first; what is held is marked, and named in the heading."""
    rows = [
        {"opportunity_id": name, "symbol": name, "session": DAYS[1], "time": f"{DAYS[1]}T20:40:00Z", "score": score}
        for name, score in (("LOW", 0.2), ("TOP", 0.9), ("MID", 0.5))
    ]
    found = schema.conform("opportunities", rows)
    text = text_of(present.opportunities_table(found, pd.Series({"MID": -5.0, "LOW": 0.0}), ever=True).markup)
    assert "3 candidates, TOP best at 0.90; MID held already" in text
    assert text.index("TOP 0.90") < text.index("MID short 0.50") < text.index("LOW 0.20")


def test_a_market_that_turned_says_from_what():
    """The word before stands beside the new one."""
    closes = pd.Series([10.0, 11.0], index=pd.DatetimeIndex(DAYS, name="session").as_unit("us"), name="IDX")
    told = [
        {"symbol": "IDX", "session": day, "time": f"{day}T20:20:00Z", "state_id": 0, "description": word}
        for day, word in zip(DAYS, ("calm", "storm"), strict=True)
    ]
    regimes = metrics.regimes(schema.conform("market_states", told), closes)
    kpi = metrics.regime_kpi(regimes, closes, closes.index)
    text = text_of(present.market_state(kpi, regimes, closes).markup).replace("\u202f", " ")
    assert "Storm; before: calm" in text
    assert "IDX is +10.0 % in its last session." in text


def test_pieces_stand_abreast_and_are_read_in_order():
    """Two columns on a wide screen; on paper and on a phone one after the other."""
    both = present.abreast(present.exhibit("a", "First", "", ""), present.exhibit("b", "Second", "", ""))
    assert both.markup.startswith('<div class="td abreast">')
    assert both.markup.index("First") < both.markup.index("Second")
    assert both.plain == "First\nSecond"


def test_a_benchmark_that_is_held_is_watched(tmp_path, monkeypatch):
    """It is the market's measure and a position at once."""
    settings = store_with(
        tmp_path,
        cash_flows=flows("2025-06-26 deposit 1000"),
        fills=fills("2025-06-27 SPY BUY 1@50"),
        bars=together(bars("SPY", dict(zip(DAYS, (50, 51), strict=True)))),
    )
    assert "1 symbol watched, 1 of them held" in shown(settings, monkeypatch)
