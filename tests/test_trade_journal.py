"""The trade journal as a reader gets it: on the sample, on a real account, and on accounts that have next to nothing."""

import ast
import re
from datetime import UTC, date, datetime
from pathlib import Path

import nbformat
import pytest
from build import actions, bars, equity, fills, flows, store_with, together

from trade_dashboard.metrics import REPORTS
from trade_dashboard.runs.catalog import catalog
from trade_dashboard.runs.plan import Plan
from trade_dashboard.runs.run import run
from trade_dashboard.settings import Settings

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LATE = datetime(2100, 1, 1, tzinfo=UTC)
NASTY = "<img/src=x>"  # fmt: skip


def journal_page(store, outputs, day, **parameters):
    """Run the report, and give its record and its page."""
    settings = Settings(store=store, outputs=outputs, notebooks=NOTEBOOKS)
    plan = Plan(catalog(NOTEBOOKS)["trade_journal"], date.fromisoformat(day), parameters, LATE)
    record = run(plan, settings)
    assert record.status == "done", record.reason
    return record, Path(record.page).read_text()


@pytest.fixture(scope="module")
def sample(sample_store, tmp_path_factory):
    """The run on the sample's last session."""
    return journal_page(sample_store, tmp_path_factory.mktemp("journal"), "2025-06-30")


def heading(page, name):
    return text_of(re.search(rf'<h3 id="{name}">(.*?)</h3>', page)[1]).strip()


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u202f", " ")


def exhibit_of(page, name):
    return re.search(rf'<section aria-labelledby="{name}"[^>]*>.*?</section>', page, re.DOTALL)[0]


def test_the_sample_has_known_numbers(sample):
    """95 lots were closed in 250 sessions; 46 of them earned, all together 3 092.02 after 234.94 of fees."""
    record, _ = sample
    assert list(record.kpis) == list(REPORTS["trade_journal"])
    values = {name: one["value"] for name, one in record.kpis.items()}
    assert values["round_trips"] == 95
    assert values["win_rate"] == pytest.approx(46 / 95)
    assert values["net_pnl"] == pytest.approx(3092.02)
    assert values["fees"] == pytest.approx(234.94)
    assert values["expectancy"] == pytest.approx(3092.02 / 95)


def test_the_answer_is_one_sentence_made_of_the_numbers(sample):
    """It says what the trips earned, which setups stand out, and what trading took."""
    _, page = sample
    answer = text_of(re.search(r'<p class="answer">(.*?)</p>', page)[1]).strip()
    assert answer == (
        "95 trips closed in 250 sessions earned 3 092 USD after fees; of 9 setups only reversion · pullback clearly earned; "
        "fees took 235 USD and slippage 446 USD, 18.1 % of the profit before costs."
    )


def test_what_falls_short_of_a_limit_is_a_notice(sample):
    """Win rate and profit factor, linked to where they are shown."""
    record, page = sample
    assert [(one["kpi"], one["severity"]) for one in record.alerts] == [
        ("win_rate", "notice"),
        ("profit_factor", "notice"),
    ]
    assert page.count('<a href="#trips-distribution">') == 2
    assert 'id="trips-distribution"' in page


def test_totals_are_the_kpis(sample):
    """The setups, the trips and the costs end at the same 3 092."""
    _, page = sample
    for name in ("setups", "trips"):
        total = text_of(re.search(r'<tr class="total">.*?</tr>', exhibit_of(page, name), re.DOTALL)[0])
        assert "+3 092" in total
    assert "+3 092" in text_of(exhibit_of(page, "costs"))


def test_headings_are_findings(sample):
    """Each says what is to be seen, from the data."""
    _, page = sample
    assert heading(page, "curve") == "95 trips earned 3 092 USD, 9 244 USD less than on 8 November 2024"
    assert heading(page, "by-tag") == "By tag: pullback clearly earned"
    assert heading(page, "by-side") == "By side: nothing stands clear of zero"
    assert heading(page, "r-multiples") == "+0.44 R a trip on average; 16 of 95 trips had no plan"
    assert heading(page, "plan") == "46 % of the planned trips were closed before either stop or target"
    assert heading(page, "trips") == "Without the best 6, the other 89 trips lost 11 232 USD"


