"""The Docker operator for our image: where a container's data is, which secrets it gets, what it may do, what it says last.

`trade_dashboard_tasks.py` beside this one builds every task with it, and says which Variables and Connections there are.
"""

from __future__ import annotations

import json
import logging
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any

from airflow.exceptions import AirflowNotFoundException, AirflowSkipException
from airflow.providers.docker.exceptions import DockerContainerFailedException
from airflow.providers.docker.operators.docker import DockerOperator
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowRuntimeError
from docker.types import Mount

__all__ = ["Container", "last_object", "stopping", "tell_failure", "variable"]

logger = logging.getLogger(__name__)

VOLUMES = {"store": "/data/store", "outputs": "/data/outputs", "exports": "/data/exports", "metrics": "/data/metrics"}
STORAGE = "trade_dashboard_storage_conn"
CONFINED = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges"], "tmpfs": {"/tmp": ""}}  # noqa: S108


def variable(name: str, default: str = "") -> str:
    """Write the template of one of our Variables."""
    return f"{{{{ var.value.get('trade_dashboard_{name}', '{default}') }}}}"


class Container(DockerOperator):
    """The Docker operator, for our image.

    Parameters
    ----------
    command
        Words of the command line. One that renders to several lines is several words, and to nothing is none.
    reads, writes
        Which of `VOLUMES` it sees, and which of these it may change.
    connections
        Which connections it is given, where they exist.
    needs
        What it makes no sense without: it is skipped when this renders to nothing.
    needs_connection
        Whether it is skipped where none of its own connections exists.
    gives_up
        Whether, tried for the last time, records that are not there (exit code 3) are no failure: later tasks go on, and say
        themselves what they lack.
    gives
        What of the result to give to later tasks; all of it when left out.

    The XCom is the object that the command line writes on its last line.
    """

    template_fields: Sequence[str] = (
        *DockerOperator.template_fields,
        *("network_mode", "mem_limit", "needs", "settings", "volumes"),
    )

    def __init__(
        self,
        *,
        reads: Sequence[str] = (),
        writes: Sequence[str] = (),
        connections: Sequence[str] = (),
        needs: str = "always",
        needs_connection: bool = False,
        gives_up: bool = False,
        gives: str = "",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.writes, self.connections, self.gives = list(writes), list(connections), gives
        self.needs, self.needs_connection, self.gives_up = needs, needs_connection, gives_up
        self.settings = variable("environment", "{}")
        self.said: dict[str, Any] | None = None
        self.volumes = {one: variable(f"{one}_volume", f"trade_dashboard_{one}") for one in (*reads, *writes)}

    @cached_property
    def cli(self) -> Any:
        """The engine's client, which gives a container no more rights than it needs: the provider has no options for that."""
        client = super().cli
        client.create_host_config = partial(client.create_host_config, **CONFINED)
        return client

    def execute(self, context: Any) -> Any:
        """Run the container and give what it said last."""
        if not self.needs.strip():
            raise AirflowSkipException(f"{self.task_id} is not set up here: see the table of Variables.")
        secrets = {name: found for name in [*self.connections, STORAGE] if (found := exported(name))}
        if self.needs_connection and not secrets.keys() & set(self.connections):
            raise AirflowSkipException(f"There is no connection {' or '.join(self.connections)}.")
        self._private_environment = {key: value for one in secrets.values() for key, value in one.items()}
        self.environment = json.loads(self.settings) | (self.environment or {})
        self.command = [one for word in self.command for one in word.splitlines() if one]
        self.mounts = [
            Mount(VOLUMES[one], volume, type="volume", read_only=one not in self.writes)
            for one, volume in self.volumes.items()
        ]
        try:
            with stopping(self.on_kill):
                said = super().execute(context)
        except DockerContainerFailedException as error:
            said = error.logs
            self.said = last_object(said or [])
            last = context["ti"].try_number > context["ti"].max_tries
            if not (self.gives_up and last and (self.said or {}).get("status") == "not_ready"):
                raise
            logger.warning("Waited long enough: what comes next goes on with the records that are there.")
        result = last_object(said or [])
        if result is None:
            logger.warning("Expected one JSON object on the last line of output, but got %r", str(said)[-200:])
        return (result or {}).get(self.gives) if self.gives else result


def exported(name: str) -> dict[str, str]:
    """Give a connection as variables of the environment; none when there is no such connection."""
    try:
        found = Connection.get(name)
    except AirflowNotFoundException:
        return {}
    except AirflowRuntimeError as error:
        # so does Airflow 3.0 say it
        if "CONNECTION_NOT_FOUND" in str(error):
            return {}
        raise
    extras = {key: str(value) for key, value in found.extra_dejson.items() if key.isupper()}
    return {f"AIRFLOW_CONN_{name.upper()}": found.get_uri()} | extras


@contextmanager
def stopping(stop: Any) -> Iterator[None]:
    """Stop the container when its task is killed: Airflow 3.0 would leave it running, newer ones see to it themselves."""

    def leave(_signum: int, _frame: Any) -> None:
        stop()
        raise SystemExit(128 + signal.SIGTERM)  # through the operator, which removes the container on its way out

    ours = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if ours:
        signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def last_object(output: str | Sequence[str]) -> dict[str, Any] | None:
    """Read the last line that is not empty as a JSON object; None if it is none.

    The operator gives the last piece of output, which older providers leave with several lines in it.
    """
    text = output if isinstance(output, str) else "\n".join(map(str, output))
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "")
    try:
        found = json.loads(last)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def tell_failure(context: Mapping[str, Any]) -> None:
    """Say in the log why a container failed, in its own words, and what to do."""
    said = context["ti"].task.said
    reasons = [one["reason"] for one in (said or {}).get("runs", []) if one.get("reason")]
    logger.error(
        "%s failed: %s\nThe trader's page of it, if it got that far, is failure.html in the folder of the session. "
        "Clear this task to run it again; what it did before does no harm.",
        context["ti"].task_id,
        "; ".join(reasons) or (said or {}).get("reason") or context.get("exception"),
    )
