from __future__ import annotations

import tomllib
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mig_lsp.core.config.toml import Table, Value, parse
from mig_lsp.core.text import Span

EVERYTHING = """\
\ufeff# a comment with é and 😀
title = "é 😀" # behind
'quoted key' = 'C:\\temp'
"é\\u00e9" = 1
a.b . c = 0x1F
number = -1_000
real = 6.5e-3
never = nan
day = 1979-05-27
moment = 1979-05-27 07:32:00Z
list = [ 1, # one
  [ "x", 'y' ],
  { z = true, w.v = [] }, # last
]
long = \"\"\"
first \\
   second "quoted\"\"\"\"
raw = '''
\\d'''
[table]
[table.'sub'.sub]
[[many]]
n = 1
[[many]]
n = 2
[many.of.it]
[a]
"""


def plain(data: object) -> object:
    """What `tomllib` would have said."""
    if isinstance(data, Table):
        return {name: plain(entry.value.data) for name, entry in data.entries.items()}
    if isinstance(data, list):
        return [plain(item.data) for item in data]
    return data


def reading(text: str) -> object:
    try:
        return repr(tomllib.loads(text))  # not the value: nan differs from itself
    except ValueError:
        return None


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_good_text_means_what_tomllib_says(end: str) -> None:
    text = EVERYTHING.replace("[a]\n", "").replace("\n", end)
    document = parse(text)
    assert not document.problems
    assert repr(tomllib.loads(text.removeprefix("\ufeff"))) == repr(plain(document.root))


TOKENS = [
    *"ab=.,[]{}#\"'\\\n\r\t é😀\x00\f",
    *("[[", "]]", '"""', "'''", "\r\n", " = ", '"x"', "'y'", "1", "true", "True", "1.5", "1979-05-27 07:32:00"),
    *("a = 1\n", "[a]\n", "[a.b]\n", "[[a]]\n", "[[a.b]]\n", "a.b = 1\n", "b = {a = 1}\n", "b = [{}]\n", "# c\n"),
]


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(TOKENS), max_size=16).map("".join))
def test_any_text_has_problems_exactly_when_tomllib_refuses_it(text: str) -> None:
    document = parse(text)
    expected = reading(text)
    assert (expected is None) == bool(document.problems)
    assert expected is None or expected == repr(plain(document.root))
    assert all(0 <= problem.span.start <= problem.span.end <= len(text) for problem in document.problems)


def leaves(table: Table, path: str = "") -> Iterable[tuple[str, Span, Value]]:
    for name, entry in table.entries.items():
        if isinstance(entry.value.data, Table):
            yield from leaves(entry.value.data, f"{path}{name}/")
        else:
            yield f"{path}{name}", entry.key, entry.value


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("a = 1", "a", "1"),
        ("# é😀\r\n\f = 2\r\n'é' . b=  'é😀' # x", "b", "'é😀'"),
        ("\ufeff[é]\n[é.x]\n[x]\n😀=1\nq = {y.z = [1,\r\n2]}", "z", "[1,\r\n2]"),
        ('é = 1\n"😀" = """\r\n\r\n"""', '"😀"', '"""\r\n\r\n"""'),
        ("[ x . y ]\nz=1979-05-27 07:32:00 # t", "z", "1979-05-27 07:32:00"),
    ],
)
def test_keys_and_values_know_where_they_stand(text: str, key: str, value: str) -> None:
    *_, (_, key_span, last) = leaves(parse(text).root)
    assert (key, value) == (text[slice(*key_span)], text[slice(*last.span)])


def test_a_table_stands_at_its_header() -> None:
    text = "é = 1\n[ a . 'b' ] # 😀\n[[a.c]]\n"
    table = parse(text).root.entries["a"].value.data
    assert isinstance(table, Table)
    found = [(text[slice(*entry.key)], text[slice(*entry.value.span)]) for entry in table.entries.values()]
    expected = [("'b'", "[ a . 'b' ]"), ("c", "[[a.c]]")]
    assert expected == found


