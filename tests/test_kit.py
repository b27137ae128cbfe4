"""Every piece of the kit, on ordinary data and on the worst: rules that hold for all of them."""

import math
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from gallery import SETUPS, gallery, kpis, lines, returns, sessions, setups, walk

from trade_dashboard import present
from trade_dashboard.metrics import Alert, Kpi, Notice, Stat, undefined
from trade_dashboard.present import Column
from trade_dashboard.present.axes import thinned, words_of
from trade_dashboard.present.theme import changed, clipped, number, tick, written

PIECES = gallery()
NASTY = '<img src=x onerror="alert(1)">&amp;'
LONG = "x" * 10_000
EMOJI = "🦄 ünïcode \u202e"
DOLLARS = "$\\frac{1}{2$ 5 $_x$"
LABELS = [NASTY, LONG, EMOJI, DOLLARS]


class Outline(HTMLParser):
    """Collects tags, attributes and text, as a browser would see them."""

    def __init__(self, markup):
        super().__init__()
        self.tags, self.attributes, self.open, self.unclosed, self.words = [], [], [], [], []
        self.feed(markup)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in {"br", "img", "input"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def hold(piece):
    """Hold a piece against the rules that are true of every piece; gives its outline."""
    outline = Outline(piece.markup)
    assert not outline.open, "every element is closed"
    assert not {"img", "script", "style", "iframe"} & set(outline.tags)
    assert not [name for name, _ in outline.attributes if name == "style" or name.startswith("on")]
    assert not re.findall(r"#[0-9a-fA-F]{6}\b", piece.markup), "colours are the theme's variables"
    ids = [value for name, value in outline.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert not re.search(r"\b(nan|inf|None|NaT)\b|[-−]0(\.0+)?(?![.\d])", outline.text), outline.text
    assert not [value for _, value in outline.attributes if re.search(r"\b(nan|inf)\b", value or "")]
    assert len(piece.markup) < 60_000
    return outline


@pytest.mark.parametrize("name", PIECES)
def test_a_piece_keeps_the_rules(name):
    """Closed elements, no style, handler or colour of its own, no id twice, no "nan", no "−0", and small."""
    hold(PIECES[name])


def test_the_same_pieces_are_the_same_bytes():
    """No random id, no clock: drawn twice, every piece is the same."""
    assert {name: piece.markup for name, piece in gallery().items()} == {
        name: piece.markup for name, piece in PIECES.items()
    }


def test_all_pieces_may_stand_on_one_page():
    """No two share an id."""
    ids = re.findall(r' id="([^"]+)"', "".join(piece.markup for piece in PIECES.values()))
    assert len(ids) == len(set(ids))


FIGURES = ("lines", "six", "band", "underwater", "bars", "counts", "histogram", "ages", "scatter", "diagonal")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_a_title_a_description_and_its_numbers(name):
    """Those who do not see it are told what it shows, and the numbers are a folded table."""
    markup = PIECES[name].markup
    assert re.search(rf'<svg role="img" [^>]*aria-labelledby="{name}-title {name}-about"', markup)
    assert re.search(rf'<title id="{name}-title">[^<]+</title><desc id="{name}-about">[^<]*\d[^<]*</desc>', markup)
    assert "<summary>The numbers</summary>" in markup


def about(piece, name):
    return re.search(rf'<desc id="{name}-about">([^<]*)</desc>', piece.markup)[1].replace("\u202f", " ")


def frame(**columns):
    """Make lines of a few sessions in June."""
    return pd.DataFrame(columns, index=sessions(len(next(iter(columns.values())))), dtype="float64")


def test_a_line_is_described_by_where_it_went():
    """First, last, highest and lowest, each with its day and unit."""
    drawn = present.line_chart(frame(Sharpe=[0.4, 1.5, -0.2, 1.2]), name="x", finding="f", unit="ratio")
    assert about(drawn, "x") == (
        "Sharpe went from 0.40 on 25 June 2025 to 1.20 on 30 June 2025; highest 1.50 on 26 June 2025, "
        "lowest −0.20 on 27 June 2025."
    )


def test_a_drawdown_is_described_by_its_deepest_day():
    """From growth alone: 1.1 is the best, 0.88 a fifth below it."""
    drawn = present.underwater_chart(frame(x=[1.0, 1.1, 0.88, 0.99])["x"], name="x", finding="f")
    assert about(drawn, "x") == "Deepest drawdown −20.0 % on 27 June 2025; now −10.0 %."


def test_bars_are_described_by_the_highest_and_the_lowest():
    """The label and the number of both."""
    drawn = present.bar_chart(pd.Series({"a": 1.0, "b": -3.0, "c": math.nan}), name="x", finding="f", unit="USD")
    assert about(drawn, "x") == "2 bars; highest a with 1 USD, lowest b with −3 USD."


def test_a_distribution_is_described_by_its_quarters_and_its_marks():
    """Extent, median and the middle half; what is marked is said."""
    drawn = present.histogram(
        pd.Series([-2.0, -1, 0, 1, 2]), name="x", finding="f", unit="USD", marks={"Mean": 0.4, "No": math.nan}
    )
    assert about(drawn, "x") == "5 values from −2 USD to 2 USD; median 0 USD, half of them between −1 USD and 1 USD. Marked: Mean: 0 USD."  # fmt: skip


def test_no_bar_of_a_distribution_mixes_gains_and_losses():
    """Zero is an edge, whatever the values are."""
    for seed in range(20):
        markup = present.histogram(returns().sample(40, random_state=seed), name="x", finding="f").markup
        edges = re.findall(r"<td[^>]*>([^<]*)</td>", markup)
        assert "0\u202f%" in "".join(edges) or "0.0\u202f%" in "".join(edges)


def test_a_far_outlier_does_not_squeeze_the_rest_into_one_bar():
    """It is counted in the outermost bar, and the note says so."""
    drawn = present.histogram(pd.Series([*returns(100), 1e6]), name="x", finding="f")
    assert "One value beyond the edges is counted in the outermost bars." in drawn.markup
    assert drawn.markup.count("<path") > 8


def test_a_heatmap_tints_by_sign_and_size():
    """Blue above zero, orange below, four steps; nothing at zero and where nothing is known."""
    frame = pd.DataFrame([[0.01, -0.01], [0.04, -0.04], [0.0, math.nan]], index=["a", "b", "c"], columns=["x", "y"])
    cells = re.findall(r'<td( class="[^"]*")?>([^<]*)</td>', present.heatmap(frame, name="x", finding="f").markup)
    assert cells == [(' class="gain-2"', "1.0"), (' class="loss-2"', "−1.0"), (' class="gain-4"', "4.0"),
                     (' class="loss-4"', "−4.0"), ("", "0.0"), ("", "")]  # fmt: skip


def test_a_heatmap_may_have_a_scale_of_its_own():
    """Correlations of 0.2 are light, also where none is larger."""
    frame = pd.DataFrame([[0.2, 0.9]], index=["a"], columns=["x", "y"])
    markup = present.heatmap(frame, name="x", finding="f", unit="ratio", strongest=1.0).markup
    assert '<td class="gain-1">0.20</td><td class="gain-4">0.90</td>' in markup


def test_what_rounds_to_nothing_is_neither_gain_nor_loss():
    """A colour never stands without a sign."""
    markup = present.bar_chart(pd.Series({"a": -0.0001, "b": 0.02}), name="x", finding="f").markup
    assert '<li class="plain">0.0\u202f%</li><li class="gain">+2.0\u202f%</li>' in markup


def test_few_observations_are_greyed():
    """What is made of fewer than five is not told in blue and orange."""
    values = pd.Series({"many": 2.0, "few": 2.0})
    markup = present.bar_chart(values, name="x", finding="f", unit="ratio", n=pd.Series({"many": 5, "few": 4})).markup
    assert '<li class="gain">+2.00</li><li class="quiet">+2.00</li>' in markup
    assert PIECES["setups"].markup.count('<tr class="few">') == 2


def test_a_cell_names_its_header():
    """Whatever a column is called: each cell refers to a header of its own, whose text stands escaped."""
    rows = pd.DataFrame([["x", 1.0, 2.0]], columns=["what", "a b", '"'])
    columns = [Column("what", NASTY), Column("a b", "A", "money"), Column('"', "B", "money")]
    markup = present.table(rows, columns, name="t", finding="f", total={"a b": 3.0}).markup
    found = Outline(markup).attributes
    heads = [value for name, value in found if name == "id" and value != "t"]
    named = [value for name, value in found if name == "headers"]
    assert len(set(heads)) == 3
    assert named == heads * 2
    assert not any(re.search(r"\s", one) for one in heads)
    assert "<img" not in markup
    assert markup.index('<tr class="total">') > markup.index(">x</td>")


def test_an_undefined_statistic_says_why_in_its_cell():
    """No dash where there is a reason; a defined one carries the number to sort by, and its interval."""
    rows = pd.DataFrame({"a": ["x", "y"], "b": [Stat(0.5, 9, 0.25, 0.75), undefined("2 of 3 trips", 2)]})
    markup = present.table(
        rows, [Column("a", "A"), Column("b", "B", "fraction_interval")], name="t", finding="f"
    ).markup
    assert '<data value="0.5">50.0\u202f%</data> <small>25.0 to 75.0\u202f%</small>' in markup
    assert '<data class="reason" value="">2 of 3 trips</data>' in markup


def test_more_than_six_lines_are_refused():
    """That is what small multiples are for."""
    with pytest.raises(ValueError, match="at most 6 lines, but got 7: use small_multiples"):
        present.line_chart(frame(**{str(number): [1.0, 2, 3] for number in range(7)}), name="x", finding="f")


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_too_few_sessions_are_a_sentence(rows):
    """Where no line can be drawn the heading stays, and says how many sessions there are."""
    drawn = present.line_chart(lines(5, 2).head(rows), name="x", finding="The heading")
    said = "1 session" if rows == 1 else f"{rows} sessions"
    assert f"Not enough data: {said} so far, and a line needs three." in drawn.markup
    assert "The heading" in drawn.markup
    assert "<svg" not in drawn.markup


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("Account", ("Account",)),
        ("Rolling Sharpe", ("Rolling", "Sharpe")),
        ("trade-manager", ("trade-", "manager")),
        ("mean_reversion", ("mean_", "reversion")),
        ("Semiconductors", ("Semiconduc…",)),
        ("A name of many words", ("A name of", "many words")),
        ("Before fees", ("Before fees",)),
        ("", ("",)),
    ],
)
def test_the_name_of_a_line_takes_at_most_two_lines(label, words):
    """Broken where it may be, and cut where there is no room beside the chart."""
    assert words_of(label, 11) == words


