"""The index tells of every run, whole without its script; what is old goes, but never the last success."""

import html
import json
import re
from datetime import date

import pytest
from outputs import career, leave

from trade_dashboard.deliver import build_index, prune, records
from trade_dashboard.runs.publish import workplace

MONDAY, TUESDAY, FOURTH = date(2025, 6, 30), date(2025, 7, 1), date(2025, 7, 4)


def page_of(outputs):
    return build_index(outputs).path.read_text()


def test_every_run_is_told_with_its_state(tmp_path):
    """The latest success on top with its numbers, what went wrong since beside it, and each run in the calendar."""
    leave(tmp_path, "risk", MONDAY, value=7)
    leave(tmp_path, "risk", TUESDAY, "failed", reason="ZeroDivisionError: division by zero")
    leave(tmp_path, "nightly_summary", FOURTH, "skipped", reason="no session of XNYS")
    page = page_of(tmp_path)
    assert '<a href="risk/2025-06-30/report.html">Risk</a>' in page
    assert '<dd class="value long">7.00</dd>' in page
    assert '<a href="risk/2025-07-01/failure.html">1 July 2025: failed</a>' in page
    assert "ZeroDivisionError: division by zero" in page
    assert 'title="4 July 2025: skipped"' in page
    assert "No success yet." in page
    assert "3 runs of 2 reports; the newest session is Friday, 4 July 2025." in page


def test_a_later_failure_marks_the_session_and_keeps_its_page(tmp_path):
    """One session, a page and then a failure: the calendar shows the failure, the top still links the page."""
    leave(tmp_path, "risk", MONDAY)
    leave(tmp_path, "risk", MONDAY, "failed", reason="it broke")
    page = page_of(tmp_path)
    assert '<a href="risk/2025-06-30/report.html">Risk</a>' in page
    assert re.search(r'<a href="risk/2025-06-30/failure.html" class="wrong" title="30 June 2025: failed">30</a>', page)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"status": "done"}', "\x00"])
def test_a_record_that_cannot_be_read_is_told_and_breaks_nothing(tmp_path, content):
    """It stands among what is wrong, by name; the others are there."""
    leave(tmp_path, "risk", MONDAY)
    (leave(tmp_path, "risk", TUESDAY) / "run.json").write_text(content)
    assert [one.status for one in records(tmp_path)] == ["done", "unreadable"]
    assert "run.json cannot be read" in page_of(tmp_path)


def test_what_came_from_outside_is_escaped(tmp_path):
    """A reason, a title and a KPI are text, whatever they hold."""
    folder = leave(tmp_path, "risk", MONDAY, "failed", reason="<script>alert(1)</script>")
    told = json.loads((folder / "failure.json").read_text())
    (folder / "failure.json").write_text(json.dumps(told | {"title": "<img src=x onerror=y>"}))
    page = page_of(tmp_path)
    assert "<script>alert" not in page
    assert "<img" not in page
    assert page.count("<script>") == 1


def test_the_index_stands_alone(tmp_path):
    """No address but of our own pages, a policy that forbids the rest, and no inline style."""
    career(tmp_path, 40, ("risk", "performance"))
    page = page_of(tmp_path)
    assert not re.search(r"https?://|//cdn|url\(|@import|style=", page)
    assert "default-src 'none'" in html.unescape(page)
    links = set(re.findall(r'href="([^"#]+)"', page)) - {"data:,"}
    assert links
    assert all((tmp_path / link).is_file() for link in links)


def test_nothing_run_yet_is_a_sentence(tmp_path):
    """An empty folder, or none, gives an index that says what to do."""
    assert "Nothing has been run yet" in page_of(tmp_path / "none")


def test_a_foreign_folder_is_none_of_its_business(tmp_path):
    """Only a report's folders with a date for a name are looked at."""
    (tmp_path / "risk" / "notes").mkdir(parents=True)
    (tmp_path / "risk" / "notes" / "run.json").write_text("{}")
    assert records(tmp_path) == []


def test_the_old_goes_and_the_last_success_stays(tmp_path):
    """Of a report that has failed for long its last good page is kept, however old; foreign files are."""
    days = [date(2025, 6, day) for day in (24, 25, 26, 27, 30)]
    for day in days:
        leave(tmp_path, "nightly_summary", day)
    leave(tmp_path, "risk", days[0])
    leave(tmp_path, "risk", days[1], "failed")
    (tmp_path / "notes.txt").write_text("mine")
    done = prune(tmp_path, "XNYS", keep=2)
    assert done.folders == (
        "nightly_summary/2025-06-24",
        "nightly_summary/2025-06-25",
        "risk/2025-06-25",
        "nightly_summary/2025-06-26",
    )
    assert done.freed > 0
    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*/*"))
    assert left == ["nightly_summary/2025-06-27", "nightly_summary/2025-06-30", "risk/2025-06-24"]
    assert (tmp_path / "notes.txt").exists()
    assert prune(tmp_path, "XNYS", keep=2).folders == ()


def test_a_session_at_work_is_let_alone(tmp_path):
    """Whoever reruns an old session keeps it."""
    old = leave(tmp_path, "risk", date(2025, 6, 24))
    leave(tmp_path, "risk", MONDAY)
    with workplace(old, "now"):
        assert prune(tmp_path, "XNYS", keep=1).folders == ()
    assert prune(tmp_path, "XNYS", keep=1).folders == ("risk/2025-06-24",)
