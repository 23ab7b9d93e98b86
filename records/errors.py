"""What can go wrong with the records; each message says the cause and the remedy."""


class RecordsError(Exception):
    """An expected failure of the ledger, the vault or the patient index."""


class LedgerMissing(RecordsError):
    """There is no ledger where one was expected."""

    def __init__(self) -> None:
        super().__init__(
            "There is no ledger in this home. If the home is new, make it first: chartkeeper "
            "--home DIR init. If it was in use, restore the newest backup: "
            "chartkeeper --home NEW restore DIR"
        )


class LedgerLost(RecordsError):
    """A home with originals or refused files in it has no ledger, or one in which nothing is."""

    def __init__(self) -> None:
        super().__init__(
            "The ledger of this home is gone or was emptied, but originals, refused files or "
            "heads of the access log are still there. Nothing was made or changed. Keep the home "
            "as it is and restore the newest backup into a new one: chartkeeper --home NEW restore "
            "DIR. What came in since that backup is in vault/ of this home: drop copies of it into "
            "the new inbox."
        )


class VaultGone(RecordsError):
    """The ledger names originals, but the vault is not there, or there is nothing in it."""

    def __init__(self) -> None:
        super().__init__(
            "The ledger knows of originals, but the vault is missing or empty. Nothing was made or "
            "changed. Connect its disk or share, then try again. If the originals are lost, "
            "restore the newest backup into a new home: chartkeeper --home NEW restore DIR"
        )


class LedgerOutdated(RecordsError):
    """The ledger was written by an older version of the program."""

    def __init__(self, found: str | None, wanted: str) -> None:
        super().__init__(
            f"The ledger is at revision {found or 'none'}, this program needs {wanted}. "
            "Stop the service, copy the home, then bring it up to date: chartkeeper --home DIR init"
        )


class LedgerTooNew(RecordsError):
    """The ledger was brought up to date by a version of the program that this one does not know."""

    def __init__(self, found: str, newest: str) -> None:
        super().__init__(
            f"The ledger was written by a newer version of Chartkeeper: it is at revision {found}, "
            f"and this program knows none after {newest}. Nothing was changed. Install that "
            "version or a later one."
        )


class LedgerUnavailable(RecordsError):
    """The ledger is locked by somebody for too long, or its disk is full or failing."""

    def __init__(self) -> None:
        super().__init__(
            "The ledger cannot be used just now: it is locked, its disk is full, failing or set to "
            "read-only, or this account may not write to it. Nothing was lost. Free some space, "
            "end what holds it or give the right back; the work goes on by itself."
        )


class LedgerDamaged(RecordsError):
    """The file of the ledger is not what was written."""

    def __init__(self) -> None:
        super().__init__(
            "The file of the ledger is damaged. Stop the service, keep the home as it is, restore "
            "the newest whole backup into a new home (chartkeeper --home NEW restore DIR), and "
            "have the disk examined."
        )


class Overtaken(RecordsError):
    """Another process brought an arrival to its end in the meantime."""

    def __init__(self) -> None:
        super().__init__(
            "Another process dealt with this file in the meantime. Nothing was done twice; "
            "look at the list of documents."
        )


class OriginalMissing(RecordsError):
    """The vault does not hold an original that the ledger names."""

    def __init__(self, sha256: str) -> None:
        super().__init__(
            f"The vault does not hold original {sha256[:12]}. "
            "Restore it from the backup, then run: chartkeeper verify"
        )


class VaultFull(RecordsError):
    """The disk of the vault has no room left."""

    def __init__(self) -> None:
        super().__init__(
            "The disk that holds the vault is full. Nothing was lost: files that are not taken in "
            "yet wait where they lie. Free some space. The service goes on by itself then; an "
            "import is run again."
        )


class VaultUnusable(RecordsError):
    """The vault cannot be written to."""

    def __init__(self) -> None:
        super().__init__(
            "The vault cannot be written to: its disk is failing, set to read-only or not "
            "connected, or the service's account has no right to it. Nothing was lost: files that "
            "are not taken in yet wait where they lie. Mend that. The service goes on by itself "
            "then; an import is run again."
        )


class SourceChanged(RecordsError):
    """A file was written to while it was copied into the vault."""

    def __init__(self) -> None:
        super().__init__(
            "A file was written to while it was being taken in. Nothing of it was kept; it is "
            "taken in once more when its writer has finished."
        )


class UnknownDocument(RecordsError):
    """No document has this number."""

    def __init__(self, document_id: int) -> None:
        super().__init__(
            f"There is no document {document_id}. Check the number, or search for what it says."
        )


class DocumentJoined(UnknownDocument):
    """The pages of the document belong to another one since a person joined the two."""

    def __init__(self, document_id: int, joined_to: int) -> None:
        self.joined_to = joined_to
        RecordsError.__init__(
            self,
            f"Document {document_id} was joined to document {joined_to}, which has its pages now. "
            f"Open document {joined_to}.",
        )


class DocumentRestricted(RecordsError):
    """The document is kept from casual view, and whoever asks may not open it."""

    def __init__(self, document_id: int) -> None:
        self.document_id = document_id
        super().__init__(
            "This document is restricted, and your account does not open what is restricted. The "
            "attempt was noted in the access log. If your work needs it, ask a records "
            "administrator for the right; in an emergency, open it below."
        )


class ChartRestricted(RecordsError):
    """The whole chart is kept from casual view, and whoever asks may not open it."""

    def __init__(self, patient_id: int) -> None:
        self.patient_id = patient_id
        super().__init__(
            "This chart is restricted, and your account does not open what is restricted. The "
            "attempt was noted in the access log. If your work needs it, ask a records "
            "administrator for the right; in an emergency, open it below."
        )


