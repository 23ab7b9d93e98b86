"""What an administrator does first: settings, a look by the doctor, the start, and what fails."""

import os
import shlex
import subprocess
import sys

import pytest
from command_line import forked, started
from mortal import MORTAL, needs_rights
from service import ADMIN, PASSWORD, Service

from chartkeeper.ocr import rapid

# The account of that number is "nobody" on Debian and Ubuntu.
OTHER_ACCOUNT = 65534
PART_THAT_FAILS = """
from chartkeeper import parts
from chartkeeper.supervise import prepare_process

def fail(*_):
    raise {failure}

prepare_process()
parts.PARTS["web"] = fail
parts.live("web", None, None)
"""
COMMAND_THAT_FAILS = """
import sys
from chartkeeper import __main__, home_commands

def fail(_):
    raise KeyError("Samplewood, Ada")

home_commands.open_home = fail
sys.argv[1:] = ["status"]
__main__.main()
"""
# What `main` and each part of the service do first, and then the second reader's engine.
ENGINE = """
from pathlib import Path
from chartkeeper.settings import quiet_engines

quiet_engines()
import onnxruntime
import rapidocr

model = next(Path(rapidocr.__file__).parent.glob("models/*.onnx"))
onnxruntime.InferenceSession(str(model))
"""


def call(home, *words, given="", **more):
    return (started if more else forked)("--home", home, *words, given=given, seconds=60, **more)


def run(program, **environment):
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )


@pytest.fixture
def home(tmp_path):
    return Service(tmp_path / "home").home


def set_(home, *lines):
    (home / "chartkeeper.toml").write_text("\n".join(lines))


def test_the_lines_that_go_on_can_be_copied_whatever_the_name_of_the_home(tmp_path):
    home = tmp_path / "charts of the north wing"
    said = call(home, "init", "--admin", ADMIN, "--password-stdin", given=PASSWORD).stdout
    line = said.partition("Start with: ")[2]
    assert shlex.split(line) == ["chartkeeper", "--home", str(home), "serve"]
    backup = tmp_path / "backup"
    assert call(home, "backup", str(backup)).returncode == 0
    line = call(tmp_path / "a new home", "restore", str(backup)).stdout.partition("then run: ")[2]
    assert shlex.split(line) == ["chartkeeper", "--home", str(tmp_path / "a new home"), "verify"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gets into the home of somebody else")
def test_on_the_home_of_another_account_root_leaves_nothing_that_it_cannot_use(home):
    paths = [home, *home.rglob("*")]
    for path in paths:
        os.chown(path, OTHER_ACCOUNT, OTHER_ACCOUNT)
    for words in (("verify",), ("serve",), ("init",), ("import", str(home / "chartkeeper.toml"))):
        done = call(home, *words)
        assert (done.returncode, "sudo -u nobody" in done.stderr) == (3, True)
    assert "sudo -u nobody" in call(home, "doctor").stdout
    assert {path.stat().st_uid for path in home.rglob("*")} == {OTHER_ACCOUNT}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gets into the home of somebody else")
def test_root_restores_into_no_folder_of_another_account(home, tmp_path):
    assert call(home, "backup", str(tmp_path / "backup")).returncode == 0
    new = tmp_path / "new"
    new.mkdir()
    os.chown(new, OTHER_ACCOUNT, OTHER_ACCOUNT)
    done = call(new, "restore", str(tmp_path / "backup"))
    assert (done.returncode, "sudo -u nobody" in done.stderr) == (3, True)
    assert list(new.iterdir()) == []


@pytest.mark.parametrize("words", [("users", "add", "ann"), ("users", "reset", ADMIN)])
def test_a_password_that_nobody_can_type_is_asked_for_on_standard_input(home, words):
    # Without a terminal of its own, as a timer calls it.
    done = call(home, *words, start_new_session=True)
    assert (done.returncode, "give it with --password-stdin" in done.stderr) == (3, True)


def test_settings_saved_by_an_editor_of_windows_are_read(home):
    text = "\ufeff# Settings\r\nidle_minutes = 20\r\nown_facilities = 'Klinik Süd'\r\n"
    (home / "chartkeeper.toml").write_bytes(text.encode())
    assert call(home, "status").returncode == 0


def test_settings_in_another_encoding_are_said_with_their_line(home):
    (home / "chartkeeper.toml").write_bytes("port = 1\nown_facilities = 'Süd'".encode("latin-1"))
    said = call(home, "status").stderr
    assert "line 2 holds characters that are not UTF-8" in said
    assert "codec" not in said


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["port = 'many'"], "port must be a whole number"),
        (["behind_proxy = true"], "secure_cookies"),
        (["host = '0.0.0.0'"], "put a proxy with TLS in front"),
        (["backup_folder = '/nowhere/at/all'"], "This folder is no backup of Chartkeeper"),
    ],
)
def test_the_doctor_names_settings_that_do_not_fit(home, lines, said):
    set_(home, *lines)
    done = call(home, "doctor")
    (fault,) = (line for line in done.stdout.splitlines() if line.startswith("fault: "))
    assert (done.returncode, done.stderr) == (4, "")
    assert said in fault


