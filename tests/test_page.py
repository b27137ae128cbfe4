"""The page stands alone: no request, a strict policy, everything from outside escaped."""

import base64
import hashlib
import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from trade_dashboard.page import Facts, export

FACTS = Facts(report="toy", title="Toy", question="What?", run_date="2025-06-30", command="trade-dashboard run toy")


def page(*outputs, facts=FACTS, source="1", markdown="# Toy"):
    cell = new_code_cell(source, outputs=list(outputs), execution_count=1)
    return export(new_notebook(cells=[new_markdown_cell(markdown), cell]), facts).decode()


def html(markup, **metadata):
    return new_output("display_data", {"text/html": markup}, metadata=metadata)


def hashes(kind, text):
    return {"sha256-" + base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
            for body in re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)}  # fmt: skip


def test_the_policy_allows_our_own_style_and_script_alone():
    """Nothing is allowed but the one style and the one script, by their hashes, and images inside the file."""
    text = page()
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1].replace("&#x27;", "'")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert {rules["style-src"].strip("'")} == hashes("style", text)
    assert {rules["script-src"].strip("'")} == hashes("script", text)
    assert rules["img-src"] == "data:"
    assert rules["base-uri"] == rules["form-action"] == "'none'"


def test_nothing_points_outside():
    """No attribute and no style of the page names an address."""
    assert not re.findall(r"(?:src|href|url|action|poster)\s*[=(]\s*[\"']?\s*(?:https?:)?//", page(html("<p>x</p>")))


@pytest.mark.parametrize(
    "markup",
    ["<p style=color:red onclick=alert(1)>x</p>", "<a href=' JavaScript:alert(1)'>x</a>", "<img src=//x>", "<script>alert(1)</script>", "<style>p{color:red}</style>", "<link rel=stylesheet href=//x>", "<iframe src=//x></iframe>",
     "<SCRIPT src=//x></SCRIPT>", "<script>alert(1)", "<base href=//x>", "<object data=x></object>"],
)  # fmt: skip
def test_an_output_brings_no_style_script_or_frame_of_its_own(markup):
    """What the policy would refuse is not even in the page; the rest of the output is."""
    whole, bare = page(html(f"<p>kept</p>{markup}")), page(html("<p>kept</p>"))
    assert not re.search(r"alert|color:red|//x", whole.split("<main", 1)[1].split("<script>")[0])
    for tag in ("script", "style", "link", "iframe", "base", "object"):
        assert len(re.findall(f"<{tag}[ >]", whole, re.IGNORECASE)) == len(
            re.findall(f"<{tag}[ >]", bare, re.IGNORECASE)
        )
    assert "<p>kept</p>" in whole


def test_text_from_outside_is_escaped():
    """Printed text, plain results, parameters, titles and tracebacks are text, whatever they say."""
    nasty = "<img src=x onerror=alert(1)>"
    facts = Facts(report=nasty, title=nasty, question=nasty, run_date=nasty, parameters={nasty: nasty}, command=nasty,
                  versions={nasty: nasty}, failure=(nasty, nasty, nasty))  # fmt: skip
    text = page(
        new_output("stream", name="stdout", text=nasty),
        new_output("execute_result", {"text/plain": nasty}, execution_count=1),
        facts=facts,
        source=f"# {nasty}",
    )
    assert "<img" not in text
    assert text.count("&lt;img") >= 10


def test_code_is_hidden_behind_one_switch():
    """The code is in the page, out of sight until the one box is ticked, and no script is needed for it."""
    text = page(source="answer = 42")
    assert text.count('type="checkbox"') == 1
    assert ".code { display: none; }" in text
    assert ".page:has(#show-code:checked) .code { display: block; }" in text
    assert '<span class="mi">42</span>' in text


def test_a_page_of_a_failure_ends_where_the_run_ended():
    """Headings of sections that never ran, and papermill's own marks, are left out."""
    ran = new_code_cell("1", execution_count=1)
    cells = [new_markdown_cell("# Toy"), ran, new_markdown_cell("mark", metadata={"tags": ["papermill-error-cell-tag"]}),
             new_code_cell("2", execution_count=2), new_markdown_cell("## Never"), new_code_cell("3")]  # fmt: skip
    facts = Facts(report="toy", title="Toy", question="", run_date="2025-06-30", failure=("Failed", "no", ""))
    text = export(new_notebook(cells=cells), facts).decode()
    assert "Never" not in text
    assert ">mark<" not in text
    assert "Never" in export(new_notebook(cells=cells), FACTS).decode()


def test_a_banner_comes_before_the_title():
    """An output that says it is the banner stands first, wherever the notebook made it, and only there."""
    text = page(html('<p id="wrong">wrong</p>', trade_dashboard="banner"))
    assert text.count('id="wrong"') == 1
    assert text.index('id="wrong"') < text.index("<h1")


def test_a_page_of_a_failure_says_so_first_and_how_to_run_again():
    """The reason stands on top, the traceback and the command below what was computed."""
    text = page(facts=Facts(report="toy", title="Toy", question="", run_date="2025-06-30", command="run it again",
                            failure=("Failed", "ValueError: no", "line 1\nline 2")))  # fmt: skip
    assert text.index("ValueError: no") < text.index("<h1")
    assert text.index("line 1\nline 2") > text.index("<h1")
    assert "run it again" in text


def test_megabytes_of_print_are_cut_in_the_middle():
    """The page shows how it begins and ends, and how much is between; the notebook has it all."""
    text = page(new_output("stream", name="stdout", text="first " + "x" * 3_000_000 + " last"))
    assert "first x" in text
    assert "x last" in text
    assert "… 2,980,011 characters more, in the notebook …" in text
    assert len(text) < 100_000
