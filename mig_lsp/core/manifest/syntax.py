"""Where the named arrays of a TypeScript, JavaScript or JSON text stand: the only module that asks tree-sitter.

Trees are walked with a list of nodes to visit, never by recursion, and a subtree is visited only when it holds a
word that matters, so that the cost stays linear in the text whatever its shape.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from mig_lsp.core.candidates import Grammar
from mig_lsp.core.manifest.literal import decode
from mig_lsp.core.text import Span

if TYPE_CHECKING:
    from tree_sitter import Language, Node

DEFAULT = "default"
"""The name of an array that has none of its own."""

_BLOCK = 512
_FEED = 16_384
_PASSES = 32
_CONTINUATION_BYTES = bytes(range(0x80, 0xC0))
_FREEZE = "Object.freeze"
_NAMED = {
    "variable_declarator": ("name", "value"),
    "pair": ("key", "value"),
    "public_field_definition": ("name", "value"),
    "assignment_expression": ("left", "right"),
}
_NAMES = frozenset(("identifier", "property_identifier", "private_property_identifier"))
_WRAPPERS = frozenset(
    ("as_expression", "satisfies_expression", "non_null_expression", "parenthesized_expression", "type_assertion")
)
_LEAVES = frozenset(("string", "comment", ","))
_VALUES = _WRAPPERS | {"array", "call_expression", "string", "template_string"}


@dataclass(frozen=True, eq=False)
class Source:
    """A text and its tree. A lone surrogate of the text is a "?" to the parser, so that offsets stay right."""

    text: str
    data: bytes
    root: Node

    def span(self, node: Node) -> Span:
        """Where *node* stands in the text."""
        return Span(self.offset(node.start_byte), self.offset(node.end_byte))

    def slice(self, node: Node) -> str:
        """The text of *node*."""
        start, end = self.span(node)
        return self.text[start:end]

    def head(self, node: Node, length: int) -> str:
        """The first *length* characters of the text of *node*."""
        start, end = self.span(node)
        return self.text[start : min(end, start + length)]

    def offset(self, byte: int) -> int:
        """The offset in the text of the character that begins at *byte* of the UTF-8 data."""
        if len(self.text) == len(self.data):
            return byte
        block = byte // _BLOCK
        return self._blocks[block] + _characters(self.data[block * _BLOCK : byte])

    @cached_property
    def _blocks(self) -> list[int]:
        data = self.data
        counts = (_characters(data[at : at + _BLOCK]) for at in range(0, len(data), _BLOCK))
        return list(accumulate(counts, initial=0))


class Named(NamedTuple):
    """A name and the value given to it.

    *nodes* are the tokens and elements of an array from its `[` on, empty when the value is no array that can be
    seen. *call* is the method call that makes the real value out of the array. *scope* is the same for two keys
    of one object. *closed* is false when the syntax is so broken that the end of the array is unknown.
    """

    name: str
    key: Node | None
    value: Node
    nodes: list[Node]
    call: Node | None
    scope: int
    closed: bool = True


def parse(text: str, grammar: Grammar) -> Source:
    """*text* with its tree; syntax errors are nodes of the tree."""
    from tree_sitter import Parser

    data = text.encode("utf-8", "replace")
    return Source(text, data, Parser(_language(grammar)).parse(_Feed(data)).root_node)


class _Feed:
    """Hands the data to the parser in blocks, and pretends that it ends when the parser has read it many times over.

    On hostile input (a thousand comments that never close) the parser would begin again at each of them.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.budget = _PASSES * len(data) + _FEED * _PASSES

    def __call__(self, byte: int, _point: object) -> bytes:
        block = self.data[byte : byte + _FEED]
        self.budget -= len(block)
        return block if self.budget > 0 else b""


def named_values(source: Source, words: re.Pattern[bytes]) -> list[Named]:
    """Every named array, string or call in *source* that holds a match of *words*, in text order."""
    hits = [match.start() for match in words.finditer(source.data)]
    found: list[Named] = []
    stack = [(source.root, 0)]
    while stack:
        node, scope = stack.pop()
        children = node.children
        found += _named(source, node, children, scope)
        if node.type == "ERROR":
            found += _broken(source, children, node.id)
        stack += [(child, node.id) for child in children if child.type not in _LEAVES and _holds(hits, child)]
    return sorted(found, key=lambda named: named.value.start_byte)


