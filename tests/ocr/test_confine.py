"""The limits hold, and cannot be taken off again."""

import signal
import subprocess
import sys

import pytest

from chartkeeper.ocr.confine import can_leave_network, for_pages
from chartkeeper.ocr.limits import Limits

CONFINED = """
import errno, os, resource, socket
from chartkeeper.ocr.confine import Allowance, allow_cpu, confine
confine(Allowance(memory_bytes=400 << 20, written_bytes=1000, open_files=20))
"""


def confined(script, **more):
    arguments = [sys.executable, "-c", CONFINED + script]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, **more)
    return done.returncode, done.stdout.strip()


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ("try: bytearray(500 << 20)\nexcept MemoryError: print('refused')", "refused"),
        (
            (
                "try: [open('/dev/null') for _ in range(40)]\n"
                "except OSError as error: print(errno.errorcode[error.errno])"
            ),
            "EMFILE",
        ),
        (
            (
                "try:\n"
                "  with open('out', 'wb', 0) as file: print(file.write(b'x' * 900))\n"
                "  with open('out', 'ab', 0) as file:\n"
                "    print(file.write(b'x' * 900)); file.write(b'x')\n"
                "except OSError as error: print(errno.errorcode[error.errno])"
            ),
            "900\n100\nEFBIG",
        ),
        ("print(resource.getrlimit(resource.RLIMIT_CORE))", "(1, 1)"),
    ],
    ids=["memory", "files", "size", "core"],
)
def test_what_is_beyond_the_allowance_is_refused(script, printed, tmp_path):
    assert confined(script, cwd=tmp_path) == (0, printed)


def test_the_system_ends_what_uses_too_much_processor_time():
    status, _ = confined("allow_cpu(0)\nwhile True: pass", timeout=30)
    assert status == -signal.SIGXCPU


def test_processor_time_is_granted_anew_for_each_job():
    status, said = confined(
        "allow_cpu(5)\nfirst = resource.getrlimit(resource.RLIMIT_CPU)[0]\n"
        "allow_cpu(50)\nprint(resource.getrlimit(resource.RLIMIT_CPU)[0] - first)"
    )
    assert (status, said) == (0, "45")


@pytest.mark.skipif(not can_leave_network(), reason="this system keeps processes in its network")
def test_there_is_no_network():
    script = (
        "try: socket.create_connection(('127.0.0.1', 9), 2)\n"
        "except OSError as error: print(errno.errorcode[error.errno])"
    )
    assert confined(script) == (0, "ENETUNREACH")


def test_files_can_still_be_read_and_written(tmp_path):
    (tmp_path / "own").write_text("sample")
    (tmp_path / "own").chmod(0o600)
    script = "open('new', 'w').write(open('own').read()); print(os.stat('new').st_uid)"
    status, said = confined(script, cwd=tmp_path)
    assert (status, said) == (0, str((tmp_path / "own").stat().st_uid))


def test_pages_get_room_for_a_drawing_in_colours():
    limits = Limits(max_pixels=10_000_000)
    assert for_pages(limits, 1 << 30).written_bytes > 3 * limits.max_pixels
