"""SCALE types as plain values: what a runtime's metadata says about the shape of its data.

A type is compared by value, so the same shape written twice is one entry of the metadata's registry.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Primitive:
    """A built-in type, by its code in scale-info."""

    code: int


@attrs.frozen
class Sequence:
    """`Vec<of>`."""

    of: Type


@attrs.frozen
class Array:
    """`[of; length]`."""

    of: Type
    length: int


@attrs.frozen
class Tuple:
    items: tuple[Type, ...] = ()


@attrs.frozen
class Compact:
    """An unsigned integer in SCALE's variable-length form."""

    of: Type


@attrs.frozen
class Field:
    type: Type
    name: str | None = None


@attrs.frozen
class Composite:
    """A struct; codecs recognise some of them by their path."""

    path: tuple[str, ...]
    fields: tuple[Field, ...] = ()


@attrs.frozen
class Variant:
    name: str
    index: int
    fields: tuple[Field, ...] = ()


@attrs.frozen
class Variants:
    """An enum."""

    path: tuple[str, ...]
    variants: tuple[Variant, ...]


Type = Primitive | Sequence | Array | Tuple | Compact | Composite | Variants

BOOL = Primitive(0)
TEXT = Primitive(2)
U8 = Primitive(3)
U16 = Primitive(4)
U32 = Primitive(5)
U64 = Primitive(6)
U128 = Primitive(7)
I16 = Primitive(10)
I128 = Primitive(13)
BYTES = Sequence(U8)
UNIT = Tuple()


def option(of: Type) -> Variants:
    """`Option<of>`."""
    return Variants(("Option",), (Variant("None", 0), Variant("Some", 1, (Field(of),))))


def named(**fields: Type) -> tuple[Field, ...]:
    """Named fields, in the order given."""
    return tuple(Field(of, name) for name, of in fields.items())


def struct(path: tuple[str, ...], /, **fields: Type) -> Composite:
    """A struct with named fields, in the order given."""
    return Composite(path, named(**fields))


def newtype(path: tuple[str, ...], of: Type) -> Composite:
    """A struct of one unnamed field."""
    return Composite(path, (Field(of),))


def plain_enum(path: tuple[str, ...], *names: str) -> Variants:
    """An enum whose variants carry nothing, numbered from 0."""
    return Variants(path, tuple(Variant(name, index) for index, name in enumerate(names)))
