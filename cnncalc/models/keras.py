"""Keras models: the `config.json` of a `.keras` archive, or the JSON of `model.to_json()`, by the standard library.

The weights and metadata of an archive are not opened. Models of Keras 3 and, in JSON, of Keras 2 are read: Sequential
and Functional ones, models in models, and layers and models that are called several times. A layer's config names no
code that is run: a Lambda, or a layer of a class that cnncalc does not know, is a row whose counts are unknown.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import PurePath
from typing import Any, NamedTuple

from cnncalc.models import ModelFile
from cnncalc.models.archive import MAX_JSON_BYTES, Archive, parse_json
from cnncalc.models.builder import Builder, Model, clean
from cnncalc.models.layout import View, channels_last, whole
from cnncalc.models.rows import RowAdder, UnsupportedError, Where
from cnncalc.spec.layers import MAX_LAYERS
from cnncalc.text.source import SpecError

MAX_DEPTH = 32
"""Models within models."""

Config = Mapping[str, Any]
Shape = tuple[int | None, ...]


class Tensor(NamedTuple):
    """What a layer's call gave: the layer, which of its calls, and which of the tensors that came out."""

    layer: str
    call: int
    output: int


class KerasLayer(NamedTuple):
    """A layer of a file: its class, its name, its config, and for each call the tensors that arrive."""

    cls: str
    name: str
    config: Config
    calls: tuple[tuple[Tensor, ...], ...]
    holds_layers: bool = False
    """Whether it is a model; `config` is then all that the file has of it."""
    arguments: tuple[tuple[Any, ...], ...] = ()
    """For each call what stands in the file for its arguments, the tensors too."""


class Here(NamedTuple):
    """One call of a layer: where its rows stand, what its weights are called, the shape and the arguments there."""

    layer: KerasLayer
    where: Where
    weights: str
    shape: Shape | None
    arguments: tuple[Any, ...] = ()

    @property
    def numbers(self) -> tuple[float, ...]:
        """The numbers among the arguments, as an operator of a tensor and a number has."""
        return tuple(value for value in self.arguments if type(value) in (int, float))

    @property
    def config(self) -> Config:
        """The layer's config."""
        return self.layer.config

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value of the config; the default where it is not there or null."""
        value = self.layer.config.get(key)
        return default if value is None else value


def read(file: ModelFile) -> Model:
    """Read a Keras model to a graph. Raises SpecError for what is broken, too large or no model."""
    document = _document(file)
    try:
        return _Importer(file).model(document)
    except SpecError:
        raise
    except RecursionError:
        raise file.error("this file is nested too deep", code="limit") from None
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        raise file.error(
            f"the model is not as Keras writes it ({type(error).__name__}: {error})",
            "write it again with model.save or model.to_json",
        ) from None


def _document(file: ModelFile) -> Config:
    """Return the model's JSON, out of its archive or by itself."""
    with file.open() as opened:
        data = opened.read(MAX_JSON_BYTES + 1)
    if data.startswith(b"PK"):
        with Archive(file) as archive:
            document = archive.read_json("config.json")
    elif len(data) > MAX_JSON_BYTES:
        raise file.error(
            f"this file is larger than the limit of {MAX_JSON_BYTES // 2**20} MiB", code="limit"
        )
    else:
        document = parse_json(file, data)
    if not isinstance(document, dict) or not isinstance(document.get("config"), (dict, list)):
        raise file.error("this JSON is no Keras model", "model.to_json() writes one")
    return document


# -- the document -----------------------------------------------------------------------------------------------------


def _layers(model: Config) -> list[KerasLayer]:
    """Return the layers of a model, in the file's order.

    Each of a Sequential's has one call, of what came before it.
    """
    config = model["config"]
    items = config if isinstance(config, list) else config["layers"]
    if not _is_sequential(model):
        return [
            _layer(item, tuple(_calls(nodes)))._replace(arguments=tuple(map(_arguments, nodes)))
            for item in items
            for nodes in (item.get("inbound_nodes", ()),)
        ]
    layers: list[KerasLayer] = []
    for item in items:
        before = ((Tensor(layers[-1].name, 0, 0),),) if layers else ((),)
        layers.append(_layer(item, before))
    return layers


def _layer(item: Config, calls: tuple[tuple[Tensor, ...], ...]) -> KerasLayer:
    config = item["config"] if isinstance(item["config"], dict) else {}
    name = item.get("name") or config.get("name") or item["class_name"]
    holds_layers = "layers" in config or isinstance(item["config"], list)
    return KerasLayer(
        item["class_name"], str(name), item if holds_layers else config, calls, holds_layers
    )


def _config(model: Config) -> Config:
    """Return a model's config; that of a Sequential was a list of its layers in Keras 2."""
    config = model["config"]
    return config if isinstance(config, dict) else {}


def _is_sequential(model: Config) -> bool:
    return bool(model["class_name"] == "Sequential")


