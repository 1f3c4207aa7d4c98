"""String literals of JavaScript, TypeScript and JSON: from the text between the quotes to a value, and back."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,8})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(\r\n|.))", re.DOTALL)
_SINGLE = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_LINE_CONTINUATIONS = frozenset(("\r\n", "\n", "\r", "\u2028", "\u2029"))
_SURROGATE = re.compile("[\ud800-\udfff]")
_MUST_ESCAPE = {
    quote: re.compile(rf"[\\{quote}\x00-\x1f\x7f\u2028\u2029]" + (r"|\$(?=\{)" if quote == "`" else ""))
    for quote in ("'", '"', "`")
}
_LAST_CODE_POINT = 0x10FFFF


def decode(raw: str) -> str:
    """The value of a literal whose text between the quotes is *raw*; what is no character becomes U+FFFD."""
    value = _ESCAPE.sub(_unescaped, raw) if "\\" in raw else raw
    if _SURROGATE.search(value):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value


def encode(value: str, quote: str) -> str:
    """The text that stands for *value* between two of *quote*; inside double quotes it is valid JSON too."""
    return _MUST_ESCAPE[quote].sub(_escaped, value)


def _unescaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if digits:
        code = int(digits, 16)
        return chr(code) if code <= _LAST_CODE_POINT else "\ufffd"
    char = match[4]
    return "" if char in _LINE_CONTINUATIONS else _SINGLE.get(char, char)


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    if char < " " or char in "\x7f\u2028\u2029":
        return f"\\u{ord(char):04x}"
    return f"\\{char}"
