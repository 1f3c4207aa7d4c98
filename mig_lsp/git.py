"""Facts about other refs, asked of `git`. Without git, or without a repository, there are none.

A repository's configuration is not to be trusted: only commands are used that run no configured program (no filters,
text conversions, hooks, monitors or pagers), and nothing is ever fetched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mig_lsp.core.branches import Branches, blob_id
from mig_lsp.core.manifest.reader import read as read_manifest
from mig_lsp.core.migration import base_name
from mig_lsp.core.snapshot import File

TIMEOUT = 10.0
"""Seconds that one command may take."""

MOST_REFS = 50
"""How many refs are read for the names in them: those with the newest commits."""

MOST_TEXTS = 200
"""How many texts of the base ref are read: nobody edits more merged files at once on purpose."""

_DEFAULT_BASES = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master")
_MOST_BYTES = 64 * 1024 * 1024
_SAFE = (
    "--no-pager",
    "--no-replace-objects",
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "protocol.allow=never",
    "-c", "safe.bareRepository=explicit",
)  # fmt: skip


class Repository(NamedTuple):
    """A repository that holds a workspace.

    *prefix* is the way from its top down to the workspace, "" or with a `/` at the end.
    """

    git: str
    root: Path
    prefix: str


class Blob(NamedTuple):
    """The content of a file in a commit: its id, and what it is when asked for."""

    id: str
    data: bytes


def repository(root: Path) -> Repository | None:
    """The repository that *root* lies in, None when there is none that git would use."""
    git = _executable(root)
    if git is None:
        return None
    said = _run(git, root, "rev-parse", "--show-prefix")
    if said is None:
        return None
    prefix = os.fsdecode(said).removesuffix("\n")
    return Repository(git, root, prefix) if prefix.isprintable() else None


def base_ref(repository: Repository, configured: str | None = None) -> str | None:
    """The ref whose migrations count as merged: the configured one or the head of origin; None when there is none."""
    candidates = _DEFAULT_BASES if configured is None else (configured,)
    return next((ref for ref in candidates if commit(repository, ref) is not None), None)


def commit(repository: Repository, ref: str) -> str | None:
    """The id of the commit that *ref* names, None when there is none."""
    return _word(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}")


def merge_base(repository: Repository, ref: str) -> str | None:
    """The id of the last commit that *ref* and the present head share, None when there is none."""
    there = commit(repository, ref)
    return None if there is None else _word(repository, "merge-base", there, "HEAD")


def names_by_ref(repository: Repository, folder: str, most: int = MOST_REFS) -> Mapping[str, frozenset[str]]:
    """The names of the SQL files in *folder* by short name of the ref; refs without any are left out."""
    listing = ("for-each-ref", "--sort=-committerdate", f"--count={most}", "--format=%(refname)")
    said = _run(repository.git, repository.root, *listing, "refs/heads", "refs/remotes")
    refs = [ref for ref in os.fsdecode(said or b"").split("\n") if ref and not ref.endswith("/HEAD")]
    found = {}
    for ref, tree in zip(refs, _trees(repository, [(ref, folder) for ref in refs]), strict=True):
        names = frozenset(name for name in tree if name.endswith(".sql"))
        if names:
            found[_shortened(ref)] = names
    return found


def blobs(repository: Repository, ref: str, folders: Collection[str]) -> Mapping[str, str]:
    """The ids of the files directly in *folders* at *ref*, by path from the root of the workspace."""
    ordered = sorted(folders)
    found = {}
    for folder, tree in zip(ordered, _trees(repository, [(ref, folder) for folder in ordered]), strict=True):
        found.update({f"{folder}/{name}" if folder else name: blob for name, blob in tree.items()})
    return found


def text(repository: Repository, ref: str, path: str) -> str | None:
    """The text of the file at *ref*, None when it has none; it is decoded like a file on the disk."""
    for _, kind, data in _objects(repository, [f"{ref}:{repository.prefix}{path}"]):
        if kind == "blob":
            return _decoded(data)
    return None


def listed(repository: Repository, ref: str, path: str, arrays: tuple[str | None, str | None]) -> frozenset[str]:
    """The names that the manifest at *path* lists at *ref*; *arrays* are the configured names of its arrays."""
    content = text(repository, ref, path)
    manifest = None if content is None else read_manifest(path, content, *arrays)
    return frozenset() if manifest is None else manifest.names


def unchanged(repository: Repository, ref: str, files: Iterable[File]) -> frozenset[str]:
    """The paths of those *files* that are the same at *ref*, line ends aside."""
    files = [file for file in files if file.problem is None]
    folders = {file.path.rpartition("/")[0] for file in files}
    there = blobs(repository, ref, folders)
    return frozenset(file.path for file in files if file.path in there and _is(file, there[file.path]))


def branches(
    repository: Repository,
    folder: str,
    configured: str | None,
    manifest: str | None,
    arrays: tuple[str | None, str | None],
    files: Iterable[File],
) -> Branches:
    """All that is known of the migrations in *folder* on other refs; *configured* is the configured base ref.

    *files* are the migrations as they are here: of those that differ from the base ref its texts are read.
    """
    names = names_by_ref(repository, folder)
    base = base_ref(repository, configured)
    if base is None:
        return Branches(names)
    there = _sql(blobs(repository, base, (folder,)))
    left = merge_base(repository, base)
    before = {} if left is None else _sql(blobs(repository, left, (folder,)))
    short = _short(repository, base)
    found = Branches(
        {**names, short: frozenset(base_name(path) for path in there)} if there else names,
        _rivals(repository, short, names),
        short,
        frozenset() if manifest is None else listed(repository, base, manifest, arrays),
        {path: tuple(dict.fromkeys((blob, before.get(path, blob)))) for path, blob in there.items()},
    )
    differing = [file for file in files if file.path in there and not found.has(file.path, file.text)]
    return replace(found, texts=_texts(repository, {file.path: there[file.path] for file in differing[:MOST_TEXTS]}))


def _sql(found: Mapping[str, str]) -> dict[str, str]:
    return {path: blob for path, blob in found.items() if path.endswith(".sql")}


def _short(repository: Repository, ref: str) -> str:
    """The name of the branch that *ref* stands for, as people write it."""
    full = _word(repository, "rev-parse", "--verify", "--symbolic-full-name", "--end-of-options", ref)
    return _shortened(full or ref)


def _shortened(ref: str) -> str:
    return ref.removeprefix("refs/").removeprefix("heads/").removeprefix("remotes/")


def _rivals(repository: Repository, base: str, names: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The refs of *names* whose work the present branch does not have, the base ref first.

    Copies of the present branch itself, its upstream among them, are no rivals: it may have moved on since.
    """
    said = _run(repository.git, repository.root, "for-each-ref", "--no-merged=HEAD", "--format=%(refname)")
    apart = {_shortened(ref) for ref in os.fsdecode(said or b"").split("\n")}
    own = _word(repository, "rev-parse", "--abbrev-ref", "HEAD") or "HEAD"
    upstream = _word(repository, "rev-parse", "--abbrev-ref", "--verify", "--quiet", "HEAD@{upstream}")
    copies = {own, upstream} - {base}
    found = [
        ref for ref in names if ref in apart and ref not in copies and (ref == base or ref.partition("/")[2] != own)
    ]
    return tuple(sorted(found, key=lambda ref: ref != base))


