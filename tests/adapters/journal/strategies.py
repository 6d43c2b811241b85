"""Any event at all: strategies made from the annotations of the event classes."""

import types
from enum import Enum
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

import attrs
from hypothesis import strategies as st

from core.events import Event

# All code points, lone surrogates too: a miner can send them inside JSON.
any_text = st.text(st.characters(exclude_categories=()), max_size=20)
finite = st.floats(allow_nan=False, allow_infinity=False)
LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**63 - 1),
    float: finite,
    str: any_text,
    type(None): st.none(),
}


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Values of this type, as deep as it goes."""
    if annotation in LEAVES:
        return LEAVES[annotation]
    if isinstance(annotation, NewType):
        return values_of(annotation.__supertype__)
    if get_origin(annotation) in {Union, types.UnionType}:
        return st.one_of(*map(values_of, get_args(annotation)))
    if get_origin(annotation) is tuple:
        return _tuples(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    hints = get_type_hints(annotation)
    return st.builds(
        annotation, **{field.name: values_of(hints[field.name]) for field in attrs.fields(annotation)}
    )


def _tuples(of: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    if of[-1] is Ellipsis:
        return st.lists(values_of(of[0]), max_size=3).map(tuple)
    return st.tuples(*map(values_of, of))


events: st.SearchStrategy[Event] = values_of(Event)