def test_what_is_missing_is_said_once():
    """A reason may begin as a statistic's does."""
    for reason in ("not enough data: 12 of 20 sessions", "12 of 20 sessions."):
        assert "Not enough data: 12 of 20 sessions.<" in present.missing("x", "f", reason).markup


WORST = {
    "none": [math.nan] * 5,
    "infinite": [math.inf, -math.inf, 1.0, math.nan, 2.0],
    "equal": [3.0] * 5,
    "zero": [0.0] * 5,
    "minus zero": [-0.0, -1e-9, 1e-9, -0.00001, 0.0],
    "huge": [1e15, -1e15, 2.5e14, 1.0, -3e9],
    "tiny": [1e-13, 2e-13, -1e-13, 0.0, 3e-13],
    "holes": [1.0, math.nan, 2.0, math.nan, 3.0],
    "two": [1.0, 2.0],
    "one": [1.0],
    "empty": [],
}
UNITS = ("fraction", "USD", "ratio", "bps", "count", "sessions")


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("case", WORST)
def test_the_worst_numbers_draw_or_say_why_not(case, unit):
    """NaN, infinity, one row, none, all equal, very large and very small: no error, and every rule holds."""
    values = pd.Series(WORST[case], index=sessions(len(WORST[case])), dtype="float64")
    two = values.to_frame("a").assign(b=values[::-1].to_numpy())
    named = values.set_axis([f"n{number}" for number in range(len(values))])
    marks = dict.fromkeys(values.index[-1:], "here")
    for piece in (
        present.line_chart(two, name="x", finding="f", unit=unit, grey=["b"], zero=True, marks=marks,
                           band=pd.DataFrame({"low": values - 1, "high": values + 1})),
        present.line_chart(two, name="x", finding="f", unit=unit, zero=True),
        present.line_chart(two, name="x", finding="f", unit=unit),
        present.underwater_chart(values.abs(), name="x", finding="f"),
        present.bar_chart(named, name="x", finding="f", unit=unit, n=named, low=named - 1, high=named + 1),
        present.histogram(values, name="x", finding="f", unit=unit, marks={"most": values.max(), "no": math.nan}),
        present.heatmap(two.set_axis(map(str, two.index)), name="x", finding="f", unit=unit, total=None),
        present.heatmap(two.reset_index(drop=True), name="x", finding="f", unit=unit, total=two.reset_index()["a"]),
        present.scatter(two.reset_index(), "a", "b", name="x", finding="f", x_unit=unit, y_unit=unit, label="session"),
        present.scatter(two, "a", "b", name="x", finding="f", x_unit=unit, y_unit=unit, diagonal=True),
        present.small_multiples({"p": two, "q": two.head(1)}, name="x", finding="f", unit=unit, marks={"p": marks}),
    ):  # fmt: skip
        hold(piece)


