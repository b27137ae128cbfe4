"""Disks that are full, and folders that are somebody else's: a reason that says what to do, and what was there stays."""

import os

import pytest

pytestmark = pytest.mark.docker

IMAGES_OWN = "10001:10001"
FILLS = "print('x' * 3_000_000)"
FILLS_TMP = "open('/tmp/great', 'wb').write(b'x' * 3_000_000)"


def test_full_outputs_end_the_run_and_leave_the_page(house):
    """The reason names the folder and the way out, the record says failed, and the old page is whole."""
    engine = house.engine
    with engine.small_disk("300k") as disk:
        good = house.run(house.well, outputs=disk, user=IMAGES_OWN)
        ended = house.run(FILLS, outputs=disk, user=IMAGES_OWN)
        look = f"cd /data/outputs/{house.folder}; ls -A; cat failure.json run.json; sha256sum report.html"
        words = (*house.options(disk, IMAGES_OWN), "--entrypoint", "sh", engine.image, "-c", look)
        left = engine.docker("run", "--rm", *words)
    assert good.code == 0, good.err
    assert (ended.code, ended.last_line["status"]) == (1, "failed"), ended.err
    reason = ended.last_line["runs"][0]["reason"]
    assert "/data/outputs/toy/2025-06-30" in reason
    assert "trade-dashboard prune --keep 60" in reason
    assert "Traceback" not in ended.err
    assert ".run-" not in left.out
    assert '"status": "failed"' in left.out
    page = left.out.splitlines()[-1].split()[0]
    assert f'"page_sha256": "{page}"' in left.out


@pytest.mark.parametrize(("size", "do"), [("1m", FILLS_TMP), ("4k", "pass")], ids=["by a cell", "from the start"])
def test_a_full_tmp_is_named(house, size, do):
    """A cell that fills it, or a kernel that finds no room to begin: the reason says which disk."""
    before = house.page
    options = [f"--tmpfs=/tmp:size={size}" if word == "--tmpfs=/tmp" else word for word in house.words(do)]
    ended = house.engine.docker("run", "--rm", *options)
    assert (ended.code, ended.last_line["status"]) == (1, "failed"), ended.err
    assert "The disk of /tmp is full" in ended.last_line["runs"][0]["reason"]
    assert house.page == before


def test_a_full_store_takes_no_half_of_a_batch(engine):
    """Exit code 3 names the store; with room the same ingest succeeds, and there is nothing to mend."""
    with engine.small_disk("200k") as disk:
        refused = engine.docker("run", "--rm", *engine.options(store=disk), engine.image, "ingest", "sample")
        looked = engine.docker("run", "--rm", *engine.options(store=disk), engine.image, "doctor")
    assert (refused.code, refused.last_line["status"]) == (3, "not_ready")
    assert "/data/store cannot be written: [Errno 28] No space left on device" in refused.last_line["reason"]
    assert "Nothing of this batch was stored" in refused.last_line["reason"]
    found = {one["what"]: one for one in looked.last_line["findings"]}
    assert found["store"]["said"] == "/data/store holds no records"


@pytest.fixture(scope="module")
def roots_own(tmp_path_factory):
    """An empty folder of the host that belongs to root, as the engine makes one for a bind mount that is not there."""
    folder = tmp_path_factory.mktemp("roots")
    if os.getuid() != 0:
        pytest.skip("only root can make a folder that is root's")
    folder.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("words", "code", "target"),
    [
        (("run", "toy", "--date", "2025-06-30"), 1, "/data/outputs"),
        (("index",), 1, "/data/outputs"),
        (("metrics", "--textfile", "/data/outputs/x.prom"), 1, "/data/outputs"),
        (("ingest", "sample"), 3, "/data/store"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_folder_that_is_roots_is_given_away_by_a_command_to_paste(house, roots_own, words, code, target):
    """The reason says whose it is and who we are, and its command, with the folder filled in, does it."""
    mounts = ("-v", f"{roots_own}:/data/store") if target == "/data/store" else ()
    ended = house.engine.docker(
        "run",
        "--rm",
        *house.options(roots_own if target.endswith("outputs") else "", IMAGES_OWN),
        *mounts,
        house.engine.image,
        *words,
    )
    reason = ended.last_line.get("reason") or ended.last_line["runs"][0]["reason"]
    assert ended.code == code, ended.err
    assert f"{target} belongs to 0:0, and this process is 10001:10001" in reason
    assert f"docker run --rm --user 0 --entrypoint chown -v FOLDER_OR_VOLUME:{target}" in reason
    assert "Traceback" not in ended.err


def test_the_command_that_was_told_works(house, roots_own):
    """Pasted as it is, with the folder and the image in their places: the next run publishes."""
    refused = house.run(house.well, outputs=roots_own, user=IMAGES_OWN)
    reason = refused.last_line["runs"][0]["reason"]
    command = reason.partition("`docker ")[2].partition("`")[0]
    words = command.replace("FOLDER_OR_VOLUME", str(roots_own)).replace("trade-dashboard ", f"{house.engine.image} ")
    given = house.engine.docker(*words.split())
    assert given.code == 0, given.err
    assert house.run(house.well, outputs=roots_own, user=IMAGES_OWN).code == 0


def test_a_volume_of_another_user_says_whose_it_is(house):
    """Written by one user and used by another: which of them to be, and no traceback."""
    before = house.page
    ended = house.run(house.well, user="4711:4711")
    reason = ended.last_line["runs"][0]["reason"]
    assert ended.code == 1, ended.err
    assert f"belongs to {house.owner}, and this process is 4711:4711" in reason
    assert f"docker run --user {house.owner}" in reason
    assert "Traceback" not in ended.err
    assert house.page == before
