"""A broker on loopback that answers as Alpaca does, holds what a test gives it, and fails as a test asks it to.

Both hosts of the API are one server. Records are what the API's own answers hold; filters, paging, limits and refusals are
the server's.
"""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

KEY, SECRET = "PKLOOPBACK0000000001", "loopback/secret/value"
WORDS = {
    "500": (500, "internal server error occurred"),
    "echo": (500, "cannot serve {secret}"),
    "not permitted": (403, "subscription does not permit querying recent SIP data"),
    "429": (429, "too many requests."),
    "redirect": (307, ""),
}
FAULTS = (*WORDS, "html", "half", "broken off", "slow", "closed")
MOST = {"activities": 100, "orders": 500, "bars": 10_000, "actions": 1000}


class Alpaca:
    """An account and a market; `page` makes pages smaller than the API's own."""

    def __init__(self):
        self.account = {"account_number": "PA1", "created_at": "2025-06-20T12:00:00Z", "status": "ACTIVE"}
        self.fills, self.orders, self.positions, self.flows = [], [], [], []
        self.history = {"timestamp": [], "equity": [], "timeframe": "1D"}
        self.bars, self.actions = {}, {}
        self.page = 10_000
        self.elsewhere = ""
        self.asked = []
        self.faults = {}
        self.pause = {"Retry-After": "0"}
        self.released = threading.Event()

    def __enter__(self):
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.broker = self
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def environment(self):
        return {
            "APCA_API_KEY_ID": KEY,
            "APCA_API_SECRET_KEY": SECRET,
            "APCA_API_BASE_URL": self.url,
            "APCA_API_DATA_URL": self.url,
        }

    def fails(self, path, how, times=1_000_000):
        """Answer the next `times` questions of a path wrongly."""
        assert how in FAULTS
        self.faults[path] = [how, times]

    def paths(self):
        """Name what was asked, in order."""
        return [path for path, _ in self.asked]

    def fault(self, path):
        how, left = self.faults.get(path, ("", 0))
        if left:
            self.faults[path][1] -= 1
        return how if left else ""

    def answer(self, path, asked):
        """Give status and document."""
        routes = {
            "/v2/account": lambda _: self.account,
            "/v2/account/activities/FILL": lambda asked: self._activities(self.fills, "transaction_time", asked),
            "/v2/account/activities": lambda asked: self._activities(self.flows, "date", asked),
            "/v2/account/portfolio/history": self._history,
            "/v2/orders": self._orders,
            "/v2/positions": lambda _: self.positions,
            "/v2/stocks/bars": self._bars,
            "/v1/corporate-actions": self._actions,
        }
        if path not in routes:
            return 404, {"message": "endpoint not found."}
        try:
            return 200, routes[path](asked)
        except (KeyError, ValueError) as error:
            return 422, {"code": 40010001, "message": f"invalid request: {error}"}

    def _activities(self, records, time, asked):
        if "activity_types" in asked and "category" in asked:
            raise ValueError("activity_types and category")
        size = self._size(asked, "page_size", "activities", 100)
        found = _between(sorted(records, key=lambda one: (_instant(one[time]), one["id"])), time, asked)
        token = asked.get("page_token")
        names = [one["id"] for one in found]
        start = names.index(token) + 1 if token else 0
        return found[start : start + size]

    def _orders(self, asked):
        size = self._size(asked, "limit", "orders", 50)
        found = sorted(self.orders, key=lambda one: _instant(one["submitted_at"]))
        if asked.get("status", "open") != "all":
            found = [one for one in found if one["status"] == "new"]
        return _between(found, "submitted_at", asked)[:size]

    def _history(self, asked):
        if asked["timeframe"] != "1D" or len({"start", "end", "period"} & {*asked}) > 2:
            raise ValueError("timeframe, start, end, period")
        start, end = (_instant(asked[name]).timestamp() for name in ("start", "end"))
        both = zip(self.history["timestamp"], self.history["equity"], strict=True)
        inside = [(at, value) for at, value in both if not isinstance(at, int) or start <= at <= end]
        return {**self.history, "timestamp": [at for at, _ in inside], "equity": [value for _, value in inside]}

    def _bars(self, asked):
        if (asked["timeframe"], asked["adjustment"]) != ("1Day", "raw"):
            raise ValueError("timeframe, adjustment")
        start, end = _instant(asked["start"]), _instant(asked["end"])
        if end < start:
            raise ValueError("end should not be before start")
        points = [
            (symbol, bar)
            for symbol in sorted(asked["symbols"].split(","))
            for bar in sorted(self.bars.get(symbol, []), key=lambda bar: bar["t"])
            if start <= _instant(bar["t"]) <= end
        ]
        some, onward = self._points(points, asked, "bars", 1000)
        return {"bars": _grouped(some), "next_page_token": onward}

    def _actions(self, asked):
        groups = [name + "s" for name in asked["types"].split(",")]
        symbols = asked["symbols"].split(",")
        points = [
            (group, one)
            for group in groups
            for one in self.actions.get(group, [])
            if one["symbol"] in symbols and asked["start"] <= one["process_date"] <= asked["end"]
        ]
        points.sort(key=lambda point: point[1]["process_date"])
        some, onward = self._points(points, asked, "actions", 100)
        return {"corporate_actions": _grouped(some), "next_page_token": onward}

    def _points(self, points, asked, kind, usual):
        size = self._size(asked, "limit", kind, usual)
        start = int(asked.get("page_token", "at:0").removeprefix("at:"))
        rest = len(points) > start + size
        return points[start : start + size], f"at:{start + size}" if rest else None

    def _size(self, asked, name, kind, usual):
        size = int(asked.get(name, usual))
        if not 1 <= size <= MOST[kind]:
            raise ValueError(name)
        return min(size, self.page)


