"""Caffe's networks (`.prototxt`), old and new: layers with the blobs that they take and make.

The network is read as it is tested: layers for training alone are left out, and so are losses, accuracies and what
feeds on labels. Problems have their places in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from cnncalc.models import ModelFile
from cnncalc.models.builder import Builder, Model
from cnncalc.models.caffe_blobs import Blobs, CaffeLayer, LayerError
from cnncalc.models.caffe_input import INPUT_TYPES, input_shapes, network_inputs
from cnncalc.models.caffe_layers import LAYER_TYPES, LAYERS
from cnncalc.models.prototxt import parse_prototxt
from cnncalc.ops.shapes import Shape
from cnncalc.text.records import items_of
from cnncalc.text.source import Problem, Span, SpecError
from cnncalc.text.suggest import suggest
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, read_source

TRAINING_ONLY = frozenset({"accuracy", "silence", "multiboxloss", "smoothl1loss"}) | {
    "contrastiveloss",
    "euclideanloss",
    "hingeloss",
    "infogainloss",
    "multinomiallogisticloss",
    "sigmoidcrossentropyloss",
    "softmaxloss",
    "softmaxwithloss",
}
"""Layer types that the network has for its training alone, as `CaffeLayer.kind` has them."""
STAGES = ("deploy", "test")
"""The stages that a rule may ask for where the network is used."""


def read(file: ModelFile) -> Model:
    """Read a prototxt. Raises SpecError with all that is wrong with it."""
    return _CaffeImport(file).model()


class _CaffeImport:
    """One file on its way to a Graph."""

    def __init__(self, file: ModelFile) -> None:
        self.source = read_source(file.path)
        self.tree = parse_prototxt(self.source)
        name = self.tree.get("name")
        title = name.text.strip() if isinstance(name, Scalar) else ""
        self.builder = Builder(file, title or PurePath(file.path).stem)
        self.problems: list[Problem] = []
        self.blobs = Blobs(self.builder)

    def model(self) -> Model:
        """Return the graph, layer by layer."""
        layers = [layer for layer in map(self.layer, self.layers()) if layer is not None]
        used = [layer for layer in layers if _is_used(layer.fields)]
        self.inputs(used, layers)
        for layer in used:
            if layer.kind not in INPUT_TYPES and layer.kind not in TRAINING_ONLY:
                self.add(layer)
        if self.problems:
            raise SpecError(self.problems)
        return self.builder.model()

    # -- reading -------------------------------------------------------------------------------------------------------

    def layers(self) -> Iterator[Mapping]:
        """Yield the layers as written, new ones or old ones."""
        for word in ("layer", "layers"):
            for located in items_of(self.tree.get(word)):
                if isinstance(located, Mapping):
                    yield located
                else:
                    self.report(located.span, "a layer is written in braces", "layer { name: ... }")

    def layer(self, fields: Mapping) -> CaffeLayer | None:
        """Return a layer's name, type and blobs; None where it has no type."""
        if fields.get("layer") is not None:
            self.report(
                fields.span,
                "this is the oldest form of Caffe's files",
                "upgrade it with upgrade_net_proto_text",
            )
            return None
        kind = fields.get("type")
        if not isinstance(kind, Scalar):
            self.report(fields.span, "a layer needs a type", 'such as type: "Convolution"')
            return None
        return CaffeLayer(
            _text(fields.get("name")),
            kind.text.replace("_", "").lower(),
            kind,
            _scalars(fields.get("bottom")),
            _scalars(fields.get("top")),
            fields,
        )

    def inputs(self, used: list[CaffeLayer], layers: list[CaffeLayer]) -> None:
        """Add the network's inputs: of the file, of its input layers, or of the data that it is trained with."""
        try:
            given = network_inputs(self.tree)
            feeding = [layer for layer in used if layer.kind in INPUT_TYPES]
            if not given and not feeding:
                feeding = [layer for layer in layers if layer.kind in INPUT_TYPES][:1]
            for layer in feeding:
                given += input_shapes(layer)
                self.blobs.absent.update(top.text for top in layer.tops)
            for name, shape in given:
                self.blobs.set(name, self.input(name, shape))
        except LayerError as error:
            self.problems.append(error.problem)
            raise SpecError(self.problems) from None
        if not given:
            span = Span(self.source, 1, 1, 1)
            hint = 'give it one: layer { name: "data" type: "Input" top: "data" input_param { shape { dim: ... } } }'
            raise SpecError(
                [
                    *self.problems,
                    Problem(span, "input", "the network has no input of a known size", hint),
                ]
            )

    def input(self, name: Scalar, shape: Shape) -> int:
        """Return an input's row."""
        try:
            return self.builder.input(name.text, shape)
        except SpecError as error:
            raise LayerError(error.problems[0].message, name.span, error.problems[0].hint) from None

    # -- layers --------------------------------------------------------------------------------------------------------

    def add(self, layer: CaffeLayer) -> None:
        """Rows for a layer; where it does not work out, what depends on it is passed over."""
        try:
            arriving = [self.blobs.find(bottom) for bottom in layer.bottoms]
            rows = [row for row in arriving if row is not None]
            if len(rows) < len(arriving):
                self.blobs.leave_out(layer.tops)
                return
            handler = LAYERS.get(layer.kind)
            if handler is None:
                hint = suggest(layer.type.text, LAYER_TYPES.values(), "", LAYER_TYPES)
                message = f"cnncalc does not know the layer type '{layer.type.text}'"
                raise LayerError(message, layer.type.span, hint)
            if not rows:
                message = f"a layer of type '{layer.type.text}' needs a bottom"
                raise LayerError(message, layer.type.span, "name the layer that it takes from")
            for top, row in zip(layer.tops, handler(self.blobs, layer, rows), strict=False):
                self.blobs.set(top, row)
        except LayerError as error:
            self.problems.append(error.problem)
            self.blobs.leave_out(layer.tops)

    def report(self, span: Span, message: str, hint: str = "") -> None:
        self.problems.append(Problem(span, "model", message, hint))


def _text(located: Located | None) -> str:
    return located.text if isinstance(located, Scalar) else ""


def _scalars(located: Located | None) -> tuple[Scalar, ...]:
    return tuple(item for item in items_of(located) if isinstance(item, Scalar))


def _is_used(fields: Mapping) -> bool:
    """Whether a layer is there when the network is used and not trained, by its rules."""
    includes, excludes = items_of(fields.get("include")), items_of(fields.get("exclude"))
    if includes:
        return any(map(_meets, includes))
    return not any(map(_meets, excludes))


def _meets(rule: Located) -> bool:
    """Whether a rule is met in the phase TEST."""
    if not isinstance(rule, Mapping):
        return rule.text.upper() in ("TEST", "1") if isinstance(rule, Scalar) else False
    phase, stages = _text(rule.get("phase")), _scalars(rule.get("stage"))
    return phase.upper() in ("", "TEST", "1") and all(stage.text in STAGES for stage in stages)
