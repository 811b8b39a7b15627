"""Command lines: every command with options of its own, and values of the kind that each takes."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from fuzzing.networks import spec
from fuzzing.pieces import NASTY, NUMBERS, QUANTITIES, as_word, mostly, number
from fuzzing.readers import matrix_text
from fuzzing.sheets import layers

# fmt: off
NETWORKS = ("lenet5", "lenet5", "lenet5_28", "alexnet", "mnist_keras", "nin_cifar10", "stacked_3x3", "vgg11",
    "resnet20")
CONVENTIONS = ("standard", "macs", "thop", "torchinfo", "keras", "papers", "exact")
COUNTS = ("params", "macs", "flops", "activations", "memory", "peak")
KINDS = ("spec", "homework", "convention", "lecture", "quiz", "convolve")
BY_COMMAND: dict[tuple[str, str], tuple[str, ...]] = {
    ("conv", "--input"): ("32x32x3", "9x9x4", "16x8", "4x6x6x2"), ("pool", "--input"): ("32x32x3", "112x112x64",
    "16x8"),
    ("fc", "--input"): ("7x7x512", "100", "4x4x8"), ("solve", "--input"): ("7", "32", "227", "7x9"),
    ("solve", "--output"): ("7", "3", "55", "4x5"), ("budget", "--format"): ("plain", "json", "github", "csv"),
    ("fit", "--batch"): ("1", "8"), ("lecture", "--search"): ("alexnet", "vgg"), ("list", "--search"): ("vgg", "lenet"),
    ("compare", "--by"): ("network", "layer"), ("check", "--format"): ("plain", "json", "csv", "gradescope",
    "classroom50"),
    ("quiz", "--format"): ("markdown", "plain", "latex", "moodle", "gift", "json"), ("quiz",
    "--homework"): ("conv_layers",),
    ("check", "--homework"): ("conv_layers", "alexnet"), ("sweep", "--show"): ("params", "params,macs", "peak"),
    ("quiz", "--count"): ("1", "2"), ("check", "--show"): ("class", "questions"), ("quiz", "--network"): ("lenet5",),
    ("draw", "--output"): ("-", "a.svg"), ("report", "--output"): ("a.html",), ("convert", "--output"): ("a.py",
    "a.onnx"),
    ("sweep", "--set"): ("classes=4,8", "classes=2:10:4", "width=1:3"), ("sweep", "--input"): ("32,64", "32:64:16"),
}
"""Values of an option that has others in a command than elsewhere."""
BY_OPTION: dict[str, tuple[str, ...]] = {
    "--input": ("32", "64x64", "227", "96x80", "33x33x1"), "--batch": ("1", "4", "128"), "--depth": ("0", "1", "2"),
    "--set": ("classes=10", "c1.filters=8", "conv1.stride=2", "width=2", "f6.units=9"), "--lang": ("en", "ko"),
    "--format": ("table", "plain", "json", "csv", "html", "latex", "markdown"), "--optimizer": ("sgd", "momentum",
    "adam"),
    "--dtype": ("float32", "fp16", "int8", "mixed"), "--convention": CONVENTIONS, "--accept": CONVENTIONS,
    "--from": ("pt2", "keras", "onnx", "caffe"), "--output": ("-", "out.txt", "out.json"), "-o": ("-", "out.txt"),
    "--filters": ("4", "10", "64"), "--kernel": ("1", "3", "5", "1x3"), "--stride": ("1", "2", "1x2"),
    "--units": ("10",),
    "--pad": ("0", "1", "same", "[[0,1],[0,1]]"), "--dilation": ("1", "2"), "--groups": ("1", "2"),
    "--output-pad": ("0", "1"),
    "--memory": ("1GiB", "24GiB", "500MB"), "--what": ("batch", "input"), "--step": ("8", "32"), "--workers": ("1",),
    "--layer": ("total", "conv1", "c1"), "--style": ("blocks", "volumes", "graph"), "--theme": ("light", "dark"),
    "--show": ("params", "macs"), "--pareto": ("params,macs", "params"), "--rows": ("c1,c3", "conv1,total"),
    "--padding": ("zero", "copy"), "--pool": ("max", "average"), "--axes": ("1", "2"), "--digits": ("0", "2"),
    "--bias": ("1",),
    "--seed": ("1", "spring", "7"), "--level": ("1", "2"), "--ask": ("open", "choice", "mixed"),
    "--key": ("key.yaml", "k.json"),
    "--title": ("A quiz",), "--salt": ("5",), "--link": ("https://example.org/practice.html",), "--grades": ("g.csv",),
    "--grades-for": ("excel", "moodle", "canvas"), "--assignment": ("Quiz (12)",), "--feedback": ("pages",),
    "--feedback-format": ("html", "markdown"), "--to": ("yaml", "torch", "keras", "onnx", "mermaid", "scalesim"),
    "--search": ("vgg",), "--max-params": ("5M", "60K"), "--max-macs": ("600M",), "--max-flops": ("2G",),
    "--max-activations": ("1M",), "--max-memory": ("20MB",), "--max-peak": ("20MB",), "--max-training": ("24GiB",),
}
"""Values of options by name."""
SELDOM = frozenset({"--from", "--play", "--template", "--keys", "--students", "--map", "--overrides", "--earlier",
    "--roster",
                    "--force", "--gradescope", "--input", "--set", "--pool", "--homework", "--network", "--rows"})
"""Options that need others, or that exclude some."""
OFTEN = (
    "summary", "params", "shapes", "flops", "memory", "receptive", "explain", "conv", "pool", "fc", "solve", "convolve",
    "check", "budget", "fit", "spec", "convert", "validate", "conventions", "identify", "quiz", "share",
)
EVERY = (*OFTEN, "list", "draw", "report", "compare", "diff", "reconcile", "sweep", "lecture", "schema")
# fmt: on


class Parameter(NamedTuple):
    """An option or argument of a command: its longest name, whether it takes a value, and whether it is needed."""

    name: str
    is_flag: bool
    is_needed: bool


@cache
def parameters(command: str) -> tuple[tuple[Parameter, ...], tuple[Parameter, ...]]:
    """Return the options of a command, and its arguments."""
    from cnncalc.cli import LazyGroup

    built: Any = LazyGroup.get_command(None, None, command)  # type: ignore[arg-type]
    made = [
        Parameter(max(one.opts, key=len), bool(getattr(one, "is_flag", False)), bool(one.required))
        for one in built.params
    ]
    options = tuple(one for one in made if one.name.startswith("-") and one.name != "--help")
    return options, tuple(one for one in made if not one.name.startswith("-"))


def option_value(rng: random.Random, command: str, name: str) -> str:
    """Return a value of an option, one time in sixteen one that it may not take."""
    if command == "convolve" and name in ("--input", "--kernel"):
        return matrix_text(rng, *((4, 4) if name == "--input" else (2, 2)))
    usual = BY_COMMAND.get((command, name)) or BY_OPTION.get(name, ("x",))
    if rng.random() < 1 / 16:
        return rng.choice((number(rng), rng.choice(NUMBERS), rng.choice(NASTY)))
    return rng.choice(usual)


def arguments(rng: random.Random, command: str) -> list[str]:
    """Return what stands beside a command's options."""
    net = mostly(rng, NETWORKS, (*NUMBERS, "nosuch", "../lenet5", "resnet"))
    layer = mostly(rng, layers(net), ("total", "nosuch")) if net in NETWORKS else "conv1"
    special: dict[str, list[str]] = {
        "explain": rng.choice(([net], [net, layer], [net, layer, mostly(rng, QUANTITIES)])),
        "identify": [net, as_word(number(rng)).lstrip("-") or "1"],
        "reconcile": [net, rng.choice(CONVENTIONS), mostly(rng, CONVENTIONS)],
        "check": rng.choice(([net, layer, rng.choice(QUANTITIES),
        "5"], [net, layer, rng.choice(QUANTITIES), number(rng)])),
        "conventions": rng.choice(([], [mostly(rng, CONVENTIONS)])),
        "lecture": [mostly(rng, ("alexnet-parameters", "vgg-parameters"), ("nosuch", "", *NUMBERS))],
        "share": [mostly(rng, ("conv_layers", "alexnet"))],
        "schema": rng.choice(([], [mostly(rng, KINDS)])),
        "validate": [net, *([mostly(rng, NETWORKS)] if rng.random() < 0.3 else [])],
        "compare": [net, mostly(rng, NETWORKS)], "report": [net, mostly(rng, NETWORKS)], "diff": [net, mostly(rng,
        NETWORKS)],
    }  # fmt: skip
    if command in special:
        return special[command]
    return [net] if parameters(command)[1] else []


