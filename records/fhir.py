"""Entries of the access log as FHIR R4 AuditEvent resources."""

import base64
import json
from collections.abc import Mapping

from chartkeeper.records.access_log import Event

DICOM = "http://dicom.nema.org/resources/ontology/DCM"
OWN_EVENTS = "https://chartkeeper.example/access-log-event"

# DICOM PS3.16 event ids (healthcare.md 2.1) and the FHIR action for each event.
AUTHENTICATION = ("110114", "User Authentication", "E")
QUERY = ("110112", "Query", "E")
READ = ("110110", "Patient Record", "R")
SECURITY = ("110113", "Security Alert", "U")
LOG_USED = ("110101", "Audit Log Used", "R")
CODES = {
    Event.LOGIN: AUTHENTICATION,
    Event.LOGIN_FAILED: AUTHENTICATION,
    Event.LOGOUT: AUTHENTICATION,
    Event.SESSION_EXPIRED: AUTHENTICATION,
    Event.DENIED: SECURITY,
    Event.SEARCH: QUERY,
    Event.PATIENT_SEARCH: QUERY,
    Event.CHART_VIEW: READ,
    Event.DOCUMENT_VIEW: READ,
    Event.PAGE_VIEW: READ,
    Event.LIST_VIEW: READ,
    Event.PRINT: ("110106", "Export", "R"),
    Event.DOWNLOAD: ("110106", "Export", "R"),
    Event.DECISION: ("110110", "Patient Record", "U"),
    Event.INTAKE_RETRY: ("110107", "Import", "C"),
    Event.PATIENTS_LOADED: ("110107", "Import", "C"),
    Event.TYPES_RETIRED: SECURITY,
    Event.PATIENTS_MERGED: ("110110", "Patient Record", "U"),
    Event.BATCH_EXCUSED: ("110107", "Import", "U"),
    Event.BATCH_EXCUSE_ENDED: ("110107", "Import", "U"),
    Event.BATCH_CLOSED: ("110107", "Import", "U"),
    Event.USER_ADDED: SECURITY,
    Event.USER_ROLE: SECURITY,
    Event.USER_DISABLED: SECURITY,
    Event.USER_RESET: SECURITY,
    Event.USER_RESET_OWN: SECURITY,
    Event.BACKUP: ("110106", "Export", "R"),
    Event.RESTORE: ("110107", "Import", "C"),
    Event.LOG_VIEW: LOG_USED,
    Event.LOG_EXPORT: LOG_USED,
}
SUCCESS, MINOR_FAILURE = "0", "4"


def audit_event(entry: Mapping[str, object]) -> dict[str, object]:
    """An exported entry as an AuditEvent; the entry's number and hash go along as its id."""
    event = Event(str(entry["event"]))
    code, display, action = CODES[event]
    return {
        "resourceType": "AuditEvent",
        "id": f"{entry['seq']}-{str(entry['hash'])[:16]}",
        "type": {"system": DICOM, "code": code, "display": display},
        "subtype": [{"system": OWN_EVENTS, "code": event.value}],
        "action": action,
        "recorded": entry["at"],
        "outcome": SUCCESS if entry["outcome"] == "ok" else MINOR_FAILURE,
        "agent": [_agent(entry)],
        "source": {"observer": {"display": "Chartkeeper"}, "type": [{"code": "4"}]},
        "entity": _entities(entry),
    }


def _agent(entry: Mapping[str, object]) -> dict[str, object]:
    network = {"address": entry["address"], "type": "2"}
    return {"who": {"display": entry["actor"]}, "requestor": True, "network": network}


def _entities(entry: Mapping[str, object]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    if entry["mrn"] is not None:
        what = {"identifier": {"value": entry["mrn"]}}
        found.append({"what": what, "type": {"code": "1"}, "role": {"code": "1"}})
    if entry["document_id"] is not None:
        page = "" if entry["page"] is None else f"/page/{entry['page']}"
        what = {"identifier": {"value": f"document/{entry['document_id']}{page}"}}
        found.append({"what": what, "type": {"code": "2"}, "role": {"code": "3"}})
    if entry["detail"]:
        detail = base64.b64encode(json.dumps(entry["detail"]).encode()).decode()
        found.append({"type": {"code": "2"}, "query": detail})
    return found
