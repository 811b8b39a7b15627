"""Text to a located tree: YAML in which every scalar stays text and every value remembers its place.

Scalars are not resolved: whether `no`, `010` or `1e6` is a number, a word or a mistake is said by the field that
asks. Keys given twice are refused, and size, nesting and what aliases expand to are bounded, so that a file from
a stranger costs no more than its own length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from cnncalc.text.collector import paused_collector
from cnncalc.text.files import read_bytes
from cnncalc.text.limits import limit
from cnncalc.text.messages import message
from cnncalc.text.source import Problem, Problems, Source, Span, SpecError, single_problem

MAX_BYTES = limit(16 * 1024 * 1024)
MAX_DEPTH = 64
MAX_VALUES = limit(250_000)
TOO_DEEP = f"nested deeper than the limit of {MAX_DEPTH} levels"
MAX_COPIES = limit(100_000)
"""Values that aliases may add to a file."""

_UNREADABLE = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufeff\\ufffe\\uffff]"
_MOST_READ_AGAIN = 50_000
"""Characters of a text that is broken YAML: more are not read a second time for a clearer account."""


class Scalar(NamedTuple):
    """A word, number or expression as written; `plain` is false where it stood in quotes."""

    text: str
    plain: bool
    span: Span


class Sequence(NamedTuple):
    """A list."""

    items: tuple[Located, ...]
    span: Span


class Mapping(NamedTuple):
    """A mapping, in the order written; its keys are distinct."""

    entries: tuple[tuple[Scalar, Located], ...]
    span: Span

    def get(self, key: str) -> Located | None:
        """Read the value under `key`, or None."""
        for scalar, value in self.entries:
            if scalar.text == key:
                return value
        return None


Located = Scalar | Sequence | Mapping


class Parsed(NamedTuple):
    """What came of a text: the tree (None where nothing could be read) and the problems met on the way."""

    tree: Located | None
    problems: list[Problem]


def read_source(path: str | Path) -> Source:
    """Read a spec's text from a file, or from standard input for `-`.

    Raises SpecError where there is no file, it is a folder, may not be read, is too large or is not UTF-8 text.
    """
    name = str(path)
    try:
        data = read_bytes(name, MAX_BYTES)
    except IsADirectoryError:
        folder = "this is a folder, not a spec file"
        raise single_problem(name, "", folder, "name a .yaml file in it", "file") from None
    except (OSError, ValueError) as error:  # a ValueError for a name with a NUL
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise single_problem(
            name,
            "",
            message("cannot read this file: {reason}", reason=message(reason)),
            code="file",
        ) from None
    if len(data) > MAX_BYTES:
        raise single_problem(
            name,
            "",
            f"this file is larger than the limit of {MAX_BYTES // 2**20} MiB",
            code="limit",
        )
    return Source(name, _decode(name, data))


def _decode(name: str, data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_text(
            name, data, data[: error.start].decode(encoding, "replace"), error.start
        ) from None


def _not_text(name: str, data: bytes, before: str, start: int) -> SpecError:
    """Make the error for bytes that are no text from `start` on; the line is shown where it looks like text."""
    looks_binary = b"\0" in data or not before.strip()
    source = Source(name, "" if looks_binary else data.decode("utf-8", "replace"))
    span = Span(source, before.count("\n") + 1, len(before) - before.rfind("\n"), 1)
    message = f"this is not a UTF-8 text file (byte {start} is 0x{data[start]:02x})"
    return SpecError([Problem(span, "encoding", message, "save the spec as UTF-8 text")])


def parse_yaml(source: Source, *, pure: bool = False) -> Parsed:
    """Build the located tree of a YAML text; `pure` keeps to PyYAML's own parser where libyaml is there too."""
    import yaml

    unreadable = re.search(_UNREADABLE, source.text)
    if unreadable is not None:
        return Parsed(None, [_unreadable_problem(source, unreadable.start())])
    again = len(source.text) <= _MOST_READ_AGAIN
    pure = (
        pure or not yaml.__with_libyaml__ or ("\t" in source.text and again)
    )  # libyaml is less strict about tabs
    builder = _Builder(source)
    try:
        with paused_collector():
            return builder.build(_events(source.text, pure))
    except SpecError as error:
        return Parsed(None, list(error.problems))
    except yaml.YAMLError as error:
        if not pure and again:  # the two parsers word and place mistakes differently
            return parse_yaml(source, pure=True)
        from cnncalc.text.yaml_messages import syntax_problem

        if "nesting depth" in str(error):  # newer parsers have a limit of their own
            place = syntax_problem(source, error).span
            return Parsed(None, [*builder.problems, Problem(place, "depth", TOO_DEEP)])
        return Parsed(None, [*builder.problems, syntax_problem(source, error)])


