"""Entries of the access log as FHIR R4 AuditEvent resources."""

import base64
import json
from collections.abc import Mapping

from chartkeeper.records.access_log import Event, emergency_of

DICOM = "http://dicom.nema.org/resources/ontology/DCM"
# In an emergency, the purpose of use, and what begins and ends it, are those of the example
# "Break-Glass started" of the specification (hl7.org/fhir, auditevent-example-breakglass-start).
PURPOSES = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
EMERGENCY = {"system": PURPOSES, "code": "ETREAT", "display": "Emergency Treatment"}
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
    Event.USER_RIGHT: SECURITY,
    Event.RESTRICTION: SECURITY,
    Event.EMERGENCY_BEGUN: ("110113", "Security Alert", "E"),
    Event.EMERGENCY_ENDED: ("110113", "Security Alert", "E"),
    Event.EMERGENCY_REVIEWED: SECURITY,
    Event.USER_DISABLED: SECURITY,
    Event.USER_RESET: SECURITY,
    Event.USER_RESET_OWN: SECURITY,
    Event.BACKUP: ("110106", "Export", "R"),
    Event.RESTORE: ("110107", "Import", "C"),
    Event.LOG_VIEW: LOG_USED,
    Event.LOG_EXPORT: LOG_USED,
}
# DICOM PS3.16, CID 403: kinds of security alerts, told beside our own name of the event.
ALERTS = {
    Event.EMERGENCY_BEGUN: ("110127", "Emergency Override Started"),
    Event.EMERGENCY_ENDED: ("110138", "Emergency Override Stopped"),
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
        "subtype": [*_alert(event), {"system": OWN_EVENTS, "code": event.value}],
        "action": action,
        "recorded": entry["at"],
        "outcome": SUCCESS if entry["outcome"] == "ok" else MINOR_FAILURE,
        **_purpose(entry),
        "agent": [_agent(entry)],
        "source": {"observer": {"display": "Chartkeeper"}, "type": [{"code": "4"}]},
        "entity": _entities(entry),
    }


def _alert(event: Event) -> list[dict[str, object]]:
    if event not in ALERTS:
        return []
    code, display = ALERTS[event]
    return [{"system": DICOM, "code": code, "display": display}]


def _purpose(entry: Mapping[str, object]) -> dict[str, object]:
    detail = entry["detail"]
    if not isinstance(detail, Mapping) or emergency_of(detail) is None:
        return {}
    return {"purposeOfEvent": [{"coding": [EMERGENCY]}]}


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
