"""Every verb does its work in the image: no privileges, a root that cannot be written, and no network where none is needed."""

import pytest

pytestmark = pytest.mark.docker

LISTENER = """
import http.server
class Heard(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        print("heard", self.rfile.read(int(self.headers["Content-Length"])).decode(), flush=True)
        self.send_response(200)
        self.end_headers()
server = http.server.HTTPServer(("", 8080), Heard)
print("listening", flush=True)
server.serve_forever()
"""


OF_RECORDS = {
    "store info": (("store", "info"), "datasets"),
    "store compact": (("store", "compact"), "after"),
    "restatements": (("restatements", "--since", "2025-06-30T00:00:00Z"), "restatements"),
    "ready": (("ready", "sample", "--date", "2025-06-30"), "sources"),
    "doctor": (("doctor",), "findings"),
}
OF_PAGES = {
    "reports": (("reports", "--json"), "reports"),
    "show": (("show", "toy", "--json"), "parameters"),
    "index": (("index",), "index"),
    "publish": (("publish", "/data/outputs/.mirror"), "copied"),
    "metrics": (("metrics", "--textfile", "/data/outputs/.metrics/trade_dashboard.prom"), "textfile"),
    "prune": (("prune", "--keep", "5"), "pruned"),
}


@pytest.mark.parametrize("verb", OF_RECORDS)
def test_a_verb_of_records_works(engine, ingested, verb):
    """Exit code 0, and the last line has what the verb is for."""
    assert ingested.code == 0, ingested.err
    words, says = OF_RECORDS[verb]
    done = engine.command(*words)
    assert (done.code, done.last_line["status"]) == (0, "done"), done.out + done.err
    assert says in done.last_line


@pytest.mark.parametrize("verb", OF_PAGES)
def test_a_verb_of_pages_works(house, verb):
    """Exit code 0, and the last line has what the verb is for."""
    words, says = OF_PAGES[verb]
    done = house.engine.docker("run", "--rm", *house.options(), house.engine.image, *words)
    assert (done.code, done.last_line["status"]) == (0, "done"), done.out + done.err
    assert says in done.last_line


def test_what_verbs_leave_is_there(house):
    """Index, mirror and textfile are files that others can read."""
    left = [f".mirror/{house.folder}/report.html", ".mirror/index.html", ".metrics/trade_dashboard.prom", "index.html"]
    assert [oct((house.outputs / path).stat().st_mode & 0o777) for path in left] == ["0o644"] * len(left)
    assert (house.outputs / left[0]).read_bytes() == house.page
    assert 'trade_dashboard_run_status{report="toy"' in (house.outputs / left[2]).read_text()


def test_a_message_reaches_a_server_of_the_network(house):
    """The target is a secret of the environment: it is used, and told to nobody."""
    engine = house.engine
    network = f"{engine.outputs}-network"
    engine.docker("network", "create", network)
    options = [f"--network={network}" if word.startswith("--network") else word for word in house.options()]
    target = ("--env", "TRADE_DASHBOARD_NOTIFY=json://someone:canary-5d1e@listener:8080")
    words = (
        "--network",
        network,
        "--network-alias",
        "listener",
        "--entrypoint",
        "python",
        engine.image,
        "-c",
        LISTENER,
    )
    try:
        with engine.container(*words) as listener:
            listener.wait_for("listening")
            sent = engine.docker("run", "--rm", *options, *target, engine.image, "notify", "--date", "2025-06-30")
            heard = listener.logs().out
    finally:
        engine.docker("network", "rm", network)
    assert (sent.code, [one["delivered"] for one in sent.last_line["deliveries"]]) == (0, [True]), sent.err
    assert sent.last_line["title"] in heard
    assert "canary" not in sent.out + sent.err
