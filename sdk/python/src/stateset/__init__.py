"""StateSet's client: `StateSet(api_key=…).orders.list()`."""

from .client import StateSet
from .core import RequestOptions
from .errors import ApiError, ConnectionError, StateSetError, WebhookVerificationError
from .lists import Page, Pager
from .model import UNSET, Model, Response, Unset
from .stream import EventStream
from .webhooks import Webhook, WebhookEvent

__all__ = [
    "UNSET",
    "ApiError",
    "ConnectionError",
    "EventStream",
    "Model",
    "Page",
    "Pager",
    "RequestOptions",
    "Response",
    "StateSet",
    "StateSetError",
    "Unset",
    "Webhook",
    "WebhookEvent",
    "WebhookVerificationError",
]