@pytest.mark.parametrize("label", LABELS, ids=["markup", "10 kB", "emoji", "dollars"])
def test_the_worst_words_are_escaped_and_cut(label):
    """A symbol, a strategy or a reason may hold anything; it is text, and never longer than there is room for."""
    two = frame(a=[1.0, 2, 3, 2]).rename(columns={"a": label})
    rows = pd.DataFrame({"a": [label] * 4, "x": [1.0, 2, 3, 4], "y": [4.0, 1, 2, 9], "s": [undefined(label)] * 4})
    kpi = {"regime": Kpi("regime", None, None, word=label, previous_word="b", previous_session=sessions(2)[0].date())}
    alert = Alert("warning", "largest_position", 0.2, 0.1, sessions(1)[0].date(), label)
    columns = [Column("a", label), Column("x", "X", "ratio"), Column("s", "S", "stat_ratio")]
    pieces = [
        present.line_chart(two, name="x", finding=label, note=label, marks={two.index[2]: label}),
        present.bar_chart(pd.Series({label: 1.0}), name="x", finding=label),
        present.histogram(rows["x"], name="x", finding=label, marks={label: 2.0}),
        present.heatmap(pd.DataFrame({label: {label: 1.0}}), name="x", finding="f", total=pd.Series({label: 1.0}, name=label)),
        present.scatter(rows, "x", "y", name="x", finding="f", label="a", x_label=label, y_label=label),
        present.small_multiples({label: two}, name="x", finding="f", marks={label: {two.index[1]: label}}),
        present.table(rows, columns, name="t", finding=label),
        present.kpi_changes(kpi),
        present.strip(kpi, ["regime"]),
        present.banner([alert], [Notice("notice", label, "x")], evidence={"largest_position": label}),
        present.missing("x", label, label),
    ]  # fmt: skip
    for piece in pieces:
        hold(piece)
        assert "<img" not in piece.markup


