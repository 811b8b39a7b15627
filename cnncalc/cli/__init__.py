"""The command line: read, call, show. Only the command that is asked for is imported and built.

Results go to standard output, everything else to standard error. Exit codes: 0 fine, 1 an answer or claim failed or
nothing was found, 2 bad usage, spec or file.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup, TyperOption

from cnncalc.cli.environment import check_environment
from cnncalc.text.files import begin_run, force_outputs
from cnncalc.text.messages import LANGUAGES
from cnncalc.text.printable import printable
from cnncalc.text.source import SpecError


class Command(NamedTuple):
    """A command: the function that does it, its line of help, the group it stands in, and an example to try."""

    target: str
    help: str
    group: str
    example: str


_LOOK = "Look at a network"
_WHY = "See where a number comes from"
_SIZE = "Choose a size"
_HOMEWORK = "Homework"
_WRITE = "Write a spec"

COMMANDS: dict[str, Command] = {
    "list": Command(
        "zoo:list_networks",
        "The networks that cnncalc knows, with parameters and MACs.",
        _LOOK,
        "cnncalc list --search vgg",
    ),
    "summary": Command(
        "report:summary", "Every column of every layer.", _LOOK, "cnncalc summary lenet5"
    ),
    "params": Command(
        "report:params",
        "Output sizes, weights, biases and parameters.",
        _LOOK,
        "cnncalc params alexnet",
    ),
    "shapes": Command(
        "report:shapes", "The shape after every layer.", _LOOK, "cnncalc shapes --input 227"
    ),
    "flops": Command(
        "report:flops",
        "Multiply-accumulates, and operations by a convention.",
        _LOOK,
        "cnncalc flops googlenet --depth 1",
    ),
    "memory": Command(
        "report:memory",
        "Activations, bytes, peak and training memory.",
        _LOOK,
        "cnncalc memory lenet5 --batch 128 --optimizer adam",
    ),
    "receptive": Command(
        "report:receptive", "Receptive field, jump and centre.", _LOOK, "cnncalc receptive alexnet"
    ),
    "draw": Command(
        "draw:draw_network",
        "A picture: SVG, PNG or PDF.",
        _LOOK,
        "cnncalc draw lenet5 -o lenet5.svg",
    ),
    "report": Command(
        "page:report",
        "An HTML page of one network, or of several.",
        _LOOK,
        "cnncalc report lenet5 -o lenet5.html",
    ),
    "compare": Command(
        "compare:compare",
        "Networks beside each other: totals, ratios, shares, depth.",
        _LOOK,
        "cnncalc compare alexnet vgg16",
    ),
    "diff": Command(
        "compare:diff",
        "What turns one network into another, by structure.",
        _LOOK,
        "cnncalc diff resnet50 torchvision/resnet50",
    ),
    "explain": Command(
        "derive:explain",
        "How a layer's numbers come about: formula, numbers, result.",
        _WHY,
        "cnncalc explain googlenet pool1 output",
    ),
    "conv": Command(
        "derive:conv",
        "One convolution with no spec, derived.",
        _WHY,
        "cnncalc conv --input 32x32x3 --filters 10 --kernel 5 --pad 2",
    ),
    "pool": Command(
        "derive:pool",
        "One pooling layer with no spec, derived.",
        _WHY,
        "cnncalc pool --input 112x112x64 --kernel 3 --stride 2 --ceil",
    ),
    "fc": Command(
        "derive:fc",
        "One fully connected layer with no spec, derived.",
        _WHY,
        "cnncalc fc --input 7x7x512 --units 4096 --no-bias",
    ),
    "solve": Command(
        "numbers:solve",
        "The unknown one of input, kernel, stride, pad and output.",
        _WHY,
        "cnncalc solve --input 7 --output 7 --kernel 3 --stride 1",
    ),
    "convolve": Command(
        "numbers:convolve",
        "Numbers through a convolution or a pool, window by window.",
        _WHY,
        'cnncalc convolve --input "0 3 2 1; 2 1 0 2; 1 3 2 0; 2 0 3 3" --kernel "1 0 1; 0 1 0; 1 0 1" --bias 2',
    ),
    "conventions": Command(
        "conventions:conventions",
        "The counting conventions: what each counts, and who uses it.",
        _WHY,
        "cnncalc conventions thop",
    ),
    "identify": Command(
        "conventions:identify",
        "Which quantity and convention gives a number such as 3.8G.",
        _WHY,
        "cnncalc identify resnet50 3.8G",
    ),
    "reconcile": Command(
        "conventions:reconcile",
        "Why two counts of a network differ, term by term.",
        _WHY,
        "cnncalc reconcile torchvision/resnet50 torchinfo macs",
    ),
    "sweep": Command(
        "sizing:sweep",
        "Many variants of a network, and which no other beats.",
        _SIZE,
        "cnncalc sweep torchvision/mobilenet_v2 --set width=0.5:1:0.25 --input 160,224",
    ),
    "budget": Command(
        "sizing:budget",
        "Totals held to bounds, for a build pipeline.",
        _SIZE,
        "cnncalc budget squeezenet --max-params 1.5M --max-peak 20MB",
    ),
    "fit": Command(
        "sizing:fit",
        "The largest batch or input that fits a memory.",
        _SIZE,
        "cnncalc fit resnet50 --memory 24GiB --train --optimizer adam",
    ),
    "lecture": Command(
        "lecture:lecture",
        "The lectures' printed tables beside ours, and their errata.",
        _WHY,
        "cnncalc lecture alexnet-parameters",
    ),
    "check": Command(
        "homework:check",
        "Homework: grade answers, and find the slip behind a wrong one.",
        _HOMEWORK,
        "cnncalc check alexnet conv1 params 34848 --hints",
    ),
    "quiz": Command(
        "quiz:quiz",
        "A quiz and its key, drawn from a seed; one for each student of a roster.",
        _HOMEWORK,
        "cnncalc quiz --seed 7 --count 3 --level 1",
    ),
    "share": Command(
        "share:share",
        "A homework to share: digests of the right answers, and none to read.",
        _HOMEWORK,
        "cnncalc share conv_layers --salt 2026",
    ),
    "convert": Command(
        "convert:convert",
        "A network as a spec, or as a file of another tool.",
        _WRITE,
        "cnncalc convert torchvision/shufflenet_v2_x1_0",
    ),
    "spec": Command(
        "convert:spec",
        "A network's own spec, or all of it written out.",
        _WRITE,
        "cnncalc spec resnet18",
    ),
    "validate": Command(
        "specs:validate",
        "All problems of a spec, and whether its claims are met.",
        _WRITE,
        "cnncalc validate alexnet vgg16",
    ),
    "schema": Command(
        "specs:schema",
        "The JSON Schema of a spec or another file, for editors.",
        _WRITE,
        "cnncalc schema",
    ),
}
"""Every command, in the order that the help shows them."""


def _force_option() -> TyperOption:
    """Make the option that every command with a file as output has."""
    return TyperOption(
        param_decls=["--force"],
        is_flag=True,
        default=False,
        expose_value=False,
        callback=lambda _context, _option, is_given: force_outputs() if is_given else None,
        help="Let an output replace a file that is read in this run.",
    )


_USAGE_ERROR: type = typer.BadParameter.__mro__[1]
"""The class of typer's errors about a command line, which it does not export by name."""


