"""The page in a real browser: at three widths, in both themes, nothing asked for, nothing logged, nothing sideways."""

import shutil
from pathlib import Path

import pytest
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

    def show(width=1440, scheme="light", **options):
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
        page.goto(f"file://{page_path}", wait_until="load")
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
