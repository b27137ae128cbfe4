"""The market overview as a reader gets it: on the sample, on a real account, and cell by cell where little is known."""

import json
import re
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from build import bars, equity, fills, flows, store_with, together
from cells import cells

from trade_dashboard import metrics, present, schema
from trade_dashboard.metrics import REPORTS
from trade_dashboard.runs.catalog import catalog
from trade_dashboard.runs.plan import Plan
from trade_dashboard.runs.run import run
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Settings

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LATE = datetime(2100, 1, 1, tzinfo=UTC)
SESSIONS = calendar().between(date(2023, 6, 1), date(2025, 6, 30))
SECTIONS = ("changes", "benchmark", "sectors", "breadth", "volatility", "regime", "watchlist")


def made(store, outputs, day, **parameters):
    """Run the report, and give its record and its page."""
    plan = Plan(catalog(NOTEBOOKS)["market_overview"], date.fromisoformat(day), parameters, LATE)
    record = run(plan, Settings(store=store, outputs=outputs, notebooks=NOTEBOOKS))
    assert record.status == "done", record.reason
    return record, Path(record.page).read_text()


def heading(page, name):
    return unescape(re.search(rf'<h3 id="{name}">(.*?)</h3>', page)[1]).replace("\u202f", " ")


def text_of(page):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture(scope="module")
def sample(sample_store, tmp_path_factory):
    """The report of the sample's last session."""
    return made(sample_store, tmp_path_factory.mktemp("market"), "2025-06-30")


def test_the_sample_answers_in_one_sentence(sample):
    """What the benchmark did, the regime and how long it lasts, and how many stocks take part."""
    assert (
        "SMPX −1.0 % today and +2.4 % in 20 sessions; calm advance for 35 sessions; 39 % of stocks are above their "
        "200-session mean."
    ) in text_of(sample[1])


def test_every_kpi_is_glued(sample):
    """By the names of the catalogue; 9 of 23 stocks, and the service's own word."""
    record, _ = sample
    assert list(record.kpis) == list(REPORTS["market_overview"])
    assert record.kpis["breadth_200"] == {"value": pytest.approx(9 / 23), "unit": "fraction"}
    assert record.kpis["regime"] == {"value": "calm advance", "unit": "word"}
    assert record.alerts == []


def test_headings_are_findings(sample):
    """Each says what is to be seen, from the data."""
    _, page = sample
    assert heading(page, "turns") == "Fell below its 200-session mean: NULL"
    assert heading(page, "changes") == "Breadth moved more than usual"
    assert heading(page, "benchmark") == "SMPX is 3.4 % above its 50-session mean and 1.5 % above its 200-session mean"
    assert heading(page, "sectors") == "Health (+11.0 %) leads over 20 sessions, Consumer (−5.1 %) trails"
    assert heading(page, "breadth") == "39 % of 23 stocks are above their 200-session mean, 30 % were 20 sessions ago"
    assert heading(page, "participation") == "8 stocks advanced, 15 declined"
    assert heading(page, "participation-extremes") == "New highs of the year: 0, new lows: 0"
    assert heading(page, "volatility") == "SMPX moves 12.9 % a year, more than on 38 % of the year's sessions"
    assert heading(page, "regime") == "Calm advance for 35 sessions; SMPX +6.2 % meanwhile"
    assert heading(page, "stretches") == "It turned 22 times in 250 sessions"
    assert heading(page, "watchlist") == "13 symbols watched, 10 of them held; 7 of 13 above their 200-session mean"
    assert heading(page, "signals") == "3 BUY and 5 HOLD; 2 of tonight"


def test_the_service_speaks_and_the_page_says_so(sample):
    """Whose word it is, how sure it is, and what would be measured instead."""
    text = text_of(sample[1])
    assert "In the words of market-analysis, 78 % sure. Trend and volatility alone would say: calm uptrend." in text


