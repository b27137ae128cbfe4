"""What the discovery review says: an answer no surer than the numbers are, and exhibits that say how they came about."""

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest
from build import KNOWN, actions, bars, book_of, fills, flows, opportunities, together
from discoveries import UNTIL, sessions, world

from trade_dashboard import metrics, present
from trade_dashboard.metrics import Review, Stat, undefined
from trade_dashboard.present.discovery_review import over

NAN = float("nan")


def text(piece):
    """Give what a reader reads, thin spaces made plain."""
    bare = re.sub(r"<style>.*?</style>", " ", piece.markup, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare)).replace("\u202f", " ")).strip()


def heading(piece):
    return unescape(re.search(r"<h3[^>]*>(.*?)</h3>", piece.markup)[1]).replace("\u202f", " ")


def reviewed(excess, *, a_session=5, by="session", horizon=5, **columns):
    """Make the review of candidates with these excess returns, so many a session; the score is their place in it."""
    count = len(excess)
    days = [pd.Timestamp(day) for day in sessions(-(-count // a_session))]
    rows = pd.DataFrame(
        {
            "session": [days[n // a_session] for n in range(count)],
            "at": [n // a_session for n in range(count)],
            "symbol": ["ABCDEFGHIJ"[n % a_session] for n in range(count)],
            "score": [n % a_session / 10 for n in range(count)],
            "rank": 1,
            "reason": "breakout",
            "state": "calm",
            "horizon": horizon,
            "status": "followed",
            "entered": "open",
            "return": excess,
            "excess": excess,
        }
        | columns
    )
    return Review(rows.drop(columns=["horizon", "excess"]), rows, "SPY", horizon, 250, by, {})


def answer(review):
    told, decay = metrics.outcomes(review.followed), metrics.ic_decay(review.followed, review.by)
    return present.discovery_answer(review, told, decay).replace("\u202f", " ")


def wins(share, sessions_of=60, a_session=5, seed=2):
    """Draw excess returns of which this share is above zero, in no order."""
    count = sessions_of * a_session
    drawn = np.repeat([0.01, -0.01], [round(share * count), count - round(share * count)])
    return np.random.default_rng(seed).permutation(drawn).tolist()


def test_no_edge_is_said_with_its_interval():
    """155 of 300 ahead is chance, in words as in numbers: Wilson's 46 to 57 %."""
    said = answer(reviewed(wins(155 / 300)))
    assert said.startswith(
        "Of 300 candidates followed over five sessions, 52 % beat SPY (46 to 57 %): no edge that chance"
    )
    assert "and the score does not tell good from bad (IC " in said


def test_an_edge_is_said_when_chance_would_not_give_it():
    """210 of 300 ahead, scattered over sessions: 65 to 75 %."""
    assert "70 % beat SPY (65 to 75 %): an edge beyond chance;" in answer(reviewed(wins(0.7)))
    assert "30 % beat SPY (25 to 35 %): fewer than chance would give;" in answer(reviewed(wins(0.3)))


def test_an_edge_that_overlapping_windows_make_is_none():
    """For 12 sessions all are ahead, then for 8 none: Wilson sees 100 draws, there are hardly three."""
    said = answer(reviewed([0.01] * 60 + [-0.01] * 40))
    assert re.search(r"60 % beat SPY \(0 to 100 %, as windows overlap\): no edge that chance would not give", said)
    assert metrics.outcomes(reviewed([0.01] * 60 + [-0.01] * 40).followed)["hit_rate"].iloc[0].low > 0.5


def test_a_score_that_tells_is_said_either_way():
    """The higher the score the higher the return, but for a draw now and then; or the other way round."""
    order = [0.01, 0.02, 0.03, 0.04, 0.05]
    mixed = [gain for n in range(60) for gain in (order if n % 5 else order[::-1])]
    apart = [gain - 0.031 for gain in mixed]
    assert re.search(
        r"but a higher score did mean a higher return \(IC 0\.60, 0\.\d+ to 0\.\d+\)", answer(reviewed(apart))
    )
    assert "and a higher score meant a lower return (IC −0.60" in answer(reviewed([-gain for gain in apart]))


def test_too_little_is_no_answer():
    """Nothing found; four followed; ten sessions."""
    assert answer(reviewed([])) == "Nothing was discovered in the last 250 sessions: there are no candidates to review."
    few = reviewed([0.1] * 4 + [NAN] * 6, status=["followed"] * 4 + ["open"] * 6)
    assert (
        answer(few)
        == "10 candidates so far, 4 of them followed over five sessions: too few to tell an edge from chance."
    )
    young = answer(reviewed(wins(0.6, 10)))
    assert "too few sessions to tell an edge from chance; whether a higher score means more cannot be told yet" in young


def test_without_a_benchmark_there_is_nothing_to_beat():
    """Returns are known, what they are held against is not."""
    said = answer(reviewed([NAN] * 10, **{"return": 0.1}))
    assert said == "10 candidates, but no prices of the benchmark SPY to hold them against."


@pytest.mark.parametrize(("number", "words"), [(1, "one session"), (5, "five sessions"), (20, "20 sessions")])
def test_few_sessions_are_counted_in_words(number, words):
    """As a sentence does."""
    assert over(number) == words


def tonight_of(tmp_path, *lines, traded=()):
    book = book_of(
        tmp_path,
        UNTIL,
        opportunities=opportunities(*lines),
        bars=together(*(bars(name, dict.fromkeys(sessions(3), 5.0)) for name in ("AAA", "BBB", "CCC"))),
        fills=fills(*traded),
        cash_flows=flows("2025-06-20 deposit 1000"),
    )
    review = metrics.review(book, 20)
    marks = metrics.marked(review.found, metrics.reckon(book), book.adjusted_bars(60, review.found["symbol"]))
    return present.candidates_table(marks, review)


def test_tonights_candidates_say_what_the_account_has_of_them(tmp_path):
    """Best first; held, held short, and when it was last traded."""
    shown = tonight_of(
        tmp_path,
        *(f"{UNTIL} {name} 0.{score}" for name, score in (("AAA", 7), ("BBB", 9), ("CCC", 8))),
        traded=(
            "2025-06-24 BBB BUY 1@5",
            "2025-06-25 CCC SELL 1@5",
            "2025-06-24 AAA BUY 1@5",
            "2025-06-26 AAA SELL 1@5",
        ),
    )
    assert heading(shown) == "3 candidates tonight, 2 of them held"
    assert re.findall(r"(BBB|CCC|AAA) 0\.\d0 (held short|held|traded 26 Jun 2025)", text(shown)) == [
        ("BBB", "held"), ("CCC", "held short"), ("AAA", "traded 26 Jun 2025"),
    ]  # fmt: skip


def test_an_evening_without_candidates_says_when_there_were_some(tmp_path):
    """A silence is told as one."""
    assert (
        heading(tonight_of(tmp_path, "2025-06-26 AAA 0.5"))
        == "No candidates tonight; the last were found on 26 June 2025"
    )


def test_what_a_service_writes_is_escaped(tmp_path):
    """A reason is text, whatever stands in it."""
    lines = opportunities(f"{UNTIL} AAA 0.5").assign(reason="<script>alert(1)</script>")
    review = metrics.review(book_of(tmp_path, UNTIL, opportunities=lines, bars=bars("AAA", {UNTIL: 5})), 20)
    marks = metrics.marked(review.found, metrics.reckon(book_of(tmp_path, UNTIL)), bars("AAA", {UNTIL: 5}))
    assert "<script>" not in present.candidates_table(marks, review).markup


def test_the_follow_up_says_how_it_was_reckoned():
    """Entries at a close, prices that end and candidates that could not be entered are named beneath the finding."""
    review = reviewed(
        [-0.02] * 8 + [NAN, NAN],
        status=["ended", *["followed"] * 7, "no price", "open"],
        entered=["close", *["open"] * 9],
    )
    shown = present.follow_up_table(metrics.outcomes(review.followed), review)
    assert heading(shown) == "The median candidate lagged by 2.0 % over five sessions"
    assert "1 candidate without an open to compare entered at that session's close." in text(shown)
    assert "Prices end, and the last one stands: A. Could not be entered: D." in text(shown)


def test_a_verb_is_said_once():
    """Both lagged, or one led."""
    one, five = reviewed([-0.01] * 6, horizon=1).followed, reviewed([-0.03] * 6)
    both = pd.concat([one, five.followed], ignore_index=True)
    shown = present.follow_up_table(metrics.outcomes(both), five)
    assert heading(shown) == "The median candidate lagged by 1.0 % over one session and 3.0 % over five sessions"
    both.loc[both["horizon"] == 1, "excess"] = 0.01
    shown = present.follow_up_table(metrics.outcomes(both), five)
    assert heading(shown) == "The median candidate led by 1.0 % over one session and lagged by 3.0 % over five sessions"


def test_scores_are_compared_from_the_highest():
    """Five scores, ten of each, each score its own group."""
    review = reviewed([0.01, 0.02, 0.03, 0.04, 0.05] * 10)
    shown = present.score_chart(metrics.outcomes(review.chosen, metrics.score_groups(review.chosen)), review)
    assert heading(shown) == "The highest scores led by 5.0 %, the lowest led by 1.0 %, over five sessions"
    assert re.findall(r"≥ 0\.\d0", text(shown))[:5] == ["≥ 0.40", "≥ 0.30", "≥ 0.20", "≥ 0.10", "≥ 0.00"]


def test_a_state_is_named_only_when_it_is_beyond_chance():
    """A hundred alike are beyond chance; of either sign they are not, nor are two long runs that overlapping windows made."""
    worlds = reviewed([0.01, 0.02] * 50), reviewed([0.01, -0.01] * 50), reviewed([0.01] * 60 + [-0.01] * 40)
    charts = [present.state_chart(metrics.outcomes(one.chosen, one.chosen["state"]), one) for one in worlds]
    assert heading(charts[0]) == "Candidates led by 1.5 % in calm"
    for chart in charts[1:]:
        assert heading(chart) == "In no market state candidates led or lagged beyond chance"


def test_pooled_weeks_are_said():
    """Where sessions are too small, the chart says what was ranked together."""
    review = reviewed(wins(0.5, 60, 2), a_session=2, by="week")
    trailing = metrics.ic_trailing(metrics.ic_by_period(review.chosen, 5, "week"), 5, "week")
    assert "a trailing mean needs more weeks with five candidates" in text(present.ic_chart(trailing, review))
    decay = metrics.ic_decay(review.followed, "week")
    assert "Not enough data: 0 of 20 weeks with five candidates." in text(present.decay_chart(decay, review))


def test_decay_names_what_is_beyond_chance():
    """One horizon's interval is above zero, the other's is not, the third is undefined."""
    stats = [Stat(0.3, 40, 0.1, 0.5), Stat(0.1, 40, -0.1, 0.3), undefined("not enough data: 3 of 20 sessions", 3)]
    decay = pd.DataFrame({"ic": stats, "t": [3.0, 1.0, NAN], "candidates": 200}, index=[1, 5, 20])
    shown = present.decay_chart(decay, reviewed([0.1] * 5))
    assert heading(shown) == "Over one horizon alone the score tells beyond chance: one session"
    assert "t, by Newey and West's errors: 3.00 over 1, 1.00 over 5." in text(shown)


def test_a_hit_rate_beyond_chance_is_told_with_its_side():
    """More than half over one horizon, fewer over another; and how many horizons were looked at."""
    one, five = reviewed(wins(0.7), horizon=1), reviewed(wins(0.3))
    both = metrics.outcomes(pd.concat([one.followed, five.followed], ignore_index=True))
    shown = present.hit_rate_chart(both, five)
    assert heading(shown) == "Beyond chance more than half were ahead over 1 and fewer than half were ahead over 5"
    assert "So many horizons are so many tries." in text(shown)
    even = present.hit_rate_chart(metrics.outcomes(reviewed(wins(0.5)).followed), five)
    assert heading(even) == "Over no horizon more, or fewer, than chance would give were ahead"
    few = present.hit_rate_chart(metrics.outcomes(reviewed(wins(0.7, 10)).followed), five)
    assert heading(few) == "Too few sessions to tell a hit rate from one half"


def test_hindsight_is_told_as_hindsight():
    """The best that were passed over stand beside what the worst did."""
    review = reviewed([0.10, 0.05, -0.02, -0.08, 0.01])
    took = pd.Series([False, False, False, False, True])
    best, worst = (metrics.missed(review.chosen, took, worst=side) for side in (False, True))
    shown = present.missed_table(best, worst, review)
    assert heading(shown) == "The best passed over led by 5.0 % to 10.0 % over five sessions"
    assert "the worst passed over, chosen alike, lagged by 2.0 % to 8.0 %" in text(shown)
    assert (
        heading(present.missed_table(best.head(1), worst.head(0), review))
        == "The best passed over led by 10.0 % over five sessions"
    )
    assert heading(present.missed_table(best.head(0), worst, review)) == "Nothing that led was passed over"


def test_what_was_taken_stands_beside_what_was_not():
    """Five each; of fewer nothing is said."""
    review = reviewed([0.02] * 5 + [-0.01] * 5)
    took = pd.Series([True] * 5 + [False] * 5)
    shown = present.taken_table(metrics.outcomes(review.chosen, took), review)
    assert heading(shown) == "What was held or traded led by 2.0 %, what was passed over lagged by 1.0 %"
    assert text(shown).index("Held or traded 5") < text(shown).index("Passed over 5")
    few = present.taken_table(metrics.outcomes(review.chosen, took & (review.chosen.index < 2)), review)
    assert heading(few) == "Too few to compare what was taken with what was passed over"


def test_the_notebook_s_numbers_come_from_one_place(tmp_path):
    """The strip's hit rate is the table's, and the answer's is both."""
    book = book_of(tmp_path, UNTIL, KNOWN, **world(), corporate_actions=actions("2025-06-26 AAA dividend 0.01"))
    review = metrics.review(book, 250)
    told = metrics.outcomes(review.followed)
    assert review.kpis["hit_rate_5"].value == told["hit_rate"][5].value
    assert review.kpis["median_excess_5"].value == told["median"][5].value
    assert review.kpis["ic_5"].value == metrics.ic_decay(review.followed, review.by)["ic"][5].value
    assert "60 % beat SPY" in answer(review)
