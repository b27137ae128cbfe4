"""What the three services say becomes records, in whatever spelling; one that does not speak costs only its own."""

import dataclasses
import json
from datetime import date

import pandas as pd
import pytest
from build import at
from servers.services import Services

from trade_dashboard import schema, store
from trade_dashboard.errors import RequestError
from trade_dashboard.sessions import calendar
from trade_dashboard.sources import Options, services
from trade_dashboard.sources.connections import CONNECTION, Address
from trade_dashboard.sources.services import market_analysis, trade_discovery
from trade_dashboard.sources.services.client import AwayError, Client, Patience
from trade_dashboard.sources.services.health import probe
from trade_dashboard.sources.services.reading import Asked

MONDAY = date(2025, 6, 30)
NOW = at("2025-06-30 21:40")
QUICK = Patience(connect_seconds=1, read_seconds=0.2, retries=1, backoff_seconds=0.01)
LONG = Patience(connect_seconds=1, read_seconds=5, retries=2, backoff_seconds=0.01)
STATE = {
    "state_id": 1,
    "description": "calm advance",
    "characteristics": {"volatility": "0.11", "trend_strength": -0.2, "volume": "1.5", "return_dispersion": 0.01},
    "confidence": "0.8",
}
SIGNAL = {"timestamp": "2025-06-30T20:25:00", "signal_type": "BUY", "confidence": "0.7", "indicators": ["RSI", "MACD"]}
HELD = {"symbol": "AAA", "quantity": "10", "entry_price": "99.50", "current_price": "101.25", "pnl": "17.5"}
OWN = {
    "market-analysis": {"signals", "market_states"},
    "trade-manager": {"positions"},
    "trade-discovery": {"opportunities"},
}
OWN_OF_ALL = sorted(set().union(*OWN.values()))


@pytest.fixture
def world():
    """The three services, each with something to say of AAA."""
    with Services() as world:
        world.analysis.knows("AAA", market_states=[STATE], signals=[SIGNAL])
        world.manager.positions = [HELD | {"timestamp": "2025-06-12T14:00:00"}]
        world.discovery.opportunities = [found(1, "AAA")]
        yield world


def found(number, symbol="AAA", time="2025-06-30T20:40:00", score="0.5", **more):
    return {"id": number, "symbol": symbol, "score": score, "market_state": 1, "timestamp": time, "metrics": {}} | more


def fetch(world, first=MONDAY, last=MONDAY, *, now=NOW, patience=LONG, **environment):
    return services.fetch(Options(environment=world.environment | environment), first, last, now=now, patience=patience)


def asked(first=MONDAY, last=MONDAY, now=NOW):
    return Asked(first, last, now, calendar())


def client(service, patience=LONG):
    return Client(Address(service.name, service.url), patience)


def candidates(world, first=MONDAY, last=MONDAY):
    """Ask trade-discovery alone."""
    with client(world.discovery) as discovery:
        return trade_discovery.tell(discovery, asked(first, last)).rows("opportunities")


def probed(service):
    """Ask one service alone how it is."""
    paths = {"market-analysis": market_analysis.PROBES, "trade-discovery": trade_discovery.PROBES}
    with client(service) as one:
        (row,) = probe(one, paths[service.name], asked()).rows("service_health")
    return row


def health(fetched, service):
    """Give the one record of a service's health."""
    (row,) = fetched.frames["service_health"].query("service == @service").to_dict("records")
    return row


def test_three_services_become_five_datasets(world):
    """Every frame has the columns and types of its schema, nothing is away, nothing is rejected."""
    fetched = fetch(world)
    assert (dict(fetched.away), fetched.notes, fetched.rejected) == ({}, (), ())
    assert {name: len(frame) for name, frame in fetched.frames.items()} == {
        "signals": 1,
        "market_states": 1,
        "positions": 1,
        "opportunities": 1,
        "service_health": 3,
    }
    for name, frame in fetched.frames.items():
        good, wrong = schema.check(name, frame)
        assert len(good) == len(frame)
        assert wrong.empty


