"""`make stop` ends the demo's own service and nothing else."""

import importlib.util
import subprocess
import sys
import time

import pytest
from checkout import ROOT

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def demo(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("run_demo", ROOT / "samples" / "run_demo.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "HOME", tmp_path / "home")
    monkeypatch.setattr(module, "PID_FILE", tmp_path / "serve.pid")
    return module


def test_a_process_that_has_the_number_by_now_is_left_alone(demo, capsys):
    with subprocess.Popen(SLEEP) as other:
        demo.PID_FILE.write_text(str(other.pid))
        demo.stop()
        assert "the demo is not running" in capsys.readouterr().out
        assert other.poll() is None
        other.kill()


def test_the_service_is_ended(demo, capsys):
    with subprocess.Popen([*SLEEP, "--home", str(demo.HOME), "serve"]) as service:
        demo.PID_FILE.write_text(str(service.pid))
        deadline = time.monotonic() + 30
        while demo.running_pid() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        demo.stop()
        assert service.wait(30) != 0
    assert "stopped" in capsys.readouterr().out
