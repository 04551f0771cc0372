"""Lists that fetch their pages as they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from .model import Response

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page as the server sends it."""

    data: list[T]
    next_cursor: str | None
    """Where the next page begins; None on the last."""
    response: Response


class Pager(Generic[T]):
    """All of a list: `for order in client.orders.list(status="pending")`."""

    def __init__(self, fetch: Callable[[str | None], Page[T]]) -> None:
        self._fetch = fetch

    def first_page(self) -> Page[T]:
        return self._fetch(None)

    def pages(self) -> Iterator[Page[T]]:
        """One page after the other."""
        page = self.first_page()
        yield page
        while page.next_cursor is not None:
            page = self._fetch(page.next_cursor)
            yield page

    def take(self, at_most: int) -> list[T]:
        """The first so many."""
        return list(islice(self, at_most))

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.data