def test_many_sessions_stay_small_and_keep_their_extremes():
    """Fifteen hundred sessions of three lines are under 60 KB; the highest and lowest value are among what is drawn."""
    assert len(PIECES["lines"].markup) < 60_000
    values = walk(1500, 1).to_numpy()
    x, y = thinned(values)
    assert len(x) <= 482
    assert (y.min(), y.max(), y[0], y[-1]) == (values.min(), values.max(), values[0], values[-1])
    assert (values[x] == y).all()


def test_a_gap_in_many_sessions_stays_a_gap():
    """What is left out between points is never a hole."""
    values = walk(1500, 1).to_numpy(copy=True)
    values[400:600] = np.nan
    x, y = thinned(values)
    assert np.isnan(y[(x >= 400) & (x < 600)]).all()
    assert ((x >= 400) & (x < 600)).sum() >= 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (number(0.1234, "fraction"), "12.3\u202f%"),
        (number(-1234.6, "USD"), "−1\u202f235"),
        (number(-0.004, "ratio"), "0.00"),
        (number(math.inf, "ratio"), "–"),
        (written(1234.6, "USD"), "1\u202f235\u202fUSD"),
        (written(1, "sessions"), "1\u202fsession"),
        (written(2.04, "bps"), "2.0\u202fbps"),
        (written(None, "bps"), "–"),
        (written(0.817, "ratio"), "0.82"),
        (changed(0.05, 0.04, "fraction"), "+1.0\u202fpp"),
        (changed(2.0, 2.5, "ratio"), "−0.50"),
        (changed(2.0, None, "ratio"), "–"),
        (changed(2.0000001, 2.0, "USD"), "0"),
        (tick(0.005, 0.005, "fraction"), "0.5\u202f%"),
        (tick(-0.1, 0.1, "fraction"), "−10\u202f%"),
        (tick(12_500_000, 2_500_000, "USD"), "12.5\u202fm"),
        (tick(0.0, 0.0025, "fraction"), "0.00\u202f%"),
        (tick(0.025, 0.025, "fraction"), "2.5\u202f%"),
        (tick(150_000, 50_000, "USD"), "150\u202f000"),
        (clipped("abcdef", 4), "abc…"),
    ],
)
def test_a_unit_is_written_one_way(text, expected):
    """A sentence says the unit, a cell leaves it to the header, an axis has the decimals of its steps."""
    assert text == expected


