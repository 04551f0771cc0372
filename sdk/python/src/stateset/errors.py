"""What can go wrong, as classes to tell apart with `except`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .codes import ErrorCode
from .models import Fault


class StateSetError(Exception):
    """The base of every error that this library raises."""


class ApiError(StateSetError):
    """The server answered, and refused. `code` says why, in a word that stays the same."""

    status: int
    code: ErrorCode | str
    title: str
    detail: str
    instance: str | None
    """What the refusal left behind, such as the address of a declined payment."""
    request_id: str | None
    """For questions to the operator."""
    errors: Sequence[Fault]
    """Every fault of the request, not only the first."""
    retry_after: float | None
    """Seconds the server asks to wait before the request is sent again."""

    def __init__(self, status: int, headers: Mapping[str, str], problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = problem.get("code", "unknown")
        self.title = problem.get("title", f"HTTP {status}")
        self.detail = problem.get("detail", "")
        self.instance = problem.get("instance")
        self.request_id = problem.get("request_id") or headers.get("Request-Id")
        self.errors = [Fault(one) for one in problem.get("errors", ())]
        wait = headers.get("Retry-After", "")
        self.retry_after = float(wait) if wait.isdigit() else None
        super().__init__(": ".join(part for part in (self.title, self.detail) if part))

    def fault(self, pointer: str) -> Fault | None:
        """What is wrong with one member of the request, by its JSON Pointer."""
        return next((fault for fault in self.errors if fault.pointer == pointer), None)


class ConnectionError(StateSetError):
    """No answer came, after all attempts.

    A write may have happened: sending it with the same key again is safe.
    """

    idempotency_key: str | None
    """With which key the write was sent."""

    def __init__(self, message: str, idempotency_key: str | None = None) -> None:
        super().__init__(message)
        self.idempotency_key = idempotency_key


class WebhookVerificationError(StateSetError):
    """A message that claims to be a webhook is not one of ours, or was changed, or is too old."""
