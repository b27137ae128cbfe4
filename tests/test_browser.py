"""The page in a real browser: at three widths, in both themes, nothing asked for, nothing logged, nothing sideways."""

import shutil
from pathlib import Path

import pytest
from gallery import write_gallery
from needs import needs

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_path(sample_run):
    """The nightly summary of the sample, as a file."""
    return Path(sample_run.page)


@pytest.fixture(scope="module")
def browser():
    """Chromium, as the distribution ships it."""
    chromium = shutil.which("chromium")
    needs(chromium, "Chromium is not installed: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        running = driver.chromium.launch(executable_path=chromium, args=quiet)
        yield running
        running.close()


@pytest.fixture
def opened(browser, page_path):
    """Open the page; gives it with what it asked for and what it logged."""
    contexts = []

    def show(width=1440, scheme="light", path=page_path, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        said = []
        page.on(
            "request",
            lambda request: said.append(request.url) if not request.url.startswith(("file:", "data:")) else None,
        )
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"file://{path}", wait_until="load")
        return page, said

    yield show
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [390, 820, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_asks_for_nothing_logs_nothing_and_does_not_scroll_sideways(opened, width, scheme):
    """No request, no refusal by its own policy, no sideways scroll, on a phone as at a desk."""
    page, said = opened(width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert said == []


def test_the_theme_is_the_readers(opened):
    """Paper is light or dark as the reader's system is, and figures follow."""
    seen = []
    for scheme in ("light", "dark"):
        page, _ = opened(scheme=scheme)
        seen.append(page.evaluate("[getComputedStyle(document.documentElement).backgroundColor,"
                                  "getComputedStyle(document.querySelector('.plot path[stroke*=accent]')).stroke]"))  # fmt: skip
    assert seen == [["rgb(252, 251, 248)", "rgb(13, 95, 115)"], ["rgb(22, 22, 21)", "rgb(116, 197, 214)"]]


def test_one_switch_shows_the_code_without_a_script(opened):
    """The box shows and hides every cell's code, also where scripts are off."""
    page, _ = opened(java_script_enabled=False)
    code = page.locator(".code").first
    assert not code.is_visible()
    page.check("#show-code")
    assert code.is_visible()


def test_a_table_sorts_by_a_click_and_the_total_stays_last(opened):
    """A click on a column's name sorts by it, numbers as numbers; a second click turns it round."""
    page, _ = opened()
    head = page.locator("section[aria-labelledby=positions] th button", has_text="Day P&L")
    cells = page.locator("section[aria-labelledby=positions] tbody tr")
    head.click()
    assert cells.first.inner_text().startswith("BOLTZ")
    head.click()
    assert cells.first.inner_text().startswith("NULL")
    assert cells.last.inner_text().startswith("Total")


def test_a_figure_keeps_its_text_size_at_any_width(opened):
    """Lines stretch with the page; letters do not."""
    heights = []
    for width in (390, 1440):
        page, _ = opened(width)
        heights.append(page.locator(".plot text").first.bounding_box()["height"])
    assert heights[0] == pytest.approx(heights[1], abs=1)


@pytest.fixture(scope="module")
def gallery_path(tmp_path_factory):
    """A page with every piece of the kit, as a file."""
    path = tmp_path_factory.mktemp("gallery") / "gallery.html"
    write_gallery(path)
    return path


OVERLAPS = """() => [...document.querySelectorAll(".plot > svg, .bars > svg")].flatMap((figure) => {
  const boxes = [...figure.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
  return boxes.flatMap(([one, a], i) => boxes.slice(i + 1).filter(([, b]) => a.width && b.width &&
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4)
    .map(([other]) => `${figure.querySelector("title").textContent}: ${one} / ${other}`));
})"""


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_no_words_of_a_figure_overlap(opened, gallery_path, width):
    """Ticks, names of lines and marks keep their distance on a phone as at a desk; and nothing scrolls sideways."""
    page, said = opened(width, path=gallery_path)
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert said == []


def setups(page, number):
    """Read a column of the gallery's table."""
    rows = page.locator("section[aria-labelledby=setups] tbody tr")
    return [row.locator("td").nth(number).inner_text() for row in rows.all()]


@pytest.mark.parametrize(
    ("label", "number", "order"),
    [
        ("Win rate", 2, "59.0 54.0 45.0 25.0 not"),
        ("Profit factor", 3, "1.84 1.20 0.91 0.30 no"),
        ("First", 9, "30 28 9 2 3"),
        ("Verdict", 10, "notice notice notice warning critical"),
    ],
)
def test_a_table_sorts_by_what_its_cells_mean(opened, gallery_path, label, number, order):
    """Statistics by their value whatever stands beside it, undefined ones last; dates by time; severities by gravity."""
    page, _ = opened(path=gallery_path)
    head = page.locator("section[aria-labelledby=setups] th button", has_text=label)
    head.click()
    assert [text.split()[0] for text in setups(page, number)[:-1]] == order.split()
    assert setups(page, 0)[-1] == "Total"
    head.click()
    known = [word for word in order.split() if word not in {"no", "not"}]
    assert [text.split()[0] for text in setups(page, number)[: len(known)]] == known[::-1]


def test_folded_rows_are_sorted_with_the_others(opened, gallery_path):
    """The largest of all come first, wherever they stood; as many stay folded as before."""
    page, _ = opened(path=gallery_path)
    shown, folded = (page.locator(f"#{name}").locator("xpath=ancestor::table//tbody/tr") for name in ("long-rows-value", "long-more-value"))  # fmt: skip
    page.locator("#long-rows-value button").click()
    assert (shown.count(), folded.count()) == (20, 4)
    assert shown.first.inner_text().split()[0] == "row23"
    assert folded.last.text_content().split()[0] == "row0"


def test_a_column_of_drawings_has_no_button(opened, gallery_path):
    """There is nothing to sort by."""
    page, _ = opened(path=gallery_path)
    heads = page.locator("section[aria-labelledby=setups] thead th")
    assert [head.locator("button").count() for head in heads.all()] == [1] * 8 + [0, 1, 1]
