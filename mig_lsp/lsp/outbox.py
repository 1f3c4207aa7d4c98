"""What the rest of the server may send to the client: requests and notifications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

Reply = Callable[[Any, "Mapping[str, Any] | None"], None]


class Outbox(Protocol):
    """The sending half of the protocol; any thread may use it."""

    def tell(self, method: str, params: Any) -> None:
        """Sends a notification."""

    def ask(self, method: str, params: Any, reply: Reply | None = None) -> None:
        """Sends a request; *reply* gets its result, or None and the error."""
