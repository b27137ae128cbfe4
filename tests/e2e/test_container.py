"""The image does what the command line promises, with no network, no privileges and a root that cannot be written."""

import os
import re

import pytest

pytestmark = pytest.mark.docker

PAGE = "nightly_summary/2025-06-30/report.html"
KPIS = {
    "equity",
    "day_pnl",
    "day_return",
    "drawdown",
    "max_drawdown",
    "gross_exposure",
    "net_exposure",
    "open_positions",
    "fills",
    "largest_position",
}


@pytest.fixture(scope="module")
def published(engine, ingested):
    """One run of the nightly summary that all the tests look at."""
    assert ingested.code == 0, ingested.err
    return engine.command("run", "nightly_summary", "--date", "2025-06-30")


def test_help_needs_nothing(engine):
    """No volumes, no network, no disk: the image says what it does."""
    told = engine.docker("run", "--rm", "--network=none", "--read-only", engine.image, "--help")
    assert told.code == 0
    assert "ingest" in told.out
    assert "run" in told.out


def test_it_runs_as_nobody_in_particular(engine):
    """A fixed user without rights owns what it writes."""
    assert engine.docker("image", "inspect", "--format", "{{.Config.User}}", engine.image).out.strip() == "10001:10001"


def test_the_sample_goes_into_the_store(ingested):
    """A new volume belongs to the image's user, and the last line says what came in."""
    assert ingested.code == 0, ingested.err
    assert ingested.last_line["status"] == "done"


def test_ingesting_again_adds_nothing(engine, ingested):
    """What the store knows already is told apart from what is new."""
    assert ingested.code == 0, ingested.err
    again = engine.command("ingest", "sample", "--to", "2025-06-30")
    assert again.code == 0, again.err
    assert {counts["new"] for counts in again.last_line["datasets"].values()} == {0}


def test_a_run_publishes_its_page(engine, published):
    """Exit code 0, every KPI on the last line, and the page in the volume."""
    assert published.code == 0, published.err
    (run,) = published.last_line["runs"]
    assert (run["report"], run["status"]) == ("nightly_summary", "done")
    assert set(run["kpis"]) >= KPIS
    assert run["page"] == f"/data/outputs/{PAGE}"
    assert engine.output(PAGE).startswith("<!DOCTYPE html>")


def test_nothing_is_complained_about(published):
    """A home, a cache or a font that cannot be written would be said on stderr."""
    assert re.findall(r"\w+Warning\b|Permission denied|Read-only|not writable|temporary", published.err) == []


def test_a_holiday_is_nothing_to_do(engine, published):
    """Exit code 99 makes a scheduler skip, and no page comes of it."""
    holiday = engine.command("run", "nightly_summary", "--date", "2025-07-04")
    assert (holiday.code, holiday.last_line["status"]) == (99, "skipped")
    assert engine.output("nightly_summary/2025-07-04/report.html") is None


def test_an_unknown_parameter_is_refused(engine, published):
    """Exit code 2, with the reason on the last line."""
    refused = engine.command("run", "nightly_summary", "--date", "2025-06-30", "-p", "no_such=1")
    assert (refused.code, refused.last_line["status"]) == (2, "refused")
    assert "no_such" in refused.last_line["reason"]


def test_any_user_can_own_the_outputs(engine, published, tmp_path):
    """With `--user` and a folder of the host, pages belong to whoever asked for them, and are as private as they want."""
    owner = os.getuid() or 12345
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    if os.getuid() == 0:
        os.chown(tmp_path, owner, owner)
    options = (*engine.options(tmp_path), "--user", f"{owner}:{owner}", "--pids-limit", "64", "--entrypoint", "sh")
    run = "umask 027; exec trade-dashboard run nightly_summary --date 2025-06-30"
    done = engine.docker("run", "--rm", *options, engine.image, "-c", run)
    assert done.code == 0, done.err
    page = tmp_path / PAGE
    assert (page.stat().st_uid, oct(page.stat().st_mode), oct(page.parent.stat().st_mode)) == (
        owner,
        "0o100640",
        "0o40750",
    )
    assert page.read_text() == engine.output(PAGE)
