"""Specs, expressions in them, and other values for what they declare."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

from fuzzing.pieces import NASTY, NUMBERS, ROOT, as_word, mostly, number, spoiled, write

# fmt: off
OPS = (
    "conv", "maxpool", "avgpool", "fc", "bn", "relu", "globalavgpool", "upsample", "flatten", "lrn", "dropout", "pad",
    "slice", "reshape", "conv_transpose", "adaptiveavgpool", "se", "basic", "Conv2d", "nosuch",
)
FIELDS = (
    "filters", "kernel", "stride", "pad", "dilation", "groups", "units", "size", "scale", "name", "from", "when",
    "bias",
    "nosuch",
)
SOUND = (
    "conv: {filters: 8, kernel: 3, pad: 1}",
    "conv: {filters: width, kernel: 1, bias: false}",
    "conv: {filters: 8, kernel: 3, stride: 2, pad: 1, groups: 1}",
    "conv: {filters: twice(width), kernel: [1, 1], pad: same}",
    "conv: {filters: channels, kernel: 3, pad: same, groups: channels}",
    "conv: {filters: 4, kernel: 1, when: width > 4}",
    "conv_transpose: {filters: 4, kernel: 2, stride: 2}",
    "maxpool: {kernel: 2, stride: 1, pad: 1}",
    "avgpool: {kernel: 3, stride: 2, pad: 1, ceil: true}",
    "avgpool: {kernel: 3, stride: 1, pad: 1, count_pad: false}",
    "bn", "relu", "lrn", "gelu", "dropout: 0.5", "prelu", "layernorm",
    "basic: {width: 8}", "mine: {w: 3}", "bottleneck: {width: 4}", "conv_bn: {filters: 4, kernel: 1}",
    "se: {reduction: 1}", "upsample: 2", "pad: 1",
    "[conv: {filters: 4, kernel: 1}, bn, relu]",
    "residual: {layers: [relu, bn]}",
    "residual: {layers: [conv: {filters: channels, kernel: 3, pad: 1}], shortcut: [bn]}",
    "concat: {branches: [[relu], []]}",
    "concat: {branches: [[conv: {filters: 2, kernel: 1}], [maxpool: {kernel: 3, stride: 1, pad: 1}]]}",
    "add: {branches: [[relu], [bn]]}",
    "repeat: {times: 3, layers: [relu]}",
    "repeat: {times: width, layers: [conv: {filters: channels * 2, kernel: 1}]}",
    "side: {name: aux, layers: [globalavgpool, fc: 3]}",
    "relu: {when: channels > 4}",
    "unknown: {of: com.acme:Foo, output: 8x8x4, params: 5}",
)
"""Layers that are sound behind any map."""
ENDS = ("globalavgpool", "adaptiveavgpool: {size: 2}", "flatten", "fc: {units: 10}", "fc: {units: classes}")
MORE = (
    "blocks: {mine: {params: {w: 2}, layers: [conv: {filters: w, kernel: 1}, relu]}}",
    'define: {"twice(n)": n * 2}',
    "title: a network",
    "claims: [{params: 2.3K, source: Table 2, set: {width: 4}}]",
    "claims: [{macs: 1M, input: 16x16x3, source: Table 1, erratum: a misprint}]",
    "budget: {params: 5M}",
    "variants: {wide: {params: {width: 12}}}",
)
COMMANDS = (
    ("params",), ("summary",), ("shapes",), ("validate",), ("receptive",), ("memory",), ("flops",), ("params",),
    ("explain", "total"), ("summary", "--format", "json"), ("summary", "--all", "--depth", "1"),
    ("memory", "--batch", "4", "--optimizer", "adam"), ("flops", "--convention", "thop"), ("spec", "--expand"),
    ("convert", "--to", "torch"), ("convert", "--to", "onnx", "-o", "out.onnx"), ("convert", "--to", "keras"),
    ("convert", "--to", "mermaid"), ("budget", "--max-params", "1M"), ("spec",), ("validate", "--strict"),
)
"""What is done with a spec, quickly; the network stands behind the first word."""
SLOWER = (
    ("identify", "5K"), ("draw", "-o", "-"), ("diff", "lenet5"), ("compare", "lenet5"), ("report", "-o", "page.html"),
    ("reconcile", "thop", "macs"), ("fit", "--memory", "1GiB"), ("sweep", "--set", "width=2,4"), ("explain",),
    ("quiz", "--network"),
)
"""What takes ten times as long."""
# fmt: on


def layer(rng: random.Random, depth: int = 0) -> str:
    """One layer of a spec, in flow style."""
    roll = rng.random()
    if depth < 4 and roll < 0.12:
        inner = ", ".join(layer(rng, depth + 1) for _ in range(rng.randrange(1, 4)))
        word = rng.choice(("residual", "repeat", "side", "concat", "add"))
        if word in ("concat", "add"):
            return f"{word}: {{branches: [[{inner}], []]}}"
        times = f", times: {rng.choice(NUMBERS)}" if word == "repeat" else ""
        return f"{word}: {{layers: [{inner}]{times}}}"
    word = rng.choice(OPS)
    if roll < 0.3:
        return word
    if roll < 0.4:
        return f"{word}: {rng.choice(NUMBERS)}"
    usual = {
        "conv": ("filters: 8, kernel: 3, pad: 1", "filters: 4, kernel: 1"),
        "maxpool": ("kernel: 2",),
        "fc": ("units: 10",),
    }
    if roll < 0.75 and word in usual:
        return f"{word}: {{{rng.choice(usual[word])}}}"
    fields = ", ".join(
        f"{rng.choice(FIELDS)}: {rng.choice(NUMBERS)}" for _ in range(rng.randrange(4))
    )
    return f"{word}: {{{fields}}}"


@cache
def typical_values() -> dict[str, tuple[str, ...]]:
    """Return sound values of the fields that ops have, by name."""
    small = ("1", "2", "3")
    return {
        "filters": ("4", "8", "channels"), "kernel": ("1", "2", "3", "[1, 3]"), "stride": ("1", "2", "[2, 1]"),
        "pad": ("0", "1", "same", "[[0, 1], [1, 0]]"), "dilation": small, "groups": ("1", "2"), "units": ("3", "10"),
        "scale": ("2", "[1, 2]"), "size": small, "bias": ("true", "false"), "ceil": ("true", "false"),
    }  # fmt: skip


def declared(rng: random.Random) -> str:
    """One layer of any op, with fields that it has and values that may suit."""
    from cnncalc import ops

    op = rng.choice([one for one in ops.OPS.values() if not one.merges])
    fields = [one.name for one in op.fields if one.required or rng.random() < 0.3]
    usual = typical_values()
    values = (f"{name}: {mostly(rng, usual.get(name, ('1', '2', '8x8x4')))}" for name in fields)
    return f"{op.kind}: {{{', '.join(values)}}}"


@cache
def shipped() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the texts of the shipped networks that are short, and of all."""
    files = sorted((ROOT / "specs" / "networks").rglob("*.yaml"))
    texts = sorted((path.read_text(encoding="utf-8") for path in files), key=len)
    return tuple(texts[: len(texts) // 3]), tuple(texts)


def spec_text(rng: random.Random) -> str:
    """Return a spec of random layers, or a shipped one; some are spoilt."""
    if rng.random() < 0.12:
        few, every = shipped()
        return spoiled(rng, rng.choice(few if rng.random() < 0.9 else every), 0.5)
    style = rng.random()
    makes = {True: layer, False: declared}
    odd = makes[style < 0.15] if style < 0.4 else None
    lines = [
        odd(rng) if odd and rng.random() < 0.15 else rng.choice(SOUND)
        for _ in range(rng.randrange(1, 9))
    ]
    lines += [end for end in ENDS if rng.random() < 0.2]
    size = mostly(
        rng, ("8x8x4", "9x9x3", "32x32x3", "16x12x2"), ("16x4", "100", "4x6x6x2", *NUMBERS)
    )
    width = mostly(rng, ("8", "5"))
    head = f"input: {size}\nparams: {{width: {width}, classes: 10, sizes: [4, 6]}}\n{MORE[0]}\n{MORE[1]}\n"
    more = "".join(f"{line}\n" for line in MORE[2:] if rng.random() < 0.1)
    return spoiled(rng, f"{head}{more}layers:\n" + "".join(f"  - {line}\n" for line in lines), 0.2)


def command_with(rng: random.Random, path: str) -> list[str]:
    """Return a command line about the network in a file."""
    first, *more = rng.choice(COMMANDS if rng.random() < 0.93 else SLOWER)
    if first == "diff":
        return [first, path, *more]
    if first == "quiz":
        return [first, *more, path, "--count", "1"]
    return [first, path, *more]


def spec(rng: random.Random, folder: Path) -> list[str]:
    """Return a command about a spec."""
    return command_with(rng, write(folder, "net.yaml", spec_text(rng)))


def expression_text(rng: random.Random) -> str:
    """Return an expression whose parts suit each other, one time in six with parts that need not."""
    sound = rng.random() < 5 / 6
    text = integer(rng, 0) if sound else term(rng, 0)
    return spoiled(rng, text, 0.15)


def integer(rng: random.Random, depth: int) -> str:
    """Return an expression that is a positive integer."""
    if depth > 2 or rng.random() < 0.3:
        return rng.choice(("width", "channels", "2", "3", "8", "in_height", "24"))
    one, other = integer(rng, depth + 1), integer(rng, depth + 1)
    forms = (
        f"({one} {rng.choice('+*')} {other})",
        f"({one} * 4 - 2)",
        f"{rng.choice(('min', 'max'))}({one}, {other})",
        f"round_to({one} * 5, 8)",
        f"{one} if {condition(rng, depth + 1)} else {other}",
        f"sizes[{rng.choice('01')}] + {one}",
        f"(({one} + {other}) // {rng.choice('12')})",
        f"({one} % {rng.choice(('7', '8'))} + 1)",
    )
    return rng.choice(forms)


def condition(rng: random.Random, depth: int) -> str:
    """Return an expression that is true or false."""
    sign = rng.choice(("==", "!=", "<", ">", "<=", ">="))
    test = f"{integer(rng, depth + 1)} {sign} {integer(rng, depth + 1)}"
    return rng.choice((test, f"not {test}", f"{test} and width > 1", f"{test} or false"))


def term(rng: random.Random, depth: int) -> str:
    """Return an expression of any kind, which need not have a value."""
    if depth > 2 or rng.random() < 0.4:
        return rng.choice(
            ("width", "channels", "2", "0", "1.5", "true", "word", "in_height", "[1, 2]", "x")
        )
    sign = rng.choice(("+", "-", "*", "/", "//", "%", "==", "!=", "<", ">=", "and", "or"))
    forms = (
        f"({term(rng, depth + 1)} {sign} {term(rng, depth + 1)})",
        f"min({term(rng, depth + 1)}, {term(rng, depth + 1)})",
        f"round_to({term(rng, depth + 1)}, 8)",
        f"{term(rng, depth + 1)} if {term(rng, depth + 1)} else {term(rng, depth + 1)}",
        f"-{term(rng, depth + 1)}",
        f"not {term(rng, depth + 1)}",
        f"{term(rng, depth + 1)}[0]",
    )
    return rng.choice(forms)


def expression(rng: random.Random, folder: Path) -> list[str]:
    """Return a field that is an expression."""
    layers = f'layers:\n  - conv: {{filters: "{expression_text(rng)}", kernel: 1}}\n'
    text = f"input: 9x9x3\nparams: {{width: 8, sizes: [2, 3]}}\n{layers}"
    return [rng.choice(("params", "shapes", "validate")), write(folder, "net.yaml", text)]


# fmt: off
SETTABLE = {
    "lenet5": ("c1.filters", "c1.filters", "c1.pad", "c5.filters", "f6.units"),
    "alexnet": ("conv1.stride", "conv1.filters", "conv3.pad", "pool1.kernel", "fc1.units", "classes"),
    "vgg11": ("conv1_1.filters", "conv3_1.pad", "fc1.units", "classes"),
    "resnet20": ("classes", "n", "conv1.filters"),
    "nin_cifar10": ("classes", "pool1.kernel"),
    "stacked_3x3": ("width", "width"),
    "dense_block_k4": ("growth", "k0", "times"),
}
"""Small networks, and what `--set` may set of each."""
# fmt: on


def setting(rng: random.Random, folder: Path) -> list[str]:
    """Return a shipped network with another input and other values of its parameters and fields."""
    net = rng.choice(list(SETTABLE))
    words = [
        rng.choice(("params", "params", "summary", "shapes", "flops", "receptive", "memory")),
        net,
    ]
    for name in rng.sample(SETTABLE[net], rng.choice((1, 1, 2))):
        values = ("1", "2", "3", "4", "8", "10", "4 * 2", "min(3, 5)", str(rng.randrange(1, 99)))
        words += ["--set", f"{name}={value_text(rng, values)}"]
    if rng.random() < 0.4:
        sizes = ("64", "64x64", "227", "96x80", "128x128x3", "64x64x1", str(rng.randrange(63, 400)))
        words += ["--input", value_text(rng, sizes)]
    return [as_word(word) for word in words]


def value_text(rng: random.Random, usual: tuple[str, ...]) -> str:
    """Return a value as an option has it, mostly a usual one."""
    roll = rng.random()
    if roll < 0.88:
        return rng.choice(usual)
    return rng.choice((number(rng), rng.choice(NUMBERS), rng.choice(NASTY), expression_text(rng)))
