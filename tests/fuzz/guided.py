"""Fuzzing that is led by coverage: `python -m tests.fuzz.guided TARGET --seconds N`, on Linux and with atheris.

It starts from the kept corpus, which `test_readers.py` replays in every run, and ends at the first text for which a
target's invariants do not hold: that text is printed. `--keep` adds what led to new paths to the corpus, as few texts
and as short ones as cover the same.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 2_000
"""How many bytes a text may have."""
KEPT = 600
"""How many bytes one has that is kept."""
SECONDS = 20
"""How long one text may take before that is a failure."""

_INSTRUMENTED = (
    *("mig_lsp.core.sql", "mig_lsp.core.runner", "mig_lsp.core.manifest", "mig_lsp.core.config", "mig_lsp.core.log"),
    *("mig_lsp.core.header", "mig_lsp.core.comments", "mig_lsp.core.suppression", "mig_lsp.core.rollback", "tomllib"),
)


def texts(target: str) -> list[str]:
    """The kept corpus of a target."""
    return [json.loads(line) for line in _file(target).read_text("ascii").splitlines()]


def main() -> int:
    """Fuzzes one target, or runs libFuzzer's own arguments in the process that does so."""
    if sys.argv[1:2] == ["--child"]:
        return _fuzz(sys.argv[2], *sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=sorted(_words()))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0, help="0 is a new one")
    parser.add_argument("--keep", action="store_true", help="add what was found to the corpus")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder, "found")
        _write(found, texts(chosen.target))
        words = Path(folder, "words")
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in _words()[chosen.target]), "ascii")
        limits = [
            f"-max_total_time={chosen.seconds}",
            f"-max_len={LONGEST}",
            f"-timeout={SECONDS}",
            "-rss_limit_mb=4096",
        ]
        options = [f"-dict={words}", f"-seed={chosen.seed}", f"-artifact_prefix={folder}/bad-", "-print_final_stats=1"]
        code = _run(chosen.target, *limits, *options, found)
        for bad in Path(folder).glob("bad-*"):
            print(f"{chosen.target} fails for {bad.read_bytes().decode('utf-8', 'replace')!a}", file=sys.stderr)
        if chosen.keep:
            kept = Path(folder, "kept")
            kept.mkdir()
            short = Path(folder, "short")
            _write(short, (text for text in _read(found) if len(text.encode()) <= KEPT))
            code = code or _run(chosen.target, "-merge=1", f"-max_len={LONGEST}", kept, short)
            if fewest := _read(kept):
                _file(chosen.target).write_text("".join(f"{json.dumps(text)}\n" for text in sorted(fewest)), "ascii")
    return code


def _run(target: str, *options: object) -> int:
    """The exit code of libFuzzer; to merge, it starts the program again by its name, so that must be one."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "fuzz")
        command = [sys.executable, "-m", "tests.fuzz.guided", "--child", target, str(program)]
        program.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', "utf-8")
        program.chmod(0o700)
        return subprocess.run([program, *map(str, options)], check=False).returncode


def _fuzz(target: str, *command: str) -> int:
    atheris: Any = importlib.import_module("atheris")  # it has no types, and there is none for every system
    with atheris.instrument_imports(include=[*_INSTRUMENTED]):
        readers: Any = importlib.import_module("tests.fuzz.readers")
    judge = readers.TARGETS[target]
    for text in texts(target):
        judge(text)  # what is imported or made once must not look like a new path

    def one(data: bytes) -> None:
        judge(data.decode("utf-8", "replace"))

    atheris.Setup([*command], one)
    atheris.Fuzz()
    return 0


def _words() -> dict[str, list[str]]:
    """What a target's texts are made of: libFuzzer puts them together."""
    words: dict[str, list[str]] = json.loads((CORPUS / "words.json").read_text("utf-8"))
    return words


def _file(target: str) -> Path:
    return CORPUS / f"{target}.jsonl"


def _write(folder: Path, found: Iterable[str]) -> None:
    folder.mkdir()
    for number, text in enumerate(found):
        (folder / str(number)).write_bytes(text.encode("utf-8", "replace"))


def _read(folder: Path) -> set[str]:
    found = set()
    for file in folder.iterdir():
        with contextlib.suppress(UnicodeDecodeError):  # as text it would be another one
            found.add(file.read_bytes().decode())
    return found


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


if __name__ == "__main__":
    sys.exit(main())
