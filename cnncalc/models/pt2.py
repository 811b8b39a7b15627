"""PyTorch exports (`torch.export.save`): a zip whose `*/models/*.json` is the graph; the standard library reads it.

The archive also holds weights and sample inputs. The sample inputs are a pickle and are never opened, nor are the
weights: the graph says the shape of each. Schema: `torch/_export/serde/schema.py` of PyTorch, major version 8.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any, NamedTuple

from cnncalc.models import ModelFile, is_pt2_graph
from cnncalc.models.archive import Archive
from cnncalc.models.builder import Model
from cnncalc.spec.layers import MAX_LAYERS
from cnncalc.text.source import SpecError, single_problem

MAJOR = 8
KNOWN_MINOR = 20
"""The newest version of the schema that was read in tests; a newer minor one adds to it and is read with a note."""


class Call(NamedTuple):
    """A call of a module: its path (`layer1.0.conv1`), its class, and a key of its own for each call."""

    path: str
    cls: str
    key: str


class ExportedOp(NamedTuple):
    """One operation: its name (`aten.conv2d`), its arguments, the tensors that it makes, and the modules around it.

    `function` is what was called in Python, with a number for each call: `local_response_norm_1`.
    """

    op: str
    arguments: Mapping[str, Mapping[str, Any]]
    outputs: tuple[str, ...]
    calls: tuple[Call, ...]
    function: str

    @property
    def call(self) -> Call:
        """The innermost module."""
        return self.calls[-1] if self.calls else Call("", "", "")


class ModuleTensor(NamedTuple):
    """A tensor that the module holds: its name there, and what it is: `parameter`, `buffer` or `constant`."""

    name: str
    role: str


class Export(NamedTuple):
    """An exported program: what arrives, what the module holds, the shape of each tensor, and the steps in order."""

    inputs: tuple[str, ...]
    held: Mapping[str, ModuleTensor]
    shapes: Mapping[str, tuple[int, ...]]
    numbers: Mapping[str, int]
    steps: tuple[ExportedOp, ...]
    outputs: tuple[str, ...]


def read(file: ModelFile) -> Model:
    """Read an export to a graph. Raises SpecError for what is broken, too large or of another major version."""
    from cnncalc.models.aten import build

    document, notes = _document(file)
    try:
        return build(file, PurePath(file.path).stem, _export(file, document), notes)
    except SpecError:
        raise
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        raise file.error(
            f"the graph is not as PyTorch writes it ({type(error).__name__}: {error})",
            "write it again with torch.export.save",
        ) from None


def from_torch(module: Any, example: Any) -> Model:
    """Export a module to memory with the inputs of an example, a tensor or a tuple of them, and read the export.

    Raises SpecError without PyTorch, and whatever PyTorch raises where it cannot export the module.
    """
    from io import BytesIO

    try:
        import torch  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise single_problem(
            "from_torch", "", "PyTorch is not installed", "pip install 'cnncalc[torch]'", "torch"
        ) from None
    written = BytesIO()
    inputs = example if isinstance(example, tuple) else (example,)
    was_training = module.training
    try:
        torch.export.save(torch.export.export(module.eval(), inputs), written)
    finally:
        module.train(was_training)
    return read(ModelFile(type(module).__name__, "pt2", data=written.getvalue()))


def _document(file: ModelFile) -> tuple[Any, list[str]]:
    """Return the JSON of the graph, and notes on the file. Raises SpecError for a schema that is not read."""
    with Archive(file) as archive:
        graphs = [member for member in archive.names if is_pt2_graph(member)]
        if not graphs:
            raise file.error("the archive has no models/*.json, a PyTorch export's graph")
        document = archive.read_json(graphs[0])
    notes = [f"the file holds {len(graphs)} models; this is {graphs[0]}"] if len(graphs) > 1 else []
    version = document.get("schema_version") if isinstance(document, dict) else None
    major, minor = (
        (version.get("major"), version.get("minor")) if isinstance(version, dict) else (None, None)
    )
    if major != MAJOR:
        raise file.error(
            f"its schema has version {major}.{minor}; version {MAJOR} is read",
            "export it again with PyTorch 2.7 or newer"
            if isinstance(major, int) and major < MAJOR
            else "",
        )
    if isinstance(minor, int) and minor > KNOWN_MINOR:
        notes.append(
            f"its schema has version {major}.{minor}, newer than {MAJOR}.{KNOWN_MINOR}, which was tested"
        )
    return document, notes


# -- the document -----------------------------------------------------------------------------------------------------


def _export(file: ModelFile, document: Mapping[str, Any]) -> Export:
    module = document["graph_module"]
    graph, signature = module["graph"], module["signature"]
    if len(graph["nodes"]) > MAX_LAYERS:
        raise file.error(
            f"the graph has more than {MAX_LAYERS:,} operations, the limit", code="limit"
        )
    held = dict(_held(signature["input_specs"]))
    return Export(
        tuple(_user_inputs(signature["input_specs"])),
        held,
        {name: tuple(map(_size, meta["sizes"])) for name, meta in graph["tensor_values"].items()},
        {name: _size(value) for name, value in graph.get("sym_int_values", {}).items()},
        tuple(map(_step, graph["nodes"])),
        tuple(_names(graph["outputs"])),
    )


_ROLES = {
    "parameter": ("parameter_name", "parameter"),
    "buffer": ("buffer_name", "buffer"),
    "tensor_constant": ("tensor_constant_name", "constant"),
}


def _held(specs: Any) -> Iterator[tuple[str, ModuleTensor]]:
    """Each tensor that the module holds, by its name in the graph."""
    for spec in specs:
        (kind, value), *_ = spec.items()
        if kind in _ROLES:
            key, role = _ROLES[kind]
            yield value["arg"]["name"], ModuleTensor(str(value[key]), role)


def _user_inputs(specs: Any) -> Iterator[str]:
    """Yield the tensors that arrive; numbers and the like, which are fixed in the graph, are left out."""
    for spec in specs:
        if "user_input" in spec:
            yield from _names([spec["user_input"]["arg"]])


def _size(value: Any) -> int:
    """Return a size; one that may vary by the example that the export was made with."""
    (kind, number), *_ = value.items()
    if kind == "as_expr":
        number = number["hint"]["as_int"]
    if type(number) is not int:
        raise ValueError(f"{number} is no size")
    return number


def _step(node: Mapping[str, Any]) -> ExportedOp:
    metadata = node.get("metadata", {})
    return ExportedOp(
        _op(node["target"]),
        {item["name"]: item["arg"] for item in node["inputs"]},
        tuple(_names(node["outputs"])),
        tuple(_calls(metadata.get("nn_module_stack", ""))),
        metadata.get("torch_fn", "").partition(";")[0],
    )


def _op(target: str) -> str:
    """`torch.ops.aten.relu_.default` as `aten.relu`: in place or not, whatever its overload, it is the same op."""
    parts = target.removeprefix("torch.ops.").split(".")
    return ".".join(parts[:2]).removesuffix("_") if len(parts) > 1 else target


def _names(arguments: Any) -> Iterator[str]:
    """Yield the names of the tensors among arguments."""
    for argument in arguments:
        (kind, value), *_ = argument.items()
        if kind == "as_tensor":
            yield value["name"]
        elif kind == "as_tensors":
            yield from (tensor["name"] for tensor in value)


def _calls(stack: str) -> Iterator[Call]:
    """Yield the modules around an operation, outermost first: `key,path,class;...`.

    A second call's key ends in `@1`.
    """
    for entry in filter(None, stack.split(";")):
        key, path, cls = entry.split(",", 2)
        yield Call(path.partition("@")[0], cls, key)


__all__ = ["Call", "Export", "ExportedOp", "ModuleTensor", "from_torch", "read"]
