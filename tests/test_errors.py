"""Every error that is raised on purpose ends the command line with its own exit code."""

import inspect
import re
import signal

import pytest

from trade_dashboard import errors

CODES = {
    "TradeDashboardError": 1,
    "ReportError": 1,
    "RequestError": 2,
    "DataError": 3,
    "NotReadyError": 3,
    "SchemaError": 3,
    "StoreError": 3,
    "NoSessionError": 99,
}


def classes():
    """Find every error class that the module defines."""
    found = inspect.getmembers(errors, inspect.isclass)
    return {name: one for name, one in found if one.__module__ == errors.__name__}


@pytest.mark.parametrize(("name", "code"), CODES.items())
def test_each_branch_has_its_exit_code(name, code):
    """1 failed, 2 asked wrongly, 3 data, 99 nothing to do."""
    assert getattr(errors, name)("why").exit_code == code


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, 137), (signal.SIGTERM, 143)])
def test_a_stop_ends_with_128_and_the_signal(signum, code):
    """Shells and schedulers read the signal out of the exit code; the message names it."""
    error = errors.StoppedError(signum)
    assert error.exit_code == code
    assert signum.name in str(error)


def test_every_error_is_of_one_tree():
    """Whoever catches the root catches all; data errors are caught together."""
    assert set(classes()) == {*CODES, "StoppedError"}
    assert all(issubclass(one, errors.TradeDashboardError) for one in classes().values())
    assert {name for name, one in classes().items() if issubclass(one, errors.DataError)} == {
        "DataError",
        "NotReadyError",
        "SchemaError",
        "StoreError",
    }


def test_what_is_public_is_listed_in_order():
    """`__all__` names every class and function of the module, sorted."""
    assert errors.__all__ == sorted([*classes(), "exit_code_of", "said_by"])


def test_the_drawn_tree_names_every_error_with_its_code():
    """The docstring's tree is what the classes say."""
    drawn = dict(re.findall(r"^[ │├└─]*(\w+Error)\s+(128 \+ N|\d+) ", errors.__doc__, flags=re.MULTILINE))
    assert drawn == {name: str(code) for name, code in CODES.items()} | {"StoppedError": "128 + N"}


@pytest.mark.parametrize(
    ("name", "code"),
    [*CODES.items(), ("ValueError", 1), ("KeyError", 1), ("signal", 1), ("exit_code_of", 1), ("", 1)],
)
def test_an_error_is_known_by_its_name(name, code):
    """A notebook records only the class name; whatever is not ours is a failure of the report."""
    assert errors.exit_code_of(name) == code


def test_our_errors_speak_for_themselves():
    """A reason for readers names the class of an error only when it is not ours."""
    assert errors.said_by("NotReadyError", "no prices yet") == "no prices yet"
    assert errors.said_by("KeyError", "'x'") == "KeyError: 'x'"
    assert errors.said_by("SystemExit", "") == "SystemExit"
