"""Each op in Keras's words: the layer that is made, and how it is called. Maps have their channels last, as ours.

Where Keras has no such padding, or no such flattening, a layer of its own does it; its name is the layer's own with
`_pad`, `_crop`, `_flatten` or `_reshape` behind it. What Keras has no layer for at all is a small class in `CLASSES`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cnncalc.models.code import Code, NoCounterpartError, Table, decimal, text_per_axis, text_tuple
from cnncalc.ops.shapes import AXIS_NAMES, Window, same_transposed_window, same_window, spatial
from cnncalc.spec.graph import Graph, Node

_TRAINED_POOLING = '''
@keras.saving.register_keras_serializable()
class TrainedPooling{rank}D(layers.AveragePooling{rank}D):
    """A mean over a window, times a learned weight and plus a learned bias for each map."""

    def build(self, input_shape):
        self.weight = self.add_weight(shape=input_shape[-1:], initializer="ones", name="weight")
        self.bias = self.add_weight(shape=input_shape[-1:], initializer="zeros", name="bias")

    def call(self, inputs):
        return super().call(inputs) * self.weight + self.bias
'''
_TABLE_CONV = '''
@keras.saving.register_keras_serializable()
class TableConv{rank}D(layers.Layer):
    """A convolution each of whose filters sees input maps of its own; it has a kernel for each of them."""

    def __init__(self, connections, kernel_size, use_bias=True, **kwargs):
        own = {{key: kwargs.pop(key) for key in ("strides", "padding", "dilation_rate") if key in kwargs}}
        super().__init__(**kwargs)
        self.connections, self.kernel_size = connections, kernel_size
        self.use_bias, self.sliding = use_bias, {{"strides": 1, "padding": "valid", **own}}

    def build(self, input_shape):
        sizes = self.kernel_size if isinstance(self.kernel_size, (list, tuple)) else [self.kernel_size] * {rank}
        links = sum(map(len, self.connections))
        self.kernel = self.add_weight(shape=(*sizes, links, 1), name="kernel")
        if self.use_bias:
            self.bias = self.add_weight(shape=(len(self.connections),), initializer="zeros", name="bias")

    def call(self, inputs):
        made, first = [], 0
        for maps in self.connections:
            seen = keras.ops.take(inputs, list(maps), axis=-1)
            kernel = self.kernel[..., first : first + len(maps), :]
            made.append(keras.ops.conv(seen, kernel, **self.sliding))
            first += len(maps)
        outputs = keras.ops.concatenate(made, axis=-1)
        return outputs + self.bias if self.use_bias else outputs

    def get_config(self):
        own = {{"connections": self.connections, "kernel_size": self.kernel_size, "use_bias": self.use_bias}}
        return {{**super().get_config(), **own, **self.sliding}}
'''
_POSITION_BIAS = '''
@keras.saving.register_keras_serializable()
class PositionBiasConv{rank}D(layers.Conv{rank}D):
    """A convolution with a learned bias for each element of the maps that it makes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{{**kwargs, "use_bias": False}})

    def build(self, input_shape):
        super().build(input_shape)
        shape = self.compute_output_shape(input_shape)[1:]
        self.position_bias = self.add_weight(shape=shape, initializer="zeros", name="position_bias")

    def call(self, inputs):
        return super().call(inputs) + self.position_bias
'''


def _of_ranks(name: str, text: str) -> dict[str, str]:
    """Give a class for each number of spatial axes."""
    return {f"{name}{rank}D": text.format(rank=rank) for rank in (1, 2, 3)}


CLASSES = {
    **_of_ranks("TrainedPooling", _TRAINED_POOLING),
    **_of_ranks("TableConv", _TABLE_CONV),
    **_of_ranks("PositionBiasConv", _POSITION_BIAS),
    "LayerScale": '''
@keras.saving.register_keras_serializable()
class LayerScale(layers.Layer):
    """A learned factor for each channel."""

    def build(self, input_shape):
        self.gamma = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="gamma")

    def call(self, inputs):
        return inputs * self.gamma
''',
    "ChannelShuffle": '''
