"""The performance report as a reader gets it: the sample's page, its answer, and accounts that have little to tell."""

import json
import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from build import bars, equity, fills, flows, store_with, together
from cells import cells
from nightly import NOTEBOOKS

from trade_dashboard.metrics import REPORTS, Stat, undefined
from trade_dashboard.present import skill_answer
from trade_dashboard.runs.catalog import catalog
from trade_dashboard.runs.plan import Plan
from trade_dashboard.runs.run import run
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Settings

DAYS = [str(day) for day in calendar().between(date(2025, 5, 1), date(2025, 6, 30))]
NONE = pd.DataFrame({"growth": [1.0, 1.1]}, index=pd.bdate_range("2025-06-27", periods=2))


def text_of(markup):
    bare = re.sub(r"<style>.*?</style>", "", markup, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare)).replace("\u202f", " ")


def headings(page):
    return dict(re.findall(r'<h3 id="([\w-]+)">(.*?)</h3>', page.replace("\u202f", " ")))


def moved(seed, step=0.02, start=100.0):
    """Closes of May and June that go up and down."""
    values = start * np.cumprod(1 + np.random.default_rng(seed).normal(0.001, step, len(DAYS)))
    return {day: round(float(value), 2) for day, value in zip(DAYS, values, strict=True)}


def statistics(**given):
    """Statistics of a made-up account; each is a value, or a Stat."""
    usual = {"sharpe": Stat(1.1, 750, low=0.2, high=2.0), "psr": 0.97, "dsr": 0.6, "alpha": 0.031, "beta": 0.5}
    return {name: one if isinstance(one, Stat) else Stat(one, 750) for name, one in (usual | given).items()}


def answered(needed=500.0, trials=10, history=NONE, **given):
    return skill_answer(statistics(**given), history, Stat(needed, 750), trials, "SPY").replace("\u202f", " ")


def test_the_answer_says_what_the_numbers_support():
    """Above zero with 97 %, but the best of ten lucky tries might be: probably skill."""
    assert answered() == (
        "Sharpe 1.10 over 750 sessions, 95 % between 0.20 and 2.00: probably skill, not yet proven, 60 % sure after 10 "
        "tries; alpha +3.1 % a year at beta 0.50 to SPY."
    )


@pytest.mark.parametrize(
    ("given", "claim"),
    [
        ({"dsr": 0.96}, "skill is the better explanation, 96 % sure after 10 tries"),
        ({"dsr": 0.96, "trials": 1}, "skill is the better explanation, 96 % sure"),
        ({"psr": 0.85, "needed": 1844.3}, "luck is not ruled out; it would take 1 845 sessions like these to tell"),
        ({"sharpe": Stat(1.1, 750, low=-0.1, high=2.0)}, "luck is not ruled out"),
        ({"sharpe": Stat(-0.3, 750, low=-1, high=2.0)}, "no sign of skill"),
        ({"psr": undefined("why", 750)}, "how sure that is cannot be told"),
    ],
)
def test_the_answer_claims_no_more_than_it_can(given, claim):
    """One claim for each case; an interval that reaches below zero is never skill."""
    assert f": {claim}; alpha" in answered(**given)


def test_the_answer_leaves_out_what_is_not_known():
    """Without a benchmark no alpha, without returns no verdict, and after the loss of everything nothing else."""
    assert answered(beta=undefined("no"), alpha=undefined("no")).endswith("60 % sure after 10 tries.")
    early = answered(sharpe=undefined("not enough data: 12 of 20 sessions"))
    assert early == "No verdict on skill: not enough data: 12 of 20 sessions."
    lost = answered(history=NONE.assign(growth=[1.0, 0.0]))
    assert lost == "Everything was lost on 30 June 2025: what came before is no record of skill."


@pytest.fixture(scope="module")
def sample(sample_store, tmp_path_factory):
    """The report of the sample's last session, run once: its record and its page."""
    settings = Settings(store=sample_store, outputs=tmp_path_factory.mktemp("performance"), notebooks=NOTEBOOKS)
    record = run(Plan(catalog(NOTEBOOKS)["performance"], date(2025, 6, 30), {}, None), settings)
    assert record.status == "done", record.reason
    return record, Path(record.page).read_text()


def test_every_kpi_is_glued_with_its_unit(sample):
    """All fourteen, each a number of the sample's account."""
    record, _ = sample
    assert tuple(record.kpis) == REPORTS["performance"]
    assert all(isinstance(one["value"], float) for one in record.kpis.values())
    assert record.kpis["total_return"]["value"] == pytest.approx(0.2512282, abs=1e-7)
    assert record.kpis["sharpe"]["value"] == pytest.approx(0.6089768, abs=1e-7)
    json.dumps(record.summary(), allow_nan=False)


