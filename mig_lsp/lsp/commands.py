"""The commands. Arguments are given in order, or by name in one object; files are URIs, or paths from the folder.

- `migLsp.new`: description, uri? -- a new migration in the set of *uri*, or in the only set there is
- `migLsp.prepare`: description, uri? -- the drizzle-kit output *uri*, or the newest, as a migration
- `migLsp.register`: uri... -- adds files to the manifest
- `migLsp.renumber`: uri, number? -- gives a migration the number, or the next free one
- `migLsp.insertHeader`: uri -- puts a header on a migration
- `migLsp.showChunks`: uri -- what the runner would send
- `migLsp.refreshLog`: environment? -- reads the log of one environment, or of all
- `migLsp.verify`: uri... -- runs migrations on a shadow database
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from pygls.exceptions import JsonRpcInvalidParams

from mig_lsp.core.author import AuthorError, new, prepare, register, renumber
from mig_lsp.core.change import CreateFile, RenameFile, SourceChange
from mig_lsp.core.migration import parse_name
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.lsp import capabilities, verification
from mig_lsp.lsp.application import Server, json_object
from mig_lsp.lsp.convert import Json
from mig_lsp.lsp.outside import LogKey
from mig_lsp.lsp.protocol import RequestFailedError
from mig_lsp.lsp.requests import edit_of, today
from mig_lsp.lsp.session import Folder, Where
from mig_lsp.lsp.worker import Tick
from mig_lsp.render import chunks

_NAMES = {
    "migLsp.new": ("description", "uri"),
    "migLsp.prepare": ("description", "uri"),
    "migLsp.register": ("uris",),
    "migLsp.renumber": ("uri", "number"),
    "migLsp.insertHeader": ("uri",),
    "migLsp.showChunks": ("uri",),
    "migLsp.refreshLog": ("environment",),
    "migLsp.verify": ("uris",),
}


Make = Callable[[Tick], tuple[Folder, SourceChange]]
"""Works out a change; worker only."""


class Arguments:
    """What a command was called with; a value of the wrong kind is the caller's mistake and is said as such."""

    def __init__(self, command: str, given: object) -> None:
        self._command = command
        names = _NAMES[command]
        listed = given if isinstance(given, list) else []
        if len(listed) == 1 and isinstance(listed[0], Mapping):
            self._values: Mapping[str, Any] = listed[0]
        elif names == ("uris",):
            self._values = {"uris": listed}
        else:
            self._values = dict(zip(names, listed, strict=False))

    def text(self, name: str) -> str:
        """A text that must be there."""
        value = self.maybe_text(name)
        if value is None:
            raise JsonRpcInvalidParams(f"{self._command} needs {name}")
        return value

    def maybe_text(self, name: str) -> str | None:
        """A text, or None when it is not given."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, str):
            raise JsonRpcInvalidParams(f"{name} of {self._command} is a text")
        return value

    def maybe_number(self, name: str) -> int | None:
        """A whole number, or None when it is not given."""
        value = self._values.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise JsonRpcInvalidParams(f"{name} of {self._command} is a whole number")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Several texts, at least one."""
        value = self._values.get(name, self._values.get(name.removesuffix("s")))
        listed = value if isinstance(value, list) else [value]
        if not listed or not all(isinstance(each, str) for each in listed):
            raise JsonRpcInvalidParams(f"{self._command} needs {name}")
        return tuple(listed)


def register_all(server: Server) -> None:
    """Takes `workspace/executeCommand`, and `migLsp/preview` of the commands that change files."""
    server.feature("workspace/executeCommand")(execute)
    server.feature("migLsp/preview")(preview)


def execute(ls: Server, params: object) -> Future[Any]:
    """Carries out one command."""
    told = json_object(params)
    command = told.get("command")
    if command not in capabilities.COMMANDS:
        raise JsonRpcInvalidParams(f"there is no command {command!r:.60}: there are {', '.join(capabilities.COMMANDS)}")
    arguments = Arguments(command, told.get("arguments"))
    if command in _CHANGES:
        return _apply(ls, _CHANGES[command](ls, arguments))
    return _COMMANDS[command](ls, arguments)


def preview(ls: Server, params: object) -> Future[Any]:
    """What a command that changes files would change."""
    told = json_object(params)
    command = told.get("command")
    if not isinstance(command, str) or command not in _CHANGES:
        raise JsonRpcInvalidParams(f"{command!r:.60} changes no files: those that do are {', '.join(_CHANGES)}")
    make = _CHANGES[command](ls, Arguments(command, told.get("arguments")))

    def work(tick: Tick) -> Json:
        folder, change = make(tick)
        return {"applied": False, **_summary(folder, change)}

    return ls.ask(work)


