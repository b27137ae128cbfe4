"""The risk report as a reader gets it: on the sample, on a real account, and cell by cell on accounts that are small or broken."""

import ast
import re
from datetime import UTC, date, datetime
from functools import cache
from html import unescape
from pathlib import Path

import nbformat
import numpy as np
import pytest
from build import bars, fills, flows, store_with, together

from trade_dashboard.metrics import REPORTS
from trade_dashboard.runs.catalog import catalog
from trade_dashboard.runs.plan import Plan
from trade_dashboard.runs.run import run
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Settings

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LATE = datetime(2100, 1, 1, tzinfo=UTC)
SESSIONS = calendar().between(date(2024, 9, 3), date(2025, 6, 30))
SECTIONS = ("changes", "limits", "positions", "exposure", "sectors", "strategies", "concentration", "correlation", "tail",
            "backtest", "beta", "stress", "shocks", "liquidity", "stops")  # fmt: skip


def made(store, outputs, day):
    """Run the report, and give its record and its page."""
    plan = Plan(catalog(NOTEBOOKS)["risk"], date.fromisoformat(day), {}, LATE)
    record = run(plan, Settings(store=store, outputs=outputs, notebooks=NOTEBOOKS))
    assert record.status == "done", record.reason
    return record, Path(record.page).read_text()


def heading(page, name):
    return re.search(rf'<h3 id="{name}">(.*?)</h3>', page)[1].replace("\u202f", " ")


def text_of(page):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture(scope="module")
def sample(sample_store, tmp_path_factory):
    """The report of the sample's last session."""
    return made(sample_store, tmp_path_factory.mktemp("risk"), "2025-06-30")


def test_the_sample_answers_in_one_sentence(sample):
    """Who carries the risk, what it could lose, and the limits, from the numbers."""
    assert (
        "NANO, BIOXQ and NULL carry 58 % of the risk of 10 positions; on one session in twenty today's book would have "
        "lost more than 1.3 % (1 829 USD); 2 limits crossed."
    ) in text_of(sample[1])


def test_every_kpi_is_glued(sample):
    """By the names of the catalogue; limits crossed are as many as there are alerts."""
    record, _ = sample
    assert list(record.kpis) == list(REPORTS["risk"])
    assert record.kpis["limits_crossed"]["value"] == len(record.alerts) == 2
    assert record.kpis["var_95"]["value"] == pytest.approx(-0.0130801565)
    assert record.kpis["cvar_95"]["value"] == pytest.approx(-0.0179559179)


def test_headings_are_findings(sample):
    """Each says what is to be seen, from the data."""
    _, page = sample
    assert heading(page, "limits") == "2 limits are crossed, none near"
    assert heading(page, "positions") == "10 positions, 2 of them short; the largest three are 38 % of gross exposure"
    assert heading(page, "exposure") == "Gross exposure is 84 % and net 62 % of equity"
    assert heading(page, "sectors") == "Health is the largest sector: 26 % of equity, long"
    assert heading(page, "strategies") == "Trend is the largest strategy: 73 % of equity, long"
    assert heading(page, "concentration") == "NANO, BIOXQ and NULL are 58 % of the risk and 37 % of gross exposure"
    assert heading(page, "correlation") == "10 positions, as diversified as 4.56 independent ones"
    assert heading(page, "tail") == "One session in twenty would have cost more than 1.3 %, and 1.8 % on average"
    assert heading(page, "backtest") == "The forecast held: 12 of 250 sessions fell below it, 4.8 % where it says 5 %"
    assert heading(page, "beta") == "When SMPX moves 1 %, the book moves 0.65 %"
    assert heading(page, "stops").endswith("(9.0 % of equity) are lost; NANO has no plan")


def test_every_alert_leads_to_its_evidence(sample):
    """The banner links to a heading of this page."""
    _, page = sample
    links = re.findall(r'<a href="#(\w+)">', page.split("<h1", maxsplit=1)[0])
    assert links == ["positions", "exposure"]
    assert all(f'id="{link}"' in page for link in links)


def test_the_page_is_light(sample):
    """Well within the budget of a page."""
    assert len(sample[1].encode()) < 200_000


@pytest.mark.real_account
def test_a_real_account_says_what_its_data_can_say(real_store, tmp_path):
    """No sectors, no strategies, no volumes, no stops: said. Its own 2008 is replayed, later windows have no data."""
    record, page = made(real_store, tmp_path, "2009-12-31")
    assert [(one["kpi"], one["severity"]) for one in record.alerts] == [
        ("largest_position", "critical"), ("gross_exposure", "warning"), ("cash_share", "warning"), ("var_95", "warning"),
    ]  # fmt: skip
    assert heading(page, "stress").startswith("2008, after Lehman: −46.9 % of equity")
    text = text_of(page)
    for said in (
        "no source says which sector a holding is of",
        "no fill says which strategy it is of",
        "no source gives volumes of what is held",
        "no open lot was bought with a stop",
        "no data",
    ):
        assert said in text


