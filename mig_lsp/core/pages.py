"""Where the project's pages are on the web."""

from __future__ import annotations

HOME = "https://mig-lsp.dev"


def rule_url(rule: str) -> str:
    """The address of a rule's page."""
    return f"{HOME}/rules/{rule}"
