"""Facts about other refs, asked of `git`. Without git, or without a repository, there are none.

A repository's configuration is not to be trusted: only commands are used that run no configured program (no filters,
text conversions, hooks, monitors or pagers), and nothing is ever fetched.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mig_lsp.core.branches import Branches, blob_id
from mig_lsp.core.manifest.reader import read as read_manifest
from mig_lsp.core.snapshot import File
from mig_lsp.git_process import BRANCHES, REF, executable, holders, run

MOST_REFS = 50
"""How many refs are read for the names in them: those with the newest commits."""

MOST_TEXTS = 200
"""How many texts of the base ref are read: nobody edits more merged files at once on purpose."""

_DEFAULT_BASES = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master")


class Repository(NamedTuple):
    """A repository that holds a workspace.

    *prefix* is the way from its top down to the workspace, "" or with a `/` at the end.
    """

    git: str
    root: Path
    prefix: str


class Base(NamedTuple):
    """The commit whose migrations count as merged, and the name of its branch as people write it."""

    commit: str
    name: str


class Ref(NamedTuple):
    """A branch, here or of a remote, by its full name.

    *commit* is the id of its newest commit, *target* the ref that it only stands for, *upstream* the one that it
    follows; both are "" for most.
    """

    name: str
    commit: str
    target: str
    upstream: str
    is_head: bool


def repository(root: Path) -> Repository | None:
    """The repository that *root* lies in, None when there is none that git would use."""
    if not holders(root):
        return None
    git = executable(root)
    if git is None:
        return None
    said = run(git, root, "rev-parse", "--show-prefix")
    if said is None:
        return None
    prefix = os.fsdecode(said).removesuffix("\n")
    return Repository(git, root, prefix) if prefix.isprintable() else None


def refs(repository: Repository) -> tuple[Ref, ...]:
    """The branches, those with the newest commits first."""
    said = run(repository.git, repository.root, "for-each-ref", "--sort=-committerdate", f"--format={REF}", *BRANCHES)
    found = []
    for line in os.fsdecode(said or b"").split("\n"):
        if line:
            name, commit, target, upstream, head = line.split("\0")
            found.append(Ref(name, commit, target, upstream, head == "*"))
    return tuple(found)


def base(repository: Repository, known: Iterable[Ref], configured: str | None = None) -> Base | None:
    """Whose migrations count as merged: the configured ref or the head of origin; None when there is none."""
    if configured is not None:
        there = commit(repository, configured)
        return None if there is None else Base(there, _short(repository, configured))
    by_name = {ref.name: ref for ref in known}
    found = next((by_name[name] for name in _DEFAULT_BASES if name in by_name), None)
    return None if found is None else Base(found.commit, _shortened(found.target or found.name))


def commit(repository: Repository, ref: str) -> str | None:
    """The id of the commit that *ref* names, None when there is none."""
    return _word(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}")


def merge_base(repository: Repository, ref: str) -> str | None:
    """The id of the last commit that *ref* and the present head share, None when there is none."""
    there = commit(repository, ref)
    return None if there is None else _word(repository, "merge-base", there, "HEAD")


def names_by_ref(repository: Repository, folder: str, most: int = MOST_REFS) -> Mapping[str, frozenset[str]]:
    """The names of the SQL files in *folder* by short name of the ref; refs without any are left out."""
    wanted = _looked_at(refs(repository), most)
    return _names(wanted, map(_files, _objects(repository, [_tree(repository, ref, folder) for ref in wanted])))


def text(repository: Repository, ref: str, path: str) -> str | None:
    """The text of the file at *ref*, None when it has none; it is decoded like a file on the disk."""
    _, kind, data = next(_objects(repository, [_blob(repository, ref, path)]))
    return _decoded(data) if kind == "blob" else None


def unchanged(repository: Repository, ref: str, files: Iterable[File]) -> frozenset[str]:
    """The paths of those *files* that are the same at *ref*, line ends aside."""
    files = [file for file in files if file.problem is None]
    folders = sorted({file.path.rpartition("/")[0] for file in files})
    said = _objects(repository, [_tree(repository, ref, folder) for folder in folders])
    there = {
        path: blob for folder, tree in zip(folders, said, strict=True) for path, blob in _placed(folder, _files(tree))
    }
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
    known = refs(repository)
    merged = base(repository, known, configured)
    left = None if merged is None else _word(repository, "merge-base", merged.commit, "HEAD")
    wanted = _looked_at(known, MOST_REFS)
    # All is asked at once, because to start git takes longer than to ask it.
    asked = [_tree(repository, ref, folder) for ref in (*wanted, *filter(None, (merged and merged.commit, left)))]
    if merged is not None and manifest is not None:
        asked.append(_blob(repository, merged.commit, manifest))
    said = list(_objects(repository, asked))
    names = _names(wanted, map(_files, said))
    if merged is None:
        return Branches(names)
    there = _sql(folder, _files(said[len(wanted)]))
    before = {} if left is None else _sql(folder, _files(said[len(wanted) + 1]))
    found = Branches(
        {**names, merged.name: frozenset(path.rpartition("/")[2] for path in there)} if there else names,
        _rivals(repository, merged.name, names, known),
        merged.name,
        frozenset() if manifest is None else _listed(manifest, said[-1], arrays),
        {path: tuple(dict.fromkeys((blob, before.get(path, blob)))) for path, blob in there.items()},
    )
    differing = [file for file in files if file.path in there and not found.has(file.path, file.text)]
    return replace(found, texts=_texts(repository, {file.path: there[file.path] for file in differing[:MOST_TEXTS]}))


def _sql(folder: str, found: Mapping[str, str]) -> dict[str, str]:
    return {path: blob for path, blob in _placed(folder, found) if path.endswith(".sql")}


def _placed(folder: str, found: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The files of a folder by their paths from the root of the workspace."""
    return ((f"{folder}/{name}" if folder else name, blob) for name, blob in found.items())


