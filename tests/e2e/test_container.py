"""The image does what the command line promises, with no network, no privileges and a root that cannot be written."""

import os
import re
import time
import uuid

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


def test_a_stopped_run_ends_at_once_and_leaves_the_page(engine, published):
    """`docker stop` in the middle of a run: 143 long before the engine would kill, and yesterday's page is whole."""
    before = engine.output(PAGE)
    name = f"trade-dashboard-e2e-stop-{uuid.uuid4().hex[:8]}"
    try:
        words = ("run", "nightly_summary", "--date", "2025-06-30")
        started = engine.docker("run", "--detach", "--name", name, *engine.options(), engine.image, *words)
        assert started.code == 0, started.err
        wait_for_kernel(engine, name)
        asked = time.monotonic()
        engine.docker("stop", "-t", "30", name)
        seconds = time.monotonic() - asked
        code = engine.docker("inspect", "--format", "{{.State.ExitCode}}", name).out.strip()
    finally:
        engine.docker("rm", "--force", name)
    assert (code, seconds < 10) == ("143", True), f"ended with {code} after {seconds:.1f} s"
    assert engine.output(PAGE) == before


def wait_for_kernel(engine, name):
    """Wait until the command line has started a second process in its container."""
    for _ in range(100):
        if len(engine.docker("top", name, "-o", "pid").out.split("\n")) > 3:
            return
        time.sleep(0.1)
    pytest.fail(f"no kernel came up in 10 s: {engine.docker('logs', name).err}")


def test_any_user_can_own_the_outputs(engine, published, tmp_path):
    """With `--user` and a folder of the host, pages belong to whoever asked for them."""
    owner = os.getuid() or 12345
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    if os.getuid() == 0:
        os.chown(tmp_path, owner, owner)
    options = (*engine.options(tmp_path), "--user", f"{owner}:{owner}")
    run = engine.docker("run", "--rm", *options, engine.image, "run", "nightly_summary", "--date", "2025-06-30")
    assert run.code == 0, run.err
    assert (tmp_path / PAGE).stat().st_uid == owner
    assert (tmp_path / PAGE).read_text() == engine.output(PAGE)
