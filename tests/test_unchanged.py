"""A run is not needed only where it would make the page that is there, and saying so costs next to nothing."""

import json
import resource
import shutil
import subprocess
import sys
from datetime import date

import pytest
from build import at, bars, equity, store_with
from toys import toy

from trade_dashboard import store
from trade_dashboard.runs import unchanged
from trade_dashboard.runs.catalog import catalog
from trade_dashboard.runs.plan import Plan
from trade_dashboard.runs.run import run
from trade_dashboard.runs.unchanged import find_unchanged
from trade_dashboard.settings import Limits, Settings

DAY = date(2025, 6, 30)
EVENING, NIGHT, LATER = at("2025-06-30 21:00"), at("2025-07-01 00:00"), at("2025-07-09 00:00")
READ = "from trade_dashboard import open_book, present\nbook = open_book(run_date)\nbook.equity(1)"
GLUE = "present.glue('worth', float(book.equity(1)['equity'].iloc[-1]), 'USD')\npresent.glue_run(book, {}, [])"


def build(root, records=EVENING, known_at=NIGHT):
    """Make the page of one session as of an instant, from records that became known at another."""
    store_with(root, known_at=records, bars=bars("AAA", {"2025-06-30": 11}), equity=equity("2025-06-30 100"))
    toy(root / "notebooks", READ, GLUE)
    place = Settings(store=root / "store", notebooks=root / "notebooks", outputs=root / "outputs")
    record = run(Plan(catalog(place.notebooks)["toy"], DAY, {}, known_at), place)
    assert record.status == "done", record.reason
    return root


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A house in which the page of one session was made."""
    return build(tmp_path_factory.mktemp("made"))


@pytest.fixture
def house(made, tmp_path):
    """That house, to be changed."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def settings_of(house, **more):
    return Settings(store=house / "store", notebooks=house / "notebooks", outputs=house / "outputs", **more)


def look(house, known_at=LATER, parameters=None, **more):
    """Look for the page as a later request would."""
    place = settings_of(house, **more)
    return find_unchanged([Plan(catalog(place.notebooks)["toy"], DAY, parameters or {}, known_at)], place)[0]


def folder(house):
    return house / "outputs" / "toy" / "2025-06-30"


def rewrite(house, **fields):
    """Change the record of the run."""
    path = folder(house) / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def test_a_page_of_the_same_inputs_is_found_with_what_its_run_said(house):
    """The record is that of the run that is there; the house may have moved, and the clock gone on."""
    found = look(house)
    assert (found.status, found.exit_code, found.seconds < 0.5) == ("unchanged", 0, True)
    assert found.kpis == {"worth": {"value": 100.0, "unit": "USD"}}
    said, record = found.summary(), json.loads((folder(house) / "run.json").read_text())
    assert said["run_id"] == record["run_id"]
    assert said["page"] == str(folder(house) / "report.html")
    assert said["since"][:19] == record["started"][:19]
    assert record["status"] == "done", "nothing is recorded"


def test_records_that_do_not_matter_change_nothing(house):
    """The next evening's ordinary records leave an older page as it is."""
    store_with(
        house, known_at=at("2025-07-02 21:00"), bars=bars("AAA", {"2025-07-01": 12}), equity=equity("2025-07-01 1")
    )
    assert look(house)


def test_a_page_of_a_session_that_was_open_is_made_again_once_it_closed(tmp_path):
    """It says that prices are provisional; nothing new in the store makes that wrong, but the bell does."""
    build(tmp_path, records=at("2025-06-30 15:00"), known_at=at("2025-06-30 19:00"))
    assert look(tmp_path, at("2025-06-30 19:59"))
    assert not look(tmp_path, at("2025-06-30 20:00"))


def correct(house):
    store_with(house, known_at=at("2025-07-02 21:00"), equity=equity("2025-06-30 99"))


def withdraw(house):
    store.withdraw(house / "store", "equity", equity("2025-06-30 100"), "test", at("2025-07-02 21:00"))


def touch_notebook(house):
    toy(house / "notebooks", READ, GLUE + "\n1")


def cut_page(house):
    page = folder(house) / "report.html"
    page.write_bytes(page.read_bytes()[:-1])


def fail(house):
    (folder(house) / "failure.json").write_text("{}")