class UnknownEmergency(RecordsError):
    """No emergency access has this number."""

    def __init__(self) -> None:
        super().__init__(
            "There is no emergency opening of this number. Open the list of emergency openings "
            "again to see which there are."
        )


class OwnEmergency(RecordsError):
    """Somebody was to confirm what he did himself."""

    def __init__(self) -> None:
        super().__init__(
            "You opened this chart yourself, so somebody else must look at it. Ask another records "
            "administrator; where there is none, have one more account opened."
        )


class EmergencyReviewed(RecordsError):
    """Somebody else has looked at the emergency access in the meantime."""

    def __init__(self, by: str) -> None:
        super().__init__(
            f"{by} has closed this emergency opening in the meantime, and nothing was changed. "
            "Open the list of emergency openings to read what was found."
        )


class BoundaryImpossible(RecordsError):
    """A document cannot be cut at this page, or has no neighbour to be joined with."""

    def __init__(self) -> None:
        super().__init__(
            "A document can only be cut before one of its pages behind the first, and joined with "
            "the document that follows it in the same file. Open it again and look at its pages."
        )


class UnknownPatient(RecordsError):
    """No patient has this number."""

    def __init__(self) -> None:
        super().__init__(
            "The patient index does not know this patient. Check the number; a patient who is new "
            "comes with the next patient list."
        )


class StaleDecision(RecordsError):
    """Somebody else decided on the document in the meantime."""

    def __init__(self, document_id: int) -> None:
        self.document_id = document_id
        super().__init__(
            f"Document {document_id} was changed by somebody else in the meantime. "
            "Look at it again before deciding."
        )


class DocumentSetAside(RecordsError):
    """A document that belongs to no chart is to be filed, cut or joined."""

    def __init__(self, document_id: int) -> None:
        self.document_id = document_id
        super().__init__(
            f"Document {document_id} was set aside as belonging to no chart. "
            "Bring it back to review before deciding on it."
        )


class NotInReview(RecordsError):
    """A document that is to be set aside does not wait in review."""

    def __init__(self, document_id: int) -> None:
        self.document_id = document_id
        super().__init__(
            f"Document {document_id} does not wait in review, and only what waits there can be set "
            "aside. Send it back to review first."
        )


class NotSetAside(RecordsError):
    """A document that is to be brought back was not set aside."""

    def __init__(self, document_id: int) -> None:
        self.document_id = document_id
        super().__init__(
            f"Document {document_id} is not set aside, so there is nothing to bring back. "
            "Open it to see where it is."
        )


class PatientFileInvalid(RecordsError):
    """A patient list cannot be used at all."""


class UserNameInvalid(RecordsError):
    """An account's name has characters that names do not have."""

    def __init__(self) -> None:
        super().__init__(
            "A name of an account has 1 to 80 letters, digits or any of . @ + - _ and no spaces."
        )


class UserNameTaken(RecordsError):
    """An account of this name exists, or existed: names are never used twice."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is an account {name!r} already. Choose another name.")


class UnknownUser(RecordsError):
    """There is no account of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no account {name!r}. See: chartkeeper users list")


class PasswordTooShort(RecordsError):
    """A password does not have the length that the house asks for."""

    def __init__(self, minimum_chars: int) -> None:
        super().__init__(f"The password is too short: take at least {minimum_chars} characters.")


class PasswordMissing(RecordsError):
    """A password was asked for where nobody could answer."""

    def __init__(self) -> None:
        super().__init__(
            "No password was given. Type it at a terminal, or give it with --password-stdin on "
            "standard input."
        )


class PasswordNotText(RecordsError):
    """A password came as bytes that are no text."""

    def __init__(self) -> None:
        super().__init__(
            "The password holds bytes that are not UTF-8. Give it in UTF-8, or take another one."
        )


class NumberRetired(RecordsError):
    """A patient list brings a number that was merged into another patient's."""

    def __init__(self) -> None:
        super().__init__(
            "has an mrn that was merged into another patient's. Leave the row out, "
            "or give it the number that is in use"
        )


class MergeImpossible(RecordsError):
    """A number cannot be merged into itself, or into one that was merged away."""

    def __init__(self) -> None:
        super().__init__(
            "The two numbers belong to one patient already. Look both up in the patient index, "
            "then name the number to give up and the one to keep."
        )


class UnknownBatch(RecordsError):
    """No batch has this number."""

    def __init__(self, batch_id: int) -> None:
        super().__init__(f"There is no batch {batch_id}. See: chartkeeper batches")


class BatchClosed(RecordsError):
    """A batch that was closed takes nothing more."""

    def __init__(self, batch_id: int) -> None:
        super().__init__(
            f"Batch {batch_id} of this import is closed, and nothing is added to it any more. "
            "Import what came later with a list of its own."
        )


class NothingToExcuse(RecordsError):
    """A line that the batch does not have or that lacks nothing, or no reason given."""

    def __init__(self, batch_id: int, line: int) -> None:
        super().__init__(
            f"Batch {batch_id} has no line {line}, nothing keeps it from being closed, its file is "
            "not read yet, or no reason was given. Lines are in: "
            f"chartkeeper batches report {batch_id} --format csv"
        )


class BatchIncomplete(RecordsError):
    """A batch cannot be closed while something of it is missing or unread."""

    def __init__(self, batch_id: int, lacking: str) -> None:
        super().__init__(
            f"Batch {batch_id} cannot be closed: {lacking}. Import what is missing, or say why it "
            f"need not come: chartkeeper batches excuse {batch_id} LINE... --reason TEXT"
        )