def test_a_mean_of_few_trips_is_grey(sample):
    """One trip of earnings, three of gaps: they are shown, and nobody should trust them."""
    _, page = sample
    assert 'class="few"' in exhibit_of(page, "setups")
    assert "quiet" in exhibit_of(page, "by-tag")


def test_the_page_is_light(sample):
    """Under 600 KB."""
    _, page = sample
    assert len(page.encode()) < 600_000


def test_a_second_run_makes_the_same_bytes(sample, sample_store, tmp_path):
    """Same code, parameters and data: the same page."""
    assert journal_page(sample_store, tmp_path, "2025-06-30")[0].page_sha256 == sample[0].page_sha256


@pytest.mark.real_account
def test_a_real_account_without_setups_plans_and_costs_is_told_of(real_store, tmp_path):
    """1 549 trips of closes alone: what is not recorded is said, never nought."""
    record, page = journal_page(real_store, tmp_path, "2009-12-31")
    assert record.kpis["round_trips"]["value"] == 1549
    assert record.kpis["slippage_bps"]["reason"] == "no fill of these trips carries an arrival price"
    text = text_of(page)
    assert "no fill of these trips names a strategy or a tag" in text
    assert "none of 1 549 trips had a stop" in text
    assert "From daily closes alone, as highs and lows are missing" in text
    assert "No fill carries an arrival price: slippage is not known." in text
    assert "1 449 trips smaller" in text
    assert len(page.encode()) < 600_000


def shown(root, monkeypatch, day="2025-06-30", lookback=250, strategy="", **frames):
    """Run the notebook's cells in this process on a small store, and give all they show; provenance is the runner's."""
    store_with(root, **frames)
    monkeypatch.setenv("TRADE_DASHBOARD_STORE", str(root / "store"))
    notebook = nbformat.read(NOTEBOOKS / "trade_journal.ipynb", as_version=4)
    names, pieces = {}, []
    for cell in [cell for cell in notebook.cells if cell.cell_type == "code" and cell.id != "provenance"]:
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell.id, "exec"), names)
        if cell.id == "parameters":
            names |= {"run_date": day, "lookback": lookback, "strategy": strategy}
        if last is not None:
            pieces.append(eval(compile(ast.Expression(last.value), cell.id, "eval"), names).markup)
    page = "".join(pieces)
    assert "nan" not in text_of(page.replace("NANO", "")).lower().split()
    assert not re.findall(r"\b(?:inf|NaT|None)\b", text_of(page.split("</style>")[-1]))
    return page


CASH = flows("2025-06-23 deposit 1000")


@pytest.mark.parametrize(
    ("records", "answer"),
    [
        ({"equity": equity("2025-06-30 100")}, "No trip was closed in 250 sessions; 0 lots are open."),
        (
            {"fills": fills("2025-06-30 AAA BUY 1@10"), "bars": bars("AAA", {"2025-06-30": 11})},
            "No trip was closed in 250 sessions; 1 lot is open.",
        ),
        (
            {"fills": fills("2025-06-30 AAA SELL 1@10 stop=11 fee=1", "2025-06-30 AAA BUY 1@12 fee=1")},
            "1 trip closed in 250 sessions lost 4 USD after fees; no fill names its setup; fees took 2 USD.",
        ),
        (
            {"fills": fills("2025-06-27 AAA BUY 1@10 strategy=a", "2025-06-30 AAA SELL 1@10 strategy=a")},
            "1 trip closed in 250 sessions earned 0 USD after fees; none stands clear of zero; neither fees nor arrival prices are recorded.",
        ),
    ],
)  # fmt: skip
def test_next_to_nothing_is_told_of(tmp_path, monkeypatch, records, answer):
    """Cash alone, a first day, one short that lost, one trip that broke even, without any price: every section says something."""
    page = shown(tmp_path, monkeypatch, cash_flows=CASH, **records)
    assert text_of(re.search(r'<p class="answer">(.*?)</p>', page)[1]).strip() == answer
    assert len(re.findall(r"<h3 ", page)) >= 14


