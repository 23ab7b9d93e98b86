"""HTTP to calls and back: search, viewer, review, charts, intake, users, access log."""