def test_the_doctor_is_content_with_a_proxy_and_a_backup(home, tmp_path):
    assert call(home, "backup", str(tmp_path / "backup")).returncode == 0
    folder = f"backup_folder = '{tmp_path / 'backup'}'"
    set_(home, "behind_proxy = true", "secure_cookies = true", folder)
    assert call(home, "doctor").stdout.endswith("all is well\n")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["host = '0.0.0.0'"], "Refusing to listen on 0.0.0.0"),
        (["host = '198.51.100.7'", "behind_proxy = true"], "cannot listen on 198.51.100.7"),
        (["host = '999.1.1.1'", "behind_proxy = true"], "cannot listen on 999.1.1.1"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "web"])
def test_an_address_that_cannot_be_used_is_said_and_nothing_starts(home, command, lines, said):
    set_(home, *lines)
    done = call(home, command)
    assert (done.returncode, said in done.stderr) == (3, True)
    assert "at work" not in done.stderr


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        ("ValueError('Samplewood, Ada')", "ValueError"),
        ("OSError(28, 'no space', '/inbox/Samplewood.pdf')", "A disk is full. Free some space."),
    ],
)
def test_a_part_that_fails_says_where_and_never_what(failure, said):
    done = run(PART_THAT_FAILS.format(failure=failure))
    assert done.returncode == 1
    assert said in done.stderr
    assert "Samplewood" not in done.stderr


def test_a_command_that_fails_says_where_and_never_what():
    done = run(COMMAND_THAT_FAILS)
    assert done.returncode == 1
    assert "KeyError" in done.stderr
    assert "home_commands.py" in done.stderr
    assert "Samplewood, Ada" not in done.stderr.replace('raise KeyError("Samplewood, Ada")', "")


def test_a_package_that_is_missing_is_named():
    missing = "ModuleNotFoundError(\"No module named 'waitress'\")"
    done = run(COMMAND_THAT_FAILS.replace('KeyError("Samplewood, Ada")', missing))
    assert "No module named 'waitress'" in done.stderr.splitlines()[-2]


@pytest.mark.skipif(not rapid.is_installed(), reason="the second reader is not installed")
def test_no_engine_notes_down_or_sends_how_it_is_used(tmp_path):
    done = run(ENGINE, HOME=str(tmp_path), XDG_CACHE_HOME="", XDG_STATE_HOME="")
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.rglob("*")) == []


@needs_rights
@pytest.mark.parametrize("name", ["vault", "failed", "index", "work"])
def test_the_doctor_names_a_folder_that_may_not_be_used(home, name):
    (home / name).chmod(0o500)
    done = call(home, "doctor", under=MORTAL)
    assert (done.returncode, f"{name}/ cannot be used" in done.stdout) == (4, True)
    (home / name).chmod(0o700)
