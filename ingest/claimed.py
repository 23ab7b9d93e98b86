"""The names of what was claimed in an inbox and not yet taken in."""

# Lies inside the inbox, so that claiming is a rename within one file system wherever that is.
CLAIMS_FOLDER = ".chartkeeper"
# Behind the name of a claim: the sidecar of the claimed file.
SIDECAR_CLAIM = ".sidecar"
