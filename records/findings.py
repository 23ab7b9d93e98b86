"""What can be said of a file of an import or a line of its list: a code, and a clerk's words.

The words hold nothing of the line or the file, so they may be shown and written anywhere.
"""

from enum import StrEnum


class Finding(StrEnum):
    """Codes of what was found; stable, for programs."""

    NOT_TEXT = "not_text"
    LINE_TOO_LONG = "line_too_long"
    QUOTE_NOT_CLOSED = "quote_not_closed"
    FIELD_COUNT = "field_count"
    VALUE_TOO_LONG = "value_too_long"
    NO_FILE = "no_file"
    OUTSIDE_RECORD = "outside_record"
    RECORD_TOO_LONG = "record_too_long"
    INSIDE_LARGER_FILE = "inside_larger_file"
    OUTSIDE_FOLDERS = "outside_folders"
    MRN_UNCLEAR = "mrn_unclear"
    IMPOSSIBLE_DATE = "impossible_date"
    IMPOSSIBLE_BIRTH_DATE = "impossible_birth_date"
    PAGES_UNCLEAR = "pages_unclear"
    CHECKSUM_UNCLEAR = "checksum_unclear"
    PRIORITY_UNCLEAR = "priority_unclear"
    UNKNOWN_MRN = "unknown_mrn"
    MERGED_MRN = "merged_mrn"
    NAME_DIFFERS = "name_differs"
    BIRTH_DATE_DIFFERS = "birth_date_differs"
    UNKNOWN_TYPE = "unknown_type"
    NAMED_TWICE = "named_twice"
    SEVERAL_FILES = "several_files"
    NOT_THERE = "not_there"
    NOT_NAMED = "not_named"
    PAGE_COUNT = "page_count"
    CHECKSUM = "checksum"
    SAME_CONTENT = "same_content"
    IN_VAULT = "in_vault"
    REPLACED = "replaced"
    REPLACEMENT_REFUSED = "replacement_refused"
    FOLDER_CLOSED = "folder_closed"
    FOLDER_TOO_DEEP = "folder_too_deep"


SAID = {
    Finding.NOT_TEXT: "the line holds bytes that are no text; export the list again as UTF-8",
    Finding.LINE_TOO_LONG: "the line is too long to be one of a list",
    Finding.QUOTE_NOT_CLOSED: "a quotation mark is not closed",
    Finding.FIELD_COUNT: "the line has not as many fields as the header",
    Finding.VALUE_TOO_LONG: "a value is too long",
    Finding.NO_FILE: "the line names no file",
    Finding.OUTSIDE_RECORD: "the line stands before the first document of the list",
    Finding.RECORD_TOO_LONG: "the document has too many lines or files",
    Finding.INSIDE_LARGER_FILE: "the document lies inside a larger file; export it by itself",
    Finding.OUTSIDE_FOLDERS: "the path leads outside the folders given; give its folder too, "
    "or map it with --root",
    Finding.MRN_UNCLEAR: "the MRN is written as spreadsheets write numbers (1.23E+09, 1234567.0) "
    "and is not used; export the list again with its column as text",
    Finding.IMPOSSIBLE_DATE: "the service date is not one as YYYY-MM-DD or MM/DD/YYYY, lies in "
    "the future or before the birth; it is not used",
    Finding.IMPOSSIBLE_BIRTH_DATE: "the birth date is not one as YYYY-MM-DD or MM/DD/YYYY, or "
    "lies in the future; it is not used",
    Finding.PAGES_UNCLEAR: "the number of pages is no number",
    Finding.CHECKSUM_UNCLEAR: "the checksum is no SHA-256",
    Finding.PRIORITY_UNCLEAR: "the priority is not 1 to 9",
    Finding.UNKNOWN_MRN: "the patient index does not know the MRN",
    Finding.MERGED_MRN: "the MRN was merged into another one, which is used",
    Finding.NAME_DIFFERS: "the patient index has another name for the MRN",
    Finding.BIRTH_DATE_DIFFERS: "the patient index has another birth date for the MRN",
    Finding.UNKNOWN_TYPE: "the document type is not known; map its name to a type",
    Finding.NAMED_TWICE: "the list names the file more than once",
    Finding.SEVERAL_FILES: "by the list, the document of the file before it goes on in this one; "
    "each file is a document of its own here, so put those of one together first: chartkeeper bind",
    Finding.NOT_THERE: "the list names the file, but it is not there",
    Finding.NOT_NAMED: "the file is there, but the list does not name it",
    Finding.PAGE_COUNT: "the file has not as many pages as the list says",
    Finding.CHECKSUM: "the file is not the one that the list describes: its checksum differs",
    Finding.SAME_CONTENT: "another file of this import has the same content",
    Finding.IN_VAULT: "the content arrived before, with another import or through an inbox",
    Finding.REPLACED: "another file lies there than the one that came first; both are kept",
    Finding.REPLACEMENT_REFUSED: "the file that lies there now cannot be used; the one that came "
    "before it stays",
    Finding.FOLDER_CLOSED: "the folder may not be opened, so nobody knows what is in it; give this "
    "account the right to read it and run the import again",
    Finding.FOLDER_TOO_DEEP: "the folder lies too deep below the paths given and was not looked "
    "into; give it as a path of its own",
}
# What is said of a file anew each time it is looked at; the rest is said of the list.
OF_THE_FILE = frozenset(
    {
        *(Finding.NOT_THERE, Finding.PAGE_COUNT, Finding.CHECKSUM),
        *(Finding.SAME_CONTENT, Finding.IN_VAULT),
        *(Finding.REPLACED, Finding.REPLACEMENT_REFUSED),
    }
)
# Of a folder that was not looked into.
UNOPENED = frozenset({Finding.FOLDER_CLOSED, Finding.FOLDER_TOO_DEEP})


def said(codes: str) -> str:
    """The words for `codes` with spaces between them, as the ledger keeps them."""
    return "; ".join(SAID[Finding(code)] for code in codes.split())