def moved(trail, **more):
    value, previous = trail[-1], trail[-2]
    day = sessions(2)[0].date()
    return present.kpi_changes(
        {"sharpe": Kpi("sharpe", value, previous, trail=tuple(trail), previous_session=day, **more)}
    )


def test_a_kpi_moved_more_than_usual_when_it_changed_by_twice_the_median():
    """Nine changes of 0.1, then one of 0.3; the same at 0.15 is usual, and nine values tell nothing of what is."""
    usual = [1.0, 1.1] * 5
    assert moved([*usual, 1.4]).plain == "Sharpe ratio moved more than usual"
    assert moved([*usual, 1.25]).plain == "Nothing moved more than usual"
    assert moved([*usual[:8], 1.4]).plain == "Nothing moved more than usual"
    assert "<strong>+0.30</strong>" in moved([*usual, 1.4]).markup


def test_a_first_session_has_nothing_to_compare_with():
    """Said, and no change is made up."""
    piece = present.kpi_changes({"sharpe": Kpi("sharpe", 1.0, None)})
    assert piece.plain == "Nothing to compare with yet"


def test_a_strip_writes_every_unit():
    """Value, unit, interval and change; a word is a word, and what is undefined says why."""
    text = Outline(PIECES["strip"].markup).text.replace("\u202f", " ")
    for said in ("+8.3 % −2.1 to 18.3 %", "0.82 −0.40 to 1.90 −0.03 since Friday", "−1 234 USD", "2.3 bps",
                 "1 session", "rising, calm was falling, wild on Friday", "– not enough data: 12 of 20 dates"):  # fmt: skip
        assert said in text
    assert set(kpis()) <= set(PIECES["strip"].plain.replace(",", " ").split())


def test_a_banner_is_worst_first_and_links_to_evidence():
    """Alerts and notices in one order of gravity; a limit of any KPI has words."""
    lines_ = re.findall(r'<p class="alert (\w+)">.*?</strong> (.*?)</p>', PIECES["banner"].markup)
    assert [severity for severity, _ in lines_] == ["critical", "warning", "warning", "notice", "notice"]
    assert lines_[2][1] == '<a href="#freshness">Stale: equity.</a>'
    assert lines_[3][1].endswith("Sharpe ratio is 0.82, below the limit of 1.50, since 27 June 2025.</a>")
    assert lines_[4][1] == "3 records were restated."
    assert present.banner([]).markup == ""


def test_a_sort_has_something_to_sort_by():
    """Statistics carry their number, dates their ISO form, severities their gravity; drawings carry nothing."""
    markup = present.table(setups(), SETUPS, name="t", finding="f").markup
    assert '<time datetime="2024-12-02">2 December 2024</time>' in markup
    assert '<data class="severity critical" value="0">critical</data>' in markup
    assert re.search(r'<td headers="t-rows-trail"><svg', markup)
