"""Write one exchange's calendar file from exchange-calendars (a development dependency).

Run `python lib/trade_dashboard/calendars/make.py XNYS` when that package learns of a new closure; a test tells when.
"""

import json
import sys
from datetime import date
from pathlib import Path

import exchange_calendars
import pandas as pd

FIRST, LAST = date(1990, 1, 1), date(2035, 12, 31)


def answers(exchange: str, first: date = FIRST, last: date = LAST) -> dict[str, object]:
    """Ask exchange-calendars for every weekday without a session and every early close."""
    calendar = exchange_calendars.get_calendar(exchange, start=first.isoformat(), end=last.isoformat())
    closes = calendar.closes.dt.tz_convert(calendar.tz)
    usual = closes.dt.time.mode()[0]
    early = closes[closes.dt.time < usual]
    weekdays = pd.bdate_range(first, last)
    return {
        "exchange": exchange,
        "zone": str(calendar.tz),
        "close": usual.isoformat("minutes"),
        "first": first.isoformat(),
        "last": last.isoformat(),
        "closed": [day.date().isoformat() for day in weekdays.difference(calendar.sessions)],
        "early_closes": {day.date().isoformat(): at.time().isoformat("minutes") for day, at in early.items()},
    }


if __name__ == "__main__":
    for name in sys.argv[1:]:
        target = Path(__file__).with_name(f"{name}.json")
        target.write_text(json.dumps(answers(name), indent=1) + "\n")
        print(target)
