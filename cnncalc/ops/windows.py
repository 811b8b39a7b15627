"""What ops with windows share: resolving the padding, refusing what does not go in, deriving a size."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from cnncalc.ops.base import OpError, Step, axis_name
from cnncalc.ops.field_types import Word
from cnncalc.ops.shapes import (
    Shape,
    Window,
    ceil_output,
    conv_output,
    left_over,
    padded_size,
    same_window,
    show_shape,
    transposed_output,
)
from cnncalc.text.messages import Phrase, message

PAD_MODE = Word("zeros", "reflect", "replicate", "circular")


def check_pad_mode(mode: str, sizes: Shape, pads: Iterable[tuple[int, int]], field: str) -> None:
    """Refuse padding that takes more positions than there are: a mirror has N − 1, a circle N (as PyTorch)."""
    if mode not in ("reflect", "circular"):
        return
    for axis, (size, (before, after)) in enumerate(zip(sizes, pads, strict=False)):
        most = size - 1 if mode == "reflect" else size
        if max(before, after) > most:
            raise OpError(
                f"{mode} padding of {max(before, after)} takes more positions than the "
                f"{axis_name(len(sizes), axis)} of {size} has",
                f"at most {most}",
                field,
            )


@lru_cache(4096)
def resolve_windows(
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    pad: tuple[tuple[int, int], ...] | str,
    dilation: tuple[int, ...],
    sizes: tuple[int, ...],
) -> tuple[Window, ...]:
    """Return the window along each axis, with `same` turned into numbers for an input of these sizes.

    Remembered: of the layers of a network that differ in their channels most have windows alike.
    """
    if isinstance(pad, str):
        bare = (Window(f, s, 0, 0, d) for f, s, d in zip(kernel, stride, dilation, strict=True))
        return tuple(same_window(size, window) for size, window in zip(sizes, bare, strict=False))
    return tuple(
        Window(f, s, p, q, d) for f, s, (p, q), d in zip(kernel, stride, pad, dilation, strict=True)
    )


def check_output(out: int, size: int, window: Window, shape: Shape, axis: int) -> None:
    """Refuse an output of less than one position: the map vanished."""
    if out >= 1:
        return
    kernel = message("the kernel ({size})", size=window.kernel)
    if window.dilation > 1:
        kernel = message(
            "the kernel ({size}, {extent} with its dilation)",
            size=window.kernel,
            extent=window.extent,
        )
    is_padded = window.before or window.after
    padded = f"{size} + {window.before} + {window.after} = {padded_size(size, window)}"
    raise OpError(
        message(
            "the map vanishes: {kernel} is larger than the {axis} of the padded input, "
            "{size} (the input is {shape})"
            if is_padded
            else "the map vanishes: {kernel} is larger than the {axis} of the input, "
            "{size} (the input is {shape})",
            kernel=kernel,
            axis=message(axis_name(len(shape) - 1, axis)),
            size=padded if is_padded else size,
            shape=show_shape(shape),
        ),
        _channels_first(shape) or message("use a larger input, more padding, or a smaller kernel"),
        "kernel",
    )


def _channels_first(shape: Shape) -> str:
    """Return a hint where the shape looks as if its channels were written first, as other tools have them."""
    if len(shape) == 3 and shape[0] in (1, 3) and shape[0] < shape[1] and shape[-1] >= 8 * shape[0]:
        return message(
            "if {first} are the channels, they are written last: {right}",
            first=shape[0],
            right=show_shape((*shape[1:], shape[0])),
        )
    return ""


def derive_axis(name: str, size: int, window: Window, *, ceil: bool, same: bool) -> Step:
    """O = (N + 2P - F)/S + 1 with its numbers; rounded where the window does not fit."""
    out = ceil_output(size, window) if ceil else conv_output(size, window)
    symbol = f"output {name}"
    if same:
        return Step(
            symbol,
            "O = ⌈N/S⌉",
            f"⌈{size}/{window.stride}⌉",
            str(out),
            message(
                "padding {before} before and {after} after",
                before=window.before,
                after=window.after,
            ),
        )
    top, digits = _numerator(size, window)
    rest = left_over(size, window)
    left, right = ("⌈", "⌉") if ceil else ("⌊", "⌋")
    if not rest:
        left = right = ""
    dropped = " − 1" if ceil and _drops_last(size, window) else ""
    formula = f"O = {left}({top})/S{right} + 1{dropped}"
    numbers = f"{left}({digits})/{window.stride}{right} + 1{dropped}"
    return Step(symbol, formula, numbers, str(out), _rounding(size, window, ceil) if rest else "")


def derive_transposed(name: str, size: int, window: Window, output_pad: int) -> Step:
    """O = (N - 1)·S + F - 2P with its numbers."""
    span = "d·(F − 1) + 1" if window.dilation > 1 else "F"
    digits = (
        f"{window.dilation}·({window.kernel} − 1) + 1"
        if window.dilation > 1
        else str(window.kernel)
    )
    formula, numbers = f"O = (N − 1)·S + {span}", f"({size} − 1)·{window.stride} + {digits}"
    if window.before == window.after:
        formula, numbers = f"{formula} − 2P", f"{numbers} − 2·{window.before}"
    else:
        formula, numbers = f"{formula} − p − q", f"{numbers} − {window.before} − {window.after}"
    if output_pad:
        formula, numbers = f"{formula} + output_pad", f"{numbers} + {output_pad}"
    return Step(
        f"output {name}", formula, numbers, str(transposed_output(size, window, output_pad))
    )


def _numerator(size: int, window: Window) -> tuple[str, str]:
    if window.before == window.after:
        top, digits = "N + 2P", f"{size} + 2·{window.before}"
    else:
        top, digits = "N + p + q", f"{size} + {window.before} + {window.after}"
    if window.dilation == 1:
        return f"{top} − F", f"{digits} − {window.kernel}"
    return f"{top} − d·(F − 1) − 1", f"{digits} − {window.dilation}·({window.kernel} − 1) − 1"


def _drops_last(size: int, window: Window) -> bool:
    """Whether the last window that rounding up adds would start in the padding after the input, and so is dropped."""
    span = padded_size(size, window) - window.extent
    return ceil_output(size, window) != -(-span // window.stride) + 1


def _rounding(size: int, window: Window, ceil: bool) -> Phrase:
    span, rest = padded_size(size, window) - window.extent, left_over(size, window)
    what = f"{span}/{window.stride} {_quotient(span, window.stride)}"
    text = message("the filter does not fit: {ratio} is not whole", ratio=what)
    if not ceil and rest == 1:
        return message("{text} and is rounded down; the last position is not seen", text=text)
    if not ceil:
        return message(
            "{text} and is rounded down; the last {rest} positions are not seen",
            text=text,
            rest=rest,
        )
    if not _drops_last(size, window):
        return message("{text} and is rounded up", text=text)
    if window.after:
        return message(
            "{text}; rounded up, the last window would start in the padding and is dropped",
            text=text,
        )
    return message(
        "{text}; rounded up, the last window would start past the input and is dropped", text=text
    )


def _quotient(span: int, stride: int) -> str:
    """`= 2.5`, or `≈ 2.333`."""
    from fractions import Fraction

    shown = f"{span / stride:.4g}"
    return f"{'=' if Fraction(shown) * stride == span else '≈'} {shown}"


def fit_note(shape: Shape, windows: tuple[Window, ...], *, ceil: bool) -> tuple[str, ...]:
    """Return a note for each axis along which the window does not fit; one where all axes agree."""
    notes = [
        (_rounding(size, window, ceil), message(axis_name(len(shape) - 1, axis)))
        for axis, (size, window) in enumerate(zip(shape, windows, strict=False))
        if left_over(size, window)
    ]
    if len(notes) > 1 and len({note for note, _ in notes}) == 1:
        return (notes[0][0],)
    return tuple(message("{note} ({axis})", note=note, axis=axis) for note, axis in notes)