@contextlib.contextmanager
def printable_errors() -> Iterator[None]:
    """Make what typer says of a wrong command line safe to show; it quotes the line as it is."""
    try:
        yield
    except Exception as error:
        if isinstance(error, _USAGE_ERROR):
            error.message = printable(_with_size(error.message))  # type: ignore[attr-defined]
        raise


def _with_size(message: str) -> str:
    """Say where a size belongs that stands behind a network: `cnncalc shapes alexnet 227`."""
    extra = re.fullmatch(r"Got unexpected extra argument\(s\) \(([0-9x×,]+)\)", message)
    return message if extra is None else f"{message}; another input is --input {extra[1]}"


class LazyGroup(TyperGroup):
    """A group that imports a command when it is asked for; importing and building all of them takes longer than one."""

    def make_context(self, *given: Any, **more: Any) -> Any:
        """As the base class, with errors that are safe to show."""
        with printable_errors():
            return super().make_context(*given, **more)

    def invoke(self, ctx: Any) -> Any:
        """As the base class, with errors that are safe to show."""
        with printable_errors():
            return super().invoke(ctx)

    def list_commands(self, ctx: Any) -> list[str]:
        """All commands, in order."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """One command, built; None where there is none."""
        command = COMMANDS.get(cmd_name)
        if command is None:
            return None
        module, function = command.target.split(":")
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        example = f"\b\nExample:\n  {command.example}"
        single.command(cmd_name, help=command.help, epilog=example, rich_help_panel=command.group)(
            getattr(import_module(f"cnncalc.cli.{module}"), function)
        )
        built = typer.main.get_command(single)
        if any("-o" in option.opts for option in built.params):
            built.params.insert(-1, _force_option())
        return built

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As the base class, but with the nearest command for a wrong one; a shell that completes asks on."""
        from cnncalc.text.suggest import suggest

        is_wrong = args and args[0] not in COMMANDS and not args[0].startswith("-")
        if is_wrong and not ctx.resilient_parsing:
            hint = suggest(args[0], COMMANDS, "cnncalc --help lists them")
            ctx.fail(f"there is no command '{args[0]}'; {hint}")
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from cnncalc import __version__

        print(f"cnncalc {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Show the version."),
    ] = False,
) -> None:
    """Shapes, parameters, operations, memory and receptive fields of convolutional networks, exactly."""


