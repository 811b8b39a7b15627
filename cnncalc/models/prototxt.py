"""Protocol buffers as text, which is how Caffe writes its networks, to a located tree.

    layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param { kernel_size: 3 } }

Fields are `name: value` or `name { fields }`; a field given again makes a list, and `[1, 2]` is one too. As in a spec,
values stay text with their places until a field says what they are, and size and nesting are bounded.
(https://protobuf.dev/reference/protobuf/textformat-spec/)
"""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from cnncalc.text.source import Problem, Source, Span, SpecError
from cnncalc.text.yaml_tree import MAX_DEPTH, MAX_VALUES, Located, Mapping, Scalar, Sequence

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<comment>\#[^\n]*)
      | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<word>[\w.+-]+|\[[A-Za-z_][\w.]*[./][\w./]*\])
      | (?P<mark>[][{}<>:,;])""",
    re.VERBOSE,
)
_CLOSES = {"{": "}", "<": ">"}


class _Token(NamedTuple):
    """A word, a text in quotes, a mark, or the end (an empty mark)."""

    kind: str
    text: str
    span: Span


def parse_prototxt(source: Source) -> Mapping:
    """Build the tree of a text. Raises SpecError at the first place that is none."""
    return _PrototxtParser(source).whole()


class _PrototxtParser:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.tokens = _tokens(source)
        self.at = 0
        self.depth = 0

    def whole(self) -> Mapping:
        """Return the fields of the whole text."""
        return self.fields("", Span(self.source, 1, 1, 1))

    @property
    def peek(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def skip(self, *marks: str) -> None:
        """Pass a mark that may stand here."""
        if self.peek.kind == "mark" and self.peek.text in marks:
            self.at += 1

    def fields(self, end: str, span: Span) -> Mapping:
        """Fields up to a closing mark; those of one name are a list."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(self.peek, f"fields are nested deeper than the limit of {MAX_DEPTH}", "")
        entries: dict[str, tuple[Scalar, list[Located]]] = {}
        while not (self.peek.kind == "mark" and self.peek.text == end):
            name = self.take()
            if name.kind != "word":
                expected = f"a field's name or '{end}'" if end else "a field's name"
                self.fail(name, f"{expected} is expected here, not '{name.text or 'the end'}'", "")
            _, values = entries.setdefault(name.text, (Scalar(name.text, True, name.span), []))
            values.extend(self.value(name))
            self.skip(",", ";")
        self.depth -= 1
        return Mapping(tuple((key, _joined(values)) for key, values in entries.values()), span)

    def value(self, name: _Token) -> list[Located]:
        """Return what stands behind a field's name: one value, or those of a list."""
        colon = self.peek.kind == "mark" and self.peek.text == ":"
        self.skip(":")
        token = self.take()
        if token.kind == "mark" and token.text in _CLOSES:
            close = _CLOSES[token.text]
            inner = self.fields(close, name.span)
            self.take()
            return [inner]
        if not colon:
            self.fail(token, f"'{name.text}' needs ':' or '{{' behind it", "write name: value")
        if token.kind == "mark" and token.text == "[":
            return self.items(name)
        return [self.scalar(token)]

    def items(self, name: _Token) -> list[Located]:
        """Return the values of a list in brackets."""
        values: list[Located] = []
        while self.peek.text != "]" or self.peek.kind != "mark":
            token = self.take()
            if token.kind == "mark" and token.text in _CLOSES:
                values.append(self.fields(_CLOSES[token.text], name.span))
                self.take()
            else:
                values.append(self.scalar(token))
            self.skip(",")
        self.take()
        return values

    def scalar(self, token: _Token) -> Scalar:
        """Return a word, a number or a text; texts that follow one another are one."""
        if token.kind == "mark":
            self.fail(token, f"a value is expected here, not '{token.text or 'the end'}'", "")
        if token.kind == "word":
            return Scalar(token.text, True, token.span)
        text = token.text[1:-1]
        while self.peek.kind == "text":
            text += self.take().text[1:-1]
        return Scalar(re.sub(r"\\(.)", r"\1", text), False, token.span)

    def fail(self, token: _Token, message: str, hint: str) -> NoReturn:
        raise SpecError([Problem(token.span, "syntax", message, hint)])


def _joined(values: list[Located]) -> Located:
    """Return a value by itself, or a list of those that were given under one name."""
    return values[0] if len(values) == 1 else Sequence(tuple(values), values[0].span)


def _tokens(source: Source) -> list[_Token]:
    """Return the words, texts and marks of a source, and an end. Raises SpecError for anything else."""
    tokens: list[_Token] = []
    line, begin, at, comments = 1, 0, 0, 0
    while at < len(source.text):
        match = _TOKEN.match(source.text, at)
        if match is None:
            span = Span(source, line, at - begin + 1, 1)
            char = source.text[at]
            message = "this text has no closing quote" if char in "\"'" else f"unexpected '{char}'"
            raise SpecError([Problem(span, "syntax", message)])
        kind, text = str(match.lastgroup), match.group()
        span = Span(source, line, at - begin + 1, len(text))
        if kind == "space":
            line += text.count("\n")
            begin = at + text.rfind("\n") + 1 if "\n" in text else begin
        elif kind == "comment":
            comments += 1
        else:
            tokens.append(_Token(kind, text, span))
        if len(tokens) + comments > MAX_VALUES:
            message = f"this file has more than the limit of {MAX_VALUES:,} words and comments"
            raise SpecError([Problem(span, "limit", message)])
        at = match.end()
    tokens.append(_Token("mark", "", Span(source, line, at - begin + 1, 1)))
    return tokens
