"""What other tools take for the same questions, measured in a process of their own; prints JSON, and what is missing.

    python benchmarks/peers.py --runs 10

Each needs PyTorch. Models are torchvision's, on the meta device, where arithmetic costs nothing, as far as a tool can.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
MODELS = ("resnet50", "densenet161")


def measure(action: Callable[[int], object], runs: int) -> dict[str, float]:
    """Give the least and the median CPU milliseconds of some runs; the first is not counted."""
    action(0)
    times = []
    for number in range(1, runs + 1):
        start = time.process_time()
        action(number)
        times.append(1000 * (time.process_time() - start))
    return {"least": min(times), "median": statistics.median(times)}


def load_torchvision() -> Any:
    """Import torchvision's models, also beside a build of PyTorch that has not its compiled operators."""
    import torch

    try:
        return importlib.import_module("torchvision.models")
    except RuntimeError:
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        load_torchvision.library = library  # type: ignore[attr-defined]
        return importlib.import_module("torchvision.models")


def peers(runs: int) -> dict[str, Any]:
    """Measure every tool that can be imported."""
    import torch

    torch.set_num_threads(1)
    models = load_torchvision()
    found: dict[str, Any] = {"versions": {"torch": torch.__version__}, "missing": []}
    sizes = [224 + 32 * (number % 5) for number in range(runs + 1)]
    for name in MODELS:

        def build(name: str = name, device: str = "meta") -> Any:
            with torch.device(device):
                return getattr(models, name)().eval()

        for tool, count in TOOLS.items():
            try:
                importlib.import_module(tool.partition(" ")[0])
            except ImportError:
                found["missing"] += [tool] * (tool not in found["missing"])
                continue
            package = tool.partition(" ")[0].partition(".")[0]
            found["versions"].setdefault(package, version_of(package))
            model = build(device="cpu" if tool in ON_CPU else "meta")
            few = max(runs // 4, 1) if tool in ON_CPU else runs
            found[f"{tool}, {name}"] = measure(lambda n, c=count, m=model: c(m, sizes[n]), few)
            if tool.startswith(("torchinfo", "torch.utils")):
                found[f"{tool} and building, {name}"] = measure(
                    lambda n, c=count, b=build: c(b(), sizes[n]), max(runs // 2, 2)
                )
    found["process"] = {
        "seconds": time.process_time(),
        "MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    return found


def version_of(package: str) -> str:
    """Give the version of an installed package."""
    return importlib.metadata.version(package)


def with_torchinfo(model: Any, size: int) -> object:
    """Count with torchinfo."""
    import torchinfo

    return torchinfo.summary(model, input_size=(1, 3, size, size), device="meta", verbose=0)


def with_flop_counter(model: Any, size: int) -> object:
    """Count with PyTorch's own counter."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        model(torch.empty(1, 3, size, size, device="meta"))
    return counter.get_total_flops()


def with_fvcore(model: Any, size: int) -> object:
    """Count with fvcore, which traces the model."""
    import torch
    from fvcore.nn import FlopCountAnalysis

    analysis = FlopCountAnalysis(model, torch.zeros(1, 3, size, size))
    return analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total()


def with_ptflops(model: Any, size: int) -> object:
    """Count with ptflops, whose hooks run the model."""
    import torch
    from ptflops import get_model_complexity_info

    return get_model_complexity_info(
        model,
        (3, size, size),
        as_strings=False,
        print_per_layer_stat=False,
        backend="pytorch",
        input_constructor=lambda shape: {"x": torch.empty(1, *shape, device="meta")},
    )


TOOLS: dict[str, Callable[[Any, int], object]] = {
    "torchinfo": with_torchinfo,
    "torch.utils.flop_counter": with_flop_counter,
    "fvcore": with_fvcore,
    "ptflops": with_ptflops,
}


def once(tool: str, name: str) -> None:
    """Import, build and count once, as a process of its own does."""
    models = load_torchvision()
    import torch

    torch.set_num_threads(1)
    with torch.device("cpu" if tool in ON_CPU else "meta"):
        model = getattr(models, name)().eval()
    TOOLS[tool](model, 224)


ON_CPU = ("fvcore",)
"""Tools that cannot trace on the meta device, and really compute."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=10)
    print(json.dumps(peers(parser.parse_args().runs)))


if __name__ == "__main__":
    main()