def main(argv: list[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    prepare_streams()
    try:
        return run(argv)
    except SpecError as error:
        complain(error.text(_language(argv)))
    except BrokenPipeError:  # the reader of the pipe has seen enough
        abandon_output()
        return 0
    except OSError as error:
        abandon_output()
        what = "write standard output" if error.filename is None else f"use {error.filename}"
        complain(f"cannot {what}: {(error.strerror or str(error)).lower()}")
    except MemoryError:
        complain("there is not enough memory for this")
    except KeyboardInterrupt:
        return 130
    return 2


def _language(argv: list[str] | None) -> str:
    """Find the language that a command line asks for, so that an error is told in it too."""
    words = sys.argv[1:] if argv is None else argv
    asked = [after.lower() for word, after in pairwise(words) if word == "--lang"]
    asked += [word.removeprefix("--lang=").lower() for word in words if word.startswith("--lang=")]
    return asked[0] if asked and asked[0] in LANGUAGES else "en"


def run(argv: list[str] | None) -> int:
    """Run a command; what it printed is written out when this returns. Raises what the command raises."""
    begin_run()
    check_environment()
    try:
        typer.main.get_command(app).main(args=argv, prog_name="cnncalc")
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):  # typer would end with 1
            raise stop.__context__ from None
        code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 2
    else:
        code = 0
    sys.stdout.flush()
    return code


class ClosedOutput(io.TextIOBase):
    """Stands for a standard output that was closed before the process began."""

    def write(self, text: str) -> int:
        """Raise OSError."""
        raise OSError("standard output is closed")


def prepare_streams() -> None:
    """Give a closed stream a stand-in, and let each write x, -, *, -> for the signs that its encoding lacks."""
    from cnncalc.text.printable import STAND_INS

    if sys.stdout is None:
        sys.stdout = ClosedOutput()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115  (it lives as long as the process)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=STAND_INS)


def complain(text: str) -> None:
    """Print what is wrong to standard error, where there is one."""
    from cnncalc.cli.show import echo_err

    with contextlib.suppress(OSError):
        echo_err(text)


def abandon_output() -> None:
    """Let what is still to be written to standard output go nowhere, so that the end of the process does not fail."""
    output = getattr(sys.stdout, "wrapped", sys.stdout)  # typer wraps it when a pipe breaks
    if isinstance(output, io.TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())
