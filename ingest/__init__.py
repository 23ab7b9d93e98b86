"""Inbox to ledger: watch, claim, intake, pipeline, workers, migration."""