def _texts(repository: Repository, wanted: Mapping[str, str]) -> dict[str, str]:
    """The texts of blobs by path, decoded like files on the disk."""
    found = _objects(repository, list(wanted.values()))
    return {path: _decoded(data) for path, (_, kind, data) in zip(wanted, found, strict=True) if kind == "blob"}


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace").removeprefix("\ufeff")


def _is(file: File, blob: str) -> bool:
    data = (b"\xef\xbb\xbf" if file.bom else b"") + file.text.encode()
    return blob_id(data, len(blob)) == blob or (
        b"\r\n" in data and blob_id(data.replace(b"\r\n", b"\n"), len(blob)) == blob
    )


def _trees(repository: Repository, wanted: list[tuple[str, str]]) -> Iterator[dict[str, str]]:
    """The names and ids of the files in each folder at each ref; folders that are not there are empty."""
    names = [f"{ref}:{(repository.prefix + folder).strip('/')}" for ref, folder in wanted]
    for identity, kind, data in _objects(repository, names):
        yield dict(_entries(data, len(identity) // 2)) if kind == "tree" else {}


def _entries(tree: bytes, size: int) -> Iterator[tuple[str, str]]:
    """The files of a tree object: `mode name NUL id`, the id in *size* bytes."""
    at = 0
    while at < len(tree):
        end = tree.find(b"\0", at)
        if end < 0:
            return
        mode, _, name = tree[at:end].partition(b" ")
        at = end + 1 + size
        if mode.startswith(b"100"):
            yield os.fsdecode(name), tree[end + 1 : at].hex()


def _objects(repository: Repository, names: list[str]) -> Iterator[tuple[str, str, bytes]]:
    """The id, kind and content of each object, in order; both empty where there is none."""
    good = [name for name in names if name.isprintable()]
    question = "".join(name + "\n" for name in good)
    said = b""
    if good:
        said = _run(repository.git, repository.root, "cat-file", "--batch", question=os.fsencode(question)) or b""
    answers: defaultdict[str, tuple[str, str, bytes]] = defaultdict(lambda: ("", "", b""))
    at = 0
    for name in good:
        end = said.find(b"\n", at)
        if end < 0:
            break
        words = said[at:end].split(b" ")
        at = end + 1
        if len(words) == 3 and words[2].isdigit():
            size = int(words[2])
            answers[name] = (words[0].decode(), words[1].decode(), said[at : at + size])
            at += size + 1
    return (answers[name] for name in names)


def _word(repository: Repository, *command: str) -> str | None:
    said = _run(repository.git, repository.root, *command)
    return None if said is None else said.decode("utf-8", "replace").strip() or None


def _run(git: str, root: Path, *command: str, question: bytes = b"") -> bytes | None:
    """What git answers, None when it fails, takes too long or says too much."""
    try:
        done = subprocess.run(
            [git, *_SAFE, *command],
            cwd=root,
            env=_environment(),
            input=question,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 and len(done.stdout) <= _MOST_BYTES else None


def _environment() -> dict[str, str]:
    """The environment without what points git elsewhere (a hook's GIT_DIR), and with what keeps it from the network."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")
    }
    return kept | {
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


def _executable(root: Path) -> str | None:
    """The git of the search path, but never one that lies in the workspace."""
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if Path(folder).is_absolute()]
    found = shutil.which("git", path=os.pathsep.join(folders))
    if found is None or not Path(found).is_absolute() or Path(found).is_relative_to(root.absolute()):
        return None
    return found
