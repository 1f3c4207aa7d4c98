"""The protocol to the letter: every request gets exactly one answer, and nothing that is sent here ends the server.

pygls keeps the registry of handlers, and lsprotocol checks the parameters of requests. What pygls does with documents
is left out: its texts cost milliseconds per edit and go wrong after a form feed, so only the server's own are used.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any, Literal

from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol

from mig_lsp.lsp import wire
from mig_lsp.lsp.encode import encoded, encoded_exactly
from mig_lsp.lsp.worker import StoppedError

if TYPE_CHECKING:
    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

log = logging.getLogger(__name__)

State = Literal["new", "running", "shut"]
Reply = Callable[[Any, "Mapping[str, Any] | None"], None]
"""Takes the result of a request to the client, or None and the error."""

# Sent with every keystroke, or read by hand because anything may stand in them: no objects are built of these.
_RAW = frozenset(
    (
        "initialize",
        "initialized",
        "textDocument/didOpen",
        "textDocument/didChange",
        "textDocument/didClose",
        "textDocument/didSave",
        "textDocument/diagnostic",
        "workspace/diagnostic",
        "workspace/didChangeConfiguration",
        "workspace/executeCommand",
    )
)
_IGNORED = frozenset(("$/setTrace", "window/workDoneProgress/cancel"))


class RequestFailedError(JsonRpcException):
    """A request that is understood and cannot be carried out; the message is for the user."""

    CODE = -32803
    MESSAGE = "Request Failed"


class Protocol(LanguageServerProtocol):
    """Dispatches messages. Handlers answer with JSON, or with a `Future` of it that any thread may complete."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.state: State = "new"
        self.exit_code: int | None = None
        self._out: wire.Writer | None = None
        self._books = threading.Lock()  # of what is asked and pending: answers are given by any thread
        self._pending: dict[int | str, list[Future[Any]]] = {}  # nothing keeps a client from using an id twice
        self._asked: dict[str, Reply] = {}
        self._count = 0

    def connect(self, out: wire.Writer) -> None:
        """Sends to *out* from now on."""
        self._out = out

    def receive(self, body: bytes) -> None:
        """Handles one message; never raises for what is in it."""
        try:
            message = wire.parse(body)
        except (ValueError, RecursionError):
            self._fail(None, JsonRpcParseError("the message is not JSON"))
            return
        if not isinstance(message, dict):
            self._fail(None, JsonRpcInvalidRequest("a message is one JSON object"))
        elif "method" in message:
            self._called(message)
        elif "id" in message and ("result" in message or "error" in message):
            self._replied(message)
        else:
            self._fail(None, JsonRpcInvalidRequest("a message has a method, or an id and a result"))

    def unreadable(self, why: str) -> None:
        """Answers a stretch of the stream that is no message."""
        self._fail(None, JsonRpcParseError(why))

    def ask(self, method: str, params: Any, reply: Reply | None = None) -> None:
        """Sends a request to the client; *reply* is called on the thread that reads messages."""
        with self._books:
            self._count += 1
            name = f"mig-lsp-{self._count}"
            self._asked[name] = reply or _ignore
        self.send({"jsonrpc": "2.0", "id": name, "method": method, "params": params})

    def tell(self, method: str, params: Any) -> None:
        """Sends a notification to the client."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def send(self, message: dict[str, Any]) -> None:
        """Sends JSON; parts that are ready are `msgspec.Raw`."""
        if self._out is not None:
            self._out.send(encoded(message))

    def plain(self, value: Any) -> Any:
        """Objects of lsprotocol as JSON."""
        return self._converter.unstructure(value)

    def begin(self) -> None:
        """From now on the client counts as initialized."""
        self.state = "running"

    def _called(self, message: dict[str, Any]) -> None:
        method, identity = message["method"], message.get("id")
        request = "id" in message
        if request and (isinstance(identity, bool) or not isinstance(identity, int | str)):
            self._fail(None, JsonRpcInvalidRequest("the id of a request is a number or a text"))
        elif message.get("jsonrpc") != "2.0" or not isinstance(method, str):
            if request:
                self._fail(identity, JsonRpcInvalidRequest("a request has jsonrpc 2.0 and the name of a method"))
            else:
                log.warning("a notification without jsonrpc 2.0 is ignored")
        elif request:
            assert identity is not None
            self._requested(identity, method, message)
        else:
            self._notified(method, message)

    def _requested(self, identity: int | str, method: str, message: dict[str, Any]) -> None:
        try:
            self._check_state(method)
            handler = self._handler(method)
            params = self._params(method, message)
            result = handler(params)
        except Exception as error:
            self._fail(identity, self._as_answer(error, method))
            return
        if not isinstance(result, Future):
            self._succeed(identity, result)
            if method == "initialize":
                self.begin()
            elif method == "shutdown":
                self._shut()
            return
        with self._books:
            self._pending.setdefault(identity, []).append(result)
        result.add_done_callback(lambda done: self._done(identity, method, done))

    def _check_state(self, method: str) -> None:
        if self.state == "shut":
            raise JsonRpcInvalidRequest("the server is shutting down")
        if self.state == "new" and method != "initialize":
            raise JsonRpcServerNotInitialized("the first request is initialize")
        if self.state == "running" and method == "initialize":
            raise JsonRpcInvalidRequest("initialize comes once")

    def _handler(self, method: str) -> Callable[[Any], Any]:
        handler: Callable[[Any], Any] | None = self.fm.features.get(method)
        if handler is None or not self._is_request(method):
            raise JsonRpcMethodNotFound.of(method)
        return handler

    def _is_request(self, method: str) -> bool:
        """Whether the method of one of the handlers is called with an id."""
        return method.startswith("migLsp/") or self.get_result_type(method) is not None

    def _params(self, method: str, message: Mapping[str, Any]) -> Any:
        """The parameters as lsprotocol's objects, or as JSON where that is what the handlers read."""
        kind = None if method in _RAW else self.get_message_type(method)
        if kind is None:
            return message.get("params")
        try:
            return self._converter.structure({**message, "jsonrpc": "2.0"}, kind).params
        except Exception as error:  # cattrs raises many kinds of errors; each of them means this one thing
            log.info("malformed parameters of %s: %r", method, error)
            raise JsonRpcInvalidParams(f"the parameters of {method} are malformed") from None

    def _shut(self) -> None:
        """From now on every request is refused; those under way are cancelled, which answers them."""
        self.state = "shut"
        for identity in list(self._pending):
            self._cancel(identity)

    def _done(self, identity: int | str, method: str, done: Future[Any]) -> None:
        with self._books:
            left = [task for task in self._pending.pop(identity, ()) if task is not done]
            if left:
                self._pending[identity] = left
        try:
            result = done.result()
        except (CancelledError, StoppedError):
            self._fail(identity, JsonRpcRequestCancelled("cancelled"))
        except BaseException as error:
            self._fail(identity, self._as_answer(error, method))
        else:
            self._succeed(identity, result)

    def _as_answer(self, error: BaseException, method: str) -> JsonRpcException:
        if isinstance(error, JsonRpcException):
            return error
        log.error("%s failed", method, exc_info=error)
        return JsonRpcInternalError(f"{method} failed: this is a defect of the server, its log has the details")

    def _notified(self, method: str, message: Mapping[str, Any]) -> None:
        if method == "exit":
            self.exit_code = 0 if self.state == "shut" else 1
            return
        if method == "$/cancelRequest":
            params = message.get("params")
            identity = params.get("id") if isinstance(params, Mapping) else None
            if isinstance(identity, int | str) and not isinstance(identity, bool):
                self._cancel(identity)
            return
        if self.state != "running":
            log.info("%s comes too early or too late, and is ignored", method)
            return
        handler = self.fm.features.get(method)
        if handler is None or self._is_request(method):
            if not method.startswith("$/") and method not in _IGNORED:
                log.info("nothing is known of the notification %s", method)
            return
        try:
            handler(self._params(method, message))
        except JsonRpcException as error:
            log.warning("%s is ignored: %s", method, error)
        except Exception:
            log.exception("%s failed", method)

    def _cancel(self, identity: int | str) -> None:
        for task in self._pending.get(identity, ()):
            task.cancel()

    def _replied(self, message: Mapping[str, Any]) -> None:
        identity = message["id"]
        reply = self._asked.pop(identity, None) if isinstance(identity, str) else None
        if reply is None:
            log.warning("an answer to nothing: %.100r", identity)
            return
        error = message.get("error")
        try:
            reply(message.get("result"), error if isinstance(error, Mapping) else None)
        except Exception:
            log.exception("the answer to %s could not be used", identity)

    def _succeed(self, identity: int | str, result: Any) -> None:
        try:
            body = encoded(result)
        except RecursionError:
            self._fail(identity, JsonRpcInvalidParams("what would be given back is nested too deep"))
            return
        self._answer(identity, b'"result":%b' % body)

    def _fail(self, identity: int | str | None, error: JsonRpcException) -> None:
        answer: dict[str, Any] = {"code": error.code, "message": error.message}
        if error.data is not None:
            answer["data"] = error.data
        self._answer(identity, b'"error":%b' % encoded(answer))

    def _answer(self, identity: int | str | None, said: bytes) -> None:
        if self._out is not None:
            self._out.send(b'{"jsonrpc":"2.0","id":%b,%b}' % (encoded_exactly(identity), said))


def _ignore(_result: Any, error: Mapping[str, Any] | None) -> None:
    if error is not None:
        log.info("the client refused: %.200r", error.get("message"))
