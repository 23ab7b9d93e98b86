"""A wheel holds everything: modules, templates, document types, migrations."""

import shutil
import subprocess
import sys
import zipfile

from checkout import ROOT

ROOMS = ("chartkeeper", "webui", "ingest", "filing", "index", "ocr", "records")
DATA = (".html", ".css", ".js", ".svg", ".toml")


def expected():
    for room in ROOMS:
        for path in (ROOT / room).rglob("*"):
            inside = path.relative_to(ROOT)
            if path.is_file() and path.suffix in {".py", *DATA}:
                prefix = "" if room == "chartkeeper" else "chartkeeper/"
                yield prefix + inside.as_posix()


def test_a_wheel_holds_every_module_and_every_page(tmp_path):
    copy = tmp_path / "copy"
    skip = shutil.ignore_patterns(".git", ".venv", "build", "demo", "charts", "*.egg-info")
    shutil.copytree(ROOT, copy, ignore=skip)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q"]
    subprocess.run([*command, "-w", str(tmp_path), str(copy)], check=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        missing = set(expected()) - set(archive.namelist())
    assert missing == set()
