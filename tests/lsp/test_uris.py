from __future__ import annotations

import pytest

from mig_lsp.lsp.uris import from_native, join, native, relative


@pytest.mark.parametrize(
    ("uri", "windows", "expected"),
    [
        ("file:///home/ann/x.sql", False, "/home/ann/x.sql"),
        ("file:/home/ann/x.sql", False, "/home/ann/x.sql"),
        ("FILE:///home/x", False, "/home/x"),
        ("file://localhost/home/x", False, "/home/x"),
        ("file:///a%20b/%C3%A9%F0%9F%98%80.sql", False, "/a b/é😀.sql"),
        ("file:///a/%FF.sql", False, "/a/\udcff.sql"),
        ("file:///a/./b//c/../d", False, "/a/b/d"),
        ("file:///a/..", False, "/"),
        ("file:///..", False, None),
        ("file:///a%2Fb", False, None),
        ("file:///a%00b", False, None),
        ("file:///a\ud800b", False, None),
        ("file://server/share/x", False, None),
        ("untitled:Untitled-1", False, None),
        ("git:/home/x.sql?ref", False, None),
        ("vscode-vfs://github/x", False, None),
        ("not a uri", False, None),
        ("", False, None),
        ("file:///c%3A/Users/x.sql", True, "C:\\Users\\x.sql"),
        ("file:///c%3a/Users/x.sql", True, "C:\\Users\\x.sql"),
        ("file:///C:/Users/x.sql", True, "C:\\Users\\x.sql"),
        ("file:///c:/", True, "C:\\"),
        ("file:///d%3A/caf%C3%A9/x", True, "D:\\café\\x"),
        ("file://server/share/x", True, "\\\\server\\share\\x"),
        ("file://SERVER/share", True, "\\\\server\\share"),
        ("file:///no-drive/x", True, None),
        ("file:///c%3A/a%5Cb", True, None),
    ],
)
def test_native(uri: str, windows: bool, expected: str | None) -> None:
    assert expected == native(uri, windows=windows)


@pytest.mark.parametrize(
    ("folder", "uri", "windows", "expected"),
    [
        ("file:///w", "file:///w/db/x.sql", False, "db/x.sql"),
        ("file:///w/", "file:///w/x.sql", False, "x.sql"),
        ("file:///w", "file:///w", False, None),
        ("file:///w", "file:///wide/x.sql", False, None),
        ("file:///w", "file:///w/../etc/passwd", False, None),
        ("file:///w", "file:///w/db/../x.sql", False, "x.sql"),
        ("file:///w", "file:///W/x.sql", False, None),
        ("file:///w%C3%A9", "file:///wé/x%23.sql", False, "x#.sql"),
        ("file:///", "file:///x.sql", False, "x.sql"),
        ("file:///w", "untitled:x.sql", False, None),
        ("file:///c%3A/work", "file:///C:/Work/Db/x.sql", True, "Db/x.sql"),
        ("file:///C:/project", "file:///c%3A/project/x.sql", True, "x.sql"),
        ("file:///c%3A/project", "file:///d%3A/project/x.sql", True, None),
        ("file://Server/share/w", "file://server/Share/w/x.sql", True, "x.sql"),
        ("file://server/share/w", "file:///c:/share/w/x.sql", True, None),
    ],
)
def test_relative(folder: str, uri: str, windows: bool, expected: str | None) -> None:
    assert expected == relative(folder, uri, windows=windows)


@pytest.mark.parametrize(
    ("folder", "path", "expected"),
    [
        ("file:///w", "db/x.sql", "file:///w/db/x.sql"),
        ("file:///w/", "x y#é😀.sql", "file:///w/x%20y%23%C3%A9%F0%9F%98%80.sql"),
        ("file:///c%3A/w", "x.sql", "file:///c%3A/w/x.sql"),
        ("file:///C:/w", "x.sql", "file:///C:/w/x.sql"),
        ("file:///w", "\udcff.sql", "file:///w/%FF.sql"),
        ("file:///w", "\ud800.sql", "file:///w/%EF%BF%BD.sql"),
    ],
)
def test_join(folder: str, path: str, expected: str) -> None:
    assert expected == join(folder, path)


@pytest.mark.parametrize("windows", [False, True])
@pytest.mark.parametrize("path", ["a b/é😀/x%20y.sql", "x#?.sql", "'()'.sql", "100%.sql"])
def test_a_joined_path_comes_back(path: str, windows: bool) -> None:
    folder = "file:///c%3A/w" if windows else "file:///w"
    assert path == relative(folder, join(folder, path), windows=windows)


@pytest.mark.parametrize(
    ("path", "windows", "expected"),
    [
        ("/home/é x", False, "file:///home/%C3%A9%20x"),
        ("/odd\udcff", False, "file:///odd%FF"),
        ("C:\\Users\\x y", True, "file:///c%3A/Users/x%20y"),
        ("\\\\server\\share\\x", True, "file://server/share/x"),
    ],
)
def test_from_native(path: str, windows: bool, expected: str) -> None:
    assert expected == from_native(path, windows=windows)
    assert path == native(expected, windows=windows)
