"""Fields of a line of trees.jsonl, checked as they are read; errors name the place: `trees.jsonl:17: nodes[3].id`."""

import json
import math
from collections.abc import Sequence
from typing import Any, Final, Literal, overload

from .errors import TrainerError

_MISSING: Final = object()
#: Characters of a wrong value that a message shows.
SHOWN: Final = 60


class Fields:
    """An object of a line. Every method raises TrainerError `trees` where the field is missing or no such value."""

    __slots__ = ("data", "path", "place")

    def __init__(self, place: str, path: str, data: Any) -> None:
        """`place` is file and line; `path` leads from the line to this object (empty for the line itself)."""
        self.place = place
        self.path = path
        if not isinstance(data, dict):
            raise TrainerError("trees", f"{place}: {f'{path}: ' if path else ''}expected an object, not {_shown(data)}")
        self.data: dict[str, Any] = data

    def wrong(self, name: str, expected: str) -> TrainerError:
        found = self.data.get(name, _MISSING)
        but = "and it is missing" if found is _MISSING else f"not {_shown(found)}"
        return TrainerError("trees", f"{self.place}: {self._named(name)}: expected {expected}, {but}")

    def has(self, name: str) -> bool:
        return name in self.data

    def value(self, name: str) -> Any:
        if name not in self.data:
            raise self.wrong(name, "a value")
        return self.data[name]

    @overload
    def text(self, name: str, *, empty: bool = ...) -> str: ...
    @overload
    def text(self, name: str, *, nullable: Literal[True]) -> str | None: ...
    def text(self, name: str, *, nullable: bool = False, empty: bool = True) -> str | None:
        value = self.data.get(name, _MISSING)
        if isinstance(value, str) and (value or empty):
            return value
        if value is None and nullable:
            return None
        raise self.wrong(name, "a text or null" if nullable else "a text" if empty else "a text that is not empty")

    def choice(self, name: str, choices: Sequence[str], *, nullable: bool = False) -> Any:
        value = self.data.get(name, _MISSING)
        if (isinstance(value, str) and value in choices) or (value is None and nullable):
            return value
        raise self.wrong(name, " or ".join([*choices, "null"] if nullable else choices))

    def number(
        self,
        name: str,
        *,
        least: float | None = None,
        most: float | None = None,
        above: float | None = None,
        whole: bool = False,
        nullable: bool = False,
    ) -> Any:
        value = self.data.get(name, _MISSING)
        if value is None and nullable:
            return None
        fits = (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and -math.inf < value < math.inf
            and (not whole or value == int(value))
            and (least is None or value >= least)
            and (most is None or value <= most)
            and (above is None or value > above)
        )
        if fits:
            return value
        kind = "a whole number" if whole else "a number"
        limits = [("at least", least), ("at most", most), ("above", above)]
        expected = " and ".join([kind, *(f"{word} {limit}" for word, limit in limits if limit is not None)])
        raise self.wrong(name, f"{expected}, or null" if nullable else expected)

    @overload
    def values(self, name: str) -> list[Any]: ...
    @overload
    def values(self, name: str, *, nullable: Literal[True]) -> list[Any] | None: ...
    def values(self, name: str, *, nullable: bool = False) -> list[Any] | None:
        value = self.data.get(name, _MISSING)
        if isinstance(value, list) or (value is None and nullable):
            return value
        raise self.wrong(name, "a list or null" if nullable else "a list")

    def object(self, name: str) -> "Fields":
        return Fields(self.place, self._named(name), self.value(name))

    def objects(self, name: str, *, least: int = 0) -> list["Fields"]:
        values = self.values(name)
        if len(values) < least:
            raise self.wrong(name, f"a list of at least {least}")
        path = self._named(name)
        return [Fields(self.place, f"{path}[{index}]", value) for index, value in enumerate(values)]

    def _named(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
