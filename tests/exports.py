"""Files of a broker's export, as its extractor writes them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

BARS = "date,open,high,low,close,volume,symbol"
FILLS = "timestamp,symbol,action,quantity,price,commission"
POSITIONS = "symbol,position,avgCost,marketValue"
MONTH = "2025-06-02_to_2025-06-30"
LATER = "2025-06-16_to_2025-07-01"


def write(folder: Path, files: Mapping[str, Sequence[str] | bytes]) -> Path:
    """Write each file: lines, or the bytes as they are."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        whole = content if isinstance(content, bytes) else ("\n".join(content) + "\n").encode()
        (folder / name).write_bytes(whole)
    return folder


def told(timestamp: str = "2025-06-30T16:30:00-04:00", account: str = "DU1", **values: object) -> list[str]:
    """Write an account's figures as the broker does."""
    figures = {name: {"value": str(value), "currency": "USD"} for name, value in values.items()}
    return [json.dumps({"account": account, "timestamp": timestamp, "values": figures, "positions": []})]


def fill(
    moment: str = "2025-06-30T10:00:00-04:00", symbol: str = "AAA", price: object = 10, quantity: object = 1
) -> str:
    """Write a purchase without a fee."""
    return f"{moment},{symbol},BUY,{quantity},{price},0"


def bar(day: str = "2025-06-30", close: object = 10, symbol: str = "AAA") -> str:
    """Write a day of which only the close is told."""
    return f"{day},,,,{close},,{symbol}"
