"""JSON that every client can read.

A text may hold half of a surrogate pair: JSON can write that, and the parsers of many editors then refuse the whole
message. It is sent as U+FFFD, which is as wide in every encoding.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

_HALF = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")


def encoded(value: Any) -> bytes:
    """*value* as JSON; parts that are ready are `msgspec.Raw`. Raises RecursionError for what is nested too deep."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_ready)
        return _HALF.sub("\ufffd".encode(), text.encode("utf-8", "surrogatepass"))


def encoded_exactly(value: str | int | None) -> bytes:
    """What a client has sent as JSON, as it will know it again."""
    return json.dumps(value).encode()


def _ready(part: Any) -> Any:
    return json.loads(bytes(part))