def many(number, side, out, *, plan=""):
    """Make trips of one share each, over two sessions."""
    other = {"BUY": "SELL", "SELL": "BUY"}[side]
    lines = [
        line
        for n in range(number)
        for line in (
            f"2025-06-26 S{n} {side} 1@10 id={n:02d}a strategy=s tag=t {plan}",
            f"2025-06-30 S{n} {other} 1@{out + n / 100} id={n:02d}b strategy=s",
        )
    ]
    prices = [bars(f"S{n}", {"2025-06-26": 10, "2025-06-27": 11, "2025-06-30": out}) for n in range(number)]
    return {"fills": fills(*lines), "bars": together(*prices), "cash_flows": CASH}


def test_winners_alone_have_no_profit_factor(tmp_path, monkeypatch):
    """It is undefined, and says so; the losers' chart says that there is nothing to draw."""
    page = shown(tmp_path, monkeypatch, **many(7, "BUY", 12))
    assert "none of these 7 trips lost" in text_of(page)
    assert "0 points, and a pattern needs three" in text_of(page)
    assert heading(page, "by-strategy") == "By strategy: every trip is s"


def test_a_bankrupt_short_book_is_told_of(tmp_path, monkeypatch):
    """Every trip lost more than the account had: nothing divides by what is left of it."""
    page = shown(tmp_path, monkeypatch, **many(25, "SELL", 5000, plan="stop=11 target=5"))
    assert "25 trips closed in 250 sessions lost 124 753 USD after fees" in text_of(page)
    assert "Win rate is 0.0 %, below the limit of 55 %, since 30 June 2025." in text_of(page)
    assert "25 losers in a row now" in text_of(page)


def test_a_split_in_a_trip_is_drawn_in_the_shares_of_the_exit(tmp_path, monkeypatch):
    """Bought at 100, two for one, sold at 55: the entry is told at 50."""
    page = shown(
        tmp_path,
        monkeypatch,
        fills=fills("2025-06-25 AAA BUY 10@100", "2025-06-30 AAA SELL 20@55"),
        bars=bars("AAA", {"2025-06-25": 100, "2025-06-26": 101, "2025-06-27": 52, "2025-06-30": 55}),
        corporate_actions=actions("2025-06-27 AAA split 2"),
        cash_flows=CASH,
    )
    assert "in 50.00" in page
    assert "out 55.00" in page
    assert "AAA long +100, 30 June 2025" in text_of(page)


def test_a_closing_fill_without_its_strategy_is_said(tmp_path, monkeypatch):
    """It closes nothing of that strategy: the symbol is open on both sides, and the page names it."""
    records = fills("2025-06-26 AAA BUY 1@10 strategy=s", "2025-06-30 AAA SELL 1@12")
    page = shown(tmp_path, monkeypatch, fills=records, cash_flows=CASH)
    assert (
        "No trip was closed in these sessions; 2 lots are still open; AAA both long and short, as lots are closed by fills of their own strategy alone"
        in text_of(page)
    )


def test_words_from_outside_are_escaped(tmp_path, monkeypatch):
    """A strategy may be named by anybody."""
    lines = [line.replace("strategy=s", f"strategy={NASTY}") for line in (
        "2025-06-26 AAA BUY 1@10 strategy=s tag=s", "2025-06-30 AAA SELL 1@12 strategy=s",
        "2025-06-26 BBB BUY 1@10 strategy=t", "2025-06-30 BBB SELL 1@12 strategy=t",
    )]  # fmt: skip
    page = shown(tmp_path, monkeypatch, fills=fills(*lines), cash_flows=CASH)
    assert NASTY not in page
    assert "&lt;img/src" in page


def test_a_strategy_that_is_not_there_is_refused(sample_store, tmp_path):
    """The run is a bad request, and names those there are."""
    settings = Settings(store=sample_store, outputs=tmp_path, notebooks=NOTEBOOKS)
    plan = Plan(catalog(NOTEBOOKS)["trade_journal"], date(2025, 6, 30), {"strategy": "swing"}, LATE)
    record = run(plan, settings)
    assert record.exit_code == 2
    assert "expected a strategy of the fills (reversion, short_book, trend), but got 'swing'" in record.reason
