"""Whether tonight's pages can be believed, in one sentence made from what the checks found."""

from __future__ import annotations

import pandas as pd

from trade_dashboard.metrics import DEFECTS, Quality
from trade_dashboard.present.theme import count, day, listed
from trade_dashboard.present.words import counted, dataset_in_words, days_in_words

__all__ = ["trust"]

MOST_NAMED = 3


def trust(found: Quality) -> str:
    """Answer "Yes", "Mostly" or "No", and say why.

    Parameters
    ----------
    found
        What the checks found.

    Returns
    -------
    str
        "No" where what every page stands on is wrong: no prices, the broker's figures differ, or something held looks split
        and no split is known. "Mostly" where anything else is, the worst first. Then what is well.
    """
    grave, slight = _grave(found), _slight(found)
    doubts = grave + slight
    rest = len(doubts) - MOST_NAMED
    named = "; ".join(doubts[:MOST_NAMED] + ([f"{counted(rest, 'more doubt')} below"] if rest > 0 else []))
    well = listed(_well(found))
    if grave:
        return f"No: {named}."
    if slight:
        return f"Mostly: {named}{f'; otherwise {well}' if well else ''}."
    return f"Yes: {well}."


def _grave(found: Quality) -> list[str]:
    verdict = found.feeds["verdict"].get("bars")
    breaks, newest = found.comparison.breaks, found.comparison.equity.tail(1)
    misfits = found.prices.misfits
    split = misfits.loc[(misfits["what"] == "split") & misfits["symbol"].isin(found.held), "symbol"].unique().tolist()
    said = []
    if verdict in {"broken", "stale"}:
        said.append("there are no prices" if verdict == "broken" else "there are no prices of tonight")
    if len(breaks) and breaks.index[0] == newest.index[0]:
        wrong = int(newest["breaks"].iloc[0])
        said.append(f"{counted(wrong, 'figure')} of the broker's on {day(newest.index[0])} {_differ(wrong)} from ours")
    if split:
        said.append(f"{listed(split)}, held, {'looks' if len(split) == 1 else 'look'} split, and no split is known")
    return said


def _differ(number: int) -> str:
    return "differs" if number == 1 else "differ"


def _slight(found: Quality) -> list[str]:
    return [*_feeds(found), *_bars(found), *_arrivals(found), *_outside(found)]


def _feeds(found: Quality) -> list[str]:
    feeds = found.feeds.drop(index="bars", errors="ignore")
    named = {
        word: [dataset_in_words(str(one)) for one in feeds.index[feeds["verdict"] == verdict]]
        for verdict, word in {"broken": "never came", "stale": "stale"}.items()
    }
    late = f"{listed(named['stale'])} {'is' if len(named['stale']) == 1 else 'are'} stale"
    return [
        *([f"{listed(named['never came'])} never came"] if named["never came"] else []),
        *([late] if named["stale"] else []),
    ]


def _bars(found: Quality) -> list[str]:
    whole = found.prices.completeness
    missing = int((whole.called & ~whole.there).to_numpy().sum())
    unpriced = [symbol for symbol in found.held if not whole.there[symbol].iloc[-1]]
    defects = int(found.prices.misfits["what"].isin(DEFECTS).sum())
    still = len(found.prices.flat_tails)
    said = []
    if unpriced:
        said.append(f"{counted(len(unpriced), 'holding')} of {len(found.held)} without a price of tonight")
    if missing:
        said.append(f"{count(missing)} of {counted(int(whole.called.to_numpy().sum()), 'bar')} missing")
    if defects:
        said.append(f"{counted(defects, 'price')} that {'does' if defects == 1 else 'do'} not fit")
    if still:
        said.append(f"{counted(still, 'price')} that {'stands' if still == 1 else 'stand'} still")
    return said


def _arrivals(found: Quality) -> list[str]:
    kept_out = int(found.arrivals.kept_out.iloc[-1])
    restated = len(found.arrivals.restated.drop_duplicates(["dataset", "key"]))
    said = [f"{counted(kept_out, 'row')} kept out tonight"] if kept_out else []
    return said + ([f"{counted(restated, 'record')} restated"] if restated else [])


def _outside(found: Quality) -> list[str]:
    services = found.services
    said = [f"{service} is {status}" for service, status in services.loc[services["status"] != "up", "status"].items()]
    healed = found.comparison.breaks
    if found.comparison.equity.empty and found.feeds["verdict"].get("equity") != "broken":
        said.append("the broker gave no figure to hold this against")
    elif len(healed) and healed.index[0] != found.comparison.equity.index[-1]:
        said.append(f"the broker disagreed until {day(healed.index[0])}")
    return said


def _well(found: Quality) -> list[str]:
    """Say what was checked and found right."""
    figures, verdicts = found.comparison.equity, found.feeds["verdict"]
    fresh = verdicts.eq("fresh").any() and not verdicts.isin(["stale", "broken"]).any()
    whole = found.prices.completeness.share
    said = ["everything due has come"] if fresh else []
    if whole.defined and whole.value == 1:
        said.append("every bar is there")
    if len(figures) and found.comparison.breaks.empty:
        said.append(f"the broker agrees to the cent on {days_in_words(pd.DatetimeIndex(figures.index))}")
    return said