def is_plain_string(node: Node) -> bool:
    """Whether *node* is a string whose value is what is written."""
    if node.type == "template_string":
        return all(child.type != "template_substitution" for child in node.children)
    return node.type == "string"


def unwrapped(node: Node) -> Node:
    """What stands inside parentheses, `as const`, `satisfies` and other type syntax around *node*."""
    while node.type in _WRAPPERS:
        inner = next((child for child in node.named_children if child.type in _VALUES), None)
        if inner is None:
            break
        node = inner
    return node


def _holds(hits: list[int], node: Node) -> bool:
    at = bisect_left(hits, node.start_byte)
    return at < len(hits) and hits[at] < node.end_byte


def _named(source: Source, node: Node, children: list[Node], scope: int) -> Iterator[Named]:
    fields = _NAMED.get(node.type)
    key: Node | None = None
    if fields is not None:
        key, value = node.child_by_field_name(fields[0]), node.child_by_field_name(fields[1])
        name = _name(source, key)
    elif node.type == "document":
        value, name = next((child for child in children if child.type == "array"), None), DEFAULT
    elif node.type == "export_statement":
        value, name = node.child_by_field_name("value"), DEFAULT
    else:
        return
    if value is None or name is None:
        return
    array, call = _array(source, value)
    yield Named(name, key, value, array.children if array is not None else [], call, scope)


def _array(source: Source, value: Node) -> tuple[Node | None, Node | None]:
    """The array that *value* is or is made of, and the method that is called on it, if any."""
    call: Node | None = None
    node: Node | None = unwrapped(value)
    while node is not None and node.type == "call_expression":
        function = node.child_by_field_name("function")
        if function is None or function.type != "member_expression":
            return None, None
        if function.end_byte - function.start_byte == len(_FREEZE) and source.slice(function) == _FREEZE:
            arguments = node.child_by_field_name("arguments")
            node = next(iter(arguments.named_children), None) if arguments is not None else None
        else:
            call = call or function.child_by_field_name("property")
            node = function.child_by_field_name("object")
        node = unwrapped(node) if node is not None else None
    return (node, call) if node is not None and node.type == "array" else (None, None)


def _name(source: Source, key: Node | None) -> str | None:
    if key is None:
        return None
    if key.type == "member_expression":
        key = key.child_by_field_name("property")
        name = source.slice(key) if key is not None else None
        return DEFAULT if name == "exports" else name
    if key.type in _NAMES:
        return source.slice(key)
    return decode(source.slice(key)[1:-1]) if is_plain_string(key) else None


def _broken(source: Source, children: list[Node], scope: int) -> Iterator[Named]:
    """Arrays that the parser could not put together: their tokens stand side by side, after the name."""
    for at, node in enumerate(children):
        if node.type != "[" or at < 2 or children[at - 1].type not in ("=", ":"):
            continue
        key = children[at - 2]
        if key.type == "type_annotation" and at > 2:
            key = children[at - 3]
        name = _name(source, key)
        if name is not None:
            yield Named(name, key, node, children[at : _end(children, at)], None, scope, closed=False)


def _end(children: list[Node], at: int) -> int:
    for end in range(at + 1, len(children)):
        kind = children[end].type
        if kind not in (",", "comment", "ERROR", "string", "template_string", "object"):
            return end + (kind == "]")
    return len(children)


def _characters(data: bytes) -> int:
    return len(data.translate(None, _CONTINUATION_BYTES))


@cache
def _language(grammar: Grammar) -> Language:
    from tree_sitter import Language

    if grammar == "json":
        import tree_sitter_json

        return Language(tree_sitter_json.language())
    import tree_sitter_typescript as typescript

    return Language(typescript.language_tsx() if grammar == "tsx" else typescript.language_typescript())
