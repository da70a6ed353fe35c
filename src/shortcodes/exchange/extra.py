"""What a platform knows and we do not model: kept as a table that TOML can hold, and given back as it was."""

import json
import math
from collections.abc import Collection, Mapping
from typing import Any

from ..emoji import Emoji
from ..packs.pack import Pack

_INT64 = 1 << 63  # TOML 1.0, Integer


def keep(row: Mapping[str, Any], *modelled: str) -> dict[str, Any]:
    """Return what a row has besides what we model. What TOML has no word for is kept as JSON, under ``json``.

    >>> keep({"name": "otter", "id": 7, "host": None}, "name")
    {'id': 7, 'json': {'host': 'null'}}
    """
    rest = {key: value for key, value in row.items() if key not in modelled}
    plain = {key: value for key, value in rest.items() if key != "json" and _fits_toml(value)}
    others = {key: json.dumps(value, ensure_ascii=False) for key, value in rest.items() if key not in plain}
    return plain | ({"json": others} if others else {})


def kept(one: Pack | Emoji, name: str) -> dict[str, Any]:
    """Return what `keep` kept for the format of that name; what somebody has broken since is left out."""
    table = one.extra.get(name)
    if not isinstance(table, Mapping):
        return {}
    row = {key: _plain(value) for key, value in table.items() if key != "json"}
    others = table.get("json")
    for key, value in others.items() if isinstance(others, Mapping) else ():
        try:
            row[key] = json.loads(str(value))
        except (ValueError, RecursionError):
            continue
    return row


def extra_for(name: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return that table as the ``extra`` of the format of that name; nothing for nothing."""
    return {name: table} if table else {}


def rows_in(table: Mapping[str, Any], key: str) -> Collection[dict[str, Any]]:
    """Return the tables of a list in a kept row; what else somebody has put there is left out."""
    rows = table.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _fits_toml(value: object) -> bool:
    if isinstance(value, dict):
        return all(_fits_toml(one) for one in value.values())
    if isinstance(value, list):
        return all(_fits_toml(one) for one in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str) or (isinstance(value, int) and -_INT64 <= value < _INT64)


def _plain(value: Any) -> Any:  # noqa: ANN401  # TOML has any of its kinds here
    """Return a value of TOML as JSON has it: dates as texts, and no tuples."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float) else str(value)
