"""Inboxes in the settings: what they may say, where they may lie, and what becomes of it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheets import note

from chartkeeper.desks import make_desk
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.policy import Policy
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.filing.split import split
from chartkeeper.folders import Home
from chartkeeper.home import inbox_folders
from chartkeeper.ingest.circumstances import rules_of
from chartkeeper.ingest.mounts import is_network_type, is_remote, type_of
from chartkeeper.ingest.profiles import Profile, ProfileInvalid, Sidecar, Watch, parse_profiles
from chartkeeper.ingest.watch import Attention, turn
from chartkeeper.ocr.page import Page, PageKind, TextSource
from chartkeeper.records import arrivals, inboxes
from chartkeeper.records.inboxes import InboxState
from chartkeeper.records.model import Origin
from chartkeeper.settings import CONFIG_TEXT, SettingsInvalid, load_settings

WARD = {"name": "fax ward 3", "folder": "/srv/fax"}


def text_of(folder, name="ward"):
    return f'[[inbox]]\nname = "{name}"\nfolder = "{folder}"\n'


def settings_of(home, text):
    home.mkdir(exist_ok=True)
    (home / "chartkeeper.toml").write_text(text)
    return load_settings(home)


def test_a_profile_is_read_with_all_that_it_says(tmp_path):
    text = """
    [[inbox]]
    name = "fax ward 3"
    folder = "ward3"
    department = "Ward 3"
    source = "fax"
    priority = 2
    duplex = true
    blank_sheets_separate = true
    watch = "poll"
    still_seconds = 4
    sidecar = "json"
    sidecar_wait_seconds = 10
    [inbox.map]
    sender = "call.from"
    pages = "pages"
    """
    (found,) = settings_of(tmp_path, text).inboxes
    assert found.folder == tmp_path / "ward3"
    assert found.origin == Origin("Ward 3", "fax", duplex=True, blank_separates=True)
    assert (found.priority, found.watch, found.still_seconds) == (2, Watch.POLL, 4)
    assert (found.sidecar, found.map.sender, found.map.pages) == (
        Sidecar.JSON,
        "call.from",
        "pages",
    )


def test_the_example_in_the_settings_is_one_that_works(tmp_path):
    _, example = CONFIG_TEXT.split("# --- Inboxes")
    lines = [line.removeprefix("#") for line in example.splitlines()]
    plain = [line for line in lines if line.startswith("[") or " = " in line[:30]]
    text = "\n".join(line for line in plain if not line.startswith(" "))
    text = text.replace('sidecar = "none"', 'sidecar = "xml"')
    (found,) = settings_of(tmp_path, text).inboxes
    written = {line.split(" = ")[0] for line in text.splitlines() if " = " in line}
    assert set(Profile.__dataclass_fields__) - {"map"} <= written
    assert found.map.error == "result_text"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"folder": "/srv/fax"}, "needs a name"),
        ({"name": "Ward/3", "folder": "/srv"}, "needs a name"),
        ({"name": "ward"}, "needs a folder"),
        ({"name": "inbox", "folder": "/srv"}, "takes no folder"),
        (WARD | {"colour": "red"}, "knows no setting 'colour'"),
        (WARD | {"priority": 0}, "between 1 and 9"),
        (WARD | {"priority": True}, "a whole number"),
        (WARD | {"duplex": "yes"}, "true or false"),
        (WARD | {"still_seconds": "1"}, "a number"),
        (WARD | {"watch": "sometimes"}, "one of auto, events, poll"),
        (WARD | {"sidecar": "csv"}, "one of none, hylafax"),
        (WARD | {"sidecar": "xml"}, "needs a table [inbox.map]"),
        (WARD | {"sidecar": "xml", "map": {"pagecount": "a"}}, "map knows sender, pages"),
        (WARD | {"sidecar": "xml", "map": {"pages": 3}}, "map knows sender, pages"),
        (WARD | {"sidecar": "hylafax", "map": {"pages": "a"}}, "takes no map"),
        (WARD | {"department": "x" * 81}, "longer than 80"),
    ],
)
def test_what_cannot_be_is_refused_with_its_name(tmp_path, table, said):
    with pytest.raises(ProfileInvalid) as caught:
        parse_profiles([table], tmp_path)
    assert said in str(caught.value)


@given(
    st.dictionaries(
        st.sampled_from(["name", "folder", "priority", "watch", "sidecar", "map", "duplex", "x"]),
        st.one_of(st.text(max_size=5), st.integers(), st.booleans(), st.lists(st.integers())),
    )
)
def test_no_table_ends_in_anything_but_a_profile_or_a_reason(table):
    try:
        (profile,) = parse_profiles([table], Path("/home"))
    except ProfileInvalid:
        return
    assert profile.name


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("ward", "ward", "are the same folder"),
        ("ward", "ward/inside", "lies inside inbox 'one'"),
        ("vault/in", "ward", "lies inside the home's vault folder"),
        ("failed", "ward", "and the home's failed folder are the same folder"),
        ("work/pages", "ward", "lies inside the home's work folder"),
        ("inbox/ward", "ward", "lies inside the home's inbox folder"),
        (".", "/srv/other", "lies inside inbox 'one'"),
        ("link", "ward", "are the same folder"),
    ],
)
def test_an_inbox_may_not_lie_in_another_or_in_the_services_own_folders(
    tmp_path, first, second, said
):
    (tmp_path / "ward").mkdir()
    (tmp_path / "link").symlink_to("ward")
    with pytest.raises(SettingsInvalid, match="Correct the file") as caught:
        settings_of(tmp_path, text_of(first, "one") + text_of(second, "two"))
    assert said in str(caught.value)


def test_two_inboxes_of_one_name_are_refused(tmp_path):
    with pytest.raises(SettingsInvalid, match="two inboxes are named 'ward'"):
        settings_of(tmp_path, text_of("a") + text_of("b"))


def test_the_homes_own_inbox_may_have_a_profile(tmp_path, ledger):
    text = '[[inbox]]\nname = "inbox"\ndepartment = "Records"\n' + text_of(tmp_path / "ward")
    settings = settings_of(tmp_path / "home", text)
    home = Home(tmp_path / "home")
    desk = make_desk(home, settings, ledger)
    assert desk.profile.department == "Records"
    assert [one.name for one in desk.further] == ["ward"]
    assert inbox_folders(home, settings) == {"inbox": home.inbox, "ward": tmp_path / "ward"}


def at(desk, folder, **profile):
    folder.mkdir(exist_ok=True)
    return desk.at(Profile("ward", folder, still_seconds=None, **profile))


def test_what_the_profile_says_is_kept_with_the_arrival(desk, tmp_path):
    ward = at(desk, tmp_path / "ward", department="Ward 3", source="fax", priority=2, duplex=True)
    note(ward.inbox / "scan.png", "hello")
    turn(ward, Attention())
    with desk.ledger.read() as connection:
        (arrival,) = arrivals.newest(connection, 10)
    assert (arrival.inbox, arrival.priority) == ("ward", 2)
    assert arrival.origin == Origin("Ward 3", "fax", duplex=True)


def test_each_inbox_clears_its_own_files_only(desk, tmp_path):
    ward = at(desk, tmp_path / "ward")
    (desk.inbox / "a.txt").write_text("no scan")
    (ward.inbox / "b.txt").write_text("no scan")
    for _ in range(2):
        turn(ward, Attention())
    assert [path.name for path in desk.inbox.iterdir()] == ["a.txt"]
    assert list(ward.inbox.iterdir()) == []


def sheet(number, kind):
    return Page(number, 1700, 2200, 200, 0, kind, TextSource.OCR, (), ())


def run(kinds, **policy):
    kind = {"c": PageKind.CONTENT, "b": PageKind.BLANK}
    pages = [sheet(number, kind[one]) for number, one in enumerate(kinds, 1)]
    return split(pages, Rulebook(load_doctypes(), Policy(**policy)))


def test_in_duplex_only_a_sheet_blank_on_both_sides_separates():
    """Sheets of two sides: the second sheet has a blank back, the third is blank on both."""
    assert run("cccbbbcc", blank_separates=True, duplex=True) == ((1, 6), (7, 8))
    assert run("cccbcc", blank_separates=True, duplex=True) == ((1, 6),)
    assert run("ccbccc", blank_separates=True, duplex=True) == ((1, 6),)
    assert run("cccbcc", blank_separates=True) == ((1, 4), (5, 6))


def test_the_inboxs_word_on_blank_sheets_overrides_the_homes(desk, tmp_path):
    ward = at(desk, tmp_path / "ward", blank_sheets_separate=True, duplex=True)
    note(ward.inbox / "scan.png", "hello")
    turn(ward, Attention())
    with desk.ledger.read() as connection:
        (arrival,) = arrivals.newest(connection, 10)
    policy = rules_of(desk.rulebook, arrival.origin).policy
    assert policy.blank_separates
    assert policy.duplex
    assert not rules_of(desk.rulebook, Origin()).policy.blank_separates


MOUNTS = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:41 / /srv rw shared:5 - tmpfs tmpfs rw
31 30 0:42 / /srv/fax\040share rw,nosuid - cifs //server/fax rw
32 30 0:43 / /srv/nas rw master:2 propagate_from:1 - nfs4 server:/export rw
33 30 0:44 / /srv/mount rw - autofs systemd-1 rw
34 33 0:45 / /srv/mount rw - fuse.sshfs host: rw
broken line
"""


