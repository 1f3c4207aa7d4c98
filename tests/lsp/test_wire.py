from __future__ import annotations

import io
import random
import threading

import pytest

from mig_lsp.lsp import wire

TIMEOUT = 10.0


def read(data: bytes, piece: int = 1 << 16) -> list[bytes | str]:
    source = io.BytesIO(data)
    frames = wire.frames(lambda size: source.read(min(size, piece)))
    return [frame if isinstance(frame, bytes) else f"unreadable: {frame.why}" for frame in frames]


NO_LENGTH = "unreadable: a header without a usable Content-Length"
RUBBISH = "unreadable: rubbish in front of a header"
ENDS_IN_RUBBISH = "unreadable: a header that ends in rubbish"


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1 << 16])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"Content-Length: 2\r\n\r\n{}", [b"{}"]),
        (b"Content-Length: 2\r\n\r\n{}Content-Length: 3\r\n\r\nabc", [b"{}", b"abc"]),
        (b"content-length:2\r\n\r\n{}", [b"{}"]),
        (b"Content-Length: 2\n\n{}", [b"{}"]),
        (b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}", [b"{}"]),
        (b"Content-Length: 2\r\nContent-Type: x\r\n\r\n{}", [b"{}"]),
        (b"Content-Length: 0\r\n\r\nContent-Length: 1\r\n\r\nx", [b"", b"x"]),
        (b"Content-Length: five\r\n\r\nContent-Length: 1\r\n\r\nx", [NO_LENGTH, b"x"]),
        (b"Content-Length: -5\r\n\r\nContent-Length: 1\r\n\r\nx", [NO_LENGTH, b"x"]),
        (b"hello\r\n\r\nContent-Length: 1\r\n\r\nx", [NO_LENGTH, b"x"]),
        (b'{"too": 1}Content-Length: 1\r\n\r\nx', [RUBBISH, b"x"]),
        (b"\r\n\r\nContent-Length: 1\r\n\r\nx", [b"x"]),
        (b"Content-Length: 2\r\n{}\r\n\r\nContent-Length: 1\r\n\r\nx", [ENDS_IN_RUBBISH, b"x"]),
        (b"Content-Length: 9\r\n\r\nshort", []),
        (b"Content-Length: 9", []),
    ],
)
def test_frames(data: bytes, expected: list[bytes | str], piece: int) -> None:
    assert expected == read(data, piece)


def test_a_long_stretch_of_rubbish_is_not_kept_and_the_next_header_is_found() -> None:
    data = b"x" * 1_000_000 + b"\r\nContent-Length: 2\r\n\r\n{}"
    assert [RUBBISH, b"{}"] == read(data)


def test_a_length_beyond_reason_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_BODY", 10)
    data = b"Content-Length: 11\r\n\r\n" + b"y" * 11 + b"Content-Length: 1\r\n\r\nx"
    assert ["unreadable: a message of 11 bytes, which is more than this server reads", b"x"] == read(data)


def test_random_bytes_never_raise() -> None:
    chance = random.Random(7)
    for _ in range(300):
        data = bytes(chance.choice(b"Content-Length: 15\r\n{}x\0\xff") for _ in range(chance.randrange(200)))
        read(data, chance.randrange(1, 50))


def test_a_writer_whose_other_side_is_gone_is_silent() -> None:
    tried: list[bytes] = []

    def broken(data: bytes) -> None:
        tried.append(data)
        raise BrokenPipeError

    writer = wire.Writer(broken)
    writer.send(b"{}")
    writer.close(TIMEOUT)
    writer.send(b"{}")
    writer.close(TIMEOUT)
    assert [b"Content-Length: 2\r\n\r\n{}"] == tried


def test_nobody_waits_for_a_reader_and_all_is_written_in_order() -> None:
    reading = threading.Event()
    written: list[bytes] = []

    def slowly(data: bytes) -> None:
        reading.wait(TIMEOUT)
        written.append(data)

    writer = wire.Writer(slowly)
    for number in range(1000):
        writer.send(b"%d" % number)
    assert [] == written
    reading.set()
    writer.close(TIMEOUT)
    assert [b"%d" % number for number in range(1000)] == [data.split(b"\r\n")[2] for data in written]


@pytest.mark.parametrize("body", [b"NaN", b"[Infinity]", b'{"a": -Infinity}', b"1e999", b"\xff", b'"\xed\xa0\xbd"'])
def test_what_is_no_json_is_not_read(body: bytes) -> None:
    with pytest.raises(ValueError):
        wire.parse(body)


def test_json_is_read() -> None:
    assert {"é": [1, 2.5, "😀", "\ud83d"]} == wire.parse('{"é": [1, 2.5, "\\ud83d\\ude00", "\\ud83d"]}'.encode())