def test_a_signal_keeps_what_it_was_given_on(world):
    """Decimals as text are numbers, a naive time is UTC, indicators are named, the state is in words."""
    world.analysis.knows("AAA", signals=[SIGNAL | {"state_context": {"state_id": 1, "description": "calm advance"}}])
    (row,) = fetch(world).frames["signals"].to_dict("records")
    assert row == {
        "symbol": "AAA",
        "session": pd.Timestamp("2025-06-30"),
        "time": pd.Timestamp("2025-06-30 20:25", tz="UTC"),
        "signal": "BUY",
        "confidence": 0.7,
        "indicators": "RSI,MACD",
        "market_state": "calm advance",
    }


@pytest.mark.parametrize(
    "parts",
    [
        {"signals": [SIGNAL], "market_states": [STATE]},
        {"signals": SIGNAL, "market_state": STATE},
        {"latest_signal": SIGNAL, "historical_signals": [SIGNAL], "market_state": [STATE]},
        {"latest_signal": SIGNAL | {"signal_type": "buy", "indicators": [{"name": "RSI"}, {"name": "MACD"}]}}
        | {"market_states": [{name: value for name, value in STATE.items() if name != "x"} | STATE["characteristics"]]},
    ],
)
def test_every_builds_spelling_says_the_same(world, parts):
    """Singular or plural, one or many, and a signal that is told twice is one."""
    world.analysis.knows("AAA", **parts)
    frames = fetch(world).frames
    assert frames["signals"][["signal", "confidence", "indicators"]].to_numpy().tolist() == [["BUY", 0.7, "RSI,MACD"]]
    (state,) = frames["market_states"].drop(columns=["symbol", "session", "time"]).to_dict("records")
    assert state == {
        "state_id": 1.0,
        "description": "calm advance",
        "volatility": 0.11,
        "trend_strength": -0.2,
        "relative_volume": 1.5,
        "return_dispersion": 0.01,
        "confidence": 0.8,
    }


def test_of_several_states_the_surest_is_the_weather(world):
    """0.9 beats 0.10, whatever text sorts first; a state of unknown confidence beats none."""
    many = [STATE | {"state_id": n, "confidence": sure} for n, sure in ((0, "0.10"), (1, "0.9"), (2, None))]
    world.analysis.knows("AAA", market_states=many)
    assert fetch(world).frames["market_states"]["state_id"].tolist() == [1]


def test_optional_parts_may_be_missing(world):
    """A bare signal and a bare state have no confidence; their time is that of the analysis."""
    world.analysis.knows("AAA", signals=[{"signal_type": "HOLD"}], market_state={"state_id": 0, "description": "drift"})
    frames = fetch(world).frames
    for name in ("signals", "market_states"):
        assert frames[name]["confidence"].isna().all()
        assert frames[name]["time"].tolist() == [at("2025-06-30 21:30")]


def test_a_position_is_of_the_last_close(world):
    """Worth quantity times price where no value is given; when it last changed does not count."""
    fetched = fetch(world, TRADE_DASHBOARD_ACCOUNT="MINE")
    assert fetched.frames["positions"].to_numpy().tolist() == [
        ["MINE", "AAA", pd.Timestamp("2025-06-30"), 10.0, 99.5, 1012.5]
    ]


def test_the_richer_vocabulary_of_positions_is_read_too(world):
    """A short position is negative; one of quantity zero is none; the account has a name."""
    short = {"symbol": "BBB", "quantity": -5, "avg_price": 20, "market_value": "-95.5", "current_price": 1}
    world.manager.positions = [short, HELD | {"quantity": "0.0"}]
    (row,) = fetch(world).frames["positions"].to_dict("records")
    assert (row["account"], row["symbol"], row["quantity"]) == ("trade-manager", "BBB", -5)
    assert (row["average_cost"], row["market_value"]) == (20, -95.5)


def test_positions_of_now_are_not_those_of_then(world):
    """Asked on Tuesday evening for Monday: what is held on Tuesday is left out, and the note says so."""
    fetched = fetch(world, now=at("2025-07-01 21:00"))
    assert fetched.frames["positions"].empty
    assert any("positions are not of the sessions asked for" in note for note in fetched.notes)
    assert fetch(world, now=at("2025-07-01 13:00")).frames["positions"]["session"].tolist() == [pd.Timestamp(MONDAY)]


