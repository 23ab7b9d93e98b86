"""Words to decisions: split, type, patient, date. Pure: no I/O, no clock, no log."""
