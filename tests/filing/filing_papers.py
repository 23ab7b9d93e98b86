"""Papers as other offices write them, three a type, worded apart from the cue table.

In papers_by_type.txt `=== key` opens a paper, `{b}` stands for the line that names the patient, and
`# ` makes a line tall.
"""

from pathlib import Path

BANNER = "Patient: SAMPLE, PAT Q     DOB: 02/11/1957     MRN: 4410982"


def papers():
    """(type key, text) of each paper."""
    text = Path(__file__).with_name("papers_by_type.txt").read_text("utf-8")
    blocks = (block.partition("\n") for block in text.split("=== ")[1:])
    return [(key.strip(), body.strip("\n").format(b=BANNER)) for key, _, body in blocks]