def _unreadable_problem(source: Source, place: int) -> Problem:
    line = source.text.count("\n", 0, place) + 1
    column = place - source.text.rfind("\n", 0, place)
    code = ord(source.text[place])
    if code < 0x80:
        message, hint = (
            f"this is not a text file (a control character, 0x{code:02x})",
            "save the spec as UTF-8 text",
        )
    else:
        message, hint = f"unexpected invisible character here (U+{code:04X})", "delete it"
    return Problem(Span(source, line, column, 1), "encoding", message, hint)


def _events(text: str, pure: bool) -> Iterator[Any]:
    import yaml

    get_event = (yaml.Loader if pure else yaml.CLoader)(text).get_event
    while (event := get_event()) is not None:
        yield event


class _Open:
    """A list or mapping that is being read."""

    __slots__ = ("anchor", "in_flow", "items", "key", "keys", "size", "span")

    def __init__(self, span: Span, anchor: str | None, is_mapping: bool, in_flow: bool) -> None:
        self.span = span
        self.anchor = anchor
        self.in_flow = in_flow
        self.items: list[Any] = []
        self.size = 1
        self.keys: dict[str, Scalar] | None = {} if is_mapping else None
        self.key: Scalar | None = None


class _Builder:
    """Folds the parser's events into a tree, without recursion, so that deep nesting costs nothing but an error."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = Problems()
        self.values = 0
        self.copies = 0
        self.anchors: dict[str, tuple[Located, int]] = {}
        self.stack: list[_Open] = []
        self.root: Located | None = None

    def build(self, events: Iterator[Any]) -> Parsed:
        import yaml

        handlers = {
            yaml.ScalarEvent: self.scalar,
            yaml.MappingStartEvent: self.start,
            yaml.SequenceStartEvent: self.start,
            yaml.MappingEndEvent: self.end,
            yaml.SequenceEndEvent: self.end,
            yaml.AliasEvent: self.alias,
            yaml.DocumentStartEvent: self.document,
        }
        for event in events:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)
        return Parsed(self.root, self.problems)

    def span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        line, column = start.line, start.column
        last = end.column if end.line == line else len(self.source.line(line + 1))
        length = last - column
        return Span(self.source, line + 1, column + 1, length if length > 0 else 1)

    def fail(self, event: Any, code: str, message: str, hint: str = "") -> SpecError:
        return SpecError([*self.problems, Problem(self.span(event), code, message, hint)])

    def document(self, event: Any) -> None:
        if self.root is not None:
            raise self.fail(
                event, "document", "a second document starts here; a file holds one spec"
            )

    def scalar(self, event: Any) -> None:
        if event.tag is not None:
            self.refuse_tag(event)
        text = event.value
        plain = not event.style  # libyaml: '' where nothing is written
        if not plain:
            self.refuse_what_one_parser_takes(event)
        elif "?" in text and self.stack and self.stack[-1].in_flow:
            self.refuse_question(event)
        scalar = Scalar(text, plain, self.span(event))
        if event.anchor:
            self.anchors[event.anchor] = (scalar, 1)
        self.add(scalar, 1)

    def start(self, event: Any) -> None:
        if event.tag is not None:
            self.refuse_tag(event)
        if len(self.stack) >= MAX_DEPTH:
            raise self.fail(event, "depth", TOO_DEEP)
        start = event.start_mark
        span = Span(self.source, start.line + 1, start.column + 1, 1)
        self.stack.append(
            _Open(span, event.anchor, type(event).__name__ == "MappingStartEvent", event.flow_style)
        )

    def end(self, _event: Any) -> None:
        done = self.stack.pop()
        value: Located
        if done.keys is None:
            value = Sequence(tuple(done.items), done.span)
        else:
            merged = _merged(done.items, self.problems) if "<<" in done.keys else done.items
            value = Mapping(tuple(merged), done.span)
        if done.anchor:
            self.anchors[done.anchor] = (value, done.size)
        self.add(value, done.size)

    def alias(self, event: Any) -> None:
        anchor = self.anchors.get(event.anchor)
        if anchor is None:
            inside = any(open_.anchor == event.anchor for open_ in self.stack)
            message = (
                f"'*{event.anchor}' stands inside its own anchor"
                if inside
                else f"no anchor '&{event.anchor}'"
            )
            raise self.fail(
                event, "alias", message, "" if inside else "an anchor stands before its aliases"
            )
        value, size = anchor
        self.copies += size
        if self.copies > MAX_COPIES:
            message = (
                f"the aliases in this file repeat more than the limit of {MAX_COPIES:,} values"
            )
            raise self.fail(event, "limit", message, "use blocks and repeat")
        self.add(value, size)

    def add(self, value: Located, size: int) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            message = f"this file has more than the limit of {MAX_VALUES:,} values"
            raise SpecError(
                [*self.problems, Problem(value.span, "limit", message, "use blocks and repeat")]
            )
        if not self.stack:
            self.root = value
            return
        parent = self.stack[-1]
        parent.size += size
        if parent.keys is None:
            parent.items.append(value)
        elif parent.key is None:
            parent.key = self.as_key(value)
        else:
            self.add_entry(parent, parent.key, value)
            parent.key = None

    def as_key(self, value: Located) -> Scalar:
        if isinstance(value, Scalar):
            return value
        what = "list" if isinstance(value, Sequence) else "mapping"
        message = f"a {what} stands where a word and ':' are expected"
        raise SpecError(
            [*self.problems, Problem(value.span, "key", message, "put an expression in quotes")]
        )

    def add_entry(self, parent: _Open, key: Scalar, value: Located) -> None:
        assert parent.keys is not None
        first = parent.keys.setdefault(key.text, key)
        if first is not key and not _is_rest(key.text):
            message = f"'{key.text}' is given twice; the first is on line {first.span.line}"
            self.problems.append(
                Problem(key.span, "duplicate-key", message, "remove one of the two")
            )
            return
        if isinstance(value, Scalar) and value.plain and not value.text:
            value = value._replace(
                span=key.span
            )  # the two parsers place what is not there differently
        parent.items.append((key, value))

    def refuse_tag(self, event: Any) -> NoReturn:
        """Refuse a tag; the parsers disagree on a comma in it."""
        tag = str(event.tag).replace("tag:yaml.org,2002:", "!!").split(",")[0]
        span = self.span(event)._replace(length=len(tag))
        wrong = Problem(span, "tag", f"the tag '{tag}' is not allowed in a spec", "remove it")
        raise SpecError([*self.problems, wrong])

    def refuse_what_one_parser_takes(self, event: Any) -> None:
        """Refuse half a character in quotes, and a comment that touches the sign of a block of lines."""
        import yaml

        if event.style in ("|", ">"):
            mark = event.start_mark
            if re.match(r"[|>][-+0-9]*#", self.source.line(mark.line + 1)[mark.column :]):
                raise yaml.MarkedYAMLError(
                    None, None, "expected chomping or indentation indicators, but found '#'", mark
                )
        elif not event.value.isascii() and re.search("[\ud800-\udfff]", event.value):
            message = "this escape is half of a character, which no text can have"
            raise self.fail(event, "encoding", message, "write the character itself")

    def refuse_question(self, event: Any) -> None:
        """Refuse an unquoted '?' inside brackets, which libyaml takes for text and PyYAML's own parser does not."""
        import yaml

        raise yaml.MarkedYAMLError(
            None, None, "a text with '?' in it is quoted inside brackets", event.start_mark
        )


def _is_rest(key: str) -> bool:
    """Whether a key is the rest of an expression that a comma broke."""
    return key.count(")") > key.count("(")


def _merged(
    entries: list[tuple[Scalar, Located]], problems: list[Problem]
) -> Iterator[tuple[Scalar, Located]]:
    """Give the entries, with those of a `<<: *anchor` put in behind them where the mapping has no such key itself."""
    own = {key.text for key, _ in entries}
    for key, value in entries:
        if key.text != "<<" or not key.plain:
            yield key, value
            continue
        for merged in value.items if isinstance(value, Sequence) else (value,):
            if not isinstance(merged, Mapping):
                problems.append(
                    Problem(
                        key.span,
                        "merge",
                        "'<<' takes the fields of an anchor",
                        "such as <<: *common",
                    )
                )
                continue
            for inner_key, inner_value in merged.entries:
                if inner_key.text not in own:
                    own.add(inner_key.text)
                    yield inner_key, inner_value
