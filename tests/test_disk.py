"""What a disk refuses is said with what to do about it."""

import errno
import os
from pathlib import Path

import pytest

from trade_dashboard import disk
from trade_dashboard.errors import TradeDashboardError


def refused(number, path):
    return OSError(number, os.strerror(number), str(path))


def test_somebody_elses_folder_is_told_with_both_users(tmp_path, monkeypatch):
    """Outside a container, the command gives the folder to who we are."""
    monkeypatch.setattr(disk, "CONTAINER_MARKS", ())
    told = disk.refusal(tmp_path, refused(errno.EACCES, tmp_path / "toy" / "2025-06-30"))
    us = f"{os.getuid()}:{os.getgid()}"
    assert f"{tmp_path} belongs to {us}, and this process is {us}." in told
    assert f"`chown -R {us} {tmp_path}`" in told


def test_in_a_container_the_command_is_one_for_the_engine(tmp_path, monkeypatch):
    """Nobody can change an owner from inside: the command mounts the folder again, as root."""
    monkeypatch.setattr(disk, "CONTAINER_MARKS", (Path("/"),))
    told = disk.refusal(tmp_path, refused(errno.EPERM, tmp_path))
    assert f"docker run --rm --user 0 --entrypoint chown -v FOLDER_OR_VOLUME:{tmp_path}" in told


@pytest.mark.parametrize(
    ("number", "says"), [(errno.ENOSPC, "prune --keep 60"), (errno.EROFS, "without `:ro`"), (errno.EIO, "error")]
)
def test_each_refusal_has_its_way_out(tmp_path, number, says):
    """Full, read-only, or simply broken; what is raised is an error of ours."""
    with pytest.raises(TradeDashboardError, match=says), disk.writing(tmp_path):
        raise refused(number, tmp_path)


def test_a_disk_with_room_is_not_called_full(tmp_path, monkeypatch):
    """Only a folder without room is named, and a folder that is not there is no full one."""
    assert disk.full([tmp_path, tmp_path / "absent"]) == ""
    monkeypatch.setattr(disk, "LEAST_BYTES", 1 << 62)
    assert str(tmp_path) in disk.full([tmp_path])