@pytest.mark.parametrize(
    ("path", "kind", "polled"),
    [
        ("/home/charts", "ext4", False),
        ("/srv/inbox", "tmpfs", False),
        ("/srv/fax share/ward 3", "cifs", True),
        ("/srv/nas", "nfs4", True),
        ("/srv/nas2", "tmpfs", False),
        ("/srv/mount/deep", "fuse.sshfs", True),
    ],
)
def test_shares_are_told_from_disks_by_the_mounts(path, kind, polled):
    assert type_of(Path(path), MOUNTS) == kind
    assert is_network_type(kind) is polled


def test_a_folder_of_this_machine_is_no_share(tmp_path):
    assert not is_remote(tmp_path)


def test_an_inbox_that_is_named_no_more_is_forgotten_when_nothing_of_it_is_left(ledger, now):
    with ledger.write() as connection:
        for name in ("gone", "left", "kept"):
            inboxes.note(connection, InboxState(name), now)
        seen = arrivals.Seen("left", "a.tif", "c" * 32, arrivals.Lane.DAILY, 1)
        arrivals.claim(connection, seen, now)
        inboxes.retire(connection, ["kept"], now)
        found = {row.state.name: row.state.trouble for row in inboxes.all_noted(connection)}
    assert set(found) == {"left", "kept"}
    assert "not in chartkeeper.toml any more" in found["left"]
    assert found["kept"] == ""