def test_the_page_is_light_and_the_same_again(sample, sample_store, tmp_path):
    """Far below 600 KB, nothing asked of anywhere, and a second run makes the same bytes."""
    record, page = sample
    assert len(page.encode()) < 300_000
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:|report\.ipynb)""", page)
    again, _ = made(sample_store, tmp_path, "2025-06-30")
    assert again.page_sha256 == record.page_sha256


def test_another_benchmark_is_measured(sample_store, tmp_path):
    """A stock can be one; the service says nothing of it, so its regime is measured."""
    record, page = made(sample_store, tmp_path, "2025-06-30", benchmark="QBLX")
    assert heading(page, "benchmark").startswith("QBLX is")
    assert "Measured by trend and volatility of QBLX, because market-analysis says nothing of it." in text_of(page)
    assert record.kpis["regime"]["value"].split()[0] in {"calm", "volatile"}


@pytest.mark.real_account
def test_a_real_account_has_its_own_symbols_alone(real_store, tmp_path):
    """Closes of what was held and of SPY: a regime, a coarse breadth, and each thing that is missing named."""
    record, page = made(real_store, tmp_path, "2009-12-31")
    text = text_of(page)
    assert record.kpis["breadth_200"]["value"] == 1.0
    assert record.kpis["regime"]["value"] == "calm uptrend"
    assert "SPY −0.9 % today and +0.1 % in 20 sessions; calm uptrend for 98 sessions" in text
    assert "The store has prices of 7 stocks alone: they are no market, and the measure is coarse." in text
    assert "No source says which sector a stock is of" in text
    assert "market-analysis says nothing of it" in text
    assert heading(page, "signals") == "market-analysis gave no signal in 20 sessions"
    assert len(page.encode()) < 300_000


def shown(settings, monkeypatch, day="2025-06-30", **parameters):
    """Run every cell on a store, and give all that is shown as text."""
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    found = cells("market_overview", run_date=day, **parameters)
    assert set(SECTIONS) <= set(found)
    page = "".join(one.markup for one in found.values())
    assert "nan" not in text_of(page).lower().replace("nano", "").replace("nano", "")
    return text_of(page)


def drawn(symbol, sessions, seed=1):
    rng = np.random.Generator(np.random.PCG64(seed))
    closes = (50 * np.exp(0.02 * rng.standard_normal(len(sessions)).cumsum())).round(2)
    return bars(symbol, {f"{day}": close for day, close in zip(sessions, closes, strict=True)})


def test_an_account_without_any_price(tmp_path, monkeypatch):
    """All cash, no bars at all: every section says what it lacks."""
    text = shown(store_with(tmp_path, equity=equity("2025-06-30 100 cash=100")), monkeypatch)
    assert "There are too few prices of SPY to tell the market by." in text
    assert "No prices of SPY" in text
    assert "not enough data: 0 of 200 sessions" in text
    assert "The state of the market is not known" in text
    assert "Nothing is held, and market-analysis speaks of no symbol" in text


def test_an_account_one_day_old(tmp_path, monkeypatch):
    """One bar of one stock and of the benchmark, a fill, and nothing before."""
    settings = store_with(
        tmp_path,
        bars=together(bars("AAA", {"2025-06-30": 10}), bars("SPY", {"2025-06-30": 500})),
        fills=fills("2025-06-30 AAA BUY 10@10"),
        cash_flows=flows("2025-06-30 deposit 1000"),
    )
    text = shown(settings, monkeypatch)
    assert "Not enough data" in text
    assert "1 symbol watched, 1 of them held" in text


def test_a_short_without_a_benchmark(tmp_path, monkeypatch):
    """A year and more of one stock that is short, closes alone, no SPY: breadth is told, the benchmark is missed."""
    own = drawn("AAA", SESSIONS[-400:]).assign(open=np.nan, high=np.nan, low=np.nan, volume=np.nan)
    settings = store_with(tmp_path, bars=own, fills=fills("2025-06-26 AAA SELL 10@50"))
    text = shown(settings, monkeypatch)
    assert "No prices of SPY" in text
    assert "short" in text
    assert "of 1 stock are above" in text


def test_a_bankrupt_account_has_weather_too(tmp_path, monkeypatch):
    """Equity below zero changes nothing of the market."""
    settings = store_with(
        tmp_path,
        bars=together(drawn("AAA", SESSIONS[-300:]), drawn("SPY", SESSIONS[-300:], 2)),
        fills=fills("2025-06-26 AAA SELL 100000@1"),
        equity=equity("2025-06-25 100 cash=100"),
    )
    assert "SPY is" in shown(settings, monkeypatch)


@pytest.mark.parametrize("lookback", [1, 2, 5, 2000])
def test_any_lookback_is_survived(lookback, sample_store, monkeypatch):
    """One session, or more than there are."""
    shown(Settings(store=sample_store), monkeypatch, lookback=lookback)


@pytest.mark.parametrize("day", ["2022-07-01", "2022-07-05", "2023-06-14"])
def test_the_first_sessions_are_survived(day, sample_store, monkeypatch):
    """The sample's first day, its second, and the listing of a stock."""
    shown(Settings(store=sample_store), monkeypatch, day=day)


def test_markup_from_outside_is_text(tmp_path, monkeypatch):
    """A service's word may be anything; it is escaped wherever it stands."""
    nasty = '<img src=x onerror="alert(1)">'
    state = {
        "symbol": "SPY",
        "session": "2025-06-30",
        "time": "2025-06-30T20:20:00Z",
        "state_id": 1,
        "description": nasty,
    }
    signal = {
        "symbol": "AAA",
        "session": "2025-06-30",
        "time": "2025-06-30T20:20:00Z",
        "signal": "BUY",
        "indicators": nasty,
    }
    settings = store_with(
        tmp_path,
        bars=together(drawn("AAA", SESSIONS[-300:]), drawn("SPY", SESSIONS[-300:], 2)),
        equity=equity("2025-06-30 100 cash=100"),
        market_states=schema.conform("market_states", [state]),
        signals=schema.conform("signals", [signal]),
    )
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    page = "".join(one.markup for one in cells("market_overview").values())
    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_many_turns_are_a_table():
    """More than two of a kind are counted in the heading and named beneath, a dozen at most."""
    names = tuple(f"S{n:02d}" for n in range(15))
    turns = metrics.Turns(
        rose=names, fell=("AAA",), highs=(), lows=(), regime=("calm", "storm"),
        signals=pd.DataFrame([{"symbol": "BBB", "before": "BUY", "signal": "SELL", "confidence": 0.5}]),
    )  # fmt: skip
    markup = present.turns_table(turns, date(2025, 6, 27)).markup
    assert (
        "Rose above its 200-session mean: 15; fell below its 200-session mean: AAA; signal flipped: BBB from BUY to SELL; "
        "regime: from calm to storm"
    ) in markup
    assert "S11 and 3 more" in markup
    assert "Since Friday" in markup


def test_a_quiet_evening_is_said():
    """Nothing turned: a sentence, and no grid."""
    quiet = metrics.Turns((), (), (), (), pd.DataFrame({"symbol": [], "before": [], "signal": []}), None)
    markup = present.turns_table(quiet, date(2025, 6, 27)).markup
    assert "Nothing is known to have turned since Friday" in markup
    assert "<table" not in markup


def test_the_record_is_plain_json(sample):
    """Whoever asks gets no NaN."""
    json.dumps(sample[0].summary(), allow_nan=False)
