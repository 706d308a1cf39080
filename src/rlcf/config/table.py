"""What all tables of a recipe have in common, and the numbers that they hold."""

from collections.abc import Mapping
from typing import Annotated, Any, Union

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag


class Table(BaseModel):
    """One table of a recipe: frozen, without unknown keys; `true` and `"1"` are no numbers, nor is infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


Count = Annotated[int, Field(ge=1, le=1_000_000)]
Steps = Annotated[int, Field(ge=0, le=1_000_000)]
"""A count that may be 0."""
Workers = Annotated[int, Field(ge=1, le=1024)]
"""Processes of a tool."""
Seconds = Annotated[float, Field(gt=0, le=86_400)]
"""A time-out."""
Seed = Annotated[int, Field(ge=0, lt=1 << 63)]
"""What torch takes."""
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]


def keyed_by_name(tables: Mapping[str, type[Table]], default: str, other: str | None = None) -> Any:
    """The type of a table whose key `name` says which of `tables` it is.

    Args:
        default: the name where the key is missing.
        other: the entry of `tables` that takes all names that are not there; `None`: such a name is an error.
    """

    def tag(value: Any) -> str:
        name = str(value.get("name", default) if isinstance(value, dict) else getattr(value, "name", value))
        return other if other is not None and name not in tables else name

    members = tuple(Annotated[table, Tag(name)] for name, table in tables.items())
    return Annotated[Union[members], Discriminator(tag)]  # noqa: UP007 (the members are known only when this runs)
