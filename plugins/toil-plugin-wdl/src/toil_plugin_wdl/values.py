"""WDL values as plain data, for job stores and caches, and back.

A packed value is JSON: numbers, booleans, null and strings stand for themselves, everything else is a list that begins
with a tag: `["F", path]` a file, `["D", path]` a directory, `["A", ...]` an array, `["P", left, right]` a pair,
`["M", key, value, ...]` a map, `["S", {name: member}]` a struct or object. Types are not in it: whoever unpacks a value
knows the declaration that it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from WDL import Type, Value

#: A value as plain data.
Packed: TypeAlias = Any

_FILE, _DIRECTORY, _ARRAY, _PAIR, _MAP, _STRUCT = "F", "D", "A", "P", "M", "S"


def pack(value: Value.Base) -> Packed:
    """Return a value as plain data."""
    if isinstance(value, Value.Null):
        return None
    if isinstance(value, Value.File):
        return [_FILE, value.value]
    if isinstance(value, Value.Directory):
        return [_DIRECTORY, value.value]
    if isinstance(value, Value.Array):
        return [_ARRAY, *map(pack, value.value)]
    if isinstance(value, Value.Pair):
        return [_PAIR, pack(value.value[0]), pack(value.value[1])]
    if isinstance(value, Value.Map):
        return [_MAP, *(pack(part) for item in value.value for part in item)]
    if isinstance(value, Value.Struct):
        return [_STRUCT, {name: pack(member) for name, member in value.value.items()}]
    return value.value


def unpack(packed: Packed, wanted: Type.Base | None = None) -> Value.Base:
    """Return the value that plain data stands for.

    :param wanted: its declared type; by default it is inferred.
    """
    if isinstance(packed, list):
        value = _unpack_compound(packed, wanted)
    else:
        value = _unpack_simple(packed, wanted)
    if wanted is None or isinstance(wanted, Type.Any) or isinstance(value, Value.Null):
        return value
    return value.coerce(wanted)


def _unpack_simple(packed: Packed, wanted: Type.Base | None) -> Value.Base:
    if packed is None:
        return Value.Null()
    if isinstance(packed, bool):
        return Value.Boolean(packed)
    if isinstance(packed, int) and not isinstance(wanted, Type.Float):
        return Value.Int(packed)
    if isinstance(packed, (int, float)):
        return Value.Float(float(packed))
    return Value.String(packed)


def _unpack_compound(packed: list[Any], wanted: Type.Base | None) -> Value.Base:
    tag = packed[0]
    if tag == _FILE:
        return Value.File(packed[1])
    if tag == _DIRECTORY:
        return Value.Directory(packed[1])
    if tag == _ARRAY:
        return _unpack_array(packed, wanted)
    if tag == _PAIR:
        pair = wanted if isinstance(wanted, Type.Pair) else None
        left = unpack(packed[1], pair and pair.left_type)
        right = unpack(packed[2], pair and pair.right_type)
        return Value.Pair(*((pair.left_type, pair.right_type) if pair else (left.type, right.type)), (left, right))
    if tag == _MAP:
        return _unpack_map(packed, wanted)
    return _unpack_struct(packed[1], wanted)


def _unpack_array(packed: list[Any], wanted: Type.Base | None) -> Value.Array:
    item_type = wanted.item_type if isinstance(wanted, Type.Array) else None
    items = [unpack(item, item_type) for item in packed[1:]]
    return Value.Array(item_type or _common_type(items), items)


def _unpack_map(packed: list[Any], wanted: Type.Base | None) -> Value.Map:
    key_type, value_type = wanted.item_type if isinstance(wanted, Type.Map) else (None, None)
    keys = [unpack(key, key_type) for key in packed[1::2]]
    values = [unpack(value, value_type) for value in packed[2::2]]
    types = (key_type or _common_type(keys), value_type or _common_type(values))
    return Value.Map(types, list(zip(keys, values, strict=True)))


def _unpack_struct(members: dict[str, Any], wanted: Type.Base | None) -> Value.Struct:
    known = (wanted.members or {}) if isinstance(wanted, Type.StructInstance) else {}
    found = {name: unpack(member, known.get(name)) for name, member in members.items()}
    if isinstance(wanted, Type.StructInstance):
        return Value.Struct(wanted, found)
    return Value.Struct(Type.Object({name: member.type for name, member in found.items()}), found)


def _common_type(values: list[Value.Base]) -> Type.Base:
    kinds = [value.type for value in values if not isinstance(value, Value.Null)]
    return kinds[0] if kinds and all(kind == kinds[0] for kind in kinds) else Type.Any()


def paths_in(value: Value.Base) -> Iterator[Value.File | Value.Directory]:
    """Return all files and directories in a value, also those within compound ones."""
    if isinstance(value, (Value.File, Value.Directory)):
        yield value
    else:
        for child in value.children:
            yield from paths_in(child)


def with_paths(value: Value.Base, change: Callable[[Value.File | Value.Directory], str | None]) -> Value.Base:
    """Return a copy of a value with other paths in it.

    :param change: returns the path to put in the place of a file's or directory's, or None to have it be None.
    """
    if isinstance(value, (Value.Boolean, Value.Int, Value.Float, Value.Null)):
        return value
    if isinstance(value, Value.String) and not isinstance(value, (Value.File, Value.Directory)):
        return value
    return Value.rewrite_paths(value, change)


def with_imported(packed: Packed, paths: Mapping[str, str]) -> Packed:
    """Return a packed value with other paths in it.

    :param paths: the new paths by the old ones; others stay.
    """
    if isinstance(packed, dict):
        return {name: with_imported(member, paths) for name, member in packed.items()}
    if not isinstance(packed, list):
        return packed
    if packed[0] in (_FILE, _DIRECTORY):
        return [packed[0], paths.get(packed[1], packed[1])]
    return [packed[0], *(with_imported(part, paths) for part in packed[1:])]
