"""The shapes of JSON, named once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

# Any stands for JSON: a recursive alias would force a cast on every line that looks inside.
JSON: TypeAlias = Any
JSONObject: TypeAlias = dict[str, Any]
ReadOnlyJSONObject: TypeAlias = Mapping[str, Any]
