"""What the documents say is what is tested."""

from __future__ import annotations

import re
from pathlib import Path


def fences(document: Path, language: str) -> list[str]:
    """The code of a language in a document, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", document.read_text("utf-8"), re.M | re.S)
