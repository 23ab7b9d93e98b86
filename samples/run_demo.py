"""`make run`: a demo home, the sample patients, the service, the samples in its inbox.

Shows progress until every sample is read, then prints the address and the log-in. The service
goes on in the background; `make stop` ends it. A second run finds it and is quick.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from chartkeeper.records import arrivals
from chartkeeper.records.database import Ledger, open_ledger
from chartkeeper.records.work import Progress, progress
from chartkeeper.settings import CONFIG_NAME, load_settings

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
DEMO = ROOT / "demo"
HOME = DEMO / "home"
PID_FILE = DEMO / "serve.pid"
LOG = DEMO / "serve.log"
CHARTKEEPER = ROOT / ".venv" / "bin" / "chartkeeper"
# A demo on invented patients; a real home asks for a password of its own.
ACCOUNTS = {"demo": "administrator", "demo-clerk": "clerk", "demo-staff": "staff"}
PASSWORD = "look-around-freely"  # noqa: S105 - printed on purpose
PATIENCE_SECONDS = 1800
BAR_WIDTH = 40
# Into a file a line this often is enough.
SHOW_SECONDS = 5


def command(*words: str, given: str = "") -> None:
    """Run a command of the program on the demo home; end with its message if it fails."""
    arguments = [str(CHARTKEEPER), "--home", str(HOME), *words]
    done = subprocess.run(arguments, input=given, text=True, capture_output=True, check=False)  # noqa: S603 - our own program
    if done.returncode:
        sys.exit(f"chartkeeper {words[0]} failed:\n{done.stdout}{done.stderr}")


def make_home() -> None:
    """Make the demo home with its accounts and patients, once."""
    if (HOME / "ledger.db").exists():
        return
    print("making a demo home and loading the sample patients")
    command("init", "--admin", "demo", "--password-stdin", given=PASSWORD + "\n")
    for name, role in list(ACCOUNTS.items())[1:]:
        command("users", "add", name, "--role", role, "--password-stdin", given=PASSWORD + "\n")
    command("patients", "load", str(SAMPLES / "patients.csv"))
    if not is_free(load_settings(HOME).port):
        with (HOME / CONFIG_NAME).open("a") as settings:
            settings.write(f"port = {free_port()}\n")


def is_free(port: int) -> bool:
    """Whether nobody answers on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def running_pid() -> int | None:
    """The process of the demo service, None if it is not at work."""
    try:
        pid = int(PID_FILE.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return pid if is_service(pid) else None


def is_service(pid: int) -> bool:
    """Whether a process is the demo service, and not another one that has its number by now."""
    words = command_line(pid)
    return str(HOME) in words and words.split()[-1:] == ["serve"]


def command_line(pid: int) -> str:
    """How a process was called, nothing if there is none of this number."""
    if Path("/proc/self/cmdline").exists():
        entry = Path(f"/proc/{pid}/cmdline")
        return entry.read_text(errors="replace").replace("\0", " ") if entry.exists() else ""
    asked = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout  # noqa: S603 - our own words


def start_service() -> None:
    """Start the service in the background, unless it is at work."""
    if running_pid():
        print("the service is at work already")
        return
    print("starting the service")
    with LOG.open("ab") as log:
        arguments = [str(CHARTKEEPER), "--home", str(HOME), "serve"]
        service = subprocess.Popen(  # noqa: S603 - our own program
            arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    PID_FILE.write_text(str(service.pid))


def drop_samples(ledger: Ledger) -> int:
    """Put the samples that were not dropped before into the inbox; returns how many there are."""
    with ledger.read() as connection:
        known = arrivals.known_names(connection, "inbox")
    fresh = [path for path in sorted((SAMPLES / "charts").iterdir()) if path.name not in known]
    for path in fresh:
        part = HOME / "inbox" / f"{path.name}.part"
        shutil.copyfile(path, part)
        part.rename(HOME / "inbox" / path.name)
    return len(known) + len(fresh)


def wait_until_read(ledger: Ledger, expected: int) -> Progress:
    """Show progress until all that was dropped is read, filed and indexed."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with ledger.read() as connection:
            now = progress(connection)
        show(now, expected)
        if sum(now.arrivals.values()) >= expected and now.idle:
            print()
            return now
        if not running_pid():
            sys.exit(f"\nthe service has ended; see {LOG}")
        time.sleep(0.5)
    sys.exit(f"\nthe samples were not read within {PATIENCE_SECONDS} s; see {LOG}")


def show(now: Progress, expected: int) -> None:
    """One line of progress."""
    total = sum(now.pages.values())
    done = total - now.pages["waiting"] - now.pages["reading"]
    filled = BAR_WIDTH * done // total if total else 0
    bar = "#" * filled + "-" * (BAR_WIDTH - filled)
    files = sum(now.arrivals.values())
    line = f"[{bar}] {files}/{expected} files, {done}/{total} pages read, {now.unindexed} to index"
    if sys.stdout.isatty():
        print(f"\r{line}   ", end="", flush=True)
    elif int(time.monotonic() / SHOW_SECONDS) != int((time.monotonic() - 0.5) / SHOW_SECONDS):
        print(line, flush=True)


def wait_for_pages(port: int) -> None:
    """The web part may still be starting; the address printed must answer."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    sys.exit(f"the web pages do not answer; see {LOG}")


def stop() -> None:
    """End the demo service."""
    pid = running_pid()
    if pid is None:
        print("the demo is not running")
        return
    os.kill(pid, signal.SIGTERM)
    for _ in range(300):
        if running_pid() is None:
            break
        time.sleep(0.1)
    PID_FILE.unlink(missing_ok=True)
    print("stopped")


def main() -> None:
    """Do it all, in order."""
    if "stop" in sys.argv[1:]:
        stop()
        return
    DEMO.mkdir(exist_ok=True)
    make_home()
    start_service()
    ledger = open_ledger(HOME / "ledger.db")
    expected = drop_samples(ledger)
    now = wait_until_read(ledger, expected)
    port = load_settings(HOME).port
    wait_for_pages(port)
    filed, review = now.documents["filed"], now.documents["review"]
    print(f"{filed} documents filed, {review} wait for a clerk in the review queue")
    print(f"open    http://127.0.0.1:{port}/")
    print(f"log in  demo / {PASSWORD}   (administrator; also demo-clerk and demo-staff)")
    print("stop    make stop")


if __name__ == "__main__":
    main()