def test_what_is_held_while_a_session_trades_is_of_no_close(world):
    """At noon positions are left out and said to be; what is found, advised and probed is of the day."""
    world.discovery.opportunities = [found(1, "BBB", time="2025-07-01T15:00:00")]
    world.analysis.knows("BBB", market_states=[STATE], signals=[])
    fetched = fetch(world, None, None, now=at("2025-07-01 16:00"))
    assert fetched.frames["positions"].empty
    assert fetched.notes == (services.OF_NO_CLOSE,)
    days = {name: {*frame["session"]} for name, frame in fetched.frames.items() if len(frame)}
    assert days["opportunities"] == days["service_health"] == {pd.Timestamp("2025-07-01")}
    assert "AAA" in {*fetched.frames["market_states"]["symbol"]}  # what is held is watched all the same


@pytest.mark.parametrize("most", [1000, 100, 40])
def test_opportunities_are_read_to_the_last_page(world, most):
    """250 of them, whether the service gives the 100 asked for, or fewer at a time."""
    world.discovery.opportunities = [found(n, f"S{n % 7}", score=f"{n / 250}") for n in range(250)]
    world.discovery.most = most
    rows = candidates(world)
    assert len({row["opportunity_id"] for row in rows}) == len(rows) == 250


def test_a_candidate_on_two_pages_is_one(world):
    """The list moves between two requests: the same id is one record, told last."""
    many = [found(n, score="0.9") for n in range(150)]
    world.discovery.opportunities = [*many, found(3, score="0.1", analysis={"reason": "breakout"})]
    frame = fetch(world).frames["opportunities"].set_index("opportunity_id")
    assert len(frame) == 150
    assert frame.loc["3", ["score", "reason", "market_state"]].tolist() == [0.1, "breakout", 1.0]


def test_a_list_without_end_is_left(world):
    """A build that ignores the offset gives the same page again: it is read once."""
    page = [found(n) for n in range(100)]
    world.discovery.says("/api/v1/opportunities", page)
    assert len(candidates(world)) == 100
    assert world.discovery.count("/api/v1/opportunities") == 2


@pytest.mark.parametrize(
    ("time", "session"),
    [
        ("2025-07-01T01:00:00", "2025-06-30"),
        ("2025-07-01T03:59:59Z", "2025-06-30"),
        ("2025-06-30T23:30:00-04:00", "2025-06-30"),
        ("2025-06-28T12:00:00", "2025-06-27"),
        ("2025-07-04T15:00:00", "2025-07-03"),
    ],
)
def test_a_record_belongs_to_its_day_in_new_york(world, time, session):
    """One in the morning in UTC is the evening before; a weekend and a holiday are the session before."""
    world.discovery.opportunities = [found(1, time=time)]
    assert [row["session"] for row in candidates(world)] == [session]


def test_only_the_sessions_asked_for_are_kept(world):
    """Both ends count; an open end keeps all on its side."""
    days = ("2025-06-26", "2025-06-27", "2025-06-30")
    world.discovery.opportunities = [found(n, time=f"{day}T15:00:00") for n, day in enumerate(days)]

    def kept(first, last):
        return sorted(fetch(world, first, last).frames["opportunities"]["opportunity_id"])

    assert kept(date(2025, 6, 27), MONDAY) == ["1", "2"]
    assert kept(None, date(2025, 6, 27)) == ["0", "1"]
    assert kept(MONDAY, None) == ["2"]


def test_the_watchlist_is_what_is_set(world):
    """Each symbol once, however it is spaced."""
    fetch(world, TRADE_DASHBOARD_WATCHLIST=" AAA, BBB ,,AAA")
    asked = [told["symbol"] for _, path, told in world.analysis.asked if path == "/analyze"]
    assert sorted(asked) == ["AAA", "BBB"]


def test_without_a_watchlist_candidates_and_holdings_are_watched(world):
    """The newest twenty symbols of the candidates, none from after the sessions asked for, and all that is held."""
    times = [f"2025-06-{day:02d}T15:00:00" for day in range(1, 26)]
    late = found(99, "LATE", time="2025-07-01T15:00:00")
    world.discovery.opportunities = [*(found(n, f"S{n:02d}", time) for n, time in enumerate(times)), late]
    fetch(world)
    asked = {told["symbol"] for _, path, told in world.analysis.asked if path == "/analyze"}
    assert asked == {"AAA", *(f"S{n:02d}" for n in range(5, 25))}
    assert world.discovery.count("/api/v1/asset-pool") == 0


