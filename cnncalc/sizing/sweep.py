"""Many variants of one network: every combination of values for its parameters and its input, in the options' order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice, product
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.network import Network
from cnncalc.ops.shapes import Shape
from cnncalc.sizing.budget import total_of
from cnncalc.spec.bounds import BOUNDED, Bound
from cnncalc.text.collector import paused_collector
from cnncalc.text.exact import read_exact
from cnncalc.text.limits import limit
from cnncalc.text.source import SpecError, single_problem
from cnncalc.text.suggest import suggest

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future
    from multiprocessing.process import BaseProcess

MAX_VARIANTS = limit(200_000)
"""Variants of a sweep: all are in memory, about a kilobyte each, for a table to be as wide as they need."""
CHUNK = 64
"""Variants that a worker takes at a time."""
AHEAD = 4
"""Chunks of each worker that wait to be worked out, or to be told."""
WORKERS_FROM = 400
"""Fewer variants than this are done before a second process has started."""
MAX_WORKERS = 61
"""Processes of a sweep: as many as Windows can wait for."""

Totals = tuple[int | None, ...]


class Axis(NamedTuple):
    """One option that varies: a parameter, or the input under the name `--input`, and its values as written."""

    name: str
    values: tuple[str, ...]


INPUT = "--input"
"""The name of the axis that is the network's input."""


class Combination(NamedTuple):
    """One combination: the values of the axes in order, the input's shape and the totals, or why there are none."""

    values: tuple[str, ...]
    input: Shape
    totals: Totals
    problem: str = ""


class Request(NamedTuple):
    """What is worked out of each variant: the names of the totals, and how they are counted."""

    names: tuple[str, ...]
    batch: int = 1
    dtype: str = "float32"
    optimizer: str = "sgd"
    convention: str = "standard"


class Sweep(NamedTuple):
    """All variants of a network, in the order of the axes, the last one varying fastest."""

    network: str
    axes: tuple[Axis, ...]
    names: tuple[str, ...]
    variants: tuple[Combination, ...]

    def kept(self, bounds: Iterable[Bound]) -> Sweep:
        """Keep the variants within bounds; one without totals is kept, as it says why."""
        listed = tuple(bounds)
        return self._replace(
            variants=tuple(variant for variant in self.variants if self._is_within(variant, listed))
        )

    def _is_within(self, variant: Combination, bounds: Sequence[Bound]) -> bool:
        values = dict(zip(self.names, variant.totals, strict=False))
        return variant.problem != "" or all(
            (value := values[bound.name]) is not None and value <= bound.limit for bound in bounds
        )

    def pareto(self, names: Sequence[str]) -> Sweep:
        """Keep the variants that no other beats: none is as small in all of `names` and smaller in one."""
        places = [self.names.index(name) for name in names]
        points = {
            variant: tuple(variant.totals[place] or 0 for place in places)
            for variant in self.variants
            if not variant.problem and all(variant.totals[place] is not None for place in places)
        }
        front = pareto_front(points.values())
        return self._replace(
            variants=tuple(variant for variant in self.variants if points.get(variant) in front)
        )


def pareto_front(points: Iterable[tuple[int, ...]]) -> set[tuple[int, ...]]:
    """Find the points that none is at most in every coordinate and less in one, in O(n·f) for a front of f."""
    front: list[tuple[int, ...]] = []
    for point in sorted(set(points)):
        if not any(all(a <= b for a, b in zip(other, point, strict=True)) for other in front):
            front.append(point)
    return set(front)


def read_axis(text: str) -> Axis:
    """Read `width=0.25:1.5:0.25` (both ends in), `classes=10,100` or `groups=1`. Raises SpecError."""
    name, sign, values = text.partition("=")
    if not sign or not name.strip():
        hint = "such as --set width=0.25:1.5:0.25"
        raise single_problem("--set", text, f"'{text}' is not NAME=VALUES", hint)
    return Axis(name.strip(), values_of("--set", values))


def values_of(option: str, text: str) -> tuple[str, ...]:
    """Read a list of values separated by commas, each a value or a range `first:last:step`. Raises SpecError."""
    values = tuple(
        value for part in text.split(",") for value in _range(option, part.strip()) if value
    )
    if not values:
        raise single_problem(option, text, f"{option}: there is no value in '{text}'")
    return values


def _range(option: str, part: str) -> Iterator[str]:
    if ":" not in part:
        yield part
        return
    try:
        ends = [read_exact(piece.strip()) for piece in part.split(":")]
        first, last, step = ends if len(ends) == 3 else (*ends, Fraction(1))
    except ValueError:
        message = f"{option}: '{part}' is not a range"
        raise single_problem(
            option, part, message, "FIRST:LAST:STEP, such as 0.25:1.5:0.25"
        ) from None
    count = (last - first) / step if step > 0 else Fraction(-1)
    if count < 0 or count >= MAX_VARIANTS:
        message = f"{option}: the range '{part}' is empty or has more than {MAX_VARIANTS:,} values"
        raise single_problem(option, part, message, "FIRST:LAST:STEP, such as 0.25:1.5:0.25")
    for place in range(int(count) + 1):
        yield decimal(first + place * step)