def _calls(nodes: Any) -> Iterator[tuple[Tensor, ...]]:
    """Yield the tensors that arrive at each call of a layer, as Keras 3 has them and as Keras 2 had."""
    for node in nodes:
        if isinstance(node, dict):
            yield tuple(_tensors((node["args"], node.get("kwargs", {}))))
        else:
            yield tuple(Tensor(name, call, index) for name, call, index, *_ in node)


def _arguments(node: Any) -> tuple[Any, ...]:
    """Return what stands for a call's arguments."""
    return tuple(node["args"]) if isinstance(node, dict) else ()


def _tensors(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in a call's arguments, wherever they stand."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict) and here.get("class_name") == "__keras_tensor__":
            yield Tensor(*here["config"]["keras_history"])
        elif isinstance(here, dict):
            waiting += reversed(list(here.values()))
        elif isinstance(here, (list, tuple)):
            waiting += reversed(here)


def _shapes(model: Config) -> dict[Tensor, Shape]:
    """Return the shape of each tensor that arrives at some layer, as the file has it."""
    shapes: dict[Tensor, Shape] = dict(_built(model)) if _is_sequential(model) else {}
    waiting: list[Any] = [model["config"]]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict) and here.get("class_name") == "__keras_tensor__":
            shapes[Tensor(*here["config"]["keras_history"])] = tuple(here["config"]["shape"])
        elif isinstance(here, dict):
            waiting += [
                here[key] for key in ("inbound_nodes", "args", "kwargs", "layers") if key in here
            ]
        elif isinstance(here, list):
            waiting += here
    return shapes


def _built(model: Config) -> Iterator[tuple[Tensor, Shape]]:
    """Yield the shape that each layer of a Sequential gives, as the next one's build config has it."""
    items = _config(model).get("layers", [])
    for item, after in pairwise(items):
        shape = (after.get("build_config") or {}).get("input_shape")
        if isinstance(shape, list):
            yield Tensor(_layer(item, ()).name, 0, 0), tuple(shape)


def _ends(given: Any) -> list[Tensor]:
    """Return a model's `input_layers` or `output_layers`: one tensor, or several in lists or by name."""
    if isinstance(given, str):  # whose letters would be texts again, without end
        raise ValueError(f"'{given}' is no tensor")
    if isinstance(given, dict):
        return [tensor for value in given.values() for tensor in _ends(value)]
    if len(given) == 3 and isinstance(given[0], str):
        return [Tensor(*given)]
    return [tensor for value in given for tensor in _ends(value)]


# -- the walk ---------------------------------------------------------------------------------------------------------


