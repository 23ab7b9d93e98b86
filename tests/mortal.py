"""Root may do everything; here it is held to rights like everybody else."""

import os
import shutil

import pytest

# Put before a command, it runs without these two.
MORTAL = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
needs_rights = pytest.mark.skipif(
    bool(MORTAL) and not shutil.which("setpriv"), reason="root may do everything"
)