def command_line(rng: random.Random, _folder: Path) -> list[str]:
    """Return a command with what it needs, and some of its options."""
    command = rng.choice(OFTEN if rng.random() < 0.93 else EVERY)
    options, _ = parameters(command)
    wanted = [one for one in options if one.is_needed or one.name == needed_too(rng, command)]
    free = [
        one
        for one in options
        if one not in wanted and (one.name not in SELDOM or rng.random() < 0.15)
    ]
    wanted += rng.sample(free, min(len(free), rng.choice((0, 1, 1, 2, 3))))
    words = [command, *arguments(rng, command)]
    if command == "solve":
        given = rng.sample(("--input", "--kernel", "--stride", "--pad", "--output"), 4)
        words += [word for name in given for word in (name, option_value(rng, command, name))]
        wanted = [one for one in wanted if one.name in ("--ceil", "--lang", "--format")]
    for one in wanted:
        words += [one.name] if one.is_flag else [one.name, option_value(rng, command, one.name)]
    if rng.random() < 0.04:
        words.insert(
            rng.randrange(len(words) + 1), rng.choice((*NASTY, *NUMBERS, "--nosuch", "--help", "-"))
        )
    return [as_word(word) for word in words]


def needed_too(rng: random.Random, command: str) -> str:
    """Return an option that a command cannot do without, though another might stand in its place."""
    bounds = ("--max-params", "--max-macs", "--max-peak")
    needs = {
        "convolve": "--kernel",
        "budget": rng.choice(bounds),
        "sweep": "--set",
        "quiz": "--count",
        "report": "--output",
    }
    return needs.get(command, "")


def straight_completion(rng: random.Random, folder: Path) -> list[str]:
    """Return a line that ends somewhere in a command about a spec, or in any other, for the shell's completion."""
    words = command_line(rng, folder) if rng.random() < 0.5 else spec(rng, folder)
    begun = words[: rng.randrange(1, len(words) + 1)]
    typed = ("", "", "c", "conv1.", "--", begun[-1][: rng.randrange(4)], as_word(rng.choice(NASTY)))
    return ["'completion'", *begun, rng.choice(typed)]