def _new(ls: Server, arguments: Arguments) -> Make:
    description, uri = arguments.text("description"), arguments.maybe_text("uri")

    def make(_: Tick) -> tuple[Folder, SourceChange]:
        folder, snapshot = _set(ls, uri)
        return folder, new.new(snapshot, description, today())

    return make


def _prepare(ls: Server, arguments: Arguments) -> Make:
    words, uri = arguments.text("description"), arguments.maybe_text("uri")

    def make(_: Tick) -> tuple[Folder, SourceChange]:
        # Called from a code action, the one argument is the file: its name says what it is about.
        where = _maybe_document(ls, uri if uri is not None else words)
        if where is None and uri is not None:
            raise RequestFailedError(f"{uri} belongs to no migration set")
        folder, snapshot = (where.folder, where.snapshot) if where is not None else _set(ls, None)
        output = [path for path in snapshot.documents if path.endswith(".sql")]
        path = where.path if where is not None else prepare.newest_output(output)
        file = snapshot.file(path) if path is not None else None
        if file is None:
            raise AuthorError("there is no drizzle-kit output to prepare: run drizzle-kit generate first")
        parsed = parse_name(file.name)
        description = parsed.description if uri is None and where is not None and parsed is not None else words
        prepared = prepare.prepare(snapshot, file.path, file.text, description, today())
        if prepared.change is None:
            raise RequestFailedError(prepare.prepare_report(prepared.problems, file.path))
        return folder, prepared.change

    return make


def _register(ls: Server, arguments: Arguments) -> Make:
    uris = arguments.texts("uris")

    def make(_: Tick) -> tuple[Folder, SourceChange]:
        documents = [_document(ls, uri) for uri in uris]
        folder, snapshot = documents[0].folder, documents[0].snapshot
        return folder, register.register(snapshot, [each.path for each in documents])

    return make


def _renumber(ls: Server, arguments: Arguments) -> Make:
    uri, number = arguments.text("uri"), arguments.maybe_number("number")

    def make(_: Tick) -> tuple[Folder, SourceChange]:
        where = _document(ls, uri)
        return where.folder, renumber.renumber(where.snapshot, where.path, number)

    return make


def _insert_header(ls: Server, arguments: Arguments) -> Make:
    uri = arguments.text("uri")

    def make(_: Tick) -> tuple[Folder, SourceChange]:
        where = _document(ls, uri)
        return where.folder, new.insert_header(where.snapshot, where.path, today())

    return make


def _show_chunks(ls: Server, arguments: Arguments) -> Future[Any]:
    uri = arguments.text("uri")

    def work(_: Tick) -> Json:
        where = _document(ls, uri)
        return chunks.document(where.file, where.snapshot.plan.runner)

    return ls.ask(work)


def _refresh_log(ls: Server, arguments: Arguments) -> Future[Any]:
    environment = arguments.maybe_text("environment")
    answer: Future[Any] = Future()

    def work(_: Tick) -> None:
        keys = [key for key in _log_keys(ls) if environment in (None, key.environment)]
        if not keys:
            name = f"environment {environment}" if environment else "environment"
            _fail(answer, f"no {name} is configured: add a table [log.NAME] to mig-lsp.toml")
            return
        allowed = [key for key in keys if ls.facts.allowed(key)]
        if not allowed:
            _fail(answer, "no database is contacted in a workspace that is not trusted")
            return
        _when_all_are_done([ls.facts.want(key) for key in allowed], lambda: _log_read(ls, allowed, answer))

    return ls.begin(work, answer)


def _when_all_are_done(waiting: list[Future[None]], then: Callable[[], None]) -> None:
    """Calls *then* once, on the thread that completes the last one of at least one."""
    left = itertools.count(len(waiting) - 1, -1)  # its steps are atomic

    def one_is_done(_: object) -> None:
        if next(left) == 0:
            then()

    for future in waiting:
        future.add_done_callback(one_is_done)


def _log_read(ls: Server, keys: list[LogKey], answer: Future[Any]) -> None:
    def work(_: Tick) -> None:
        ledgers = [ls.session.outside.ledgers[key] for key in keys if key in ls.session.outside.ledgers]
        said = [
            {
                "environment": ledger.environment,
                "entries": len(ledger.entries),
                "fetchedAt": ledger.fetched_at,
                "problem": ledger.problem,
            }
            for ledger in ledgers
        ]
        if answer.set_running_or_notify_cancel():
            answer.set_result({"logs": said})

    ls.begin(work, answer)