def _instant(text):
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _between(records, time, asked):
    after, until = (asked.get(name) for name in ("after", "until"))
    found = [
        one
        for one in records
        if (not after or _instant(one[time]) > _instant(after)) and (not until or _instant(one[time]) < _instant(until))
    ]
    return found if asked.get("direction", "desc") == "asc" else found[::-1]


def _grouped(points):
    groups = {}
    for name, one in points:
        groups.setdefault(name, []).append(one)
    return groups


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Say nothing: clients that lose patience hang up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_):
        """Say nothing."""

    def do_GET(self):
        broker = self.server.broker
        parts = urlsplit(self.path)
        asked = dict(parse_qsl(parts.query))
        broker.asked.append((parts.path, asked))
        if (self.headers["APCA-API-KEY-ID"], self.headers["APCA-API-SECRET-KEY"]) != (KEY, SECRET):
            self._send(401, {"message": "unauthorized."})
        elif how := broker.fault(parts.path):
            self._fail(how, parts.path, asked)
        else:
            self._send(*broker.answer(parts.path, asked))

    def _fail(self, how, path, asked):
        broker = self.server.broker
        if how in WORDS:
            status, message = WORDS[how]
            secret = self.headers["APCA-API-SECRET-KEY"]
            headers = {"429": broker.pause, "redirect": {"Location": broker.elsewhere + path}}.get(how)
            # a plain answer keeps the connection: a client that uses it again must not find it closed unannounced
            self._send(status, {"message": message.format(secret=secret)}, headers)
            return
        if how == "html":
            page = b"<!doctype html><title>Maintenance</title>"
            self._write(200, page, len(page), {"Content-Type": "text/html"})
        elif how in ("half", "broken off"):
            whole = json.dumps(broker.answer(path, asked)[1]).encode()
            half = whole[: len(whole) // 2]
            self._write(200, half, len(half if how == "half" else whole))
        elif how == "slow":
            broker.released.wait(5)
        self.close_connection = True

    def _send(self, status, document, headers=None):
        body = json.dumps(document).encode()
        self._write(status, body, len(body), headers)

    def _write(self, status, body, length, headers=None):
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | (headers or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)