def walk(symbol, seed, days=SESSIONS):
    moves = np.random.default_rng(seed).normal(0, 0.02, len(days))
    closes = 50 * np.cumprod(1 + moves)
    return bars(symbol, {str(day): close for day, close in zip(days, closes, strict=True)})


BARS = together(walk("SPY", 1), walk("AAA", 2), walk("BBB", 3))
START = flows("2025-03-03 deposit 10000")
LONG = "2025-06-02 AAA BUY 60@50"
STORIES = {
    "ordinary": {"bars": BARS, "cash_flows": START, "fills": fills(LONG, "2025-06-27 BBB SELL 20@50")},
    "one position": {"bars": BARS, "cash_flows": START, "fills": fills(LONG)},
    "all cash": {"bars": BARS, "cash_flows": START},
    "all short": {"bars": BARS, "cash_flows": START, "fills": fills("2025-06-02 AAA SELL 60@50", "2025-06-03 BBB SELL 9@50")},
    "hedged": {
        "bars": together(walk("SPY", 1), walk("AAA", 2), walk("BBB", 2)),
        "cash_flows": START,
        "fills": fills(LONG, "2025-06-02 BBB SELL 60@50"),
    },
    "bankrupt": {"bars": BARS, "cash_flows": START, "fills": fills("2025-06-02 AAA SELL 2000@5")},
    "no benchmark": {"bars": BARS[BARS["symbol"] != "SPY"], "cash_flows": START, "fills": fills(LONG)},
    "closes alone": {
        "bars": BARS.assign(open=np.nan, high=np.nan, low=np.nan, volume=np.nan), "cash_flows": START, "fills": fills(LONG)
    },
    "a holding without a price": {"bars": BARS[BARS["symbol"] != "AAA"], "cash_flows": START, "fills": fills(LONG)},
    "a young holding": {
        "bars": together(walk("SPY", 1), walk("AAA", 2, SESSIONS[-30:])), "cash_flows": START, "fills": fills(LONG)
    },
    "no bars at all": {"cash_flows": START, "fills": fills(LONG)},
    "stops": {
        "bars": BARS,
        "cash_flows": START,
        "fills": fills(LONG, "2025-06-03 BBB BUY 20@50").assign(stop_price=[1.0, 10_000.0]),
    },
}  # fmt: skip


def cells(folder, **frames):
    """Run the notebook's cells, but for provenance, in this process; gives their markup by the cell's name."""
    names: dict[str, object] = {}
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRADE_DASHBOARD_STORE", str(store_with(folder, **frames).store))
        for cell in nbformat.read(NOTEBOOKS / "risk.ipynb", as_version=4).cells:
            if cell.cell_type == "code" and cell.id != "provenance":
                *before, last = ast.parse(cell.source).body
                ends = isinstance(last, ast.Expr)
                exec(compile(ast.Module(before if ends else [*before, last], []), cell.id, "exec"), names)
                if ends:
                    found[cell.id] = eval(compile(ast.Expression(last.value), cell.id, "eval"), names).markup
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Give the cells of a story, run once."""
    return cache(lambda story: cells(tmp_path_factory.mktemp("story"), **STORIES[story]))


@pytest.mark.parametrize("story", STORIES)
def test_every_section_survives_every_account(story, told):
    """Each section is there with a heading, a reason where it has no numbers, and never a nan, an infinity or a None."""
    markup = "".join(told(story).values())
    for name in SECTIONS:
        assert f'id="{name}"' in markup, name
    words = set(re.findall(r"\w+|∞", text_of(re.sub(r"<style>.*?</style>", "", markup, flags=re.DOTALL))))
    assert not words & {"nan", "NaN", "NaT", "inf", "Inf", "None", "∞"}


@pytest.mark.parametrize(
    ("story", "sentence"),
    [
        ("one position", "One position, AAA, is all the risk; on one session in twenty today's book would have lost"),
        ("all cash", "Nothing is held, so the market can take nothing; no limit crossed."),
        ("all short", "AAA carries"),
        ("bankrupt", "what the book could lose is not known (a holding has no price, or equity is not above zero)"),
        (
            "a young holding",
            "1 position held; what the book could lose is not known (not enough data: 29 of 60 sessions",
        ),
    ],
)
def test_the_answer_of_a_small_account(story, sentence, told):
    """What can be said is said, and what cannot says why."""
    assert sentence in text_of(told(story)["opening"])


def test_a_hedged_book_is_said_to_be(told):
    """The same position long and short: no bets to count, and the reason beside the strip's dash."""
    assert "its positions cancel each other" in text_of(told("hedged")["strip"])


def test_a_stop_that_was_passed_is_no_gain(told):
    """BBB's stop stands above the price it is held at: it has been passed, and adds nothing to what the stops would cost."""
    text = text_of(told("stops")["exit"])
    assert "stop passed" in text
    assert "If every stop is hit" in text


def test_the_same_cells_are_the_same_bytes_whatever_comes_later(told, tmp_path):
    """Run again over a store that knows sessions after the run date: not one byte differs."""
    later = together(BARS, bars("AAA", {"2025-07-01": 1, "2025-07-02": 2}))
    assert cells(tmp_path, **STORIES["ordinary"] | {"bars": later}) == told("ordinary")
