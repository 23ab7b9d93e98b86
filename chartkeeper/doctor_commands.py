"""The command that checks the programs and the home: doctor."""

import os
import shlex
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from chartkeeper.folders import Home
from chartkeeper.home import inbox_folders, refuse_losses
from chartkeeper.ocr import resident
from chartkeeper.ocr.confine import can_leave_network
from chartkeeper.ocr.engines import FirstEngine
from chartkeeper.ocr.errors import MissingProgram
from chartkeeper.ocr.programs import check_extras, check_programs
from chartkeeper.records import generations
from chartkeeper.records.backup_errors import NotABackup
from chartkeeper.records.database import open_ledger
from chartkeeper.records.errors import RecordsError
from chartkeeper.settings import HomeMissing, Settings, SettingsInvalid, WrongAccount, load_settings
from chartkeeper.terminal import EXIT_PROBLEMS
from chartkeeper.webui.address import refuse_public
from chartkeeper.webui.errors import PublicHost

COOKIES_IN_THE_CLEAR = (
    "behind_proxy is set and secure_cookies is not: a browser would send who is logged in to an "
    "address that begins with http, too, for all to read. In the settings: secure_cookies = true."
)


@click.command()
@click.pass_obj
def doctor(path: Path) -> None:
    """Check the programs and the home, and name what mends each fault."""
    faults = [*_program_faults(), *_home_faults(path)]
    for extra in check_extras():
        remedy = f"not installed; {extra.gives}: {extra.install}"
        click.echo(f"{extra.name} (optional): {extra.version or remedy}")
    for fault in faults:
        click.echo(f"fault: {fault}")
    if faults:
        sys.exit(EXIT_PROBLEMS)
    click.echo("all is well")


def _program_faults() -> list[str]:
    faults = []
    for program in check_programs():
        lacking = "does not run" if program.broken else "missing"
        click.echo(f"{program.name}: {program.version or lacking}")
        if program.broken:
            again = program.install.replace(" install ", " install --reinstall ")
            faults.append(
                f"{program.name} does not run: a part of it is missing, or it does not answer. "
                f"Install it anew with: {again}"
            )
        elif program.version is None:
            faults.append(f"{program.name} is missing. Install it with: {program.install}")
    return faults


def _home_faults(path: Path) -> list[str]:
    home = Home(path)
    try:
        settings = load_settings(path)
    except (HomeMissing, SettingsInvalid, WrongAccount) as error:
        return [str(error)]
    click.echo(f"home: {path}")
    children = "without a network" if can_leave_network() else "with the machine's network"
    click.echo(f"what parses files works {children}")
    inboxes = inbox_folders(home, settings)
    return [
        *_privacy_faults(home),
        *_folder_faults(home),
        *_web_faults(settings),
        *_engine_faults(settings),
        *_record_faults(home),
        *_backup_faults(settings),
        *_inbox_faults(inboxes),
    ]


def _privacy_faults(home: Home) -> list[str]:
    if not home.path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return []
    line = shlex.join(["chmod", "700", str(home.path)])
    said = (
        "Other accounts of this machine may look into this home, which holds charts. To let them "
        "drop scans, name a folder elsewhere as an inbox; then run: "
    )
    return [f"{said}{line}"]


def _folder_faults(home: Home) -> list[str]:
    own = (home.failed, home.index, home.locks.parent)
    missing = [folder.name for folder in (home.inbox, *own) if not folder.is_dir()]
    closed = [each.name for each in (*own, home.vault) if each.is_dir() and not _may_use(each)]
    return [
        *(f"{name}/ is missing. Restore it, or run: chartkeeper init" for name in missing),
        *(
            f"{name}/ cannot be used. Check its disk, and give the service's account the right to "
            "create, rename and delete in it."
            for name in closed
        ),
    ]


def _may_use(folder: Path) -> bool:
    return os.access(folder, os.R_OK | os.W_OK | os.X_OK)


def _web_faults(settings: Settings) -> list[str]:
    try:
        refuse_public(settings.host, behind_proxy=settings.behind_proxy)
    except PublicHost as error:
        return [str(error)]
    if settings.behind_proxy and not settings.secure_cookies:
        return [COOKIES_IN_THE_CLEAR]
    return []


def _backup_faults(settings: Settings) -> list[str]:
    folder = Path(settings.backup_folder)
    lacking = settings.backup_folder and not (folder / generations.MARK).is_file()
    return [f"backup_folder in the settings: {NotABackup()}"] if lacking else []


def _engine_faults(settings: Settings) -> list[str]:
    if settings.engine != FirstEngine.TESSEROCR or resident.is_installed():
        return []
    missing = MissingProgram("tesserocr", resident.INSTALL)
    return [f'{missing} Or have the one read that is there: engine = "auto" in the settings.']


def _record_faults(home: Home) -> list[str]:
    try:
        refuse_losses(home)
        open_ledger(home.ledger).close()
    except RecordsError as error:
        return [str(error)]
    if not home.vault.is_dir():
        return ["vault/ is missing. Connect its disk or share; for a new home: chartkeeper init"]
    return []


def _inbox_faults(inboxes: Mapping[str, Path]) -> list[str]:
    return [
        f"Inbox {name!r} cannot be used. Check its disk or share, and give the service's account "
        "the right to create, rename and delete in it."
        for name, folder in inboxes.items()
        if not _may_use(folder)
    ]
