"""The nightly summary as a reader gets it: one run on the sample and three on a real account, looked at from every side."""

import json
import re
from pathlib import Path

import pytest
from nightly import nightly

NIGHTLY = {
    "equity": "USD", "day_pnl": "USD", "day_return": "fraction", "drawdown": "fraction", "max_drawdown": "fraction",
    "gross_exposure": "fraction", "net_exposure": "fraction", "open_positions": "count", "fills": "count",
    "cash_share": "fraction", "largest_position": "fraction",
}  # fmt: skip


@pytest.fixture(scope="module")
def sample(sample_run):
    """The run of the sample's last session, and its page."""
    return sample_run, Path(sample_run.page).read_text()


def heading(page, name):
    return re.search(rf'<h3 id="{name}">(.*?)</h3>', page)[1]


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u202f", " ")


def test_the_sample_never_passes_for_real(sample):
    """The page says that the account is fictitious, beside its name and in its provenance."""
    _, page = sample
    assert '<strong class="sample">sample account</strong>: fictitious from end to end' in page
    assert "SAMPLE (sample account)" in page


def test_the_sample_has_known_numbers(sample):
    """Equity is the broker's; the day's profit is what equity changed by, as no flow came from outside that day."""
    record, _ = sample
    values = {name: one["value"] for name, one in record.kpis.items()}
    assert values["equity"] == 139847.09
    assert values["day_pnl"] == -1969.41
    assert values["open_positions"] == 10
    assert values["fills"] == 7
    assert values["day_return"] == pytest.approx(-1969.41 / 141816.50)


def test_every_kpi_is_glued_with_its_unit(sample):
    """The record, and scrapbook's own reader, find every KPI by name."""
    import scrapbook

    record, _ = sample
    assert {name: one["unit"] for name, one in record.kpis.items()} == NIGHTLY
    notebook = scrapbook.read_notebook(str(Path(record.page).with_name("report.ipynb")))
    assert {name: notebook.scraps[name].data for name in NIGHTLY} == record.kpis


def test_an_alert_is_in_the_record_and_first_on_the_page(sample):
    """Limits that are crossed stand above the title, linked to their evidence, and are told to whoever asks."""
    record, page = sample
    assert [(one["kpi"], one["severity"], one["symbol"]) for one in record.alerts] == [
        ("largest_position", "warning", "NANO"),
        ("gross_exposure", "warning", None),
    ]
    assert page.index(record.alerts[0]["message"]) < page.index("<h1")
    assert '<a href="#positions">NANO is' in page
    assert 'id="positions"' in page


def test_the_page_adds_up(sample):
    """The profit of all holdings and other income is the day's P&L of the strip, in its table's last row."""
    _, page = sample
    table = re.search(r'<section aria-labelledby="positions"[^>]*>.*?</section>', page, re.DOTALL)[0]
    total = text_of(re.search(r'<tr class="total">.*?</tr>', table, re.DOTALL)[0])
    assert "−1 969" in total


def test_headings_are_findings(sample):
    """Each exhibit's heading says what is to be seen, from the data."""
    _, page = sample
    assert heading(page, "changes") == "Opened 1E52 and TOYZO; closed MUGZ and VIRQ"
    assert heading(page, "positions").startswith("10 positions, 2 of them short")
    assert heading(page, "fills") == "7 fills in 4 symbols"
    assert heading(page, "broker") == "The broker agrees"


def test_a_chart_has_a_text_alternative_made_from_its_data(sample):
    """The figure is an image with a title and a description, and its numbers stand in a folded table."""
    _, page = sample
    assert re.search(r'<svg aria-labelledby="account-title account-about"[^>]* role="img"', page)
    about = text_of(re.search(r'<desc id="account-about">(.*?)</desc>', page)[1])
    assert about.startswith("Equity went from")
    assert "Deepest drawdown" in about
    assert "<summary>The numbers</summary>" in page


