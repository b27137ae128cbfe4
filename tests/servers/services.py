"""The three services on loopback: they answer as theirs do, hold what a test gives them, and fail as a test asks them to.

Each has a port of its own, as in the network. Numbers are text and times are naive where the services write them so.
"""

import json
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

FAULTS = ("500", "html", "half", "slow", "trickle", "reset", "closed", "429", "echo", "redirect")
NOW = "2025-06-30T21:30:00"
INDICATORS = {"RSI", "MACD", "BB", "STOCH"}


class Service:
    """One HTTP server; `asked` holds what came, `routes` what is answered."""

    name = ""
    address = ("127.0.0.1", 0)

    def __init__(self):
        self.asked, self.keys, self.faults = [], [], {}
        self.retry_after, self.elsewhere = "0", ""
        self.routes = {}
        self.released = threading.Event()

    def __enter__(self):
        self.server = _Server(self.address, _Handler)
        self.server.service = self
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        self.listening = True
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def stop(self):
        """Listen no more."""
        self.released.set()
        if self.listening:
            self.listening = False
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()

    def fails(self, path, how, times=1_000_000):
        """Answer the next `times` questions of a path wrongly; of every path for "*"."""
        assert how in FAULTS
        self.faults[path] = [how, times]

    def fault(self, path):
        fault = self.faults.get(path) or self.faults.get("*") or ["", 0]
        how = fault[0] if fault[1] else ""
        fault[1] -= bool(how)
        return how

    def count(self, path):
        """Count how often a path was asked."""
        return sum(one == path for _, one, _ in self.asked)

    def answer(self, method, path, told):
        """Give status and document."""
        if path not in self.routes:
            return 404, {"detail": "Not Found"}
        allowed, route = self.routes[path]
        return route(told) if method == allowed else (405, {"detail": "Method Not Allowed"})

    def says(self, path, document, status=200):
        """Answer a path with a document."""
        self.routes[path] = ("GET", lambda _: (status, document))


class MarketAnalysis(Service):
    """Analyses by symbol; a symbol without one is unknown."""

    name = "market-analysis"

    def __init__(self):
        super().__init__()
        self.analyses = {}
        self.says("/", {"service": "market-analysis", "status": "UP", "version": "0.5.1"})
        self.says("/health/live", {"status": "alive"})
        self.says("/health/ready", {"checks": {"redis": {"connected": True}, "rabbitmq": "ok"}})
        self.routes["/analyze"] = ("POST", self._analyze)

    def knows(self, symbol, **parts):
        """Give a symbol an analysis; parts are those of the answer."""
        document = {"symbol": symbol, "timestamp": NOW, "current_price": "150.25", "technical_indicators": []}
        self.analyses[symbol] = document | parts

    def _analyze(self, told):
        symbol = told.get("symbol")
        if (
            not isinstance(symbol, str)
            or not set(told["indicators"]) <= INDICATORS
            or told["num_states"] not in range(2, 6)
        ):
            return 422, {"detail": [{"loc": ["body"], "msg": "invalid", "type": "value_error"}]}
        if symbol not in self.analyses:
            return 404, {"detail": f"No market data for {symbol}"}
        return 200, self.analyses[symbol]


class TradeManager(Service):
    """Positions, and a status in place of health."""

    name = "trade-manager"

    def __init__(self):
        super().__init__()
        self.positions = []
        working = dict.fromkeys(("portfolio_manager", "risk_manager", "trade_engine"), "active")
        self.says("/status", {"status": "operational", "timestamp": NOW, "components": working})
        self.routes["/positions"] = ("GET", lambda _: (200, self.positions))


class TradeDiscovery(Service):
    """Opportunities, best first, by limit and offset; `most` is the longest page it gives."""

    name = "trade-discovery"

    def __init__(self):
        super().__init__()
        self.opportunities, self.most = [], 1000
        self.says("/health", {"status": "healthy"})
        self.routes["/api/v1/opportunities"] = ("GET", self._page)

    def _page(self, told):
        try:
            limit, offset = min(int(told.get("limit", 10)), self.most), int(told.get("offset", 0))
        except ValueError:
            return 422, {"detail": [{"loc": ["query"], "msg": "not an integer", "type": "int_parsing"}]}
        best_first = sorted(self.opportunities, key=lambda one: -float(one["score"]))
        return 200, best_first[offset : offset + limit]


class Services:
    """All three, and the environment that leads to them."""

    def __init__(self):
        self.analysis, self.manager, self.discovery = MarketAnalysis(), TradeManager(), TradeDiscovery()
        self.all = (self.analysis, self.manager, self.discovery)

    def __enter__(self):
        for one in self.all:
            one.__enter__()
        return self

    def __exit__(self, *_):
        for one in self.all:
            one.stop()

    @property
    def environment(self):
        names = [one.name.replace("-", "_").upper() for one in self.all]
        hosts = {f"{name}_HOST": "127.0.0.1" for name in names}
        return hosts | {f"{name}_PORT": str(one.port) for name, one in zip(names, self.all, strict=True)}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self):
        self._answer(dict(parse_qsl(urlsplit(self.path).query)))

    def do_POST(self):
        self._answer(json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}"))

    def _answer(self, told):
        service, path = self.server.service, urlsplit(self.path).path
        service.asked.append((self.command, path, told))
        service.keys.append(self.headers.get("X-API-Key"))
        fault = service.fault(path)
        if fault in {"closed", "reset"}:
            return self._hang_up(reset=fault == "reset")
        if fault == "slow":
            service.released.wait(10)
            return self._hang_up()
        if fault == "trickle":
            return self._trickle(service)
        status, document = service.answer(self.command, path, told)
        return self._say(*self._spoiled(fault, status, json.dumps(document).encode()))

    def _spoiled(self, fault, status, body):
        """Give status, body, type and headers, as a fault has them."""
        limits = {
            "Retry-After": self.server.service.retry_after,
            "X-RateLimit-Limit": "60",
            "X-RateLimit-Remaining": "0",
        }
        echo = json.dumps({"detail": f"Invalid API key {self.headers.get('X-API-Key')}"})
        page = b"<!doctype html><title>Welcome to nginx!</title>"
        spoiled = {
            "500": (500, b'{"detail": "Internal Server Error"}', "application/json", {}),
            "html": (200, page, "text/html", {}),
            "half": (200, body[: len(body) // 2], "application/json", {}),
            "429": (429, b'{"detail": "Rate limit exceeded"}', "application/json", limits),
            "echo": (401, echo.encode(), "application/json", {}),
            "redirect": (307, b"", "application/json", {"Location": self.server.service.elsewhere}),
        }
        return spoiled.get(fault, (status, body, "application/json", {}))

    def _say(self, status, body, kind, headers):
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _trickle(self, service):
        """Send a byte now and then, without end."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        while not service.released.wait(0.05):
            self.wfile.write(b" ")
            self.wfile.flush()

    def _hang_up(self, *, reset=False):
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_):
        """Say nothing."""
