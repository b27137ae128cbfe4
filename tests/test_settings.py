"""What is configured comes from the environment, once, and is refused by the variable's name."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from trade_dashboard.errors import RequestError
from trade_dashboard.settings import Limits, Settings, secret_values


def test_nothing_set_gives_the_defaults():
    """An empty environment is enough; the limits are trade-manager's own."""
    settings = Settings.from_environment({})
    assert (settings.store, settings.outputs, settings.notebooks) == (Path("store"), Path("outputs"), Path("notebooks"))
    assert (settings.exchange, settings.account, settings.benchmark, settings.known_at) == ("XNYS", None, None, None)
    assert list(settings.limits.model_dump().values()) == [
        *(0.15, 0.20, 0.10, 0.30, 0.80, 0.05),
        *(0.02, 1.5, 2.0, 1.5, 0.55),
    ]
    assert settings.risk_free_rate == 0.02


def test_the_process_environment_is_read_when_none_is_given(monkeypatch):
    """Left out, the environment is the process's."""
    monkeypatch.setenv("TRADE_DASHBOARD_ACCOUNT", "DU1")
    assert Settings.from_environment().account == "DU1"


def test_settings_survive_the_way_through_an_environment():
    """Another process given these variables resolves equal settings, the limits and the instant included."""
    settings = Settings(
        store=Path("/data/store"),
        outputs=Path("/data/out puts"),
        notebooks=Path("/data/notebooks"),
        exchange="XNYS",
        account="DU 1",
        benchmark="SPY",
        known_at=datetime(2025, 7, 1, 4, 30, 0, 123456, tzinfo=UTC),
        limits=Limits(drawdown=0.1 + 0.2, heat=1.5, cash_buffer=0),
    )
    assert Settings.from_environment(settings.to_environment()) == settings


def test_what_is_unset_stays_unset_on_the_way():
    """No variable is made of None: the other process finds its own default."""
    variables = Settings(store=Path("/s"), outputs=Path("/o"), notebooks=Path("/n")).to_environment()
    assert set(variables) == {
        *(f"TRADE_DASHBOARD_{name}" for name in ("STORE", "OUTPUTS", "NOTEBOOKS", "EXCHANGE", "RISK_FREE_RATE")),
        *(f"TRADE_DASHBOARD_LIMIT_{name}" for name in ("DRAWDOWN_WARNING", "DRAWDOWN", "POSITION_SIZE")),
        *(f"TRADE_DASHBOARD_LIMIT_{name}" for name in ("CONCENTRATION", "HEAT", "CASH_BUFFER")),
        *(f"TRADE_DASHBOARD_LIMIT_{name}" for name in ("VALUE_AT_RISK", "SHARPE", "SORTINO")),
        *(f"TRADE_DASHBOARD_LIMIT_{name}" for name in ("PROFIT_FACTOR", "WIN_RATE")),
    }


def test_folders_mean_the_same_in_another_working_folder(tmp_path, monkeypatch):
    """A relative folder is made absolute for the other process."""
    monkeypatch.chdir(tmp_path)
    assert Settings(store=Path("here")).to_environment()["TRADE_DASHBOARD_STORE"] == str(tmp_path / "here")


def test_what_is_given_wins_over_the_environment():
    """An option beats a variable, a variable beats the default, and an option of None says nothing."""
    environment = {"TRADE_DASHBOARD_ACCOUNT": "of the environment", "TRADE_DASHBOARD_STORE": "/environment"}
    settings = Settings.from_environment(environment, account="given", store=None, outputs=Path("/given"))
    assert (settings.account, settings.store, settings.outputs) == ("given", Path("/environment"), Path("/given"))


def test_an_empty_variable_is_unset():
    """Compose files pass empty variables for what nobody set."""
    environment = {"TRADE_DASHBOARD_KNOWN_AT": "", "TRADE_DASHBOARD_LIMIT_HEAT": "", "TRADE_DASHBOARD_STORE": ""}
    assert Settings.from_environment(environment) == Settings()


def test_variables_of_others_are_none_of_ours():
    """Names are whole and in upper case; what we do not know is left alone."""
    environment = {
        "STORE": "/a",
        "trade_dashboard_store": "/b",
        "TRADE_DASHBOARD_LIMITS": "x",
        "TRADE_DASHBOARD_X": "y",
    }
    assert Settings.from_environment(environment) == Settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TRADE_DASHBOARD_KNOWN_AT", "yesterday"),
        ("TRADE_DASHBOARD_KNOWN_AT", "2025-07-01T04:00:00"),
        ("TRADE_DASHBOARD_LIMIT_DRAWDOWN", "a fifth"),
        ("TRADE_DASHBOARD_LIMIT_DRAWDOWN_WARNING", "-0.1"),
        ("TRADE_DASHBOARD_LIMIT_HEAT", "nan"),
        ("TRADE_DASHBOARD_LIMIT_CASH_BUFFER", "inf"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_the_variables_name(variable, value):
    """The message names the variable and repeats what it held."""
    with pytest.raises(RequestError) as refused:
        Settings.from_environment({variable: value})
    assert str(refused.value).startswith(f"{variable} is {value!r}: ")


def test_settings_cannot_be_changed():
    """Resolved once, the same for everybody."""
    with pytest.raises(ValidationError):
        Settings().account = "another"
    with pytest.raises(ValidationError):
        Settings().limits.heat = 2.0


def test_secrets_are_known_by_the_names_of_their_variables():
    """Longest first, so that a secret within another is not the first to be taken out; short values are words."""
    environment = {
        "SERVICE_TOKEN": "abcdef",
        "AIRFLOW_CONN_BROKER": "https://user:abcdef@host",
        "DB_PASSWORD": "correct horse",
        "my_api_key": "0123456789",
        "EMPTY_SECRET": "",
        "SHORT_SECRET": "abcde",
        "SAME_TOKEN_AGAIN": "abcdef",
        "HOME": "/home/trader",
    }
    assert secret_values(environment) == ["https://user:abcdef@host", "correct horse", "0123456789", "abcdef"]


def test_secrets_come_from_the_process_when_no_environment_is_given(monkeypatch):
    """Left out, the environment is the process's."""
    monkeypatch.setenv("TRADE_DASHBOARD_SERVICE_TOKEN", "a secret of this test")
    assert "a secret of this test" in secret_values()


@pytest.mark.parametrize(
    "connection",
    [
        "http://user:hunter%21two@host:1/x",
        '{"conn_type": "http", "password": "hunter!two"}',
    ],
)
def test_the_password_within_a_connection_is_a_secret_too(connection):
    """Not only the whole connection, also what stands in it: as it is written there and as it is sent."""
    assert "hunter!two" in secret_values({"AIRFLOW_CONN_TRADE_DASHBOARD_API_CONN": connection})
