"""The data quality report as a reader gets it: run on the sample, and its cells on stores with a story."""

import ast
import html
import re
from datetime import date
from pathlib import Path

import nbformat
import pytest
from accounts import ACCOUNTS
from build import at, together
from nightly import LATE, NOTEBOOKS
from stories import MONDAY, bad, checks, good, rejected, walk

from trade_dashboard import store
from trade_dashboard.metrics import REPORTS
from trade_dashboard.runs.catalog import catalog
from trade_dashboard.runs.plan import Plan
from trade_dashboard.runs.run import run
from trade_dashboard.settings import Settings

NOTEBOOK = NOTEBOOKS / "data_quality.ipynb"
SECTIONS = ("freshness", "completeness", "gaps", "misfits", "flat", "quarantine", "restated", "broker", "health")


def cells():
    """The code cells between the parameters and the last."""
    code = [cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    return code[1:-1]


@pytest.fixture
def page(monkeypatch, tmp_path):
    """What the cells show of a store, made here and not in a kernel."""

    def shown(settings, **parameters):
        for name, value in settings.to_environment().items():
            monkeypatch.setenv(name, value)
        names = {"run_date": MONDAY, "lookback": 60, "strictness": 10.0} | parameters
        return "".join(_shown(source, names) for source in cells())

    return shown


def _shown(source, names):
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names).markup if last else ""


def text_of(markup):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", markup))).replace("\u202f", " ")


def heading(markup, name):
    return html.unescape(re.search(rf'<h3 id="{name}">(.*?)</h3>', markup)[1]).replace("\u202f", " ")


def answer(markup):
    return text_of(re.search(r'<p class="answer">(.*?)</p>', markup)[0]).strip()


@pytest.fixture(scope="module")
def sample(sample_store, tmp_path_factory):
    """The run of the sample's last session, its record and its page."""
    settings = Settings(store=sample_store, outputs=tmp_path_factory.mktemp("outputs"), notebooks=NOTEBOOKS)
    record = run(Plan(catalog(NOTEBOOKS)["data_quality"], date(2025, 6, 30), {}, LATE), settings)
    assert record.status == "done", record.reason
    return record, Path(record.page).read_text()


def test_the_sample_is_mostly_to_be_believed(sample):
    """Two bars are missing of 1440, everything else is as it should be; the answer says so first."""
    record, page = sample
    assert answer(page) == (
        "Mostly: 2 of 1 440 bars missing; otherwise everything due has come and the broker agrees to the cent on 60 sessions."
    )
    assert {name: one["value"] for name, one in record.kpis.items()} == {
        "freshness_sessions": 0,
        "completeness": pytest.approx(1438 / 1440),
        "quarantined": 0,
        "restatements": 0,
        "breaks": 0,
    }
    assert tuple(record.kpis) == REPORTS["data_quality"]
    assert record.alerts == []


def test_the_sample_has_findings_for_headings(sample):
    """Made from the data."""
    _, page = sample
    assert heading(page, "freshness") == "Everything that is due has come"
    assert heading(page, "completeness") == "2 of 1 440 bars are missing, in 2 of 24 symbols"
    assert heading(page, "gaps") == "2 holes, 1 of them while the symbol was held"
    assert heading(page, "misfits") == "Every price fits what its symbol usually does"
    assert heading(page, "broker") == "The broker agrees to the cent on 60 sessions"
    assert heading(page, "health") == "Every service is up; trade-discovery least often, 93.3 % of its checks"


