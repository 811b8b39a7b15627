"""Whether a spec's claims are met, and what is known of those that are not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.spec.claim import STORIES, Claim
from cnncalc.spec.graph import require_known
from cnncalc.spec.part import TOTAL
from cnncalc.spec.quantities import BY_NAME
from cnncalc.text.limits import limit
from cnncalc.text.source import Problem, SpecError

if TYPE_CHECKING:
    from cnncalc.network import Network
    from cnncalc.text.exact import Exact


MAX_CLAIMED = limit(20_000)
"""The most layers that claims with an input or settings of their own have, together."""


class Verdict(NamedTuple):
    """A claim, what was computed for it, and how the two agree.

    `status` is `met`; `cut`, which has the digits printed but was not rounded; `near`, `erratum` or `not-computable` as
    the claim says; or `missed`. `problem` is set where the claim fails: not met and the claim does not say why, or met
    though it says so.
    """

    claim: Claim
    computed: str
    status: str
    problem: Problem | None


def check_claims(net: Network) -> list[Verdict]:
    """Hold each claim to the digits it prints; a claim may ask for other parameters or another input."""
    return list(_verdicts(net))


def _verdicts(net: Network) -> Iterator[Verdict]:
    walked = 0
    for claim in net.spec.claims:
        walked += 0 if claim.input is None and not claim.settings else len(net.graph.nodes)
        if walked > MAX_CLAIMED:
            message = (
                f"the claims of other inputs and settings are of more than {MAX_CLAIMED:,} layers"
            )
            raise SpecError([Problem(claim.written.span, "limit", message)])
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
    value = total_of(varied(net, claim), claim.quantity, claim.convention)
    match, shown, apart = _held(claim, value)
    met, problem = match in ("exact", "rounded"), None
    if met and claim.story is not None:
        called = "an erratum" if claim.story == "erratum" else claim.story
        message = (
            f"{claim.quantity} {shown} meets {claim.written.text}, which the claim calls {called}"
        )
        problem = (message, f"remove '{claim.story}'")
    elif match == "cut" and claim.story == "erratum":
        message = f"{claim.written.text} is {claim.quantity} {shown}, cut and not rounded"
        problem = (message, "say near: cut, not rounded")
    elif not met and claim.story is None:
        message = f"{net.name} has {claim.quantity} {shown}, not {claim.written.text}{apart}"
        problem = (message, _hint(varied(net, claim), claim))
    if problem is not None:
        return Verdict(claim, shown, "missed", Problem(claim.written.span, "claim", *problem))
    return Verdict(
        claim, shown, "met" if met else "cut" if match else claim.story or "missed", None
    )


def _hint(net: Network, claim: Claim) -> str:
    """Return what the number is instead, if the judge knows, and what to write."""
    from cnncalc.counts.judge import OTHERWISE, ask, judge
    from cnncalc.text.numbers import read_number

    stories = f"fix the spec, or say why: {', '.join(f'{story}: WHY' for story in STORIES)}"
    asked = ask(net, TOTAL, claim.quantity)
    if asked is None or isinstance(asked.right, tuple):
        return stories
    judgement = judge(asked, read_number(claim.written.text))
    if judgement.status == OTHERWISE and judgement.convention is not None:
        said = f"that is what {judgement.convention} counts"
        return (
            f"{said}: add convention: {judgement.convention}"
            if claim.quantity != "macs"
            else f"{said}; {stories}"
        )
    return f"{judgement.where[0]}; {stories}" if judgement.where else stories


def _held(claim: Claim, value: Exact | tuple[int, ...]) -> tuple[str | None, str, str]:
    """How a value gives what is printed (see `matches`), the value as people write it, and how far it is from it."""
    from cnncalc.ops.shapes import format_shape
    from cnncalc.text.numbers import format_number, matches, read_number, read_shape

    if isinstance(value, tuple):
        is_met = read_shape(claim.written.text) == value
        return "exact" if is_met else None, format_shape(value, "x") or "none", ""
    written = read_number(claim.written.text)
    percent = _percent(100 * (value - written.value) / written.value) if written.value else ""
    match = matches(written, value) if written.is_of(claim.quantity) else None
    return match, format_number(value), f" ({percent})" if percent else ""


def varied(net: Network, claim: Claim) -> Network:
    """Return the network that a claim is about: with its parameters and its input. Raises SpecError."""
    if not claim.settings and claim.input is None:
        return net
    settings = {name: value.text for name, value in claim.settings}
    return net.with_(None if claim.input is None else claim.input.text, settings)


def _percent(value: float | Exact) -> str:
    """How far off, `+0.44 %` or `-73 %`."""
    percent = float(value)
    return f"{percent:+,.0f} %" if abs(percent) >= 10 else f"{percent:+.2g} %"


def total_of(
    net: Network, quantity: str, convention: str | None, *, batch: int = 1, dtype: str = "float32"
) -> int | tuple[int, ...]:
    """Return a quantity of the whole network, as a claim or an answer asks for it.

    Raises SpecError for one not known.
    """
    report = net.report(convention=convention or "standard", batch=batch, dtype=dtype)
    if BY_NAME[quantity].key in report.totals.unknown:
        require_known(net.graph)
    value = report.total(quantity)
    if isinstance(value, tuple):
        return tuple(size for size in value if isinstance(size, int))
    total: int = value
    return total
