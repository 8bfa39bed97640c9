"""Just enough of JSON Schema to hold our own documents to our own schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
BOUNDS = {
    int: ("minimum", "maximum"),
    list: ("minItems", "maxItems"),
    str: ("minLength", "maxLength"),
}
KNOWN = {
    "$schema", "$defs", "$ref", "title", "type", "const", "enum", "pattern", "anyOf",
    "required", "properties", "additionalProperties", "items",
    "minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength",
}  # fmt: skip


def violations(schema: dict[str, Any], value: Any, root: Any = None, at: str = "$") -> list[str]:
    """Return where a value breaks a schema, and how."""
    return list(_check(schema, value, schema if root is None else root, at))


def _check(schema: dict[str, Any], value: Any, root: dict[str, Any], at: str) -> Iterator[str]:
    assert set(schema) <= KNOWN, f"a keyword that is not checked: {set(schema) - KNOWN}"
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield from _check(root["$defs"][name], value, root, at)
        return
    if "anyOf" in schema:
        found = [violations(option, value, root, at) for option in schema["anyOf"]]
        if all(found):
            yield from min(found, key=len)
    if "type" in schema and not _is(schema["type"], value):
        yield f"{at}: {value!r} is no {schema['type']}"
        return
    allowed = schema.get("enum", [schema["const"]] if "const" in schema else [value])
    if value not in allowed:
        yield f"{at}: {value!r} is none of {allowed}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} does not match {schema['pattern']}"
    yield from (f"{at}: {message}" for message in _out_of_bounds(schema, value))
    if isinstance(value, dict):
        yield from _check_members(schema, value, root, at)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from _check(schema["items"], item, root, f"{at}[{number}]")


def _out_of_bounds(schema: dict[str, Any], value: Any) -> Iterator[str]:
    least, most = BOUNDS.get(type(value), ("", ""))
    size = value if isinstance(value, int) else len(value) if least else 0
    if size < schema.get(least, size) or size > schema.get(most, size):
        yield f"{size} is not between {schema.get(least)} and {schema.get(most)}"


def _check_members(
    schema: dict[str, Any], value: dict[str, Any], root: dict[str, Any], at: str
) -> Iterator[str]:
    yield from (f"{at}: lacks {key}" for key in schema.get("required", []) if key not in value)
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for key, member in value.items():
        if key in properties:
            yield from _check(properties[key], member, root, f"{at}.{key}")
        elif others is False:
            yield f"{at}: unknown {key}"
        elif isinstance(others, dict):
            yield from _check(others, member, root, f"{at}.{key}")


def _is(kinds: str | list[str], value: Any) -> bool:
    wanted = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(value, bool):
        return "boolean" in wanted
    return any(isinstance(value, TYPES[kind]) for kind in wanted)
