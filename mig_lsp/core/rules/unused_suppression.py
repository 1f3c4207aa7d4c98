"""A comment that silences nothing; found by `mig_lsp.core.check`, which knows what every comment silenced."""

from __future__ import annotations

from mig_lsp.core.change import Severity
from mig_lsp.core.rules import Category

CATEGORY: Category = "config"
SEVERITY = Severity.WARNING
