"""Servers that answer 200 with what is no answer, or with more than an answer."""

import json
from collections.abc import Mapping

from tests.adapters.dendrite.hostile.behaviour import (
    ANSWER,
    COMPLETION,
    MARK,
    Behaviour,
    answered,
    body,
    refused,
)
from tests.adapters.dendrite.peers import Handler

_DEPTH = 200_000
_ARRAYS = b"[" * _DEPTH + b"]" * _DEPTH
_OBJECTS = b'{"a":' * (_DEPTH // 2) + b"0" + b"}" * (_DEPTH // 2)
_QUOTED = json.dumps(COMPLETION).encode()
_NULLS = (
    "completion",
    "messages",
    "roles",
    "timeout",
    "name",
    "axon",
    "dendrite",
    "total_size",
    "header_size",
)


def _said(value: bytes) -> Handler:
    """The completion is this piece of JSON."""
    return body(b'{"completion": %b}' % value)


def _beside(value: bytes) -> Handler:
    """A field before the completion is this piece of JSON."""
    return body(b'{"x": %b, "completion": %b}' % (value, _QUOTED))


def _is(data: bytes, content_type: str = "application/json") -> Behaviour:
    return refused(422, body(data, headers=f"Content-Type: {content_type}\r\n"))


_NOT_JSON: Mapping[str, Behaviour] = {
    "is empty": _is(b""),
    "is blank": _is(b" \r\n\t" * 1000),
    "is HTML": _is(f"<html><body>{MARK}</body></html>".encode(), "text/html"),
    "is broken JSON": _is(ANSWER[:-1]),
    "is two documents": _is(ANSWER + ANSWER),
    "is JSON with a tail": _is(ANSWER + b"x"),
    "is JSON with comments": _is(b"/* */" + ANSWER),
    "is Python": _is(repr({"completion": COMPLETION}).encode()),
    "is not UTF-8": _is(b'{"completion": "\xff"}'),
    "is overlong UTF-8": _is(b'{"completion": "\xc0\xaf"}'),
    "is UTF-16": _is(ANSWER.decode().encode("utf-16")),
    "is UTF-32": _is(ANSWER.decode().encode("utf-32")),
    "has a byte order mark": _is(b"\xef\xbb\xbf" + ANSWER),
    "has an encoded surrogate": _is(b'{"completion": "\xed\xa0\x80"}'),
    "has a lone surrogate": _is(b'{"completion": "\\ud800"}'),
    "has surrogates in the wrong order": _is(b'{"completion": "\\udf75\\ud83c"}'),
    "has half an escape": _is(b'{"completion": "\\u12"}'),
    "has a raw line break": _is(b'{"completion": "a\nb"}'),
    "has NaN": _is(b'{"completion": NaN}'),
    "has NaN beside": refused(422, _beside(b"NaN")),
    "has infinity beside": refused(422, _beside(b"-Infinity")),
}

_NO_ANSWER: Mapping[str, Behaviour] = {
    "is null": _is(b"null"),
    "is a text": _is(_QUOTED),
    "is a number": _is(b"7"),
    "is a list": _is(b"[%b]" % ANSWER),
    "lacks completion": _is(b'{"Completion": "x"}'),
    "has null everywhere": _is(json.dumps(dict.fromkeys(_NULLS)).encode()),
    "has a null completion": refused(422, _said(b"null")),
    "has a number": refused(422, _said(b"7")),
    "has a huge integer": refused(422, _said(b"9" * 500_000)),
    "has a huge exponent": refused(422, _said(b"1e999999999")),
    "has a truth": refused(422, _said(b"true")),
    "has a list": refused(422, _said(b"[%b]" % _QUOTED)),
    "has an object": refused(422, _said(ANSWER)),
    "nests arrays": refused(422, _said(_ARRAYS)),
    "nests objects": refused(422, _said(_OBJECTS)),
    "nests arrays beside": refused(422, _beside(_ARRAYS)),
    "nests objects beside": refused(422, _beside(_OBJECTS)),
    "nests arrays at the top": refused(422, body(_ARRAYS)),
}

_MORE: Mapping[str, Behaviour] = {
    "has a huge integer beside": answered(_beside(b"9" * 500_000)),
    "has a huge fraction beside": answered(_beside(b"0." + b"9" * 500_000)),
    "has a huge exponent beside": Behaviour(_beside(b"1e999999999"), frozenset({200, 422}), COMPLETION),
    "has 100 000 fields": answered(
        body(b"{" + b"".join(b'"%d":0,' % i for i in range(100_000)) + ANSWER[1:])
    ),
    "has 100 000 completions": answered(body(b"{" + b'"completion":"",' * 50_000 + ANSWER[1:])),
    "has a completion and then another": answered(_beside(b'1, "completion": "first"')),
    "spells its key in escapes": answered(body(ANSWER.replace(b"completion", b"\\u0063ompletion"))),
    "has NUL in its text": answered(_said(b'"a\\u0000b"'), "a\x00b"),
    "has escapes in its text": answered(_said(b'"\\u001b[31mred"'), "\x1b[31mred"),
    "writes its text in escapes": answered(_said(b'"%b"' % (b"\\u0041" * 100_000)), "A" * 100_000),
    "says it is HTML": answered(body(ANSWER, headers="Content-Type: text/html\r\n")),
}

BODIES: Mapping[str, Behaviour] = {**_NOT_JSON, **_NO_ANSWER, **_MORE}
