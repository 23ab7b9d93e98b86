import csv
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
CHARTS = SAMPLES / "charts"
TYPES = frozenset(
    (
        "discharge_summary", "history_physical", "consult_note", "progress_note",
        "operative_note", "procedure_note", "ed_note", "nursing_note", "lab_report",
        "pathology_report", "imaging_report", "ecg_report", "echo_report", "referral",
        "prescription", "medication_list", "immunization", "consent", "roi_authorization",
        "advance_directive", "insurance_card", "registration_form", "cover_sheet", "letter",
        "orders", "prior_auth", "therapy_note", "other",
    )
)  # fmt: skip
CONDITIONS = {
    "clean-300-bilevel", "clean-200-grey", "skewed", "skewed-bilevel", "rotated-90",
    "rotated-180", "rotated-270", "photocopy", "low-contrast", "stamped", "fax-fine",
    "fax-standard", "born-digital", "mixed",
}  # fmt: skip
TRUTHS = [
    json.loads(line) for line in (SAMPLES / "truth.jsonl").read_text(encoding="utf-8").splitlines()
]
DOCUMENTS = [document for truth in TRUTHS for document in truth["documents"]]


def pages_of(path):
    if path.suffix == ".pdf":
        told = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
        return int(told.split("Pages:")[1].split()[0])
    with Image.open(path) as image:
        return getattr(image, "n_frames", 1)


def text_of_pdf(path, page):
    command = ["pdftotext", "-f", str(page), "-l", str(page), path, "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def known_mrns():
    with (SAMPLES / "patients.csv").open(encoding="utf-8", newline="") as file:
        return [row["mrn"] for row in csv.DictReader(file)]


def generate(out, *options):
    subprocess.run([sys.executable, SAMPLES / "generate.py", "--out", out, *options], check=True)
    return {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_truth_lists_every_chart_once():
    assert sorted(truth["file"] for truth in TRUTHS) == sorted(p.name for p in CHARTS.iterdir())


@pytest.mark.parametrize("truth", TRUTHS, ids=[truth["file"] for truth in TRUTHS])
def test_pages_and_documents_add_up(truth):
    assert pages_of(CHARTS / truth["file"]) == truth["pages"]
    page = 1
    for document in truth["documents"]:
        assert document["first_page"] == page
        assert len(document["text"]) == document["last_page"] - page + 1
        page = document["last_page"] + 1
    assert page == truth["pages"] + 1


def test_types_are_the_agreed_keys_and_all_occur():
    assert {document["type"] for document in DOCUMENTS} == TYPES


def test_linkable_documents_belong_to_listed_patients():
    known = known_mrns()
    assert len(set(known)) == len(known) >= 55
    for document in DOCUMENTS:
        assert document["mrn"] in known or document["mrn"] is None
        assert not (document["linkable"] and document["mrn"] is None)


def test_numbers_on_linkable_papers_are_the_patients_unless_the_sender_has_its_own():
    for document in DOCUMENTS:
        text = "\n".join(document["text"])
        others = [mrn for mrn in known_mrns() if mrn in text and mrn != document["mrn"]]
        assert not (document["linkable"] and others)


def test_service_dates_are_in_the_agreed_span():
    for document in DOCUMENTS:
        assert date(2023, 1, 1) <= date.fromisoformat(document["service_date"]) < date(2026, 11, 1)


def test_promised_variety():
    assert {truth["condition"] for truth in TRUTHS} == CONDITIONS
    assert {Path(truth["file"]).suffix for truth in TRUTHS} == {".pdf", ".tif", ".jpg", ".png"}
    assert any(len(truth["documents"]) == 3 for truth in TRUTHS)
    assert any(len({d["mrn"] for d in truth["documents"]}) == 2 for truth in TRUTHS)
    assert any("" in document["text"] for document in DOCUMENTS), "a blank back"
    assert any(" " in t["file"] and not t["file"].isascii() for t in TRUTHS)
    assert 50 <= sum(truth["pages"] for truth in TRUTHS) <= 80


def test_faxes_have_the_pixels_of_a_fax():
    for truth in TRUTHS:
        if truth["condition"].startswith("fax"):
            with Image.open(CHARTS / truth["file"]) as image:
                lines = 196 if truth["condition"] == "fax-fine" else 98
                assert (image.mode, image.width) == ("1", 1728)
                assert image.info["dpi"] == pytest.approx((204, lines), abs=0.5)


def test_text_layers_are_on_born_digital_pages_only():
    for truth in TRUTHS:
        if not truth["file"].endswith(".pdf"):
            continue
        for page in range(1, truth["pages"] + 1):
            digital = truth["condition"] == "born-digital" or (
                truth["condition"] == "mixed" and page == 1
            )
            assert bool(text_of_pdf(CHARTS / truth["file"], page).strip()) == digital


def test_small_enough_to_keep_in_the_repository():
    assert sum(path.stat().st_size for path in CHARTS.iterdir()) < 10_000_000


def test_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    first = generate(tmp_path / "first", "--files", "3")
    assert first == generate(tmp_path / "second", "--files", "3")
    other = generate(tmp_path / "other", "--files", "3", "--seed", "7")
    assert other[Path("truth.jsonl")] != first[Path("truth.jsonl")]
    committed = (SAMPLES / "truth.jsonl").read_bytes()
    assert committed.startswith(first[Path("truth.jsonl")]), "run samples/generate.py anew"