CHANGES = [
    correct,
    withdraw,
    touch_notebook,
    cut_page,
    fail,
    lambda house: (folder(house) / "report.html").unlink(),
    lambda house: (folder(house) / "report.html").write_text("another page"),
    lambda house: (folder(house) / "run.json").write_text("{"),
    lambda house: (folder(house) / "run.json").unlink(),
    lambda house: rewrite(house, reads={}),
    lambda house: rewrite(house, reads={"nonsense": "x"}),
    lambda house: rewrite(house, inputs={}),
    lambda house: shutil.rmtree(house / "store"),
    lambda house: next((house / "store" / "commits").iterdir()).write_text("{"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changed_or_cannot_be_read_is_run_again(house, change):
    """Records, notebook, page and record: only what is proved to be the same stays."""
    change(house)
    assert look(house) is None


def test_parameters_and_settings_are_of_the_key(house):
    """Also a parameter given as its default counts: the page names the command that was typed."""
    assert look(house, parameters={"say": "goodbye"}) is None
    assert look(house, parameters={"say": "hello"}) is None
    assert look(house, benchmark="SPY") is None
    assert look(house, risk_free_rate=0.03) is None
    assert look(house, limits=Limits(drawdown=0.25)) is None
    assert look(house, known_at=NIGHT)


def test_code_and_what_is_installed_are_of_the_key(house, tmp_path, monkeypatch):
    """Any file of the package, and any name or version among what is installed."""
    with monkeypatch.context() as patch:
        copy = tmp_path / "package"
        shutil.copytree(unchanged.PACKAGE, copy)
        patch.setattr(unchanged, "PACKAGE", copy)
        assert look(house)
        (copy / "metrics" / "drawdown.py").write_text("# other\n")
        assert look(house) is None
    (tmp_path / "site" / "pandas-99.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert look(house) is None


def test_a_page_that_names_the_cut_is_the_same_at_that_cut_alone(house):
    """Where a report does not say when its records became known, the command on the page names the instant of the run."""
    rewrite(house, provenance={})
    assert look(house, known_at=LATER) is None
    assert look(house, known_at=NIGHT)


@pytest.mark.parametrize(
    ("saves", "imported"), [("pathlib.Path({path!r}).open('a').write(' ')", None), ("", {"code": "as it was"})]
)
def test_what_changes_while_it_runs_proves_nothing(house, saves, imported):
    """A notebook, or code, that somebody saves meanwhile may be in the page or not: the record says nothing of inputs."""
    path = str(house / "notebooks" / "toy.ipynb")
    toy(house / "notebooks", READ, "import pathlib\n" + saves.format(path=path), GLUE)
    place = settings_of(house)
    record = run(Plan(catalog(place.notebooks)["toy"], DAY, {}, LATER), place, imported)
    assert (record.status, record.inputs, bool(record.reads)) == ("done", {}, True)
    assert look(house) is None


def command(house, *words):
    places = [word for name in ("store", "outputs", "notebooks") for word in (f"--{name}", str(house / name))]
    words = [sys.executable, "-X", "importtime", "-m", "trade_dashboard", *places, *words]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)


def test_the_command_says_unchanged_at_once_and_force_runs_it(house):
    """Exit 0 and the KPIs of the run that is there, with nothing heavy imported; --force makes the same bytes again."""
    page = folder(house) / "report.html"
    whole, old = page.read_bytes(), page.stat().st_mtime_ns
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = command(house, "run", "toy", "--date", "2025-06-30")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5, "seconds of a core"
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert (said["status"], said["runs"][0]["status"]) == ("unchanged", "unchanged")
    assert said["runs"][0]["kpis"] == {"worth": {"value": 100.0, "unit": "USD"}}
    assert "toy 2025-06-30: unchanged since " in done.stderr
    assert page.stat().st_mtime_ns == old
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "|" in line}
    assert "typer" in imported
    assert not imported & {
        "pandas",
        "numpy",
        "pyarrow",
        "duckdb",
        "papermill",
        "nbformat",
        "nbconvert",
        "jupyter_client",
    }

    forced = command(house, "run", "toy", "--date", "2025-06-30", "--force")
    assert json.loads(forced.stdout.splitlines()[-1])["runs"][0]["status"] == "done", forced.stderr
    assert page.stat().st_mtime_ns > old
    assert page.read_bytes() == whole


def test_a_bucket_is_asked_as_a_folder_is(house, s3):
    """The same commits behind a URL prove the same, wherever the store was when the page was made."""
    import s3fs

    s3fs.S3FileSystem(skip_instance_cache=True).put(str(house / "store"), f"{s3}/unchanged", recursive=True)
    words = [
        "--outputs",
        str(house / "outputs"),
        "--notebooks",
        str(house / "notebooks"),
        "run",
        "toy",
        "--date",
        str(DAY),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "trade_dashboard", "--store", f"{s3}/unchanged", *words],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert json.loads(done.stdout)["status"] == "unchanged", done.stderr
