"""What is installed is what is locked: one version of each package, known by its hash, under a licence that fits."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.licenses import canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import dev

ROOT = Path(__file__).parents[1]
LOCKS = ("demo", "dev", "tools")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FAMILIES = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "macos": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
PYTHONS = ("3.11", "3.12", "3.13")
COMMON = {"platform_python_implementation": "CPython", "implementation_name": "cpython"}

FITTING = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "GPL-3.0-or-later", "ISC", "LGPL-3.0-only"),
    *("LGPL-3.0-or-later", "MIT", "MPL-2.0", "PSF-2.0", "PostgreSQL", "Unlicense", "Zlib"),
}
"""Licences whose code may be part of a whole under GPL-3.0-or-later."""

SPELLINGS = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
NOT_EVERYWHERE = {"colorama": "BSD-3-Clause", "editables": "MIT", "tzdata": "Apache-2.0"}
"""What some systems do not install, so that nothing here can be asked for its licence."""


def pins(lock: str) -> dict[str, list[Requirement]]:
    """The requirements of a lock by name."""
    found: dict[str, list[Requirement]] = {}
    for entry in entries(lock):
        requirement = Requirement(entry.partition("\\")[0])
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def entries(lock: str) -> list[str]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    return [part for part in re.split(r"^(?=\S)", text, flags=re.M) if part[:1] not in ("", "#")]


def wanted(extra: str | None) -> Iterator[Requirement]:
    """What pyproject.toml asks for, with an extra and all that this one names."""
    project = PROJECT["project"]
    names = {canonicalize_name(project["name"])}
    listed = PROJECT["build-system"]["requires"] + project["dependencies"]
    for line in listed if extra is None else listed + project["optional-dependencies"][extra]:
        requirement = Requirement(line)
        if canonicalize_name(requirement.name) not in names:
            yield requirement
        for each in requirement.extras if canonicalize_name(requirement.name) in names else ():
            yield from wanted(each)


def in_force(listed: list[Requirement], environment: dict[str, str]) -> list[Requirement]:
    return [each for each in listed if each.marker is None or each.marker.evaluate(environment)]


def version(requirement: Requirement) -> Version:
    (only,) = requirement.specifier
    assert only.operator == "=="
    return Version(only.version)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_one_version_and_hashes_and_no_address(lock: str) -> None:
    assert entries(lock)
    for entry in entries(lock):
        first, *hashes = entry.rstrip().split(" \\\n")
        assert re.fullmatch(r"[a-z0-9-]+==[0-9a-z.+]+(?: ; [A-Za-z_0-9 '.<>=!()-]+)?", first), first
        assert hashes and all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}", each) for each in hashes), entry


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("lock", "extra"), [("demo", None), ("dev", "dev")])
def test_a_lock_has_what_the_project_asks_for(lock: str, extra: str | None, family: str, python: str) -> None:
    environment = {**COMMON, **FAMILIES[family], "python_version": python, "python_full_version": f"{python}.0"}
    locked = pins(lock)
    for requirement in wanted(extra):
        found = in_force(locked.get(canonicalize_name(requirement.name), []), environment)
        assert [requirement.name] == [each.name for each in found], f"{requirement} on {family}: {found}"
        assert version(found[0]) in requirement.specifier, f"{requirement} is locked as {found[0]}"


def test_the_demo_runs_with_what_is_tested() -> None:
    tested = {name: [str(each) for each in listed] for name, listed in pins("dev").items()}
    assert {} == {name: listed for name, listed in pins("demo").items() if [*map(str, listed)] != tested.get(name)}


@pytest.mark.parametrize("name", sorted(pins("dev")))
def test_every_licence_fits(name: str) -> None:
    said = licences(name)
    assert said and said <= FITTING, f"{name} is under {said or 'no licence that it names'}"


def licences(name: str) -> set[str]:
    """The SPDX names of the licences that a package says it is under."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return {NOT_EVERYWHERE[name]}
    if "License-Expression" in told:
        return set(re.split(r" (?:OR|AND) ", str(canonicalize_license_expression(told["License-Expression"]))))
    kinds = [line.split(" :: ")[-1] for line in told.get_all("Classifier") or () if line.startswith("License ::")]
    kinds = [kind for kind in kinds if kind != "DFSG approved"] or told.get_all("License") or []
    return {SPELLINGS.get(kind, kind) for kind in kinds}


AUDITED = {"name": "attrs", "version": "1.0", "vulns": []}
UNKNOWN = {"name": "attrs", "skip_reason": "not found"}
VULNERABLE = {"name": "attrs", "version": "1.0", "vulns": [{"id": "CVE-1"}, {"id": "CVE-2"}]}


@pytest.mark.parametrize(
    ("said", "found", "unasked"),
    [
        ({"dependencies": [AUDITED]}, "", False),
        ({"dependencies": [AUDITED, VULNERABLE]}, "attrs 1.0: CVE-1\nattrs 1.0: CVE-2", False),
        ({"dependencies": [AUDITED, UNKNOWN]}, "", True),
        ({"dependencies": []}, "", True),
        ("cannot connect", "", True),
    ],
)
def test_silence_of_the_index_is_not_taken_for_safety(
    said: object, found: str, unasked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip_audit.py").write_text(f"print({json.dumps(said)!r})")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(dev, "install", lambda kind, target: None)
    monkeypatch.setattr(dev, "python", lambda environment: sys.executable)
    assert (found, unasked) == (dev.audit()[0], bool(dev.audit()[1]))
