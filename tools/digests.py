"""A net under a refactoring: a digest of what every command prints, in every format, over a dozen specs.

python tools/digests.py --write FILE       before
python tools/digests.py --check FILE       after: names every command line whose output is another
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
NETWORKS = (
    "alexnet",
    "vgg16",
    "googlenet",
    "lenet5",
    "resnet50",
    "densenet121",
    "torchvision/mobilenet_v2",
    "unet",
    "squeezenet",
    "alphago",
    "torchvision/googlenet",
    "dcgan",
)
FORMATS = ("plain", "table", "json", "csv", "markdown", "latex", "html")
QUESTIONS = ("summary", "params", "shapes", "flops", "memory", "receptive")
LINES = (
    "list",
    "conventions",
    "conventions thop",
    "lecture",
    "lecture --check",
    "lecture alexnet-parameters",
    "conv --input 32x32x3 --filters 10 --kernel 5 --pad 2",
    "pool --input 27x27x96 --kernel 3 --stride 2",
    "fc --input 7x7x512 --units 4096",
    "solve --input 227 --kernel 11 --stride 4 --pad 0",
    "solve --input 32 --kernel 5 --stride 1 --output 32",
    "check alexnet conv1 params 34848 --hints",
    "check alexnet total params 62378344",
    "check vgg16 conv1_1 output 224x224x64",
    "identify alexnet 62.4M",
    "identify vgg16 138M",
    "identify resnet50 3.8G",
    "identify alexnet 60M",
    "reconcile torchvision/resnet50 torchinfo fvcore",
    "reconcile resnet50 thop macs",
    "explain alexnet conv1",
    "explain vgg16 total",
    "explain googlenet inception_3a",
    "explain lenet5 c3",
    "explain resnet50 conv2_x",
    "explain densenet121 conv0",
    "convolve --input 1,2,3;4,5,6;7,8,9 --kernel 1,0;0,1",
    "quiz --seed 7 --level 1",
    "quiz --seed 7 --level 2 --lang ko",
    "quiz --seed 7 --level 3",
)


def lines() -> Iterator[str]:
    """Every command line of the net."""
    from cnncalc import networks

    for network in NETWORKS:
        if network in networks():
            for question in QUESTIONS:
                yield from (f"{question} {network} --format {style}" for style in FORMATS)
            yield f"params {network} --lang ko"
            yield f"summary {network} --depth 1 --format json"
            yield f"summary {network} --all --with-side --batch 8 --dtype float16 --optimizer adam --format json"
            yield f"params {network} --no-bias"
            yield f"flops {network} --convention thop"
            yield f"validate {network}"
    for line in LINES:
        yield line
        yield from (f"{line} --format {style}" for style in FORMATS)
    yield "schema"


def digest(line: str) -> str:
    """Return the exit code, standard output and standard error of a command line, as one digest."""
    from cnncalc.cli import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code: object = main(line.split())
        except Exception as error:
            code = repr(error)
    return hashlib.sha256(f"{code}\0{out.getvalue()}\0{err.getvalue()}".encode()).hexdigest()[:16]


def main() -> int:
    """Write the digests, or check them; the exit code is 1 where one differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", type=Path)
    parser.add_argument("--check", type=Path)
    given = parser.parse_args()
    made = {line: digest(line) for line in lines()}
    if given.write:
        given.write.write_text(json.dumps(made, indent=0) + "\n")
    if given.check:
        before = json.loads(given.check.read_text())
        changed = [line for line, value in made.items() if before.get(line) != value]
        print("\n".join(changed), file=sys.stderr)
        print(f"{len(made)} command lines, {len(changed)} changed")
        return 1 if changed else 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