class _Importer(RowAdder):
    """Walks a model in an order in which every layer comes after what arrives at it."""

    def __init__(self, file: ModelFile) -> None:
        super().__init__(Builder(file, PurePath(file.path).stem))
        self.scopes: dict[str, int] = {}
        self.depth = 0

    def model(self, document: Config) -> Model:
        """Return the model of a file."""
        self.builder.name = clean(str(_config(document).get("name", ""))) or self.builder.name
        self.walk(document, None, "", "")
        return self.builder.model()

    def walk(
        self, model: Config, arriving: Sequence[View] | None, scope: str, weights: str
    ) -> list[View]:
        """Walk a model; what comes out. `arriving` are the tensors it is called with, None for the file's own."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.builder.error(
                f"models are nested deeper than the limit of {MAX_DEPTH}", scope, code="depth"
            )
        layers = _layers(model)
        if _is_sequential(model) and arriving is None and layers[0].cls != "InputLayer":
            layers = [
                _first_input(model, layers[0]),
                layers[0]._replace(calls=((Tensor("", 0, 0),),)),
                *layers[1:],
            ]
        shapes = _shapes(model)
        values: dict[Tensor, View] = {}
        inputs = list(arriving or ())[::-1]
        for layer, call in self.in_order(layers, scope):
            arrived = [values[tensor] for tensor in _needed(layer, call)]
            if not arrived:  # an input, or the first of a Sequential that is called
                arrived = [self.input(layer) if arriving is None else inputs.pop()]
            if layer.cls != "InputLayer":
                here = self.here(layer, call, scope, weights, shapes)
                arrived = self.call(here, arrived)
            made = enumerate(arrived)
            values.update({Tensor(layer.name, call, index): view for index, view in made})
        self.depth -= 1
        if _is_sequential(model):
            return [values[Tensor(layers[-1].name, 0, 0)]]
        return [values[tensor] for tensor in _ends(model["config"]["output_layers"])]

    def in_order(
        self, layers: Sequence[KerasLayer], scope: str
    ) -> Iterator[tuple[KerasLayer, int]]:
        """Each call of each layer after those it needs: inputs first, else in the file's order.

        Raises SpecError for a cycle.
        """
        calls = [
            (place, call)
            for place, layer in enumerate(layers)
            for call in range(max(len(layer.calls), 1))
        ]
        if len(calls) > MAX_LAYERS:
            raise self.builder.error(
                f"the model has more than {MAX_LAYERS:,} calls of layers, the limit",
                scope,
                code="limit",
            )
        places = {layer.name: place for place, layer in enumerate(layers)}
        pending: dict[tuple[int, int], int] = {}
        users: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for place, call in calls:
            needed = {
                (places[tensor.layer], tensor.call) for tensor in _needed(layers[place], call)
            }
            pending[place, call] = len(needed)
            for other in needed:
                users.setdefault(other, []).append((place, call))
        ready = [(layers[at[0]].cls != "InputLayer", *at) for at in calls if not pending[at]]
        heapq.heapify(ready)
        done = 0
        while ready:
            _, *taken = heapq.heappop(ready)
            at = taken[0], taken[1]
            done += 1
            yield layers[at[0]], at[1]
            for user in users.get(at, ()):
                pending[user] -= 1
                if not pending[user]:
                    heapq.heappush(ready, (True, *user))
        if done < len(calls):
            stuck = next(layers[place].name for place, call in calls if pending[place, call])
            raise self.builder.error(
                f"what arrives at '{stuck}' is never made", scope, "layers may not be in a circle"
            )

    def input(self, layer: KerasLayer) -> View:
        """Return an input of the file, its batch left out."""
        given = layer.config.get("batch_shape") or layer.config.get("batch_input_shape") or ()
        shape = tuple(given)[1:]
        if None in shape:
            shape = self.builder.open_input(layer.name, shape)
        return whole(self.builder.input(layer.name, shape), shape, channels_last(len(shape)), 1)

    def here(
        self, layer: KerasLayer, call: int, scope: str, weights: str, shapes: Mapping[Tensor, Shape]
    ) -> Here:
        """Return a call of a layer."""
        name = "/".join(filter(None, (scope, clean(layer.name))))
        arguments = layer.arguments[call] if layer.arguments else ()
        shape = shapes.get(Tensor(layer.name, call, 0))
        return Here(layer, Where(name), f"{weights}/{layer.name}", shape, arguments)

    def call(self, here: Here, arrived: list[View]) -> list[View]:
        """Call a layer, or a model in this one."""
        if not here.layer.holds_layers:
            return [self.checked(self.made(here, arrived), here)]
        inner = self.scope(here.where.name)
        self.builder.open_scope(inner, here.layer.cls)
        return self.walk(here.config, arrived, inner, here.weights)

    def made(self, here: Here, arrived: list[View]) -> View:
        """Return what a layer gives: by the function for its class, or a row that is unknown."""
        from cnncalc.models.keras_layers import TABLE

        handler = TABLE.get(here.layer.cls)
        try:
            if handler is None:
                raise UnsupportedError
            return handler(self, here, arrived)
        except UnsupportedError:
            return self.unknown(here, arrived)
        except SpecError as error:
            if error.problems[0].code != "model" or here.shape is None:
                raise
            return self.unknown(here, arrived)

    def unknown(self, here: Here, arrived: list[View]) -> View:
        """Return a row of which the file says the shape alone."""
        shape = (
            None
            if here.shape is None
            else tuple(size for size in here.shape[1:] if size is not None)
        )
        of, nodes = here.layer.cls, [view.node for view in arrived]
        node = self.builder.unknown(of, nodes, shape, **here.where._asdict())
        return whole(
            node, self.builder.shape(node), channels_last(len(self.builder.shape(node))), 1
        )

    def checked(self, view: View, here: Here) -> View:
        """Return a layer's output. Raises SpecError where the file has another shape for it."""
        given = here.shape
        sizes = view.sizes[1:]
        if given is not None and (
            len(given) != len(view.sizes)
            or any(size not in (None, own) for size, own in zip(given[1:], sizes, strict=True))
        ):
            shown = "x".join("?" if size is None else str(size) for size in given[1:])
            raise self.builder.error(
                f"its output is {'x'.join(map(str, sizes))} by its config, but {shown} in the file",
                here.where.name,
                code="shape",
            )
        return view

    def scope(self, name: str) -> str:
        """Return the scope of a model's call; its second has a name of its own."""
        count = self.scopes[name] = self.scopes.get(name, 0) + 1
        return name if count == 1 else f"{name}_{count}"


def _needed(layer: KerasLayer, call: int) -> tuple[Tensor, ...]:
    return layer.calls[call] if layer.calls else ()


def _first_input(model: Config, first: KerasLayer) -> KerasLayer:
    """Return the input of a Sequential that has no layer for it, as Keras 2 wrote it and models that were built
    later.
    """
    shape = (
        first.config.get("batch_input_shape")
        or first.config.get("batch_shape")
        or _config(model).get("build_input_shape")
    )
    return KerasLayer("InputLayer", "", {"batch_shape": shape}, ())


__all__ = ["Config", "Here", "KerasLayer", "read"]
