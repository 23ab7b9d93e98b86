"""What finds the faults must not have any itself: the shim, and the model of a disk."""

import errno
import os
import signal
import subprocess
import sys

import pytest

from crash.power import Disk, Kept, read_trace
from crash.shim import Op, Shim, environment

# Makes a file without any care for power cuts.
CARELESS = """
import os, sys
from pathlib import Path
home = Path(sys.argv[1])
part = home / "part"
with part.open("wb", buffering=0) as file:
    file.write(b"0123456789")
    if "sync" in sys.argv:
        os.fsync(file.fileno())
part.rename(home / "kept")
if "sync" in sys.argv:
    os.fsync(os.open(home, os.O_RDONLY))
"""
CREATE, WRITE, RENAME = 1, 2, 3


class Scene:
    """A folder under the shim, and what is done in it."""

    def __init__(self, library, folder):
        self.home = folder / "home"
        self.home.mkdir()
        self.trace = folder / "trace"
        self.trace.touch()
        control = folder / "control"
        self.environment = environment(library, control) | {"CRASH_TRACE": str(self.trace)}
        self.shim = Shim(control, self.home)

    def act(self, *words):
        arguments = [sys.executable, "-c", CARELESS, self.home, *words]
        return subprocess.run(
            arguments,
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            start_new_session=True,
        )

    def names(self):
        return sorted(path.name for path in self.home.iterdir())


@pytest.fixture
def scene(library, tmp_path):
    return Scene(library, tmp_path)


def test_effects_are_counted_and_nothing_else_is(scene):
    scene.act()
    assert scene.shim.calls == RENAME
    assert scene.names() == ["kept"]


@pytest.mark.parametrize(("call", "left"), [(CREATE, []), (WRITE, ["part"]), (RENAME, ["part"])])
def test_it_kills_right_before_a_call(scene, call, left):
    scene.shim.reset(call)
    assert scene.act().returncode == -signal.SIGKILL
    assert scene.names() == left


def test_it_tears_a_write(scene):
    scene.shim.reset(WRITE, torn=True)
    assert scene.act().returncode == -signal.SIGKILL
    assert (scene.home / "part").read_bytes() == b"01234"


def test_it_makes_calls_fail_by_path_kind_and_number(scene):
    scene.shim.fail(errno.ENOSPC, "part", [Op.WRITE])
    assert "No space left" in scene.act().stderr
    assert scene.shim.failed == 1
    scene.shim.reset()
    (scene.home / "part").unlink()
    scene.shim.fail(errno.EIO, calls=range(RENAME, RENAME + 1))
    assert "Input/output error" in scene.act().stderr
    scene.shim.mend()
    assert scene.act().returncode == 0


def after_power_cut(scene, kept, *words):
    disk = Disk(scene.home)
    scene.shim.trace(on=True)
    assert scene.act(*words).returncode == 0
    for effect in read_trace(scene.trace):
        disk.meet(effect)
    assert disk.differences(scene.home) == []
    disk.write_out(scene.home, kept)
    return {path.name: path.read_bytes() for path in scene.home.iterdir()}


@pytest.mark.parametrize(
    ("kept", "left"),
    [(Kept.NOTHING, {}), (Kept.NAMES, {"kept": b""}), (Kept.ALL, {"kept": b"0123456789"})],
)
def test_what_was_not_synced_is_lost_when_the_power_goes(scene, kept, left):
    assert after_power_cut(scene, kept) == left


@pytest.mark.parametrize("kept", Kept)
def test_what_was_synced_is_not(scene, kept):
    assert after_power_cut(scene, kept, "sync") == {"kept": b"0123456789"}


def test_a_process_without_the_shims_control_file_is_left_alone(library, tmp_path):
    with_shim = {**os.environ, "LD_PRELOAD": str(library)}
    arguments = [sys.executable, "-c", CARELESS, tmp_path]
    assert subprocess.run(arguments, env=with_shim, check=False).returncode == 0
    assert (tmp_path / "kept").read_bytes() == b"0123456789"
