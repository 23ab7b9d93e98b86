"""Patients for tests; nobody's data."""

from datetime import date

from chartkeeper.records.model import Patient, PersonName, mrn_key


def patient(number=1, mrn="0012345", last="Garcia", first="Maria", dob=date(1961, 3, 7), **more):
    return Patient(number, mrn, mrn_key(mrn), last, first, dob, **more)


def alias(last, first):
    return (PersonName(last, first),)