def test_one_unknown_symbol_costs_only_itself(world):
    """It is noted with what the service said; the others are analysed and the service is not away."""
    fetched = fetch(world, TRADE_DASHBOARD_WATCHLIST="NONE,AAA")
    assert fetched.frames["signals"]["symbol"].tolist() == ["AAA"]
    assert not fetched.away
    (note,) = fetched.notes
    assert note.startswith("no analysis of NONE: POST http://")
    assert note.endswith("answered 404: No market data for NONE")


@pytest.mark.parametrize("word", ["UP", "healthy", "operational", "alive", "ok"])
def test_every_good_word_means_up(world, word):
    """The services never agreed on one; what was said is kept."""
    world.discovery.says("/health", {"status": word, "version": "0.3.1"})
    row = probed(world.discovery)
    assert (row["status"], row["said"], row["version"]) == ("up", word, "0.3.1")
    assert (row["session"], row["time"]) == ("2025-06-30", NOW.isoformat())
    assert row["latency_ms"] > 0


@pytest.mark.parametrize(
    ("path", "document", "expected"),
    [
        ("/health", {"status": "healthy", "version": "0.4.2"}, ["up", "healthy", "0.4.2"]),
        ("/health", {"status": "degraded", "version": "0.4.2"}, ["degraded", "degraded", "0.4.2"]),
        ("/health", {"status": "unhealthy", "version": "0.4.2"}, ["down", "unhealthy", "0.4.2"]),
        ("/health/ready", {"checks": {"redis": True, "mq": "ok"}}, ["up", "ready", "0.5.1"]),
        ("/health/ready", {"checks": {"redis": {"connected": False}}}, ["degraded", "failing: redis", "0.5.1"]),
    ],
)
def test_old_and_new_builds_tell_their_health(world, path, document, expected):
    """The older path is asked first; a build without a version there says it at its front door."""
    world.analysis.says(path, document)
    row = probed(world.analysis)
    assert [row["status"], row["said"], row["version"]] == expected


def test_a_probe_is_of_no_session_after_those_asked_for():
    """From Monday's opening on it is Monday's, and on the Fourth of July it is still the session that was asked for."""
    for now, last, session in (
        ("2025-06-30 13:00", MONDAY, "2025-06-27"),
        ("2025-06-30 14:00", MONDAY, "2025-06-30"),
        ("2025-06-30 14:00", date(2025, 6, 29), "2025-06-27"),
        ("2025-07-04 14:00", None, "2025-07-03"),
        ("2025-07-04 14:00", date(2025, 6, 29), "2025-06-27"),
    ):
        assert asked(None, last, at(now)).probed == date.fromisoformat(session)


def service_of(world, name):
    return next(one for one in world.all if one.name == name)


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("fault", ["500", "slow", "stopped"])
def test_a_service_that_is_away_costs_only_its_own(world, name, fault):
    """Its frames are empty, its health is down, what happened is told; the two others lose nothing."""
    service = service_of(world, name)
    if fault == "stopped":
        service.stop()
    else:
        service.fails("*", fault)
    fetched = fetch(world, patience=QUICK, TRADE_DASHBOARD_WATCHLIST="AAA")
    assert set(fetched.away) == {name}
    for own, datasets in OWN.items():
        assert all(fetched.frames[one].empty == (own == name) for one in datasets)
    row = health(fetched, name)
    assert row["said"] == fetched.away[name]
    assert row["status"] == "down"
    assert {health(fetched, other)["status"] for other in OWN if other != name} == {"up"}


