"""Carries out changes of files below a root: all of a change, or nothing."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from mig_lsp.core.change import SourceChange
from mig_lsp.core.config.model import inside
from mig_lsp.core.outcome import ImpossibleChangeError, Outcome, outcomes
from mig_lsp.core.snapshot import File
from mig_lsp.disk.file import BOM, MAX_SQL, UnreadableError, decoded, fetch


class WriteError(Exception):
    """Why a change was not carried out, in one line. The files are as before, unless it says that they are not."""


def write(root: Path, change: SourceChange, seen: Callable[[str], File | None] | None = None) -> tuple[str, ...]:
    """Carries out *change*; the paths that are new, moved or different now. Raises `WriteError`.

    Byte order marks, line ends and modes are kept; no file is overwritten by a new or a moved one, and nothing outside
    *root* is touched. *seen* gives the files for which the change was made: one that differs by now is an error.
    """
    files: dict[str, File] = {}

    def text(path: str) -> str:
        files[path] = _present(root, path, seen(path) if seen else None)
        return files[path].text

    try:
        wanted = outcomes(change, text, lambda path: os.path.lexists(_inside(root, path)))
        steps = [_step(root, each, files) for each in wanted]
    except ImpossibleChangeError as error:
        raise WriteError(str(error)) from None
    _carry_out(root, steps)
    return tuple(each.path for each in wanted)


class _Step(NamedTuple):
    """One file to write: *data* at *target*, instead of what is at *source*; *status* is that of the old file."""

    path: str
    target: Path
    source: Path | None
    data: bytes
    status: os.stat_result | None


def _present(root: Path, path: str, seen: File | None) -> File:
    try:
        data, _ = fetch(root, path, MAX_SQL)
    except UnreadableError as error:
        raise WriteError(f"{path} {error}, so nothing was changed") from None
    file = decoded(path, data)
    if file.problem is not None:
        raise WriteError(f"{path} {file.problem}, so nothing was changed: convert it to UTF-8 first")
    if seen is not None and seen.text != file.text:
        raise WriteError(f"{path} was changed by somebody else meanwhile, so nothing was changed: try again")
    return file


def _step(root: Path, wanted: Outcome, files: dict[str, File]) -> _Step:
    target = _inside(root, wanted.path)
    source = None if wanted.source is None else _inside(root, wanted.source)
    if source is not None and wanted.source != wanted.path and source.is_symlink():
        raise WriteError(f"{wanted.source} is a link, so it was not moved")
    if source is not None and source.is_symlink():
        source = target = source.resolve()  # it was read, so it leads to a place below the root
    status = None if source is None else source.stat()
    if source is not None and not os.access(source, os.W_OK):
        raise WriteError(f"{wanted.source} is read-only, so nothing was changed")
    if wanted.text is None:
        assert wanted.source is not None
        try:
            data, _ = fetch(root, wanted.source, MAX_SQL)
        except UnreadableError as error:
            raise WriteError(f"{wanted.source} {error}, so nothing was changed") from None
        return _Step(wanted.path, target, source, data, status)
    bom = wanted.source in files and files[wanted.source].bom
    try:
        data = (BOM if bom else b"") + wanted.text.encode()
    except UnicodeEncodeError:
        raise WriteError(f"the new text of {wanted.path} has characters that are not Unicode") from None
    return _Step(wanted.path, target, source, data, status)


def _inside(root: Path, path: str) -> Path:
    """The place of *path*, whose folder must really be below *root*."""
    if inside(path) != path or not path:
        raise WriteError(f"{path!r} is not a path inside the workspace, so nothing was changed")
    try:
        if (root / path).parent.resolve().is_relative_to(root.resolve(strict=True)):
            return root / path
    except (OSError, RuntimeError):
        pass  # links that go round in a circle lead nowhere, so not below the root either
    raise WriteError(f"{path} leads out of the workspace, so nothing was changed")


def _carry_out(root: Path, steps: list[_Step]) -> None:
    undo: list[Callable[[], object]] = []
    temporary: list[Path] = []
    kept: list[Path] = []
    targets = {step.target for step in steps}
    sources = {step.source for step in steps}
    path = ""
    try:
        for step in steps:
            path = step.path
            _make_folder(step.target.parent, root, undo)
            temporary.append(_staged(step))
        for step, staged in zip(steps, temporary, strict=True):
            path = step.path
            undo.append(_put(step, staged, kept, replaces=step.target in sources))
        for step in steps:
            path = step.path
            if step.source is not None and step.source not in targets and not _is_same(step):
                undo.append(_removed(step.source, kept))
    except BaseException as error:
        _clear(temporary)
        restored = _undone(undo)
        if restored:  # else these may be all that is left of the originals
            _clear(kept)
        if not isinstance(error, OSError):
            raise
        reason = "it exists already" if isinstance(error, FileExistsError) else error.strerror
        state = "nothing was changed" if restored else "some files could not be put back: look at all of them"
        raise WriteError(f"{path} cannot be written: {reason}; {state}") from None
    _clear([*temporary, *kept])


def _clear(temporary: list[Path]) -> None:
    for staged in temporary:
        with contextlib.suppress(OSError):  # what is left is hidden and harmless, unlike a half-told error
            staged.unlink(missing_ok=True)


def _undone(undo: list[Callable[[], object]]) -> bool:
    """Whether everything could be undone."""
    restored = True
    for action in reversed(undo):
        try:
            action()
        except OSError:
            restored = False
    return restored


def _make_folder(folder: Path, root: Path, undo: list[Callable[[], object]]) -> None:
    missing = []
    while folder != root and not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir()
        undo.append(each.rmdir)


def _staged(step: _Step) -> Path:
    """A new file beside the target that holds the new bytes, safely on the disk."""
    path = _temporary(step.target)
    try:
        _fill(path, step.data, step.status)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _fill(path: Path, data: bytes, status: os.stat_result | None) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if status is None:
        return
    path.chmod(stat.S_IMODE(status.st_mode))
    if hasattr(os, "chown") and path.stat().st_uid != status.st_uid:
        with contextlib.suppress(PermissionError):  # only root may give a file away, and only root needs to
            os.chown(path, status.st_uid, status.st_gid)


def _put(step: _Step, staged: Path, kept: list[Path], *, replaces: bool) -> Callable[[], object]:
    """Moves the staged file to its place, over the present one if it *replaces* it; what is returned undoes that."""
    if replaces:
        restore = _restorer(step.target, kept)
        staged.replace(step.target)
        return restore
    if _is_same(step):  # upper and lower case are one on this disk
        assert step.source is not None
        source, restore = step.source, _restorer(step.source, kept)
        staged.replace(source)
        source.rename(step.target)
        return lambda: (step.target.rename(source), restore())
    try:
        step.target.hardlink_to(staged)  # unlike a rename, this never overwrites
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # a disk without links
        if os.path.lexists(step.target):
            raise FileExistsError from None
        staged.rename(step.target)
    return step.target.unlink


def _removed(path: Path, kept: list[Path]) -> Callable[[], object]:
    restore = _restorer(path, kept)
    path.unlink()
    return restore


def _restorer(path: Path, kept: list[Path]) -> Callable[[], object]:
    """Puts the file back as it is now: by a second name of it where there can be one, for a full disk takes no copy."""
    second = _temporary(path)
    try:
        second.hardlink_to(path)
    except (OSError, NotImplementedError):
        data, status = path.read_bytes(), path.stat()
    else:
        kept.append(second)
        return lambda: second.replace(path)

    def restore() -> None:
        staged = _temporary(path)
        kept.append(staged)
        _fill(staged, data, status)
        staged.replace(path)

    return restore


def _temporary(target: Path) -> Path:
    return target.parent / f".mig-lsp-{secrets.token_hex(8)}.tmp"


def _is_same(step: _Step) -> bool:
    """Whether source and target are two spellings of one file."""
    if step.source is None or step.source == step.target or not step.target.exists():
        return False
    return step.source.name.lower() == step.target.name.lower() and step.source.samefile(step.target)
