"""The kinds of value that a field takes; each gives a value the one form that formulas know, or refuses it."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.ops.shapes import AXIS_NAMES
from cnncalc.text.expressions import MAX_NUMBER, Value, kind_of, show_value
from cnncalc.text.printable import escape_json
from cnncalc.text.suggest import suggest

YAML_BOOLEANS = {"no", "yes", "on", "off", "y", "n"}
"""What YAML 1.1 takes for true and false, and this language does not."""


def quoted(text: str) -> str:
    """Write a text in double quotes, as YAML and JSON read it."""
    import json

    return escape_json(json.dumps(text, ensure_ascii=False))


class FieldError(ValueError):
    """A value does not suit its field; `path` leads to the item of a list that is to blame."""

    def __init__(self, message: str, hint: str = "", path: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.path = path


class FieldType:
    """What values a field takes; `normal` gives the one form that formulas know."""

    words: ClassVar[tuple[str, ...]] = ()
    is_layer_name: ClassVar[bool] = False
    takes_none: ClassVar[bool] = False
    """Whether None is a value in its one form, which is written as a word."""
    is_text: ClassVar[bool] = False
    """Whether what is written is taken as it stands."""
    expected: str = "a value"

    def normal(self, value: Value, rank: int | None) -> Any:
        """Return the value in its one form for `rank` spatial axes (None: not known yet). Raises FieldError."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """JSON Schema of what may be written as a constant."""
        raise NotImplementedError

    def written(self, value: Any) -> str:
        """Write a value in its one form as a spec does; `normal` gives it back."""
        return show_value(value)

    def wrong(self, value: Value, path: tuple[int, ...] = (), hint: str = "") -> FieldError:
        """Return the error for a value that is not what was expected."""
        if isinstance(value, str) and value.lower() in YAML_BOOLEANS:
            hint = "booleans are written true and false"
        return FieldError(f"expected {self.expected}, not {kind_of(value)}", hint, path)


def _is_whole(value: object) -> bool:
    return type(value) is int


class Whole(FieldType):
    """A whole number of at least `minimum`."""

    def __init__(self, minimum: int = 1) -> None:
        self.minimum = minimum
        self.expected = f"a whole number of at least {minimum}"

    def normal(self, value: Value, rank: int | None) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < self.minimum:
            raise self.wrong(value)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.minimum}


class Flag(FieldType):
    """True or false, or one of a few words."""

    def __init__(self, *words: str) -> None:
        self.words = words  # type: ignore[misc]
        self.expected = "true or false" + "".join(f" or '{word}'" for word in words)

    def normal(self, value: Value, rank: int | None) -> bool | str:
        if isinstance(value, bool) or (isinstance(value, str) and value in self.words):
            return value
        raise self.wrong(value)

    def schema(self) -> dict[str, Any]:
        return (
            {"anyOf": [{"type": "boolean"}, {"enum": list(self.words)}]}
            if self.words
            else {"type": "boolean"}
        )


class PerAxis(FieldType):
    """A whole number for every axis, or a list with one per axis, height first (also `1x7`)."""

    def __init__(self, minimum: int = 1) -> None:
        self.minimum = minimum
        self.expected = f"a whole number of at least {minimum}, or one per axis"

    def normal(self, value: Value, rank: int | None) -> tuple[int, ...]:
        if isinstance(value, tuple):
            for index, item in enumerate(value):
                if not _is_whole(item) or item < self.minimum:  # type: ignore[operator]
                    raise FieldError(
                        f"expected a whole number of at least {self.minimum}, not {kind_of(item)}",
                        "",
                        (index,),
                    )
            _check_axes(value, rank)
            return value  # type: ignore[return-value]
        if not _is_whole(value) or value < self.minimum:  # type: ignore[operator]
            raise self.wrong(value)
        if rank == 0 and value != self.minimum:
            raise no_axes()
        return (value,) * (1 if rank is None else rank)  # type: ignore[return-value]

    def written(self, value: Any) -> str:
        sizes = list(map(str, value))
        if "keep" in sizes:
            return f"[{', '.join(sizes)}]"
        return sizes[0] if len(set(sizes)) == 1 else "x".join(sizes)

    def schema(self) -> dict[str, Any]:
        size = {"type": "integer", "minimum": self.minimum}
        return {
            "anyOf": [
                size,
                {
                    "type": "array",
                    "items": {"anyOf": [size, {"type": "string"}]},
                    "minItems": 1,
                    "maxItems": 3,
                },
            ]
        }


class KeptAxes(PerAxis):
    """A size per axis, or `keep` for an axis that stays as long as it is."""

    words = ("keep",)

    def __init__(self) -> None:
        super().__init__()
        self.expected = "a whole number of at least 1, or one per axis, 'keep' for one that stays"

    def normal(self, value: Value, rank: int | None) -> tuple[int | str, ...]:  # type: ignore[override]
        if not isinstance(value, tuple):
            return super().normal(value, rank)
        super().normal(tuple(1 if item == "keep" else item for item in value), rank)
        return value  # type: ignore[return-value]


def no_axes() -> FieldError:
    """Return the error for sizes along axes where a vector arrives, which has none."""
    return FieldError(
        "a vector arrives here, which has no height and width", "reshape brings a map back"
    )


def _check_axes(value: tuple[Any, ...], rank: int | None) -> None:
    count = f"{len(value)} number{' is' if len(value) == 1 else 's are'} given"
    if rank is not None and len(value) != rank:
        names = " x ".join(AXIS_NAMES[rank]) or "none"
        raise FieldError(
            f"{count} for {rank} spatial ax{'is' if rank == 1 else 'es'}",
            f"write one number for every axis, or one per axis ({names}); what arrives has its channels "
            "last",
        )
    if rank is None and not 1 <= len(value) <= 3:
        raise FieldError(f"{count}; there are 1 to 3 spatial axes")


class Padding(FieldType):
    """Positions added before and after: a number, one per axis, a [before, after] pair per axis, `valid` or `same`."""

    words = ("same", "valid")
    expected = (
        "a whole number of at least 0, one per axis, [before, after] pairs, 'same' or 'valid'"
    )

    def normal(self, value: Value, rank: int | None) -> tuple[tuple[int, int], ...] | str:
        axes = 1 if rank is None else rank
        if value == "same":
            return "same"
        if value == "valid":
            return ((0, 0),) * axes
        if not isinstance(value, tuple):
            if rank == 0 and value != 0:
                raise no_axes()
            return (self.pair(value, ()),) * axes
        if len(value) == 4 and all(map(_is_whole, value)):
            raise FieldError(
                "4 numbers are given",
                f"write [before, after] pairs, height first: [[{value[0]}, "
                f"{value[1]}], [{value[2]}, {value[3]}]]",
            )
        _check_axes(value, rank)
        return tuple(self.pair(item, (index,)) for index, item in enumerate(value))

    def pair(self, value: Value, path: tuple[int, ...]) -> tuple[int, int]:
        """(before, after) of one axis."""
        both = value if isinstance(value, tuple) and len(value) == 2 and path else (value, value)
        for place, item in enumerate(both):
            if not _is_whole(item) or item < 0:  # type: ignore[operator]
                raise self.wrong(item, (*path, place) if both is value else path)
        return both  # type: ignore[return-value]

    def written(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        axes = [str(pair[0]) if pair[0] == pair[1] else show_value(pair) for pair in value]
        same = len(set(axes)) == 1 and value[0][0] == value[0][1]
        return axes[0] if same else f"[{', '.join(axes)}]"

    def schema(self) -> dict[str, Any]:
        size = {"type": "integer", "minimum": 0}
        pair = {"type": "array", "items": size, "minItems": 2, "maxItems": 2}
        listed = {
            "type": "array",
            "items": {"anyOf": [size, pair, {"type": "string"}]},
            "minItems": 1,
            "maxItems": 3,
        }
        return {"anyOf": [size, {"enum": list(self.words)}, listed]}


class Ends(FieldType):
    """What is added at both ends of one axis: a number for each end, or [[before, after]]."""

    expected = "a whole number of at least 0, or [[before, after]]"

    def normal(self, value: Value, rank: int | None) -> tuple[int, int]:
        both = value if not isinstance(value, tuple) else value[0] if len(value) == 1 else None
        ends = (both, both) if not isinstance(both, tuple) else both
        if len(ends) != 2 or not all(_is_whole(end) and end >= 0 for end in ends):  # type: ignore[operator]
            raise self.wrong(
                value,
                hint=f"write [{show_value(value)}]"
                if isinstance(value, tuple) and len(value) == 2 and all(map(_is_whole, value))
                else "",
            )
        return ends  # type: ignore[return-value]

    def written(self, value: Any) -> str:
        return str(value[0]) if value[0] == value[1] else f"[{show_value(value)}]"

    def schema(self) -> dict[str, Any]:
        size = {"type": "integer", "minimum": 0}
        pair = {
            "type": "array",
            "items": {"anyOf": [size, {"type": "string"}]},
            "minItems": 2,
            "maxItems": 2,
        }
        ends = {"anyOf": [size, pair, {"type": "string"}]}
        return {"anyOf": [size, {"type": "array", "items": ends, "minItems": 1, "maxItems": 1}]}


class Fractional(FieldType):
    """A number, whole or not, from `low` to `high`."""

    def __init__(self, low: int | None = None, high: int | None = None) -> None:
        self.low, self.high = low, high
        self.expected = "a number" + (f" from {low} to {high}" if low is not None else "")

    def normal(self, value: Value, rank: int | None) -> Any:
        if isinstance(value, (bool, str, tuple)):
            raise self.wrong(value)
        if (self.low is not None and value < self.low) or (
            self.high is not None and value > self.high
        ):
            raise self.wrong(value)
        return value

    def written(self, value: Any) -> str:
        text = show_value(value)
        sizes = [int(part) for part in text.split("/") if part.lstrip("-").isdigit()]
        if all(abs(size) <= MAX_NUMBER for size in sizes) and "e" not in text:
            return text
        return f"{float(value):.12f}".rstrip("0").rstrip(".")  # as near as a spec can say it

    def schema(self) -> dict[str, Any]:
        limits = {"minimum": self.low, "maximum": self.high}
        return {
            "type": "number",
            **{key: limit for key, limit in limits.items() if limit is not None},
        }


class Word(FieldType):
    """One of a few words."""

    def __init__(self, *words: str) -> None:
        self.words = words  # type: ignore[misc]
        self.expected = " or ".join(f"'{word}'" for word in words)

    def normal(self, value: Value, rank: int | None) -> str:
        if isinstance(value, str) and value in self.words:
            return value
        hint = suggest(value, self.words) if isinstance(value, str) else ""
        raise self.wrong(value, hint=hint)

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


class Dimensions(FieldType):
    """A whole shape, channels last: 7x7x256, or one number for a vector."""

    expected = "a shape such as 7x7x256, channels last"

    def normal(self, value: Value, rank: int | None) -> tuple[int, ...]:
        sizes = value if isinstance(value, tuple) else (value,)
        if not 1 <= len(sizes) <= 4:
            raise FieldError(
                f"a shape has 1 to 4 numbers, not {len(sizes)}", f"expected {self.expected}"
            )
        for index, size in enumerate(sizes):
            if not _is_whole(size) or size < 1:  # type: ignore[operator]
                raise self.wrong(size, (index,))
        return sizes  # type: ignore[return-value]

    def written(self, value: Any) -> str:
        return "x".join(map(str, value))

    def schema(self) -> dict[str, Any]:
        size = {"type": "integer", "minimum": 1}
        items = {"anyOf": [size, {"type": "string"}]}
        return {"anyOf": [size, {"type": "array", "items": items, "minItems": 1, "maxItems": 4}]}


class Range(FieldType):
    """[first, end]: from `first`, counted from 0, up to but without `end`; or `all`."""

    takes_none = True
    words = ("all",)
    expected = "[first, end] with 0 <= first < end, or all"

    def normal(self, value: Value, rank: int | None) -> tuple[int, int] | None:
        if value == "all":
            return None
        if not isinstance(value, tuple) or len(value) != 2:
            raise self.wrong(value)
        first, end = value
        if not _is_whole(first) or not _is_whole(end) or not 0 <= first < end:  # type: ignore[operator]
            raise FieldError(f"expected {self.expected}, not {show_value(value)}")
        return first, end  # type: ignore[return-value]

    def written(self, value: Any) -> str:
        return "all" if value is None else show_value(value)

    def schema(self) -> dict[str, Any]:
        items = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]}
        pair = {"type": "array", "items": items, "minItems": 2, "maxItems": 2}
        return {"anyOf": [{"enum": ["all"]}, pair]}


class Ranges(FieldType):
    """[first, end] for each axis, or `all` of one or of every one; on a single axis the pair alone."""

    takes_none = True
    words = ("all",)
    expected = "[first, end] for each axis, or all"
    axis = Range()

    def normal(self, value: Value, rank: int | None) -> tuple[tuple[int, int] | str, ...] | None:
        if value == "all":
            return None
        if not isinstance(value, tuple):
            raise self.wrong(value)
        parts = (value,) if len(value) == 2 and all(map(_is_whole, value)) else value
        _check_axes(parts, rank)
        return tuple(self.axis.normal(part, rank) or "all" for part in parts)

    def written(self, value: Any) -> str:
        return "all" if value is None else show_value(value)

    def schema(self) -> dict[str, Any]:
        size = self.axis.schema()
        return {
            "anyOf": [
                *size["anyOf"],
                {"type": "array", "items": size, "minItems": 1, "maxItems": 3},
            ]
        }


class AxisOrder(FieldType):
    """Every axis of a map once, by its name."""

    words = ("length", "height", "width", "depth", "channels")
    expected = "every axis by its name, such as [width, height, channels]"

    def normal(self, value: Value, rank: int | None) -> tuple[str, ...]:
        if not isinstance(value, tuple) or not all(isinstance(name, str) for name in value):
            raise self.wrong(value)
        order = tuple(map(str, value))
        if rank is not None:
            names = (*AXIS_NAMES[rank], "channels")
            if sorted(order) != sorted(names):
                raise FieldError(
                    f"the axes here are {', '.join(names)}, each once; these are {', '.join(order)}"
                )
        return order

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"enum": list(self.words)}, "minItems": 2, "maxItems": 4}


class Connections(FieldType):
    """For each filter the list of the input maps that it sees, counted from 0 (LeNet-5's C3); or `all`."""

    takes_none = True
    words = ("all",)
    expected = "a list with one list of input maps (from 0) for each filter"

    def normal(self, value: Value, rank: int | None) -> tuple[tuple[int, ...], ...] | None:
        if value == "all":
            return None
        if not isinstance(value, tuple) or not value:
            raise self.wrong(value)
        return tuple(self.maps(maps, index) for index, maps in enumerate(value))

    def maps(self, maps: Value, index: int) -> tuple[int, ...]:
        """Return the input maps of one filter."""
        if not isinstance(maps, tuple) or not maps:
            raise FieldError(
                f"each filter has a list of input maps, such as [0, 1, 2], not {kind_of(maps)}",
                "",
                (index,),
            )
        for place, number in enumerate(maps):
            if not _is_whole(number) or number < 0:  # type: ignore[operator]
                raise FieldError(
                    f"an input map is a whole number from 0, not {kind_of(number)}",
                    "",
                    (index, place),
                )
        if len(set(maps)) != len(maps):
            raise FieldError("an input map is listed twice for one filter", "", (index,))
        return maps  # type: ignore[return-value]

    def written(self, value: Any) -> str:
        return "all" if value is None else show_value(value)

    def schema(self) -> dict[str, Any]:
        maps = {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1}
        return {"anyOf": [{"enum": ["all"]}, {"type": "array", "items": maps, "minItems": 1}]}


class Text(FieldType):
    """A text of any characters, which is no expression."""

    is_text = True
    expected = "a text"

    def normal(self, value: Value, rank: int | None) -> str:
        if not isinstance(value, str):
            raise self.wrong(value)
        return value

    def written(self, value: Any) -> str:
        return quoted(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


class LayerShape(FieldType):
    """The name of an earlier layer, whose output shape is taken."""

    is_layer_name = True
    expected = "the name of an earlier layer"

    def normal(self, value: Value, rank: int | None) -> Any:
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


class Optional(FieldType):
    """Another kind, or nothing at all: the field has no default value."""

    def __init__(self, kind: FieldType) -> None:
        self.kind = kind
        self.words = kind.words  # type: ignore[misc]
        self.is_layer_name = kind.is_layer_name  # type: ignore[misc]
        self.expected = kind.expected

    def normal(self, value: Value | None, rank: int | None) -> Any:
        return None if value is None else self.kind.normal(value, rank)

    def written(self, value: Any) -> str:
        return self.kind.written(value)

    def schema(self) -> dict[str, Any]:
        return self.kind.schema()