def _log_keys(ls: Server) -> list[LogKey]:
    keys = (key for folder, snapshot in ls.session.all_sets() for key in folder.log_keys(snapshot))
    return list(dict.fromkeys(keys))


def _verify(ls: Server, arguments: Arguments) -> Future[Any]:
    uris = arguments.texts("uris")
    if not ls.client.trusted:
        raise RequestFailedError("nothing is run in a workspace that is not trusted")
    answer: Future[Any] = Future()

    def work(_: Tick) -> None:
        try:
            documents = [_document(ls, uri) for uri in uris]
        except RequestFailedError as error:
            _fail(answer, error.message)
            return
        paths = [each.path for each in documents]
        strange = next((path for path in paths if path not in documents[0].snapshot.files), None)
        if strange is not None:
            _fail(answer, f"{strange} is no migration of the set of {paths[0]}")
            return
        verification.begin(documents[0].snapshot, paths, answer)

    return ls.begin(work, answer)


_CHANGES: Mapping[str, Callable[[Server, Arguments], Make]] = {
    "migLsp.new": _new,
    "migLsp.prepare": _prepare,
    "migLsp.register": _register,
    "migLsp.renumber": _renumber,
    "migLsp.insertHeader": _insert_header,
}
_COMMANDS: Mapping[str, Callable[[Server, Arguments], Future[Any]]] = {
    "migLsp.showChunks": _show_chunks,
    "migLsp.refreshLog": _refresh_log,
    "migLsp.verify": _verify,
}


def _apply(ls: Server, make: Make) -> Future[Any]:
    """Has the client carry out a change; the answer tells what was done, after the client has done it."""
    if not ls.client.apply_edit:
        raise RequestFailedError("this editor lets no server change files: run mig-lsp on the command line instead")
    answer: Future[Any] = Future()

    def work(tick: Tick) -> None:
        folder, change = make(tick)
        edit = edit_of(ls, folder, change)
        result = {"applied": True, **_summary(folder, change)}

        def replied(told: Any, error: Mapping[str, Any] | None) -> None:
            if error is None and json_object(told).get("applied") is True:
                if answer.set_running_or_notify_cancel():
                    answer.set_result(result)
                return
            reason = json_object(told).get("failureReason") or json_object(error).get("message")
            _fail(answer, f"the editor did not carry out '{change.title}': {reason or 'it gave no reason'}")

        ls.wire.ask("workspace/applyEdit", {"label": change.title, "edit": edit}, replied)

    def begun(task: Future[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and answer.set_running_or_notify_cancel():
            answer.set_exception(error)

    ls.ask(work).add_done_callback(begun)
    return answer


def _summary(folder: Folder, change: SourceChange) -> Json:
    touched = [folder.uri_of(file.new if isinstance(file, RenameFile) else file.path) for file in change.files]
    created = [folder.uri_of(file.path) for file in change.files if isinstance(file, CreateFile)]
    return {"title": change.title, "uris": list(dict.fromkeys(touched)), "created": created}


def _fail(answer: Future[Any], message: str) -> None:
    if answer.set_running_or_notify_cancel():
        answer.set_exception(RequestFailedError(message))


def _document(ls: Server, name: str) -> Where:
    """The document that an argument names."""
    found = _maybe_document(ls, name)
    if found is None:
        raise RequestFailedError(f"{name} belongs to no migration set")
    return found


def _maybe_document(ls: Server, name: str) -> Where | None:
    """The document that a text names by URI, or by its path in one of the folders; None when it names none."""
    found = ls.session.where(name)
    candidates = (ls.session.where(folder.uri_of(name)) for folder in ls.session.folders.values())
    return found or next((each for each in candidates if each is not None), None)


def _set(ls: Server, uri: str | None) -> tuple[Folder, Snapshot]:
    """The set that a document belongs to, or the only one there is."""
    if uri is not None:
        where = _document(ls, uri)
        return where.folder, where.snapshot
    sets = list(ls.session.all_sets())
    if len(sets) == 1:
        return sets[0]
    if not sets:
        raise AuthorError("there is no migration set here: name its folder in mig-lsp.toml, as [migrations] directory")
    names = ", ".join(snapshot.plan.directory or "." for _, snapshot in sets)
    raise AuthorError(f"there are several migration sets ({names}): say which by the uri of one of its files")
