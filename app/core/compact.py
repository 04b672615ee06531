"""JSON as databases and hashes take it, by Python's own encoder, made once: making it costs more than a small value."""

import json
from collections.abc import Callable
from json import encoder as parts
from typing import Any

Encode = Callable[[Any], str]


def encoder(*, ascii_only: bool, sort_keys: bool, separators: tuple[str, str]) -> Encode:
    """A function like `json.dumps` with these options. Values are trees: nothing in them contains itself."""
    item, key = separators
    make: Any = getattr(parts, "c_make_encoder", None)
    if make is None:  # another Python than CPython
        return json.JSONEncoder(ensure_ascii=ascii_only, sort_keys=sort_keys, separators=separators).encode
    quote = parts.encode_basestring_ascii if ascii_only else parts.encode_basestring
    skip_odd_keys, allow_nan = False, True
    made = make(None, _refuse, quote, None, key, item, sort_keys, skip_odd_keys, allow_nan)
    return lambda value: "".join(made(value, 0))


def _refuse(value: Any) -> Any:
    raise TypeError(f"not JSON: {type(value).__name__}")


canonical = encoder(ascii_only=False, sort_keys=True, separators=(",", ":"))
_plain = encoder(ascii_only=True, sort_keys=False, separators=(", ", ": "))


def as_json(value: Any) -> str:
    """Like `json.dumps`. No closure: psycopg keeps a class for each function it is given."""
    return _plain(value)