def test_figures_follow_the_theme(sample):
    """No figure names a colour of its own: all are the theme's variables, so one figure serves light, dark and print."""
    _, page = sample
    figures = "".join(re.findall(r'<div class="plot">.*?</div>', page, re.DOTALL))
    assert "var(--accent)" in figures
    assert not re.findall(r"#[0-9a-fA-F]{6}", figures)
    assert " style=" not in page.split("<main", 1)[1], "the policy allows no style but the page's own"


def test_the_page_is_light_and_asks_for_nothing(sample):
    """Under 300 KB, and no address of anything outside."""
    _, page = sample
    assert len(page.encode()) < 300_000
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:|report\.ipynb)""", page)
    assert "url(" not in page


def test_a_second_run_makes_the_same_bytes(sample, sample_store, tmp_path):
    """Same code, parameters and data: the same page, whenever and wherever it is made."""
    record, _ = sample
    again = nightly(sample_store, tmp_path, "2025-06-30")
    assert again.page_sha256 == record.page_sha256
    assert again.provenance == record.provenance


def test_the_page_says_how_to_make_it_again(sample):
    """The command names the instant at which the newest record that was read became known."""
    _, page = sample
    assert "trade-dashboard run nightly_summary --date 2025-06-30 --known-at 2025-06-30T21:00:00+00:00" in page


@pytest.fixture(scope="module")
def real(real_store, tmp_path_factory):
    """Runs of a real account: its last session, one in between, its first day, and the day it starts trading."""
    outputs = tmp_path_factory.mktemp("real")
    records = {day: nightly(real_store, outputs, day) for day in ("2009-12-31", "2006-05-17", "2004-01-08")}
    return {day: (record, Path(record.page).read_text()) for day, record in records.items()}


@pytest.mark.real_account
def test_a_real_account_agrees_with_its_broker_to_the_cent(real):
    """Equity from cash, fills and closes is the broker's own figure, and the page says so."""
    record, page = real["2009-12-31"]
    assert record.status == "done"
    assert round(record.kpis["equity"]["value"], 2) == 165404.25
    assert record.kpis["open_positions"]["value"] == 7
    assert (
        "agrees with the broker&#x27;s account value of 165 404.25 USD on 31 December 2009 to the cent, and all 7 of its positions"
        in page.replace("\u202f", " ").replace("'", "&#x27;")
    )


@pytest.mark.real_account
def test_what_a_real_account_lacks_is_said(real):
    """No service, no open, high, low or volume, no average cost: the page names each, and nothing is made up."""
    _, page = real["2009-12-31"]
    text = text_of(page)
    assert (
        "No source provides instruments, splits and dividends, orders, cash flows, signals, market states, opportunities and service health."
        in text
    )
    assert "Daily bars came without open, high, low and volume." in text
    assert "Positions came without average cost." in text
    assert "sample account" not in text


@pytest.mark.real_account
def test_a_session_in_between_knows_only_what_came_before(real):
    """The broker's figure of 2009 does not exist in 2006; the one that does is too old to trust, and is said to be."""
    record, page = real["2006-05-17"]
    assert record.status == "done"
    assert "Stale: equity (593 sessions old)." in text_of(page)
    assert "Broken: positions never came, and are due every session." in text_of(page)
    assert heading(page, "broker") == "Nothing yet to hold this against"
    assert "165" + "\u202f" + "404" not in page


@pytest.mark.real_account
def test_the_first_day_has_no_return(real):
    """The starting capital has no day before: undefined KPIs are null with their reason, and no line is drawn."""
    record, page = real["2004-01-08"]
    assert record.kpis["equity"] == {"value": 100000.0, "unit": "USD"}
    reason = "not enough data: this is the account's first session"
    assert record.kpis["day_return"] == {"value": None, "unit": "fraction", "reason": reason}
    assert "Not enough data: 1 session so far" in page
    assert "there is no day to compare with yet" in page
    assert "NaN" not in text_of(page.split("<main", 1)[1].split("<script>")[0])
    json.dumps(record.summary(), allow_nan=False)