def decimal(value: Fraction) -> str:
    """Write a fraction as a decimal where it ends, else as `1/3`."""
    digits = 0
    scaled = value
    while scaled.denominator > 1 and digits < 12:
        scaled, digits = scaled * 10, digits + 1
    if scaled.denominator > 1:
        return str(value)
    whole, rest = divmod(abs(scaled.numerator), 10**digits)
    sign = "-" * (value < 0)
    return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"


def sweep(
    net: Network, axes: Sequence[Axis], request: Request, *, workers: int = 1
) -> Iterator[Combination]:
    """Work out every combination, in order, whatever the number of workers.

    Raises SpecError for an unknown name, for more variants or workers than may be, and where a worker was ended.
    A variant that the network does not allow (a kernel larger than its map) has the reason in place of totals.
    """
    _check(net, axes, request, workers)
    combinations = product(*(axis.values for axis in axes))
    if workers > 1 and _count(axes) >= WORKERS_FROM:
        yield from _in_processes(net, axes, request, combinations, workers)
    else:
        names = [axis.name for axis in axes]
        for chunk in _chunks(combinations):
            yield from _variants(net, names, chunk, request)


def _count(axes: Sequence[Axis]) -> int:
    return prod(len(axis.values) for axis in axes)


def _check(net: Network, axes: Sequence[Axis], request: Request, workers: int) -> None:
    if not 1 <= workers <= MAX_WORKERS:
        message = f"--workers is from 1 to {MAX_WORKERS}, not {workers}"
        raise single_problem("--workers", str(workers), message, "", "option")
    if _count(axes) > MAX_VARIANTS:
        message = f"these are {_count(axes):,} variants; the limit is {MAX_VARIANTS:,}"
        raise single_problem("--set", "", message, "take larger steps")
    known = [parameter.name for parameter in net.spec.parameters]
    for axis in axes:
        if axis.name != INPUT and axis.name not in known:
            hint = suggest(axis.name, known, "it has {}") if known else "it has none"
            raise single_problem(
                "--set", axis.name, f"{net.name} has no parameter '{axis.name}'", hint
            )
    for name in request.names:
        if name not in BOUNDED:
            hint = suggest(name, BOUNDED, "there are {}")
            raise single_problem("--show", name, f"there is no total '{name}'", hint)


def _variant(
    net: Network, names: Sequence[str], values: tuple[str, ...], request: Request
) -> Combination:
    settings = dict(zip(names, values, strict=True))
    size = settings.pop(INPUT, None)
    try:
        changed = net.with_(size, settings)
        report = changed.report(
            batch=request.batch,
            dtype=request.dtype,
            optimizer=request.optimizer,
            convention=request.convention,
        )
    except SpecError as error:
        return Combination(values, (), (), error.problems[0].message)
    totals = tuple([total_of(report, name) for name in request.names])
    return Combination(values, changed.graph.input, totals)


_worker: tuple[Network, list[str], Request] | None = None


def _start(net: Network, names: list[str], request: Request) -> None:
    """Begin a worker, which ends at once where it is told to, and with the process that began it."""
    import signal
    from multiprocessing import parent_process
    from threading import Thread

    global _worker
    _worker = net, names, request
    parent = parent_process()
    if parent is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _work(chunk: Sequence[tuple[str, ...]]) -> list[Combination]:
    assert _worker is not None
    net, names, request = _worker
    return _variants(net, names, chunk, request)


def _variants(
    net: Network, names: Sequence[str], chunk: Sequence[tuple[str, ...]], request: Request
) -> list[Combination]:
    """Work out a chunk while the collector waits: variants leave no cycles behind."""
    with paused_collector():
        return [_variant(net, names, values, request) for values in chunk]


def _in_processes(
    net: Network,
    axes: Sequence[Axis],
    request: Request,
    combinations: Iterable[tuple[str, ...]],
    workers: int,
) -> Iterator[Combination]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children

    others = active_children()
    start = (net, [axis.name for axis in axes], request)
    try:
        with ProcessPoolExecutor(workers, initializer=_start, initargs=start) as pool:
            try:
                yield from _in_order(pool, combinations, AHEAD * workers)
            except BaseException:  # nobody waits for what is being worked out
                for worker in set(active_children()).difference(others):
                    worker.terminate()
                raise
    except BrokenProcessPool:
        wrong = (
            "a process that worked out variants was ended from outside, perhaps for want of memory"
        )
        raise _failed(workers, wrong) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise _failed(workers, f"so many processes cannot be started: {reason}") from None


def _in_order(
    pool: Executor, combinations: Iterable[tuple[str, ...]], ahead: int
) -> Iterator[Combination]:
    """Yield what workers make of the chunks, of which so many are begun before they are asked for."""
    waiting: deque[Future[list[Combination]]] = deque()
    for chunk in _chunks(combinations):
        waiting.append(pool.submit(_work, chunk))
        if len(waiting) > ahead:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


def _failed(workers: int, wrong: str) -> SpecError:
    return single_problem(
        "--workers", str(workers), wrong, "--workers 1 takes the least", "workers"
    )


def _chunks(items: Iterable[tuple[str, ...]]) -> Iterator[list[tuple[str, ...]]]:
    waiting = iter(items)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk


__all__ = [
    "INPUT",
    "Axis",
    "Combination",
    "Request",
    "Sweep",
    "pareto_front",
    "read_axis",
    "sweep",
    "values_of",
]
