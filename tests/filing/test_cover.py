import pytest
from filing_paper import page, pages

from chartkeeper.filing.cover import body_pages, is_cover

COVERS = (
    "# FAX\nTo: Valley Clinic\nFrom: Lakeview Hospital\nFax: 555-0101   Pages: 4",
    (
        "Radiology File Room Facsimile\n"
        "Recipient: Valley Clinic\n"
        "Sender: L. Clerk\n"
        "If you are not that person, please call us and shred it."
    ),
    (
        "TELEFAX\n"
        "ATTN  Referral Coordinator\n"
        "COMPANY  Desert Rheumatology\n"
        "FROM  front desk\n"
        "NO. OF PAGES (INCLUDING THIS ONE)  3"
    ),
    (
        "Sample Pharmacy Services\n"
        "Please deliver to: Prescriber's office\n"
        "Fax: 555-0111    Phone: 555-0112\n"
        "From: Clinical team\n"
        "The following pages are confidential and meant for the addressee."
    ),
    (
        "Lakeview Cardiology\n"
        "FAX\n"
        "To  Dr. Green       From  Nurse Kay\n"
        "Fax  555-0100      Date  3/3/24\n"
        "Pages  5"
    ),
    (
        "URGENT FAX - PLEASE HAND DELIVER\n"
        "To: Dr. Bone   Fax: 5550142\n"
        "From: ER registration\n"
        "5 pages total"
    ),
)
NOTICE = (
    "CONFIDENTIAL: if you have received this in error notify the sender; copying is strictly "
    "prohibited."
)
NO_COVERS = {
    "a letter with a notice and enclosures": (
        "Lakeview Heart Group   Phone 555-0100   Fax 555-0101\n"
        "To: Dr. Primary\n"
        "From: H. Beat MD\n"
        "Dear Dr. Primary,\n"
        "Two pages attached are the tracings you asked for.\n"
        "Sincerely,\n"
        "H. Beat MD\n" + NOTICE
    ),
    "a report with a notice": (
        "# RADIOLOGY REPORT\n"
        "To: Dr. Green\n"
        "Fax: 555-0101\n"
        "Exam: chest\n"
        "Impression: normal\n"
        "Page 1 of 1\n" + NOTICE
    ),
    "a form to be sent back": (
        "REFERRAL FORM\n"
        "Fax completed form to 555-0100\n"
        "Refer to: Dr. Bone\n"
        "Referred from: Dr. Green\n"
        "Phone: ____   Fax: ____\n" + NOTICE
    ),
    "a request for a refill": (
        "PRESCRIPTION REFILL REQUEST\n"
        "To: Dr. Green   Fax 555-0100\n"
        "From: Corner Drug\n"
        "Drug: lisinopril\n"
        "Qty: 90"
    ),
}


@pytest.mark.parametrize("text", COVERS)
def test_covers_of_many_wordings(text):
    assert is_cover(page(text))


@pytest.mark.parametrize("name", NO_COVERS)
def test_what_only_looks_like_one(name):
    assert not is_cover(page(NO_COVERS[name]))


def test_a_long_page_is_no_cover():
    assert not is_cover(page(COVERS[0] + "\n" + "\n".join(["word " * 10] * 40)))


def test_covers_are_not_the_body_unless_nothing_else_is_there():
    report = NO_COVERS["a report with a notice"]
    assert body_pages(pages(COVERS[0], report)) == {2}
    assert body_pages(pages(COVERS[0])) == {1}


def test_a_prescription_that_goes_by_fax_is_no_cover():
    prescription = (
        "# ELECTRONIC PRESCRIPTION - FAX DELIVERY\n"
        "From: Clinic   Date: 1/11/2026\n"
        "Patient: Garcia, Maria\nDrug: Rivaroxaban 20 mg tablet\nRefills: 5\n"
        "Confidential. Destroy if received in error, and notify us."
    )
    assert not is_cover(page(prescription))
    assert is_cover(page(prescription.replace("ELECTRONIC PRESCRIPTION - FAX DELIVERY", "FAX")))
