"""The ledger, the vault, the patient index, the access log, accounts."""
