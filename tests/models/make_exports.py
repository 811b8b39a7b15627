"""Write the small PyTorch exports in `files/`: `python tests/models/make_exports.py`, with PyTorch 2.13.

The graph alone is kept, without the lines of source that it quotes, so that a file has a few kilobytes.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import nn

FILES = Path(__file__).parent / "files"


class Block(nn.Module):
    """A unit of two branches: channels split, one half through convolutions, joined and shuffled."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.conv = nn.Sequential(
            nn.Conv2d(half, half, 3, padding=1, groups=half, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU6(inplace=True),
        )

    def forward(self, x: Any) -> Any:
        left, right = x.chunk(2, dim=1)
        joined = torch.cat((left, self.conv(right)), 1)
        batch, channels, height, width = joined.shape
        return (
            joined.view(batch, 2, channels // 2, height, width)
            .transpose(1, 2)
            .reshape(joined.shape)
        )


class Small(nn.Module):
    """Modules and functions mixed, a module called twice, two inputs, and a layer that nothing uses."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.bn1 = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)
        self.units = nn.ModuleList([Block(8), Block(8)])
        self.same = nn.Conv2d(8, 8, 3, padding="same")
        self.gate = nn.Conv2d(8, 8, 1)
        self.unused = nn.Linear(7, 9)
        self.drop = nn.Dropout(0.25)
        self.fc = nn.Linear(8 * 4 * 4, 10)

    def forward(self, image: Any, mask: Any) -> Any:
        x = self.relu(self.bn1(self.conv1(image)))
        for unit in self.units:
            x = unit(x)
        x = self.relu(self.same(x))
        x = x + self.same(x)
        x = x * torch.sigmoid(self.gate(x.mean((2, 3), keepdim=True)))
        x = nn.functional.max_pool2d(nn.functional.relu(x * mask), 2)
        return self.fc(self.drop(torch.flatten(x, 1)))


def model_of_the_page() -> nn.Module:
    """The model that docs/engineer.md exports, made by the page's own code."""
    page = (FILES.parents[2] / "docs" / "engineer.md").read_text(encoding="utf-8")
    code = re.findall(r"^```py\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)[0]
    names: dict[str, Any] = {}
    exec(code.partition("example =")[0], names)
    model: nn.Module = names["Mine"]()
    return model


def save(name: str, module: nn.Module, *example: torch.Tensor) -> None:
    """Export a module and keep its graph."""
    whole = io.BytesIO()
    torch.export.save(torch.export.export(module.eval(), example), whole)
    with zipfile.ZipFile(whole) as archive:
        (member,) = (name for name in archive.namelist() if "/models/" in name)
        document = json.loads(archive.read(member))
    for node in document["graph_module"]["graph"]["nodes"]:
        node["metadata"].pop("stack_trace", None)
    with zipfile.ZipFile(FILES / f"{name}.pt2", "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(f"{name}/models/model.json")
        archive.writestr(info, json.dumps(document, separators=(",", ":")), zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    save("small", Small(), torch.zeros(2, 3, 16, 16), torch.zeros(2, 8, 8, 8))
    save("mine", model_of_the_page(), torch.zeros(1, 3, 64, 64))