@keras.saving.register_keras_serializable()
class ChannelShuffle(layers.Layer):
    """Channels of several groups taken in turn."""

    def __init__(self, groups, **kwargs):
        super().__init__(**kwargs)
        self.groups = groups

    def call(self, inputs):
        *places, channels = inputs.shape[1:]
        x = keras.ops.reshape(inputs, (-1, *places, self.groups, channels // self.groups))
        return keras.ops.reshape(keras.ops.swapaxes(x, -1, -2), (-1, *places, channels))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "groups": self.groups}
''',
    "LocalResponseNormalization": '''
@keras.saving.register_keras_serializable()
class LocalResponseNormalization(layers.Layer):
    """Each value divided by a power of the squares of its neighbours in the channels."""

    def __init__(self, size=5, alpha=1e-4, beta=0.75, k=1.0, **kwargs):
        super().__init__(**kwargs)
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def call(self, inputs):
        around = [(0, 0)] * (len(inputs.shape) - 1) + [(self.size // 2, (self.size - 1) // 2)]
        squares = keras.ops.pad(keras.ops.square(inputs), around)
        channels = inputs.shape[-1]
        total = sum(squares[..., i : i + channels] for i in range(self.size))
        return inputs / (self.k + self.alpha / self.size * total) ** self.beta

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        own = {"size": self.size, "alpha": self.alpha, "beta": self.beta, "k": self.k}
        return {**super().get_config(), **own}
''',
    "PixelShuffle": '''
@keras.saving.register_keras_serializable()
class PixelShuffle(layers.Layer):
    """Channels laid out as positions of a map that is larger by `scale`."""

    def __init__(self, scale, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, inputs):
        height, width, channels = inputs.shape[1:]
        r, depth = self.scale, channels // self.scale**2
        x = keras.ops.reshape(inputs, (-1, height, width, depth, r, r))
        x = keras.ops.transpose(x, (0, 1, 4, 2, 5, 3))
        return keras.ops.reshape(x, (-1, height * r, width * r, depth))

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}
''',
    "PixelUnshuffle": '''
@keras.saving.register_keras_serializable()
class PixelUnshuffle(layers.Layer):
    """Positions laid out as channels of a map that is smaller by `scale`."""

    def __init__(self, scale, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, inputs):
        height, width, channels = inputs.shape[1:]
        r = self.scale
        x = keras.ops.reshape(inputs, (-1, height // r, r, width // r, r, channels))
        x = keras.ops.transpose(x, (0, 1, 3, 5, 2, 4))
        return keras.ops.reshape(x, (-1, height // r, width // r, channels * r * r))

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}
''',
}
"""The classes that the code brings along where a network needs them, by their names."""

Ends = Sequence[tuple[int, int]]


def _layer(
    name: str,
    arguments: dict[str, str] | None = None,
    defaults: dict[str, str] | None = None,
    call: str = "{module}({0})",
) -> Code:
    return Code(_class(name), arguments or {}, call, defaults or {})


def _class(name: str) -> str:
    return name if name in CLASSES else f"layers.{name}"


def _plain(name: str, *pairs: tuple[str, str]) -> Callable[[Node], Code]:
    """Return a layer whose arguments are the same for every node."""
    return lambda node: _layer(name, dict(pairs), dict.fromkeys((key for key, _ in pairs), ""))


def _of_rank(name: str, node: Node) -> str:
    """Name the class that Keras has for so many axes: `{}` stands for their number."""
    return name.format(node.op.rank)


def _around(name: str, rank: int, ends: Ends, word: str) -> str:
    """Write a call of a layer that puts positions around each axis, or takes them off."""
    return f"layers.{name}{rank}D({_ends(ends)}, name={{{word}_name}})({{0}})"


def _ends(ends: Ends) -> str:
    """Write positions before and after each axis as Keras takes them, in the shortest form."""
    if len(ends) == 1:
        before, after = ends[0]
        return str(before) if before == after else str(ends[0])
    if any(before != after for before, after in ends):
        return text_tuple(ends)
    return text_per_axis([before for before, _ in ends])


def _is_same(windows: Sequence[Window], sizes: Sequence[int]) -> bool:
    """Say whether the padding is the one that Keras's `same` computes for this input."""
    return all(
        window == same_window(size, window) for size, window in zip(sizes, windows, strict=False)
    )


def _covered(node: Node) -> tuple[Window, ...]:
    """Return a pool's windows, with the padding behind that its last one covers where sizes are rounded up."""
    op: Any = node.op
    windows = []
    for size, out, window in zip(
        node.shapes[0], node.output, op.windows(node.shapes[0]), strict=False
    ):
        over = (out - 1) * window.stride + window.extent - size - window.before
        windows.append(window._replace(after=max(over, 0) if op.ceil else window.after))
    return tuple(windows)


# -- convolutions ------------------------------------------------------------------------------------------------------

_WINDOW = {"strides": "1", "padding": '"valid"', "dilation_rate": "1"}


def _conv(node: Node) -> Code:
    op: Any = node.op
    if op.pad_mode != "zeros":
        raise NoCounterpartError(f"its padding is {op.pad_mode}, and Keras pads with zeros")
    if max(op.stride) > 1 and max(op.dilation) > 1:
        raise NoCounterpartError("it has a stride and a dilation, of which Keras takes one")
    padding, before = _conv_padding(node, op.windows(node.shapes[0]))
    sliding = {
        "strides": text_per_axis(op.stride),
        "padding": padding,
        "dilation_rate": text_per_axis(op.dilation),
        "use_bias": str(bool(op.bias)),
    }
    name, own = _conv_class(node)
    if name == "PositionBiasConv{}D":
        del sliding["use_bias"]
    defaults = {**_WINDOW, "groups": "1", "depth_multiplier": "1", "use_bias": "True"}
    return _layer(_of_rank(name, node), {**own, **sliding}, defaults, before + "{module}({0})")


def _conv_class(node: Node) -> tuple[str, dict[str, str]]:
    """Return the class of a convolution, and what it alone takes."""
    op: Any = node.op
    channels, kernel = node.shapes[0][-1], {"kernel_size": text_per_axis(op.kernel)}
    if op.connections is not None:
        if not op.is_uniform:
            raise NoCounterpartError("its filters see maps of their own, with no usual bias")
        table = text_tuple(text_tuple(maps) for maps in op.connections)
        return "TableConv{}D", {"connections": table, **kernel}
    if op.is_uniform and op.groups == channels > 1 and op.rank < 3 and len(set(op.stride)) == 1:
        return "DepthwiseConv{}D", {**kernel, "depth_multiplier": str(op.filters // channels)}
    name = "Conv{}D" if op.is_uniform else "PositionBiasConv{}D"
    return name, {"filters": str(op.filters), **kernel, "groups": str(op.groups)}


def _conv_padding(node: Node, windows: Sequence[Window]) -> tuple[str, str]:
    """Return Keras's word for the padding, and the line that pads before where it has none."""
    if not any(window.before or window.after for window in windows):
        return '"valid"', ""
    if _is_same(windows, node.shapes[0]):
        return '"same"', ""
    ends = [(window.before, window.after) for window in windows]
    return '"valid"', _around("ZeroPadding", node.op.rank, ends, "pad") + "\n"


def _conv_transpose(node: Node) -> Code:
    """Return a transposed convolution; a size that Keras's has no word for is cropped out of `valid`.

    `valid` gives (N − 1)S + max(F, S), `same` N·S. With an `output_padding` P `valid` gives (N − 1)S + F + P,
    `same` (N − 1)S + F − 2⌊F/2⌋ + P.
    """
    op: Any = node.op
    if op.groups != 1:
        raise NoCounterpartError("it has groups, which Keras's transposed convolution has not")
    if max(op.stride) > 1 and max(op.dilation) > 1:
        raise NoCounterpartError("it has a stride and a dilation, of which Keras takes one")
    windows = op.windows(node.shapes[0])
    own = {
        "filters": str(op.filters),
        "kernel_size": text_per_axis(op.kernel),
        "strides": text_per_axis(op.stride),
    }
    padding, after = '"valid"', ""
    ends = [(window.before, window.after) for window in windows]
    if any(map(any, ends)) and _is_same_transposed(node, windows):
        padding = '"same"'
    elif any(op.output_pad) and ends == [(window.extent // 2,) * 2 for window in windows]:
        padding, own["output_padding"] = '"same"', text_per_axis(op.output_pad)
    elif op.pad != "same":
        if op.output_pad != tuple(max(window.stride - window.extent, 0) for window in windows):
            own["output_padding"] = text_per_axis(op.output_pad)
        if any(map(any, ends)):
            after = "\n" + _around("Cropping", op.rank, ends, "crop")
    own |= {
        "padding": padding,
        "dilation_rate": text_per_axis(op.dilation),
        "use_bias": str(op.bias),
    }
    defaults = {**_WINDOW, "output_padding": "None", "use_bias": "True"}
    return _layer(_of_rank("Conv{}DTranspose", node), own, defaults, "{module}({0})" + after)


def _is_same_transposed(node: Node, windows: Sequence[Window]) -> bool:
    """Say whether a transposed convolution gives N·S and is cropped as Keras's `same` is."""
    grown = tuple(
        size * window.stride for size, window in zip(node.shapes[0], windows, strict=False)
    )
    same = tuple(map(same_transposed_window, windows))
    return spatial(node.output) == grown and tuple(windows) == same


# -- pools -------------------------------------------------------------------------------------------------------------


def _pool(node: Node, name: str, padding: str, before: str = "") -> Code:
    op: Any = node.op
    kernel = text_per_axis(op.kernel)
    own = {"pool_size": kernel, "strides": text_per_axis(op.stride), "padding": padding}
    defaults = {"strides": kernel, "padding": '"valid"'}
    return _layer(_of_rank(name, node), own, defaults, before + "{module}({0})")


def _max_pool(node: Node, *, of_positive: bool) -> Code:
    """Return a pool whose border never is the largest: `same`'s own, zeros around what is not negative, or −3·10³⁸."""
    op: Any = node.op
    if max(op.dilation) > 1:
        raise NoCounterpartError("it is dilated, which Keras's pools are not")
    windows = _covered(node)
    if not any(window.before or window.after for window in windows):
        return _pool(node, "MaxPooling{}D", '"valid"')
    if _is_same(windows, node.shapes[0]):
        return _pool(node, "MaxPooling{}D", '"same"')
    ends = [(window.before, window.after) for window in windows]
    if of_positive:
        before = _around("ZeroPadding", op.rank, ends, "pad")
    else:
        texts = text_tuple([(0, 0), *ends, (0, 0)])
        before = f"keras.ops.pad({{0}}, {texts}, constant_values=-3e38)"
    return _pool(node, "MaxPooling{}D", '"valid"', f"{before}\n")


def _avg_pool(node: Node) -> Code:
    """Keras's `same` divides by the real positions alone, as a pool that does not count its padding does."""
    op: Any = node.op
    name = "TrainedPooling{}D" if op.trainable else "AveragePooling{}D"
    own, windows = op.windows(node.shapes[0]), _covered(node)
    if not any(window.before or window.after for window in windows):
        return _pool(node, name, '"valid"')
    inside = not any(window.before or window.after for window in own)
    if (inside or not op.count_pad) and _is_same(windows, node.shapes[0]):
        return _pool(node, name, '"same"')
    if not op.count_pad or windows != own:
        raise NoCounterpartError("the positions that its mean counts are not those of Keras's")
    ends = [(window.before, window.after) for window in windows]
    before = _around("ZeroPadding", op.rank, ends, "pad") + "\n"
    return _pool(node, name, '"valid"', before)


def _global(name: str) -> Callable[[Node], Code]:
    def make(node: Node) -> Code:
        return _layer(_of_rank(name, node), {"keepdims": "True"}, {"keepdims": "False"})

    return make


def _adaptive(name: str) -> Callable[[Node], Code]:
    def make(node: Node) -> Code:
        size = text_per_axis(spatial(node.output))
        return _layer(_of_rank(name, node), {"output_size": size})

    return make


def _reduce(node: Node) -> Code:
    op: Any = node.op
    axes = [axis for axis, gone in enumerate(op.reduced(), 1) if gone]
    how = {"maximum": "max", "minimum": "min"}.get(op.how, op.how)
    keep = ", keepdims=True" if op.keep or op.reduced()[-1] else ""
    return Code("", {}, f"keras.ops.{how}({{0}}, axis={text_tuple(axes)}{keep})")


# -- dense layers and norms --------------------------------------------------------------------------------------------


def _dense(node: Node) -> Code:
    """Return a fully connected layer; a map is flattened before one that takes a vector."""
    op: Any = node.op
    flat = len(node.shapes[0]) > 1 and len(node.output) == 1
    before = "layers.Flatten(name={flatten_name})({0})\n" if flat else ""
    own = {"units": str(op.units), "use_bias": str(op.bias)}
    return _layer("Dense", own, {"use_bias": "True"}, before + "{module}({0})")


def _embedding(node: Node) -> Code:
    op: Any = node.op
    return _layer("Embedding", {"input_dim": str(op.entries), "output_dim": str(op.units)})


def _norm(
    name: str, extra: Callable[[Any], dict[str, str]] | None = None
) -> Callable[[Node], Code]:
    def make(node: Node) -> Code:
        op: Any = node.op
        own = {**(extra(op) if extra else {}), "center": str(op.beta), "scale": str(op.gamma)}
        return _layer(name, own, {"center": "True", "scale": "True"})

    return make


def _rms_norm(node: Node) -> Code:
    if not node.arrays:
        raise NoCounterpartError("it learns no scale, and Keras's does")
    return _layer("RMSNormalization")


def _lrn(node: Node) -> Code:
    op: Any = node.op
    return _layer("LocalResponseNormalization", {"size": str(op.size)}, {"size": "5"})


def _affine(node: Node) -> Code:
    op: Any = node.op
    if op.beta or op.per != "channel":
        raise NoCounterpartError(
            "a learned shift, or a value for each position, has no layer in Keras"
        )
    return _layer("LayerScale")


# -- element by element ------------------------------------------------------------------------------------------------


def _activation(word: str) -> Callable[[Node], Code]:
    return lambda node: _layer("Activation", {"activation": f'"{word}"'})


def _function(call: str) -> Callable[[Node], Code]:
    return lambda node: Code("", {}, call)


def _prelu(node: Node) -> Code:
    op: Any = node.op
    rank = len(node.output)
    axes = range(1, rank + 1 if op.shared else rank)
    return _layer("PReLU", {"shared_axes": text_tuple(axes)}, {"shared_axes": "()"})


def _dropout(node: Node) -> Code:
    op: Any = node.op
    name = _of_rank("SpatialDropout{}D", node) if op.maps and op.rank else "Dropout"
    return _layer(name, {"rate": decimal(op.rate)})


def _stochastic_depth(node: Node) -> Code:
    """Return a dropout that draws once for each example, or for the batch."""
    op: Any = node.op
    drawn = ["None" if op.mode == "row" else "1", *["1"] * len(node.output)]
    own = {"rate": decimal(op.rate), "noise_shape": text_tuple(drawn)}
    return _layer("Dropout", own, {"noise_shape": "None"})


def _scale(node: Node) -> Code:
    op: Any = node.op
    own = {"scale": decimal(op.factor), "offset": decimal(op.offset)}
    return _layer("Rescaling", own, {"offset": "0"})


# -- several maps ------------------------------------------------------------------------------------------------------


def _merge(name: str) -> Callable[[Node], Code]:
    return lambda node: _layer(name, call="{module}([{all}])")


def _concat(node: Node) -> Code:
    op: Any = node.op
    own = {"axis": str(op.place() % len(node.output) + 1)}
    own["axis"] = "-1" if int(own["axis"]) == len(node.output) else own["axis"]
    return _layer("Concatenate", own, {"axis": "-1"}, "{module}([{all}])")


def _matmul(node: Node) -> Code:
    op: Any = node.op
    other = "keras.ops.swapaxes({1}, -1, -2)" if op.transpose else "{1}"
    return Code("", {}, f"keras.ops.matmul({{0}}, {other})")


def _attention(node: Node) -> Code:
    op: Any = node.op
    if op.window_size is not None or not op.project or len(node.output) != 2:
        raise NoCounterpartError("Keras's attention is of sequences, with its projections")
    sizes = op.sizes(node.shapes)
    own = {
        "num_heads": str(op.heads),
        "key_dim": str(sizes.key_dim),
        "value_dim": str(sizes.value_dim),
        "dropout": decimal(op.dropout),
        "use_bias": str(op.bias),
        "output_shape": str(node.output[-1]),
    }
    defaults = {
        "value_dim": own["key_dim"],
        "dropout": "0",
        "use_bias": "True",
        "output_shape": str(node.shapes[0][-1]),
    }
    key = "{1}" if len(node.inputs) > 1 else "{0}"
    value = "{2}" if len(node.inputs) > 2 else key
    return _layer("MultiHeadAttention", own, defaults, f"{{module}}({{0}}, {value}, {key})")


# -- order and shape ---------------------------------------------------------------------------------------------------


def _reshape(node: Node) -> Code:
    return _layer("Reshape", {"target_shape": text_tuple(node.output)})


def _slice(node: Node) -> Code:
    op: Any = node.op
    shape = node.shapes[0]
    places = []
    for size, (start, stop), stride in zip(shape, op.parts(shape), op.stride, strict=False):
        part = f"{start or ''}:{'' if stop == size else stop}"
        places.append(part if stride == 1 else f"{part}:{stride}")
    texts: dict[str, str] = {}
    if op.channels is not None:
        texts = {"first": str(op.channels[0]), "end": str(op.channels[1])}
        places.append("{first}:{end}")
    return Code("", texts, f"{{0}}[{', '.join([':', *places])}]")


def _crop(node: Node) -> Code:
    op: Any = node.op
    ends = op.ends(node.shapes[0])
    return _layer(_of_rank("Cropping{}D", node), {"cropping": _ends(ends)})


def _pad(node: Node) -> Code:
    """Zeros around the positions are a layer; channels, and mirrored values, a function."""
    op: Any = node.op
    if op.mode not in ("zeros", "reflect"):
        raise NoCounterpartError(f"its padding is {op.mode}, which Keras has not")
    if not any(op.channels) and op.mode == "zeros" and op.rank:
        return _layer(_of_rank("ZeroPadding{}D", node), {"padding": _ends(op.size)})
    texts = {"around": text_tuple([(0, 0), *op.size, op.channels])}
    mode = ', mode="reflect"' if op.mode == "reflect" else ""
    return Code("", texts, f"keras.ops.pad({{0}}, {{around}}{mode})")


def _shuffle(node: Node) -> Code:
    op: Any = node.op
    return _layer("ChannelShuffle", {"groups": str(op.groups)})


def _upsample(node: Node) -> Code:
    op: Any = node.op
    scale = op.scale or _times(node)
    mode = "bilinear" if op.mode in ("linear", "trilinear") else op.mode
    if op.align_corners:
        raise NoCounterpartError("its corners are aligned, which Keras's are not")
    if op.rank != 2 and (scale is None or mode != "nearest"):
        raise NoCounterpartError("Keras interpolates maps of two axes alone")
    texts = {"interpolation": f'"{mode}"'} if op.rank == 2 else {}
    if scale is None:
        height, width = map(str, spatial(node.output))
        own = {"height": height, "width": width, **texts}
        return _layer("Resizing", own, {"interpolation": '"bilinear"'})
    own = {"size": text_per_axis(scale), **texts}
    return _layer(_of_rank("UpSampling{}D", node), own, {"interpolation": '"nearest"'})


def _times(node: Node) -> tuple[int, ...] | None:
    """Return how many times as large a map becomes along each axis, where that is whole."""
    pairs = list(zip(spatial(node.output), spatial(node.shapes[0]), strict=True))
    return None if any(out % size for out, size in pairs) else tuple(o // s for o, s in pairs)


def _pixels(name: str) -> Callable[[Node], Code]:
    def make(node: Node) -> Code:
        op: Any = node.op
        if op.rank != 2 or len(set(op.scale)) > 1:
            raise NoCounterpartError("it is not of two axes and one scale")
        return _layer(name, {"scale": str(op.scale[0])})

    return make


def _permute(node: Node) -> Code:
    op: Any = node.op
    names = (*AXIS_NAMES[op.rank], "channels")
    return _layer("Permute", {"dims": text_tuple(names.index(name) + 1 for name in op.order)})


def _broadcast(node: Node) -> Code:
    """Return a map of one position, which a vector is made first, repeated."""
    sizes, shape = spatial(node.output), node.shapes[0]
    rank = len(sizes)
    ones = text_tuple([*[1] * rank, shape[-1]])
    before = f"layers.Reshape({ones}, name={{reshape_name}})({{0}})\n" if len(shape) == 1 else ""
    own = {"size": text_per_axis(sizes)}
    return _layer(f"UpSampling{rank}D", own, call=before + "{module}({0})")


_POSITIVE = frozenset(
    ["relu", "relu6", "sigmoid", "hardsigmoid", "softmax", "softplus", "abs", "square", "exp"]
)
_ORDERED = frozenset(
    ["maxpool", "avgpool", "dropout", "identity", "concat", "lrn", "slice", "crop"]
)
"""Ops that give nothing negative of what is not negative."""


def layers_of(graph: Graph) -> Table:
    """Return Keras's code for each op that it can say, as it is in this network."""
    positive: list[bool] = []
    for node in graph.nodes:
        kept = node.kind in _ORDERED and all(positive[index] for index in node.inputs)
        positive.append(kept or node.kind in _POSITIVE)

    def max_pool(node: Node) -> Code:
        return _max_pool(node, of_positive=positive[node.inputs[0]])

    return {**_LAYERS, "maxpool": max_pool}


_LAYERS: Table = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "avgpool": _avg_pool,
    "globalavgpool": _global("GlobalAveragePooling{}D"),
    "globalmaxpool": _global("GlobalMaxPooling{}D"),
    "adaptiveavgpool": _adaptive("AdaptiveAveragePooling{}D"),
    "adaptivemaxpool": _adaptive("AdaptiveMaxPooling{}D"),
    "reduce": _reduce,
    "fc": _dense,
    "linear": _dense,
    "embedding": _embedding,
    "bn": _norm("BatchNormalization"),
    "layernorm": _norm("LayerNormalization"),
    "groupnorm": _norm("GroupNormalization", lambda op: {"groups": str(op.groups)}),
    "instancenorm": _norm("GroupNormalization", lambda op: {"groups": "-1"}),
    "rmsnorm": _rms_norm,
    "unitnorm": _plain("UnitNormalization"),
    "lrn": _lrn,
    "affine": _affine,
    "relu": _plain("ReLU"),
    "relu6": _plain("ReLU", ("max_value", "6")),
    "leaky_relu": _plain("LeakyReLU"),
    "prelu": _prelu,
    "softmax": _plain("Softmax"),
    "dropout": _dropout,
    "stochastic_depth": _stochastic_depth,
    "identity": _plain("Identity"),
    "scale": _scale,
    "concat": _concat,
    **{
        kind: _merge(kind.capitalize())
        for kind in ("add", "subtract", "multiply", "average", "maximum", "minimum")
    },
    "divide": _function("{0} / {1}"),
    "matmul": _matmul,
    "attention": _attention,
    "flatten": _plain("Flatten"),
    "reshape": _reshape,
    "slice": _slice,
    "crop": _crop,
    "pad": _pad,
    "shuffle": _shuffle,
    "upsample": _upsample,
    "pixel_shuffle": _pixels("PixelShuffle"),
    "pixel_unshuffle": _pixels("PixelUnshuffle"),
    "permute": _permute,
    "broadcast": _broadcast,
    **{
        kind: _activation(word)
        for kind, word in {
            "elu": "elu",
            "gelu": "gelu",
            "silu": "silu",
            "hardswish": "hard_silu",
            "hardsigmoid": "hard_sigmoid",
            "sigmoid": "sigmoid",
            "tanh": "tanh",
            "mish": "mish",
            "softplus": "softplus",
            "softsign": "softsign",
            "selu": "selu",
            "celu": "celu",
            "hardtanh": "hard_tanh",
            "logsigmoid": "log_sigmoid",
            "hardshrink": "hard_shrink",
            "softshrink": "soft_shrink",
            "tanhshrink": "tanh_shrink",
            "squareplus": "squareplus",
            "exp": "exponential",
            "log_softmax": "log_softmax",
            "glu": "glu",
        }.items()
    },
    **{
        kind: _function(f"keras.ops.{kind}({{0}})")
        for kind in ("abs", "log", "sqrt", "rsqrt", "square", "reciprocal", "erf", "sin", "cos")
    },
}

__all__ = ["CLASSES", "layers_of"]