@pytest.mark.parametrize(
    ("fault", "happened"),
    [
        ("500", "answered 500: Internal Server Error$"),
        ("429", "answered 429: Rate limit exceeded$"),
        ("html", "answered no JSON: '<!doctype html><title>Welcome"),
        ("half", """answered no JSON: '{"status": "operational"""),
        ("slow", r"did not answer within 0\.2 s$"),
        ("trickle", r"did not answer within 0\.2 s$"),
        ("reset", "got no answer: .*reset by peer"),
        ("closed", "got no answer: .*(closed connection|reset by peer)"),
        ("stopped", "got no answer: .*refused"),
    ],
)
def test_what_happened_is_said_in_a_line(world, fault, happened):
    """Which address was asked, and what came from it."""
    if fault == "stopped":
        world.manager.stop()
    else:
        world.manager.fails("*", fault)
    with (
        client(world.manager, QUICK) as manager,
        pytest.raises(AwayError, match=rf"^GET http://127\.0\.0\.1:\d+/status {happened}"),
    ):
        manager.get("/status")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("market-analysis", "/analyze"),
        ("trade-manager", "/positions"),
        ("trade-discovery", "/api/v1/opportunities"),
    ],
)
def test_a_service_that_is_up_and_fails_at_its_work_is_degraded(world, name, path):
    """Its health alone would call it up."""
    service_of(world, name).fails(path, "500")
    fetched = fetch(world, patience=QUICK, TRADE_DASHBOARD_WATCHLIST="AAA")
    assert "answered 500" in fetched.away[name]
    assert health(fetched, name)["status"] == "degraded"


@pytest.mark.parametrize("document", [None, 7, "fine", {"detail": "moved"}, {"positions": None}])
def test_an_answer_of_another_shape_is_no_answer(world, document):
    """JSON that is no list of records: the service is told as away, not as holding nothing."""
    world.manager.says("/positions", document)
    assert fetch(world).away["trade-manager"].endswith("/positions answered no list of positions")


def test_pages_before_the_one_that_failed_are_kept(world):
    """The first hundred candidates came; that the rest did not is told."""
    world.discovery.opportunities = [found(n) for n in range(250)]
    good = world.discovery.routes["/api/v1/opportunities"][1]
    world.discovery.routes["/api/v1/opportunities"] = (
        "GET",
        lambda told: good(told) if told["offset"] == "0" else (400, {"detail": "offset too large"}),
    )
    fetched = fetch(world)
    assert len(fetched.frames["opportunities"]) == 100
    assert "answered 400: offset too large" in fetched.away["trade-discovery"]


@pytest.mark.parametrize("fault", ["500", "429", "reset", "closed"])
def test_what_passes_is_asked_again(world, fault):
    """One bad answer and a good one after it: nothing is said, of a question as of a request."""
    world.manager.fails("/positions", fault, times=1)
    world.analysis.fails("/analyze", fault, times=1)
    with client(world.manager) as manager, client(world.analysis) as analysis:
        assert manager.get("/positions").body[0]["symbol"] == "AAA"
        question = {"symbol": "AAA", "indicators": ["RSI"], "num_states": 3}
        assert analysis.post("/analyze", question).body["symbol"] == "AAA"
    assert world.manager.count("/positions") == world.analysis.count("/analyze") == 2


def test_a_service_that_asks_for_a_moment_gets_it(world):
    """Too many requests, again in a second: the answer comes a second later."""
    world.manager.retry_after = "1"
    world.manager.fails("/status", "429", times=1)
    with client(world.manager) as manager:
        assert manager.get("/status").latency_ms >= 1000


def test_nobody_waits_for_an_hour(world):
    """A service that asks for that is away at once."""
    world.manager.retry_after = "3600"
    world.manager.fails("/positions", "429")
    with client(world.manager) as manager, pytest.raises(AwayError, match="answered 429: Rate limit exceeded"):
        manager.get("/positions")
    assert world.manager.count("/positions") == 1


def test_a_service_that_keeps_silent_is_left_alone(world):
    """After two time-outs the other twenty symbols are not asked for."""
    world.analysis.fails("*", "slow")
    fetch(world, patience=QUICK, TRADE_DASHBOARD_WATCHLIST=",".join(f"S{n}" for n in range(20)))
    assert world.analysis.count("/analyze") <= 4


def test_wrong_records_are_told_and_the_rest_is_kept(world):
    """The second to the sixth of seven are wrong: answer, place, column and value are said of each."""
    changes = (
        {"score": "high"},
        {"timestamp": "yesterday"},
        {"timestamp": "1066-10-14T12:00:00"},
        {"symbol": None},
        {"score": True},
    )
    world.discovery.says("/api/v1/opportunities", [found(n) | one for n, one in enumerate(({}, *changes, {}), 1)])
    fetched = fetch(world, None, None)
    assert fetched.frames["opportunities"]["opportunity_id"].tolist() == ["1", "7"]
    assert {one.origin for one in fetched.rejected} == {
        f"{world.discovery.url}/api/v1/opportunities?limit=100&offset=0"
    }
    told = {(one.dataset, one.line, one.column, one.value) for one in fetched.rejected}
    for line, column, value in ((2, "score", "high"), (3, "time", "yesterday"), (6, "score", "True")):
        assert ("opportunities", line, column, value) in told
    assert {(one.line, one.column) for one in fetched.rejected} >= {(4, "session"), (5, "symbol")}


