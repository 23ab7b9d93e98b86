#!/bin/sh
# Installs what Chartkeeper needs and leaves .venv/bin/chartkeeper. Quick when all is there.
# With "test" as argument it also installs what the tests need.
set -eu
cd "$(dirname "$0")"

PACKAGES="tesseract-ocr tesseract-ocr-eng poppler-utils fonts-dejavu-core"
PROGRAMS="tesseract pdftoppm pdfinfo pdftotext pdfimages"
LIBRARIES=""
if [ "${1:-}" = test ]; then
  # libatomic1 is for the program that drives the browser in the tests.
  PACKAGES="$PACKAGES chromium fonts-liberation libatomic1"
  PROGRAMS="$PROGRAMS chromium"
  LIBRARIES="libatomic.so.1"
fi

say() { printf 'setup: %s\n' "$*"; }

missing_programs() {
  for program in $PROGRAMS; do
    command -v "$program" >/dev/null 2>&1 || printf '%s ' "$program"
  done
  for library in $LIBRARIES; do
    PATH="$PATH:/sbin:/usr/sbin" ldconfig -p | grep -q "$library" || printf '%s ' "$library"
  done
}

find_python() {
  for name in python3.13 python3.12 python3.11 python3; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
}

install_packages() {
  if ! command -v apt-get >/dev/null 2>&1; then
    say "cannot install by itself on this system: there is no apt-get."
  elif [ "$(id -u)" = 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 >/dev/null
    return
  elif command -v sudo >/dev/null 2>&1; then
    sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 >/dev/null
    return
  else
    say "cannot install by itself: this is not root, and there is no sudo."
  fi
  say "please install these packages (names of Debian and Ubuntu) and run the command again:"
  say "    apt-get install $1"
  exit 1
}

absent="$(missing_programs)"
if [ -n "$absent" ]; then
  say "installing $PACKAGES (missing: $absent)"
  install_packages "$PACKAGES"
fi
if [ -z "$(find_python)" ]; then
  say "installing Python"
  install_packages "python3 python3-venv"
fi
python="$(find_python)"
if [ -z "$python" ]; then
  say "Python 3.11 or newer with venv is needed, and the system's packages have none."
  exit 1
fi

# The mark holds what was installed; another lock file or layout installs anew.
mark=.venv/installed
wanted="$(cat requirements.lock requirements-extras.lock pyproject.toml | sha256sum) $(pwd)"
if [ ! -x .venv/bin/chartkeeper ] || [ "$(cat $mark 2>/dev/null)" != "$wanted" ]; then
  say "making the virtual environment with $("$python" --version)"
  "$python" -m venv .venv
  # The lock files name all there is to install; each package's own wishes stay unheard.
  install="-m pip install -q --disable-pip-version-check --no-deps"
  .venv/bin/python $install --require-hashes -r requirements.lock
  .venv/bin/python $install --require-hashes --only-binary :all: -r requirements-extras.lock ||
    say "going on without the optional packages: reading works, slower, and less well on bad faxes."
  .venv/bin/python $install --no-build-isolation -e .
  printf '%s' "$wanted" > $mark
fi
