"""Addresses come from variables, the connection wins, and what opens a service is never shown."""

import json

import pytest

from trade_dashboard.errors import RequestError
from trade_dashboard.sources.connections import CONNECTION, Address, addresses

SECRET = "s3cr:et/@ k%y"
QUOTED = "s3cr%3Aet%2F%40%20k%25y"
MANAGER = "https://gate.example:8443/manager"


def urls(**environment):
    return {name: one.base_url for name, one in addresses(environment).items()}


def connected(connection):
    """Find trade-manager, and the key, through a connection."""
    one = addresses({CONNECTION: connection})["trade-manager"]
    return one.base_url, one.api_key


def test_without_variables_the_services_are_where_they_always_are():
    """Names and ports of the Docker network; an empty variable is no variable."""
    usual = {
        "market-analysis": "http://market-analysis:8000",
        "trade-manager": "http://trade-manager:8001",
        "trade-discovery": "http://trade-discovery:8002",
    }
    assert urls() == usual
    assert urls(TRADE_MANAGER_HOST="", TRADE_MANAGER_PORT="", **{CONNECTION: ""}) == usual


def test_host_and_port_are_told_apart():
    """Either may be set without the other; an address of IPv6 gets its brackets."""
    assert urls(TRADE_MANAGER_HOST="10.0.0.7")["trade-manager"] == "http://10.0.0.7:8001"
    assert urls(MARKET_ANALYSIS_PORT="9000")["market-analysis"] == "http://market-analysis:9000"
    assert urls(TRADE_DISCOVERY_HOST="::1")["trade-discovery"] == "http://[::1]:8002"


@pytest.mark.parametrize(
    "connection",
    [
        f"http://login:{QUOTED}@host:80/schema?trade_manager_url=https%3A%2F%2Fgate.example%3A8443%2Fmanager%2F",
        f"http://:{QUOTED}@host/?extra__http__trade_manager_url=https%3A%2F%2Fgate.example%3A8443%2Fmanager",
        f"http://login:{QUOTED}@/?__extra__=%7B%22trade_manager_url%22%3A+%22https%3A%2F%2Fgate.example%3A8443%2Fmanager%22%7D",
        json.dumps({"conn_type": "http", "password": SECRET, "extra": {"trade_manager_url": MANAGER}}),
        json.dumps({"conn_type": "http", "password": SECRET, "extra": json.dumps({"trade_manager_url": MANAGER})}),
        json.dumps({"password": SECRET, "port": 80, "extra": {"extra__http__trade_manager_url": MANAGER}}),
    ],
)
def test_every_form_airflow_exports_says_the_same(connection):
    """A URI with plain, prefixed or packed extras, and JSON with extras as an object or as text."""
    assert connected(connection) == (MANAGER, SECRET)


def test_the_connection_wins_over_the_variables():
    """Its extras replace the addresses they name, and leave the others."""
    told = json.dumps({"extra": {"trade_manager_url": MANAGER}})
    found = urls(TRADE_MANAGER_HOST="elsewhere", MARKET_ANALYSIS_HOST="here", **{CONNECTION: told})
    assert found["trade-manager"] == MANAGER
    assert found["market-analysis"] == "http://here:8000"


def test_a_connection_may_lack_any_part():
    """Neither password nor extras: the usual addresses, and no key."""
    for connection in ("http://", "http://host", "{}", '{"password": null, "extra": null}', '{"extra": ""}'):
        assert connected(connection) == ("http://trade-manager:8001", "")


def test_the_key_is_not_shown():
    """What a log or a traceback prints of an address leaves the key out."""
    assert SECRET not in repr(Address("trade-manager", MANAGER, SECRET))
    assert SECRET not in str(addresses({CONNECTION: json.dumps({"password": SECRET})}))


@pytest.mark.parametrize(
    "connection",
    [
        '{"password": "hunter2222"',
        '{"password": ["hunter2222"]}',
        '{"password": "hunter2222", "extra": "{hunter2222"}',
        '{"password": "hunter2222", "extra": [1]}',
        '{"password": "hunter2222\\n"}',
        '{"password": "hunter2222é"}',
        "hunter2222",
        "http://login:hunter2222@host/?__extra__=hunter2222",
        "http://login:hunter2222@[host/",
        '{"extra": {"trade_manager_url": "http://login:hunter2222@host"}}',
        '{"extra": {"trade_manager_url": "host:hunter2222"}}',
        '{"extra": {"trade_manager_url": "http://host:hunter2222"}}',
        '{"extra": {"trade_manager_url": "http://host/?key=hunter2222"}}',
        '{"extra": {"trade_manager_url": {"hunter2222": 1}}}',
    ],
)
def test_a_broken_connection_is_refused_without_a_word_of_it(connection):
    """The message names the variable and what to do; neither it nor its causes hold what may be the secret."""
    with pytest.raises(RequestError, match=CONNECTION) as refused:
        addresses({CONNECTION: connection})
    assert "hunter2222" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None or refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("host", "port"), [("http://host", "80"), ("host/path", "80"), ("ho st", "80"), ("me@host", "80"), ("host", "no")]
)
def test_a_variable_that_makes_no_address_is_named(host, port):
    """A host is a bare name, a port a number; the message shows both."""
    with pytest.raises(RequestError, match=r"TRADE_MANAGER_HOST is .* and TRADE_MANAGER_PORT is "):
        addresses({"TRADE_MANAGER_HOST": host, "TRADE_MANAGER_PORT": port})
    with pytest.raises(RequestError, match="TRADE_MANAGER_PORT is '70000'"):
        addresses({"TRADE_MANAGER_PORT": "70000"})