@pytest.mark.parametrize(
    ("text", "broken", "kept"),
    [
        ("a = \nb = 2", ["a ="], {"b": 2}),
        ("a\nb = 2", ["a"], {"b": 2}),
        ("a = no\nb = 2", ["no"], {"b": 2}),
        ("a = True # yes\nb = 2", ["True # yes"], {"b": 2}),
        ("a = db/x y\nb = 2", ["db/x y"], {"b": 2}),
        ('a = "x\nb = 2', ['"x'], {"b": 2}),
        ('a = """x\nb = 2', ['"""x'], {"b": 2}),
        ('a = "C:\\Data"\nb = 2', ['"C:\\Data"'], {"b": 2}),
        ("a = [1, 2\nb = 2\n[c]", ["[1, 2"], {"b": 2, "c": {}}),
        ('a = [\n  "x",\n  no,\n  3\n]\nb = 2', ["no"], {"a": ["x", None, 3], "b": 2}),
        ("a = [1 2]\nb = 2", ["[1"], {"b": 2}),
        ("a = {x = 1\nb = 2\n", ["{x = 1"], {"b": 2}),
        ("a = {x = }\nb = 2\n", ["x ="], {"b": 2}),
        ("a = 1 c = 3\nb = 2", ["c = 3"], {"a": 1, "b": 2}),
        ("[a\nb = 2\n[c]\nd = 1", ["[a"], {"a": {"b": 2}, "c": {"d": 1}}),
        ("[a]\n[]\nb = 2\n[c]", ["]"], {"a": {}, "c": {}}),
        ("[a.]\nb = 2\n[c]", ["a.]"], {"c": {}}),
        ("[a] x\nb = 2", ["x"], {"a": {"b": 2}}),
        ("é = 1\nb = 2", ["é = 1"], {"b": 2}),
        ("a = 1\na = 3\nb = 2", ["a"], {"a": 1, "b": 2}),
        ("[a]\nx = 1\n[a]\nx = 3\ny = 2", ["a", "x"], {"a": {"x": 1, "y": 2}}),
        ("a = {x = 1}\n[a.b]\nc = 2\n[d]", ["a"], {"a": {"x": 1}, "d": {}}),
        ("a.b = 1\na.b.c = 2", ["b"], {"a": {"b": 1}}),
        ("a = 1\x00\nb = 2", ["1\x00"], {"b": 2}),
        ("a = 1\rb = 2\nc = 3", ["\r"], {"a": 1, "b": 2, "c": 3}),
    ],
)
@pytest.mark.parametrize("before", ["", "# é😀\r\n"])
def test_a_broken_line_costs_only_itself(text: str, broken: list[str], kept: dict[str, object], before: str) -> None:
    text = before + text
    document = parse(text)
    found = plain(document.root)
    assert isinstance(found, dict)
    assert broken == [text[slice(*problem.span)] for problem in document.problems]
    assert kept == {name: value for name, value in found.items() if value is not None}


@pytest.mark.parametrize(
    "text", ["a = secret1", "secret1", 'a = "secret1', "[secret1", "a = 1 secret1", 'a = "\\q secret1"', "é = secret1"]
)
def test_no_message_repeats_the_text(text: str) -> None:
    (problem,) = parse(text).problems
    assert "secret1" not in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "a = " + "[" * 49_000 + "]" * 49_000,
        "a." * 49_000 + "b = 1",
        "a = {b = " * 11_000,
        "x\n" * 50_000,
        'a = """\n' * 12_000,
        "a = '''\nb = \"\"\"\n" * 6_000,
        "\r" * 100_000,
        "a = " + '"\\' * 45_000,
        'a = """' + '"\\' * 45_000,
        "[a." * 33_000,
        '"' * 100_000,
        "a = [\n" * 16_000,
        "a = [" + "[],\n" * 24_000,
        "a = [" + "no,\n" * 24_000,
        "\ud800 = 1\x00",
        "a = " + "9" * 5_000,
        "x" * 100_001,
    ],
    ids=lambda text: f"{text[:9]!r}",
)
@pytest.mark.timeout(30)
def test_hostile_text_is_refused_in_no_time(text: str) -> None:
    problems = parse(text).problems
    assert 0 < len(problems) <= 101
