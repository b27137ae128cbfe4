"""What documents name exists: tests, pages and their sections, verbs and their options, and what the hub is told of."""

import ast
import re
import shlex
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md"), ROOT / "notebooks" / "README.md"])
GUIDE = ROOT / "docs" / "airflow-integration-guide.md"
PLAN = ROOT / "docs" / "airflow-integration-implementation-plan.md"
DAGS = ROOT / "airflow-hub" / "dags" / "trade-dashboard"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED_TEST = re.compile(r"((?:airflow-hub|tests)/[\w./-]+\.py)(?:::(\w+))?")
PROGRAM = re.compile(r"(?:.*/)?trade-dashboard(?::[\w.]+)?")
END = re.compile(r"[\n|&;<>]")
OURS = re.compile(r"(?<![\w-])trade_dashboard_\w+")


def prose(page):
    """Give a page without its fenced blocks."""
    return FENCE.sub("", page.read_text())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_somewhere(page):
    """To a file of ours, and to a section that it has; what is elsewhere is not asked."""
    wanted = [link.partition("#") for link in LINK.findall(prose(page)) if "://" not in link]
    targets = [((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in wanted]
    assert [path for path, _ in targets if not path.exists()] == []
    assert [f"{path.name}#{anchor}" for path, anchor in targets if anchor and anchor not in anchors(path)] == []


@cache
def anchors(page):
    """Name the sections of a page as links do."""
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in HEADING.findall(prose(page))}


def test_a_test_that_is_named_exists():
    """Somebody who doubts a line can run it."""
    named = {found for page in PAGES for found in NAMED_TEST.findall(page.read_text())}
    assert len(named) > 40
    assert sorted(name for name in named if not is_there(*name)) == []


def is_there(path, test):
    file = ROOT / path
    return file.exists() and (not test or test in functions(file))


@cache
def functions(file):
    return {one.name for one in ast.walk(ast.parse(file.read_text())) if isinstance(one, ast.FunctionDef)}


@cache
def verbs():
    """Give the options of every verb, as the generated reference has them; those of the program itself under ()."""
    found = {}
    for part in (ROOT / "docs" / "reference" / "cli.md").read_text().split("\n## `trade-dashboard")[1:]:
        name, _, told = part.partition("`\n")
        found[tuple(name.split())] = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", told))
    return found


def commands(page):
    """Find every call of the program in the shell blocks of a page, word by word."""
    for kind, block in FENCE.findall(page.read_text()):
        words = shell(block) if kind == "sh" else []
        starts = [at for at, word in enumerate(words) if PROGRAM.fullmatch(word)]
        for at in starts:
            begun = next((back for back in range(at, 0, -1) if END.match(words[back])), 0)
            ended = next((on for on in range(at, len(words)) if END.match(words[on])), len(words))
            # what another entrypoint is given is none of its words
            if "--entrypoint" not in words[begun:at]:
                yield words[at + 1 : ended]


def shell(block):
    """Part a block into words as a shell does; ends of lines, pipes and redirections are words of their own."""
    bare = re.sub(r"(^|\s)#.*$", "", block, flags=re.MULTILINE).replace("\\\n", " ")
    lexer = shlex.shlex(bare, posix=True, punctuation_chars="\n|&;<>")
    lexer.whitespace, lexer.whitespace_split = " \t", True
    return list(lexer)


def test_a_command_that_is_shown_is_understood():
    """Its verb exists and takes these options; images that are built or moved are no calls."""
    shown = [(page.name, call) for page in PAGES for call in commands(page)]
    assert len(shown) > 40
    assert [(page, call) for page, call in shown if not understood(call)] == []


def understood(call):
    words = list(call)
    while words and words[0] in verbs()[()]:
        words = words[2:]
    if not words or "/" in words[0]:
        return True
    verb = tuple(words[:2]) if tuple(words[:2]) in verbs() else (words[0],)
    given = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    return verb in verbs() and given <= verbs()[verb]


def test_what_the_hub_is_told_of_is_in_its_folder():
    """DAGs, Variables, Connections, volumes and measures: every name of ours is one that the code has."""
    code = [*DAGS.glob("*.py"), *ROOT.glob("lib/trade_dashboard/deliver/*.py")]
    known = {name for file in code for name in OURS.findall(file.read_text())} | {file.stem for file in code}
    measures = set(re.findall(r"\"(\w+)\": \(", (ROOT / "lib/trade_dashboard/deliver/prometheus.py").read_text()))
    known |= {f"trade_dashboard_{name}" for name in measures}
    named = {(page.name, name) for page in PAGES for name in OURS.findall(page.read_text())}
    assert sorted(one for one in named if one[1] not in known and not one[1].startswith("trade_dashboard_e2e")) == []


def rows(text, first):
    """Give the cells of the table rows whose first cell has this pattern."""
    lines = [line for line in text.splitlines() if re.match(rf"\| {first} \|", line)]
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines]


def test_the_guide_has_every_setting_of_the_hub():
    """Each Variable with its default, each Connection with who gets it, each schedule with its expression."""
    guide, told = GUIDE.read_text(), ast.get_docstring(ast.parse((DAGS / "trade_dashboard_tasks.py").read_text()))
    variables = [row[:2] for row in rows(told, r"`trade_dashboard_\w+`") if row[1] not in ("ingest", "notify", "all")]
    assert len(variables) == 13
    assert [row for row in variables if row not in [one[:2] for one in rows(guide, r"`trade_dashboard_\w+`")]] == []
    secrets = [row[0] for row in rows(told, r"`trade_dashboard_\w+`") if row[1] in ("ingest", "notify", "all")]
    assert [name for name in secrets if f"airflow connections add {name.strip('`')}" not in guide] == []
    due = {
        found for file in DAGS.glob("dag_*.py") for found in re.findall(r"at\(\"(\w+)\", \"(.+?)\"\)", file.read_text())
    }
    assert len(due) == 4
    assert [what for what, cron in due if f"| `TRADE_DASHBOARD_{what.upper()}_AT` | `{cron}` |" not in guide] == []


def test_the_plan_has_every_task_of_every_dag():
    """As the DAG's own documentation lists them, which its tests hold to the tasks themselves."""
    planned, dag = {}, ""
    for line in PLAN.read_text().partition("## 4.")[2].partition("## 5.")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" |")]
        if len(cells) > 3 and "`" in cells[1]:
            dag = cells[0].strip("`") or dag
            planned.setdefault(dag, set()).update(re.findall(r"`(\w+)`", cells[1]))
    assert planned == {file.stem.removeprefix("dag_"): tasks(file) for file in DAGS.glob("dag_*.py")}


def tasks(file):
    told = ast.get_docstring(ast.parse(file.read_text()))
    return set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`[^|]+) \|", told, re.MULTILINE))))
