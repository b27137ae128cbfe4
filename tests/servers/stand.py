"""A server as the main process of a container: one of the three services, or whoever takes messages.

python -m servers.stand NAME PORT      NAME is a service, or "messages"

What comes in is written to stdout, a line of JSON each.
"""

import json
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from servers.services import MarketAnalysis, TradeDiscovery, TradeManager

SERVICES = {one.name: one for one in (MarketAnalysis, TradeManager, TradeDiscovery)}


class Messages(BaseHTTPRequestHandler):
    """Takes whatever is posted."""

    def do_POST(self):
        tell(self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        """Say nothing else."""


def tell(path, told):
    sys.stdout.write(json.dumps({"path": path, "told": told}) + "\n")
    sys.stdout.flush()


def stand(name, port):
    """Listen until the container is stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if name == "messages":
        ThreadingHTTPServer(("", port), Messages).serve_forever()
    service = SERVICES[name]()
    service.address = ("", port)
    with service:
        while True:
            while service.keys:
                tell(service.asked.pop(0)[1], service.keys.pop(0))
            time.sleep(0.05)


if __name__ == "__main__":
    stand(sys.argv[1], int(sys.argv[2]))
