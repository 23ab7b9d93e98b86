"""HTTP to calls and back: search, viewer, review, reports."""