def _looked_at(known: Iterable[Ref], most: int) -> list[str]:
    return [ref.name for ref in known if not ref.name.endswith("/HEAD")][:most]


def _names(wanted: Iterable[str], trees: Iterable[Mapping[str, str]]) -> dict[str, frozenset[str]]:
    named = (
        (_shortened(ref), frozenset(name for name in tree if name.endswith(".sql")))
        for ref, tree in zip(wanted, trees, strict=False)
    )
    return {ref: names for ref, names in named if names}


def _listed(path: str, said: _Object, arrays: tuple[str | None, str | None]) -> frozenset[str]:
    """The names that a manifest lists; *arrays* are the configured names of its arrays."""
    _, kind, data = said
    manifest = read_manifest(path, _decoded(data), *arrays) if kind == "blob" else None
    return frozenset() if manifest is None else manifest.names


def _short(repository: Repository, ref: str) -> str:
    """The name of the branch that *ref* stands for, as people write it."""
    full = _word(repository, "rev-parse", "--verify", "--symbolic-full-name", "--end-of-options", ref)
    return _shortened(full or ref)


def _shortened(ref: str) -> str:
    return ref.removeprefix("refs/").removeprefix("heads/").removeprefix("remotes/")


def _rivals(repository: Repository, merged: str, names: Iterable[str], known: Iterable[Ref]) -> tuple[str, ...]:
    """The refs of *names* whose work the present branch does not have, the base ref first.

    Copies of the present branch itself, its upstream among them, are no rivals: it may have moved on since.
    """
    said = run(repository.git, repository.root, "for-each-ref", "--no-merged=HEAD", "--format=%(refname)")
    apart = {_shortened(ref) for ref in os.fsdecode(said or b"").split("\n")}
    head = next((ref for ref in known if ref.is_head), None)
    own = "HEAD" if head is None else _shortened(head.name)
    copies = {own, "" if head is None else _shortened(head.upstream)} - {merged}
    found = [
        ref for ref in names if ref in apart and ref not in copies and (ref == merged or ref.partition("/")[2] != own)
    ]
    return tuple(sorted(found, key=lambda ref: ref != merged))


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


_Object = tuple[str, str, bytes]
"""The id, kind and content of an object; all empty where there is none."""


def _tree(repository: Repository, ref: str, folder: str) -> str:
    """The name of a folder at a ref."""
    return f"{ref}:{(repository.prefix + folder).strip('/')}"


def _blob(repository: Repository, ref: str, path: str) -> str:
    """The name of a file at a ref."""
    return f"{ref}:{repository.prefix}{path}"


def _files(tree: _Object) -> dict[str, str]:
    """The names and ids of the files of a folder; a folder that is not there is empty."""
    identity, kind, data = tree
    return dict(_entries(data, len(identity) // 2)) if kind == "tree" else {}


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


def _objects(repository: Repository, names: list[str]) -> Iterator[_Object]:
    """Each object, in order."""
    good = [name for name in names if name.isprintable()]
    question = "".join(name + "\n" for name in good)
    said = b""
    if good:
        said = run(repository.git, repository.root, "cat-file", "--batch", question=os.fsencode(question)) or b""
    answers: dict[str, _Object] = {}
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
    return (answers.get(name, ("", "", b"")) for name in names)


def _word(repository: Repository, *command: str) -> str | None:
    said = run(repository.git, repository.root, *command)
    return None if said is None else said.decode("utf-8", "replace").strip() or None
