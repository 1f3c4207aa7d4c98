"""A comment that silences a rule which does not exist; found by `mig_lsp.core.check`, which reads the comments."""

from __future__ import annotations

from mig_lsp.core.change import Severity
from mig_lsp.core.rules import Category

CATEGORY: Category = "config"
SEVERITY = Severity.WARNING
