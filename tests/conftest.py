"""What the tests stand on: an environment without our variables, the embedded sample in a store, and the real account.

TRADE_DASHBOARD_BROKER_EXPORT     folder of the real account's export (../shared/data/broker-export)
"""

import os
import socket
from pathlib import Path

import pytest
from exports import write
from needs import MAY_SKIP
from nightly import nightly

from trade_dashboard.ingest import ingest
from trade_dashboard.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
BUCKET = "trade-dashboard-tests"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    """Take every variable of ours away: no test sees the settings of whoever runs it."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture
def export(tmp_path):
    """Write files into the folder of an export: `export({"trades_….csv": [header, row, row]})`; gives the folder."""
    return lambda files: write(tmp_path / "export", files)


@pytest.fixture
def place(tmp_path):
    """Settings of a store of the test's own."""
    return Settings(store=tmp_path / "store")


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory):
    """Folder of a store that holds the whole embedded sample; made once, only to be read."""
    folder = tmp_path_factory.mktemp("sample") / "store"
    ingest(Settings(store=folder), "sample")
    return folder


@pytest.fixture
def sample_settings(sample_store, tmp_path):
    """Settings of the sample's store, the project's notebooks, and outputs of the test's own."""
    return Settings(store=sample_store, notebooks=ROOT / "notebooks", outputs=tmp_path / "outputs")


@pytest.fixture(scope="session")
def broker_export():
    """Folder of the real account's export; it is no part of the project, so tests of it may skip."""
    given = os.environ.get("TRADE_DASHBOARD_BROKER_EXPORT")
    folder = Path(given) if given else ROOT.parent / "shared" / "data" / "broker-export"
    if not folder.is_dir():
        pytest.skip(f"needs the real account: no folder {folder} (set TRADE_DASHBOARD_BROKER_EXPORT)")
    return folder


@pytest.fixture(scope="session")
def real_store(broker_export, tmp_path_factory):
    """Folder of a store that holds the real account; made once, only to be read."""
    folder = tmp_path_factory.mktemp("real") / "store"
    ingest(Settings(store=folder), "broker-export", folder=broker_export)
    return folder


@pytest.fixture(scope="session")
def sample_run(sample_store, tmp_path_factory):
    """The nightly summary of the sample's last session, run once; its record."""
    record = nightly(sample_store, tmp_path_factory.mktemp("nightly"), "2025-06-30")
    assert record.status == "done", record.reason
    return record


@pytest.fixture(scope="session")
def s3():
    """Address of an S3 service with a bucket of ours."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.get_host_and_port()[1]}")
        for name, value in {
            "ACCESS_KEY_ID": "test",
            "SECRET_ACCESS_KEY": "a-secret-key",
            "DEFAULT_REGION": "us-east-1",
        }.items():
            patch.setenv(f"AWS_{name}", value)
        import s3fs

        s3fs.S3FileSystem(skip_instance_cache=True).mkdir(BUCKET)
        yield f"s3://{BUCKET}"
    server.stop()


@pytest.fixture(scope="session")
def gs():
    """Address of a Google Cloud Storage service with a bucket of ours."""
    from gcp_storage_emulator.server import create_server

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket=BUCKET)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
        patch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
        yield f"gs://{BUCKET}"
    server.stop()


# reasons for which a test may be skipped even where nothing else may
ALLOWED_SKIPS = ("needs the real account",)  # its data is no part of the project


def pytest_sessionfinish(session, exitstatus):
    """Where nothing may be skipped, a skip fails the session, unless its reason is listed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    wrong = [report for report in skipped if not any(reason in str(report.longrepr) for reason in ALLOWED_SKIPS)]
    if wrong and not MAY_SKIP and exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"{len(wrong)} skipped tests count as failures here", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
