"""What a sound network still wants to say to its reader, none of it a mistake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.ops.shapes import Shape, show_shape
from cnncalc.text.messages import message, translate
from cnncalc.text.source import Span
from cnncalc.text.suggest import listing

if TYPE_CHECKING:
    from cnncalc.network import Network

_LEAST_SIDE = 5
"""A picture has more positions than this along an axis, or none is thought of."""


class Note(NamedTuple):
    """Something worth knowing that is no mistake, and where."""

    span: Span
    message: str

    def text(self, lang: str = "en") -> str:
        """Return the note as `file:line:column: note: message`."""
        span, note = self.span, translate("note: {note}", lang, note=self.message)
        return f"{span.source.name}:{span.line}:{span.column}: {note}"

    def __str__(self) -> str:
        return self.text()


def notes(net: Network) -> list[Note]:
    """List filters that do not fit, one note a place in the spec, several outputs, and what the reader of a model
    noted.
    """
    places: dict[tuple[Span, str], list[str]] = {}
    for node in net.graph.nodes:
        for text in node.op.notes(*node.shapes):
            places.setdefault((node.span, text), []).append(node.name)
    listed = [
        Note(span, message("{layers}: {note}", layers=listing(names, 3), note=text))
        for (span, text), names in places.items()
    ]
    listed += [Note(span, text) for span, text in net.spec.translations]
    listed += list(input_notes(net))
    if net.model is not None:
        listed += [Note(net.model.span, text) for text in net.model.notes]
    outputs = [net.graph.nodes[index] for index in net.graph.outputs()]
    main = [node for node in outputs if not node.side]
    if len(outputs) > 1:
        sides = ", ".join(node.name for node in outputs if node.side)
        text = message("several outputs: {names}", names=", ".join(node.name for node in main))
        if sides:
            text = message("{text}; sides: {names}", text=text, names=sides)
        listed.append(Note(main[-1].span if main else outputs[-1].span, text))
    return sorted(
        listed, key=lambda note: (note.span.source.name, note.span.line, note.span.column)
    )


def input_notes(net: Network, own: Network | None = None) -> Iterator[Note]:
    """Yield what is odd about the inputs: channels that seem to stand first, to be missing, or not to be the spec's.

    `own` is the network with its own input, where another was asked for. A layer takes any number of channels, and an
    fc whatever it flattens, so that nothing else would say it.
    """
    known = None if own is None else own.graph.input
    for node in net.graph.nodes[: len(net.graph.inputs)]:
        text = _channels_first(node.output) or _sequence(node.output, known)
        if not text and known is not None:
            text = _other_depth(node.output, known)
        if text:
            yield Note(node.span, text)
            return
    if own is not None:
        yield from _grown(net, own)


def _other_depth(shape: Shape, own: Shape) -> str:
    """Say that an input has other channels than the spec's own."""
    if shape[-1] == own[-1]:
        return ""
    return message(
        "the depth of {shape} is {given}; that of the spec's own input, {own}, is {known}",
        shape=show_shape(shape),
        given=shape[-1],
        own=show_shape(own),
        known=own[-1],
    )


def _grown(net: Network, own: Network) -> Iterator[Note]:
    """Yield the first fc that has other weights at this input: a network that is trained cannot take it."""
    for node, before in zip(net.graph.nodes, own.graph.nodes, strict=False):
        if node.op.sees_all and node.facts.weights != before.facts.weights:
            text = message(
                "{layer} flattens another map than that of {own}: {now:,} weights, not {then:,}; "
                "a trained network with such a layer takes one size of image alone",
                layer=node.name,
                own=show_shape(own.graph.input),
                now=node.facts.weights,
                then=before.facts.weights,
            )
            yield Note(node.span, text)
            return


def _channels_first(shape: Shape) -> str:
    """Say that a picture's channels seem to be written first."""
    first, *rest = shape
    if len(rest) != 2 or first not in (1, 3) or min(rest) < _LEAST_SIDE:
        return ""
    return message(
        "{shape} is {first} high and {second} wide, with {third} channels; "
        "if {first} are the channels, they are written last: {right}",
        shape=show_shape(shape),
        first=first,
        second=rest[0],
        third=rest[1],
        right=show_shape((*rest, first)),
    )


def _sequence(shape: Shape, own: Shape | None) -> str:
    """Say that a square of two numbers is no picture: the second is the channels."""
    if len(shape) != 2 or shape[0] != shape[1] or shape[0] < _LEAST_SIDE or own is not None:
        return ""
    return message(
        "{shape} is a sequence of {length} positions with {channels} channels; "
        "a picture of one channel is written {right}",
        shape=show_shape(shape),
        length=shape[0],
        channels=shape[1],
        right=show_shape((*shape, 1)),
    )


__all__ = ["Note", "input_notes", "notes"]