def test_a_wrong_record_is_told_by_its_place_in_its_own_answer(world):
    """The third on the second page, not the hundred and third."""
    many = [found(n, score=f"{1 - n / 1000}") for n in range(105)]
    many[102]["market_state"] = "calm"
    world.discovery.opportunities = many
    (wrong,) = fetch(world).rejected
    assert (wrong.line, wrong.column, wrong.value) == (3, "market_state", "calm")
    assert wrong.origin.endswith("offset=100")


def test_a_record_that_is_none_breaks_nothing(world):
    """Whatever stands among the positions, the states and the signals, the good ones are kept."""
    junk = [None, "text", 7, [], {}, {"symbol": []}, {"symbol": "\ud800", "quantity": {}}]
    world.manager.positions = [*junk, HELD]
    world.analysis.knows("AAA", market_states=[*junk, STATE], signals=[*junk, SIGNAL], timestamp=[])
    frames = fetch(world, None, None).frames
    assert frames["positions"]["symbol"].tolist() == ["AAA"]
    assert frames["signals"]["signal"].tolist() == ["BUY"]
    assert frames["market_states"]["state_id"].tolist() == [1]


def test_asked_twice_only_what_is_new_is_stored(world, tmp_path):
    """The same answers an hour later add nothing but another look at each service's health."""
    first = store.append(tmp_path, fetch(world).frames, "services")
    again = store.append(tmp_path, fetch(world, now=at("2025-06-30 22:40")).frames, "services")
    assert {name: one.new for name, one in first.items()} == dict.fromkeys(OWN_OF_ALL, 1) | {"service_health": 3}
    assert {name: one.new for name, one in again.items()} == dict.fromkeys(OWN_OF_ALL, 0) | {"service_health": 3}


def test_the_key_goes_to_the_services(world):
    """Each request carries it; without a connection there is none."""
    connection = json.dumps({"conn_type": "http", "password": "hunter2222"})
    fetch(world, **{CONNECTION: connection})
    assert {key for one in world.all for key in one.keys} == {"hunter2222"}
    world.manager.keys.clear()
    fetch(world)
    assert set(world.manager.keys) == {None}


def test_a_key_that_a_service_quotes_is_not_kept(world):
    """Neither in what happened, nor in what it says of itself."""
    world.manager.fails("*", "echo")
    world.discovery.says("/health", {"status": "healthy for hunter2222"})
    fetched = fetch(world, **{CONNECTION: json.dumps({"password": "hunter2222"})})
    assert fetched.away["trade-manager"].endswith("answered 401: Invalid API key •••")
    assert "hunter2222" not in str(dataclasses.asdict(fetched))
    assert health(fetched, "trade-discovery")["said"] == "healthy for •••"
    assert "hunter2222" not in fetched.frames["service_health"].to_csv()


def test_the_key_does_not_follow_a_redirect_elsewhere(world):
    """Another host or port is asked without it."""
    world.manager.elsewhere = f"{world.discovery.url}/positions"
    world.manager.fails("/positions", "redirect")
    fetch(world, **{CONNECTION: json.dumps({"password": "hunter2222"})})
    paths = [path for _, path, _ in world.discovery.asked]
    assert world.discovery.keys[paths.index("/positions")] is None


def test_proxies_of_the_environment_are_not_asked(world, monkeypatch):
    """The services are neighbours; a proxy would neither know them nor be told what they are asked."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert not fetch(world).away


def test_a_broken_address_is_refused_before_anything_is_asked(world):
    """A bad request is no service that is away."""
    with pytest.raises(RequestError, match="TRADE_MANAGER_PORT is 'x'"):
        fetch(world, TRADE_MANAGER_PORT="x")
    assert not any(one.asked for one in world.all)
