"""What texts go on from: the same ids are the same prefix."""

from adapters.scoring.packing.texts import Text


class Prefixes:
    def __init__(self) -> None:
        self._texts: dict[tuple[int, ...], Text] = {}

    def of(self, ids: tuple[int, ...]) -> Text | None:
        """The prefix with these ids; None for none."""
        return self._texts.setdefault(ids, Text(ids)) if ids else None
