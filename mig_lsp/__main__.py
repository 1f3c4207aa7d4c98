"""`python -m mig_lsp`."""

from __future__ import annotations

import sys

from mig_lsp.cli import main

if __name__ == "__main__":
    sys.exit(main())
