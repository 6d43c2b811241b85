"""Where two values of the core differ: field by field, key by key."""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from adapters.reporting.text import visible
from effects.decision import TOLERANCE

MOST_SHOWN = 160
ABSENT = "nothing"


@attrs.frozen
class Difference:
    """One place where they differ: its path ("weights.submission.sent_at"), and what stands there in each."""

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{visible(self.path, MOST_SHOWN)}: {shown(self.before)} -> {shown(self.after)}"

    @property
    def is_rounding(self) -> bool:
        """Whether two platforms may differ like this."""
        if not (isinstance(self.before, float) and isinstance(self.after, float)):
            return False
        return abs(self.before - self.after) <= TOLERANCE * max(1.0, abs(self.before), abs(self.after))


class Absent:
    """Stands where one side has nothing."""

    def __repr__(self) -> str:
        return ABSENT


def shown(value: Any) -> str:
    """A value on one line, however long and hostile it is."""
    return visible(f"{value:.12g}" if isinstance(value, float) else repr(value), MOST_SHOWN)


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Every place where `after` differs from `before`, in the order of their fields."""
    if before is after or (type(before) is type(after) and before == after):
        return
    if type(before) is type(after):
        inner = list(_inner(before, after))
        if inner:
            for name, was, now in inner:
                yield from differences(was, now, f"{path}{name}" if path else name.lstrip("."))
            return
    yield Difference(path, before, after)


def _inner(before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    if attrs.has(type(before)):
        for field in attrs.fields(type(before)):
            yield f".{field.name}", getattr(before, field.name), getattr(after, field.name)
    elif isinstance(before, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield f"[{key}]", before.get(key, Absent()), after.get(key, Absent())
    elif isinstance(before, tuple) and len(before) == len(after):
        for index, (was, now) in enumerate(zip(before, after, strict=True)):
            yield f"[{index}]", was, now