def test_the_page_is_light_and_asks_for_nothing(sample):
    """Under 300 KB, no address of anything outside, no style but its own."""
    _, page = sample
    assert len(page.encode()) < 300_000
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:|report\.ipynb)""", page)
    assert " style=" not in page.split("<main", 1)[1]


def test_a_bad_evening_is_not_believed(tmp_path, page):
    """The gravest doubts come first, and every line of the banner leads to its exhibit."""
    shown = page(bad(tmp_path))
    assert answer(shown) == (
        "No: 2 figures of the broker's on 30 June 2025 differ from ours; BBB, held, looks split, and no split is known; "
        "3 of 205 bars missing; 5 more doubts below."
    )
    anchors = re.findall(r'<a href="#([^"]+)"', shown)
    assert anchors == ["broker", "health", "restated"]
    assert all(f'id="{anchor}"' in shown for anchor in anchors)
    assert heading(shown, "misfits") == (
        "1 split nobody told, 1 bar that contradicts itself, 1 spike taken back and 1 large move that stays"
    )
    assert heading(shown, "flat") == "EEE stands still"
    assert heading(shown, "quarantine") == "2 rows of 2 files kept out"
    assert heading(shown, "broker") == "The broker disagrees on 2 of 40 sessions, last on 30 June 2025"
    assert heading(shown, "broker-shares") == "Holdings of AAA and BBB differ"
    assert heading(shown, "health") == "analyst is down since 30 June 2025"


def test_a_bad_evening_names_each_thing(tmp_path, page):
    """File, line, value and rule of what was kept out; which split, which bar; what columns are empty."""
    text = text_of(page(bad(tmp_path)))
    assert "prices.csv 9 close 0 greater_than(0) daily bars 30 June 2025" in text
    assert "BBB like a 2-for-1 split 27 June 2025 50.50 102.00" in text
    assert "DDD high below open or close 30 June 2025 90.00 100.00" in text
    assert "41 of 202 bars, in 1 symbol, came without volume." in text


def test_a_calm_evening_is_believed(tmp_path, page):
    """Yes, and why."""
    shown = page(good(tmp_path))
    assert answer(shown) == (
        "Yes: everything due has come, every bar is there and the broker agrees to the cent on 40 sessions."
    )
    assert '<section class="td banner"' not in shown


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("empty", "Mostly: the broker gave no figure to hold this against; otherwise everything due has come."),
        (
            "one day old",
            "Yes: everything due has come, every bar is there and the broker agrees to the cent on 30 June 2025.",
        ),
        (
            "all cash",
            "Yes: everything due has come, every bar is there and the broker agrees to the cent on 30 June 2025.",
        ),
        ("all short", "Mostly: positions and equity never came; otherwise every bar is there."),
        ("bankrupt", "Mostly: positions and equity never came; otherwise every bar is there."),
    ],
)
def test_every_account_has_its_page(tmp_path, page, account, said):
    """With next to nothing in the store each section is there, and says what is wanting."""
    shown = page(ACCOUNTS[account](tmp_path))
    assert answer(shown) == said
    assert all(f'<h3 id="{name}">' in shown for name in SECTIONS)
    assert not re.search(r"\bnan\b|\bNaT\b|\binf\b", text_of(shown))


def test_what_came_from_outside_is_escaped(tmp_path, page):
    """A file's name, a value and a service's word are text."""
    settings = good(tmp_path)
    wrong = "<script>x</script>"
    records = {
        "quarantine": rejected(f"{MONDAY} fills {wrong} 7 price {wrong}"),
        "service_health": checks(f"{MONDAY} 21:00 a<b> down - said={wrong}"),
    }
    store.append(settings.store, records, "broker-export", at("2025-06-30 21:30"))
    shown = page(settings)
    assert "<script>" not in shown
    assert "a&lt;b&gt;" in shown


def test_thousands_of_findings_make_no_long_page(tmp_path, page):
    """What nobody reads to the end is counted, and its beginning shown."""
    settings = good(tmp_path)
    rows = rejected(*(f"{MONDAY} bars prices.csv {line} close 0" for line in range(2000)))
    late = together(*(walk(f"S{number}") for number in range(30)))
    store.append(settings.store, {"quarantine": rows, "bars": late}, "broker-export", at("2025-06-30 21:30"))
    shown = page(settings)
    assert heading(shown, "quarantine") == "2 000 rows of 1 file kept out"
    assert "The first 60 of 2 000." in text_of(shown)
    assert "The first 60 of 1 230 lines." in text_of(shown)
    assert len(shown) < 200_000


@pytest.mark.real_account
def test_a_real_accounts_page_finds_what_is_wrong(real_store, page):
    """SPY's wrong highs and lows of its first two years, and no line for each bar without open, high and low."""
    shown = page(Settings(store=real_store), run_date="2006-03-31", lookback=500)
    assert (
        heading(shown, "misfits")
        == "6 highs far from their close, 17 lows far from their close and 1 large move that stays"
    )
    assert "in 7 symbols, came without open, high, low and volume." in text_of(shown)
    assert answer(shown).startswith("Mostly: positions never came; equity is stale; ")
    assert len(shown) < 200_000
