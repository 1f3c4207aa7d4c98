"""The benchmarks: their files are the same for a seed, a small run works, and the page belongs to the results."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bench import corpus, page, plot, record
from bench.goals import Results
from bench.keys import Document, lone_quotes, typing
from mig_lsp.core.sql.statement import read

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench" / "results.json"


def _digest(made: corpus.Corpus) -> str:
    return hashlib.sha256(json.dumps(made.files).encode()).hexdigest()


def _faults(made: corpus.Corpus) -> list[str]:
    return [
        statement.text
        for path, text in made.files.items()
        if path.endswith(".sql")
        for statement in read(text).items
        if statement.fault is not None
    ]


@pytest.mark.parametrize("name", ["real", "set-12", "lines-500-findings-wide", "rows"])
def test_a_seed_makes_the_same_bytes(name: str) -> None:
    make = corpus.makers()[name]
    assert _digest(make()) == _digest(make())


def test_another_seed_makes_other_bytes() -> None:
    assert _digest(corpus.migrations(12, seed=1)) != _digest(corpus.migrations(12, seed=2))


def test_the_bytes_are_those_of_every_version_of_python() -> None:
    assert _digest(corpus.migrations(100)) == "bc4e6e9de3c0eb8e6b2f3654f406b2214e151283a3ed609de8490757bd0d461a"


@pytest.mark.parametrize(
    "made",
    [
        corpus.migrations(600),
        corpus.single(500, findings=False),
        corpus.single(500, findings=True),
        corpus.single(500, findings=True, wide=True),
    ],
    ids=lambda made: made.name,
)
def test_every_statement_parses_but_those_that_are_not_meant_to(made: corpus.Corpus) -> None:
    assert len(_faults(made)) == made.broken


def test_a_large_set_has_statements_that_do_not_parse() -> None:
    assert corpus.migrations(600).broken > 0


@pytest.mark.parametrize("lines", [50, 500, 5_000])
@pytest.mark.parametrize("findings", [False, True])
def test_a_single_file_is_as_long_as_it_says(lines: int, findings: bool) -> None:
    made = corpus.single(lines, findings=findings)
    assert made.files[made.subject].count("\n") == lines


def test_the_set_for_126_files_is_of_the_size_that_is_in_use() -> None:
    texts = [text for path, text in corpus.makers()["real"]().files.items() if path.endswith(".sql")]
    statements = sum(1 for text in texts for statement in read(text).items if statement.kind or statement.fault)
    assert len(texts) == 126
    assert 0.34e6 < sum(len(text.encode()) for text in texts) < 0.41e6
    assert 950 < statements < 1_100


def test_writing_again_leaves_what_is_there(tmp_path: Path) -> None:
    made = corpus.migrations(12)
    corpus.write(made, tmp_path)
    first = next(iter(made.files))
    (tmp_path / first).write_text("spoilt", "utf-8")
    (tmp_path / corpus.FOLDER / "999-stale.sql").write_text("SELECT 1;", "utf-8")
    corpus.write(made, tmp_path)
    there = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes().decode()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert there == made.files


@pytest.mark.parametrize("edits", [lambda document: typing(document, 1), lone_quotes], ids=["typing", "quotes"])
def test_what_is_typed_is_erased_again(edits: Any) -> None:
    text = "SELECT 'ä😀';\n" * 40
    document = Document("file:///a.sql", text)
    seen = set()
    for _, edit in zip(range(2_000), edits(document), strict=False):
        assert document.version == edit["textDocument"]["version"]
        seen.add("\n".join(document.lines))
    assert text in seen
    assert max(map(len, seen)) < len(text) + 40


@pytest.mark.parametrize("edits", [lambda document: typing(document, 3), lone_quotes], ids=["typing", "quotes"])
def test_edits_lead_to_the_text_that_the_document_has(edits: Any) -> None:
    text = "SELECT 'ä😀';\n" * 40
    document = Document("file:///a.sql", text)
    encoded = [line.encode("utf-16-le") for line in text.split("\n")]
    for _, edit in zip(range(2_000), edits(document), strict=False):
        (change,) = edit["contentChanges"]
        start, end = change["range"]["start"], change["range"]["end"]
        line = encoded[start["line"]]
        new = change["text"].encode("utf-16-le")
        encoded[start["line"]] = line[: start["character"] * 2] + new + line[end["character"] * 2 :]
    assert [line.decode("utf-16-le") for line in encoded] == document.lines


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([1.0], 0.99, 1.0),
        ([1.0, 2.0], 0.5, 1.0),
        ([1.0, 2.0, 3.0], 0.5, 2.0),
        ([float(n) for n in range(1, 201)], 0.99, 198.0),
    ],
)
def test_quantiles(values: list[float], share: float, expected: float) -> None:
    assert record.quantile(values, share) == expected


def test_a_summary_puts_rounds_together() -> None:
    runs = [
        record.Run([0.001, 0.003], cpu=0.002, memory=5),
        record.Run([0.002], cpu=0.004, memory=7, more={"lines": 3}),
    ]
    assert record.summary(runs) == {
        "count": 3,
        "p50": 2.0,
        "p99": 3.0,
        "min": 1.0,
        "cpu": 2.5,
        "memory": 7,
        "lines": 3,
    }


def test_the_smallest_scenario_runs_from_end_to_end(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    command = [
        "-m",
        "bench",
        "run",
        "--scenario",
        "smoke",
        "--repeat",
        "1",
        "--json",
        str(results),
        "--cache",
        str(tmp_path),
    ]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    scenarios = json.loads(results.read_text("utf-8"))["scenarios"]
    counts = {name: of["tools"]["mig-lsp"]["count"] for name, of in scenarios.items()}
    assert counts == {"smoke-check": 1, "smoke-start": 1, "smoke-keys": 20, "smoke-workspace": 1}
    assert scenarios["smoke-check"]["tools"]["mig-lsp"]["lines"] > 0
    assert scenarios["smoke-workspace"]["tools"]["mig-lsp"]["documents"] > 0


def test_an_unknown_scenario_is_an_error_that_names_the_others() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "run", "--scenario", "nonsense"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "keys-5000-findings" in done.stdout


def test_the_page_belongs_to_the_results() -> None:
    text = (ROOT / "docs" / page.PAGE).read_text("utf-8")
    assert page.filled(text, json.loads(RESULTS.read_text("utf-8"))) == text


def test_the_plot_belongs_to_the_results() -> None:
    drawn = plot.draw(Results(json.loads(RESULTS.read_text("utf-8"))))
    assert drawn == (ROOT / "docs" / page.PLOT).read_text("utf-8")
    assert ElementTree.fromstring(drawn).tag.endswith("svg")


def test_a_reason_for_a_missed_goal_is_kept() -> None:
    results = json.loads(RESULTS.read_text("utf-8"))
    results["scenarios"]["keys-5000-findings"]["tools"]["mig-lsp"]["p50"] = 5_000.0
    marks = "<!-- missed: x -->\n{}<!-- end of missed -->\n"
    once = page.filled(marks.format(""), results)
    line = next(line for line in once.splitlines() if "p50 5 ms" in line)
    explained = f"{line.partition(': p50 5 ms**: ')[0]}: p50 5 ms**: it was a slow day"
    assert explained in page.filled(once.replace(line, explained), results)
