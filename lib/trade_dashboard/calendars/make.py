"""Write one exchange's calendar file from exchange-calendars (a development dependency).

Run `python lib/trade_dashboard/calendars/make.py XNYS` when that package learns of a new closure; a test tells when.
"""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import exchange_calendars
import pandas as pd

FIRST, LAST = date(1990, 1, 1), date(2035, 12, 31)


def answers(exchange: str, first: date = FIRST, last: date = LAST) -> dict[str, object]:
    """Ask exchange-calendars for every weekday without a session, every late opening and every early close."""
    calendar = exchange_calendars.get_calendar(exchange, start=first.isoformat(), end=last.isoformat())
    opens, closes = (times.dt.tz_convert(calendar.tz) for times in (calendar.opens, calendar.closes))
    first_bell, usual = (times.dt.time.mode()[0] for times in (opens, closes))
    late, early = opens[opens.dt.time > first_bell], closes[closes.dt.time < usual]
    weekdays = pd.bdate_range(first, last)
    return {
        "exchange": exchange,
        "zone": str(calendar.tz),
        "open": first_bell.isoformat("minutes"),
        "close": usual.isoformat("minutes"),
        "first": first.isoformat(),
        "last": last.isoformat(),
        "closed": [day.date().isoformat() for day in weekdays.difference(calendar.sessions)],
        "late_opens": _by_day(late),
        "early_closes": _by_day(early),
    }


def _by_day(times: Any) -> dict[str, str]:
    return {day.date().isoformat(): at.time().isoformat("minutes") for day, at in times.items()}


if __name__ == "__main__":
    for name in sys.argv[1:]:
        target = Path(__file__).with_name(f"{name}.json")
        target.write_text(json.dumps(answers(name), indent=1) + "\n")
        print(target)
