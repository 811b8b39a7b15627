"""What arrives at a Caffe network: of the file itself, of an input layer, or of the data that it is trained with."""

from __future__ import annotations

from cnncalc.models.caffe_blobs import CaffeLayer, LayerError
from cnncalc.ops.shapes import Shape
from cnncalc.text.records import items_of
from cnncalc.text.source import Span
from cnncalc.text.yaml_tree import Located, Mapping, Scalar

INPUT_TYPES = frozenset(
    [
        "input",
        "data",
        "imagedata",
        "hdf5data",
        "memorydata",
        "dummydata",
        "windowdata",
        "annotateddata",
    ]
)
"""Layer types that make blobs of nothing."""

Given = tuple[Scalar, Shape]


def network_inputs(tree: Mapping) -> list[Given]:
    """Return the inputs that the file itself names: `input`, with `input_dim` or `input_shape`. Raises LayerError."""
    names = [item for item in items_of(tree.get("input")) if isinstance(item, Scalar)]
    dims = [_number(item) for item in items_of(tree.get("input_dim"))]
    shapes = items_of(tree.get("input_shape"))
    if names and not dims and not shapes:
        return []
    given = []
    for at, name in enumerate(names):
        sizes = (
            _dims(shapes[at], name.span) if at < len(shapes) else tuple(dims[4 * at : 4 * at + 4])
        )
        given.append((name, shape_of(sizes, name.span)))
    return given


def input_shapes(layer: CaffeLayer) -> list[Given]:
    """Return the blobs of an input or data layer whose sizes it tells; labels are none. Raises LayerError."""
    known = _known_sizes(layer)
    if not known or not layer.tops:
        return []
    if layer.kind == "input":
        shapes = known if len(known) == len(layer.tops) else known[:1] * len(layer.tops)
        return [
            (top, shape_of(sizes, top.span)) for top, sizes in zip(layer.tops, shapes, strict=True)
        ]
    return [(layer.tops[0], shape_of(known[0], layer.span))]


def _known_sizes(layer: CaffeLayer) -> list[Shape]:
    """Return the sizes, batch first, that a layer's parameters tell.

    An image cropped for training has three channels.
    """
    for name in ("input_param", "dummy_data_param"):
        parameters = layer.fields.get(name)
        if isinstance(parameters, Mapping):
            shapes = [_dims(item, layer.span) for item in items_of(parameters.get("shape"))]
            return shapes or _blob_sizes(parameters)
    memory = layer.fields.get("memory_data_param")
    if isinstance(memory, Mapping):
        sizes = [memory.get(word) for word in ("channels", "height", "width")]
        known = [size for size in sizes if size is not None]
        return [(1, *map(_number, known))] if known == sizes else []
    for name in ("transform_param", "data_param", "image_data_param", "window_data_param"):
        parameters = layer.fields.get(name)
        crop = parameters.get("crop_size") if isinstance(parameters, Mapping) else None
        if crop is not None:
            size = _number(crop)
            return [(1, 3, size, size)]
    return []


def _blob_sizes(parameters: Mapping) -> list[Shape]:
    """Return the sizes of DummyData in its older form."""
    names = ("num", "channels", "height", "width")
    sizes = [items_of(parameters.get(word)) for word in names]
    return [tuple(_number(item[0]) for item in sizes)] if all(sizes) else []


def _dims(located: Located, span: Span) -> Shape:
    dims = located.get("dim") if isinstance(located, Mapping) else None
    if dims is None:
        raise LayerError(
            "a shape has its sizes one by one", span, "shape { dim: 1 dim: 3 dim: 224 dim: 224 }"
        )
    return tuple(_number(item) for item in items_of(dims))


def _number(located: Located) -> int:
    """Return a size. Raises LayerError."""
    text = located.text if isinstance(located, Scalar) else ""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:20]) < 10**12:
        raise LayerError(
            f"'{text}' is not a size", located.span, "a size is a whole number of at least 1"
        )
    return int(text)


def shape_of(sizes: Shape, span: Span) -> Shape:
    """Sizes with the batch and the channels first as a shape of ours. Raises LayerError."""
    if not 2 <= len(sizes) <= 5:
        raise LayerError(
            f"an input has 2 to 5 sizes, the batch first, not {len(sizes)}",
            span,
            "such as dim: 1 dim: 3 dim: 224 dim: 224",
        )
    return (*sizes[2:], sizes[1])
