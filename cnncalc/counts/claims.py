"""What a sound spec still wants to say: notes for the reader, and whether its claims are met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.spec.file import Claim
from cnncalc.text.source import Problem, Span, SpecError
from cnncalc.text.suggest import listing

if TYPE_CHECKING:
    from fractions import Fraction

    from cnncalc.network import Network


class Note(NamedTuple):
    """Something worth knowing that is no mistake, and where."""

    span: Span
    message: str

    def __str__(self) -> str:
        """The note as `file:line:column: note: message`."""
        return f"{self.span.source.name}:{self.span.line}:{self.span.column}: note: {self.message}"


class Verdict(NamedTuple):
    """A claim, what was computed for it, and how the two agree: `met`, `missed` or `erratum`.

    `problem` is set where the claim fails: missed without being called an erratum, or met though it is called one.
    """

    claim: Claim
    computed: str
    status: str
    problem: Problem | None


def notes(net: Network) -> list[Note]:
    """Filters that do not fit, one note a place in the spec, several outputs, and what the reader of a model noted."""
    found: dict[tuple[Span, str], list[str]] = {}
    for node in net.graph.nodes:
        for text in node.op.notes(*node.shapes):
            found.setdefault((node.span, text), []).append(node.name)
    listed = [Note(span, f"{listing(names, 3)}: {text}") for (span, text), names in found.items()]
    if net.model is not None:
        listed += [Note(net.model.span, text) for text in net.model.notes]
    outputs = [net.graph.nodes[index] for index in net.graph.outputs()]
    main = [node for node in outputs if not node.side]
    if len(outputs) > 1:
        sides = ", ".join(node.name for node in outputs if node.side)
        text = f"several outputs: {', '.join(node.name for node in main)}" + (
            f"; sides: {sides}" if sides else ""
        )
        listed.append(Note(main[-1].span if main else outputs[-1].span, text))
    return sorted(
        listed, key=lambda note: (note.span.source.name, note.span.line, note.span.column)
    )


def check_claims(net: Network) -> list[Verdict]:
    """Hold each claim to the digits it prints; a claim may ask for other parameters or another input."""
    return list(_verdicts(net))


def _verdicts(net: Network) -> Iterator[Verdict]:
    for claim in net.spec.claims:
        try:
            yield _verdict(net, claim)
        except SpecError as error:
            problem = error.problems[0]
            key = problem.span.source.name.removeprefix(
                "--"
            )  # of an option that stands for one of the claim's keys
            place = claim.places.get(key, claim.written.span)
            yield Verdict(claim, "", "missed", problem._replace(span=place, used=()))
        except ValueError as error:  # what was written is no number
            yield Verdict(claim, "", "missed", Problem(claim.written.span, "claim", str(error)))


def _verdict(net: Network, claim: Claim) -> Verdict:
    from cnncalc.ops.shapes import format_shape
    from cnncalc.text.numbers import format_number, matches, read_number, read_shape

    value = total_of(varied(net, claim), claim.quantity, claim.convention)
    if isinstance(value, tuple):
        met, shown = read_shape(claim.written.text) == value, format_shape(value, "x") or "none"
        near = ""
    else:
        written = read_number(claim.written.text)
        met, shown = matches(written, value) in ("exact", "rounded"), format_number(value)
        near = (
            ""
            if not written.value
            else f" ({_percent(100 * (value - written.value) / written.value)})"
        )
    if met != (claim.erratum is None):
        message = (
            f"{net.name} has {claim.quantity} {shown}, not {claim.written.text}{near}"
            if not met
            else f"{claim.quantity} {shown} meets {claim.written.text}, which the claim calls an erratum"
        )
        hint = "mend the spec, or say erratum: why" if not met else "take 'erratum' away"
        return Verdict(claim, shown, "missed", Problem(claim.written.span, "claim", message, hint))
    return Verdict(claim, shown, "met" if met else "erratum", None)


def varied(net: Network, claim: Claim) -> Network:
    """The network that a claim is about: with its parameters and its input. Raises SpecError."""
    if not claim.settings and claim.input is None:
        return net
    settings = {name: value.text for name, value in claim.settings}
    return net.with_(None if claim.input is None else claim.input.text, settings)


def _percent(value: float | Fraction) -> str:
    """How far off, `+0.44 %` or `-73 %`."""
    percent = float(value)
    return f"{percent:+,.0f} %" if abs(percent) >= 10 else f"{percent:+.2g} %"


def total_of(
    net: Network, quantity: str, convention: str | None, *, batch: int = 1, dtype: str = "float32"
) -> int | tuple[int, ...]:
    """A quantity of the whole network, as a claim or an answer asks for it."""
    report = net.report(convention=convention or "standard", batch=batch, dtype=dtype)
    value = report.total(quantity)
    if isinstance(value, tuple):
        return tuple(size for size in value if isinstance(size, int))
    total: int = value
    return total