def test_a_ratio_that_is_not_reached_is_a_notice_with_its_evidence(sample):
    """First on the page, linked to the table of statistics."""
    record, page = sample
    assert [(one["kpi"], one["severity"]) for one in record.alerts] == [("sharpe", "notice"), ("sortino", "notice")]
    assert '<a href="#statistics">Sharpe ratio is' in page
    assert 'id="statistics"' in page


def test_headings_are_findings(sample):
    """Each exhibit says what is to be seen, from the data."""
    _, page = sample
    found = headings(page)
    assert found["growth"] == "+25.1 % in 750 sessions, SMPX +37.2 %"
    assert found["episodes"].startswith("The deepest fall, 14.2 %, took 296 sessions to recover; the present one")
    assert found["statistics"] == "A Sharpe ratio of 0.61 could as well be −0.55 or 1.95"
    assert found["strategies"] == "trend +18 449, short_book −1 720, together +24 847 USD"
    assert found["symbols"].endswith("together +24 847 USD"), "both contributions add up to the same P&L"


def test_the_page_is_light(sample):
    """Under 600 KB, and no address of anything outside."""
    _, page = sample
    assert len(page.encode()) < 300_000
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:|report\.ipynb)""", page)


def invested(side, closes, *more):
    """Records of 1000 that went into, or out of, five shares at 100 on the second session."""
    return {
        "cash_flows": flows("2025-05-01 deposit 1000"),
        "fills": fills(f"{DAYS[1]} AAA {side} 5@100"),
        "bars": together(bars("AAA", closes), *more),
    }


YOUNG = invested("BUY", moved(2), bars("SPY", dict(list(moved(3).items())[-3:])))
LITTLE = {
    "steady": ({"cash_flows": flows("2025-05-01 deposit 1000")}, "No verdict on skill: the returns do not vary."),
    "lost": (
        invested("SELL", moved(1) | {DAYS[9]: 900.0}),
        "Everything was lost on 14 May 2025: what came before is no record of skill.",
    ),
    "unpriced": (
        {"cash_flows": flows("2025-06-26 deposit 1000"), "fills": fills("2025-06-27 AAA BUY 5@10")},
        "No verdict on skill: not enough data: 0 of 20 sessions.",
    ),
    "broker's": ({"equity": equity("2025-06-26 9 cash=9")}, "No verdict on skill: not enough data: 2 of 20 sessions."),
}


@pytest.mark.parametrize("lookback", [0, 20])
@pytest.mark.parametrize("name", LITTLE)
def test_an_account_with_little_to_tell_says_so(name, lookback, tmp_path, monkeypatch):
    """In its answer, and in every section that lacks something; the loss of everything is told in any window."""
    records, answer = LITTLE[name]
    store_with(tmp_path, **records)
    monkeypatch.setenv("TRADE_DASHBOARD_STORE", str(tmp_path / "store"))
    shown = cells("performance", run_date="2025-06-30", lookback=lookback)
    page = "".join(one.markup for one in shown.values())
    assert shown["opening"].plain == answer
    assert {"statistics", "distribution", "benchmark", "months", "rolling-beta"} <= set(headings(page))
    assert not re.search(r"\b(nan|NaN|NaT|None|inf)\b", text_of(page))
    assert "Not enough data: fewer than 126 sessions so far." in text_of(page)


def test_a_benchmark_that_begins_later_is_not_set_against_the_whole(tmp_path, monkeypatch):
    """Three sessions of it are no match for forty of the account: the heading leaves it out, the note says since when."""
    store_with(tmp_path, **YOUNG)
    monkeypatch.setenv("TRADE_DASHBOARD_STORE", str(tmp_path / "store"))
    page = cells("performance", run_date="2025-06-30")["growth"].markup
    assert "SPY" not in headings(page)["growth"]
    assert "SPY in grey, dividends put back, from its first price on 26 June 2025." in text_of(page)


@pytest.mark.real_account
def test_a_real_account_has_its_numbers(real_store, monkeypatch):
    """2004 to 2009: +65.4 %, a fall of 60.4 % that lasts, no strategy named, and no skill proven."""
    monkeypatch.setenv("TRADE_DASHBOARD_STORE", str(real_store))
    shown = cells("performance", run_date="2009-12-31", lookback=0)
    found = headings("".join(one.markup for one in shown.values()))
    assert found["growth"] == "+65.4 % in 1 506 sessions, SPY −1.7 %"
    assert found["episodes"] == "The deepest fall, 60.4 %, still lasts, after 542 sessions"
    assert found["symbols"] == "COST +26 094, DELL −20 372, together +65 404 USD"
    assert "no fill names its strategy" in shown["contribution"].markup
    assert "luck is not ruled out" in shown["opening"].plain
