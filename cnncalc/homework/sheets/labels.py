"""What people call layers and columns: `CONV1`, `Conv1-1` for conv1_1, `MaxPool-1` for pool1, `전체`, `텐서 크기`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

from cnncalc.homework.sheets.rows import MAX_LABEL
from cnncalc.ops import OP_ALIASES, OPS
from cnncalc.spec.graph import Graph
from cnncalc.spec.part import TOTAL
from cnncalc.spec.quantities import ASKED, BY_NAME
from cnncalc.text.messages import message
from cnncalc.text.source import single_problem
from cnncalc.text.suggest import listing

_WORD = re.compile(r"[^\W\d_]+|\d+")
_FILLER = frozenset(("layer", "layers", "block", "module", "계층", "레이어", "모듈", "블록", "층"))
_WITHOUT_ENDING = re.compile(r"(?<=.)(?:계층|레이어|층)$")

_WORDS: dict[str, str] = {
    "input": "input image data inputimage inputdata 입력 이미지 입력이미지 입력데이터 입력영상",
    "output": "output out 출력 결과",
    TOTAL: "total sum all overall network 전체 합계 총계 총합 합 계 네트워크",
}
"""The rows that are no layers of a spec's own, by what they are called."""

_KINDS: dict[str, str] = {
    "conv": "conv conv1d conv2d conv3d convolution convolutional 합성곱 컨볼루션 콘볼루션 콘벌루션 컨벌루션",
    "maxpool": "max maxpool maxpooling 맥스풀링 최대풀링 맥스",
    "avgpool": "avg avgpool avgpooling average averagepooling mean 평균풀링 평균",
    "pool": "pool pooling subsampling 풀링 서브샘플링",
    "globalavgpool": "gap globalaveragepooling 전역평균풀링",
    "fc": "fc dense linear fullyconnected 완전연결 전결합 밀집",
    "bn": "bn batchnorm batchnormalization 배치정규화",
    "softmax": "softmax 소프트맥스",
    "dropout": "dropout 드롭아웃",
    "flatten": "flatten flat 평탄화",
    "inception": "inception 인셉션",
    "conv_transpose": "deconv deconvolution transposedconv upconv 전치합성곱 역합성곱",
}
"""Words for kinds of layers, beside the ops' aliases."""

_GENERAL: dict[str, str] = {"maxpool": "pool", "avgpool": "pool"}
"""Words that people put for one another: many call every pool a max pool."""

_MEANT: dict[str, tuple[str, ...]] = {
    "fc": ("fc", "linear"),
    "maxpool": ("maxpool", "globalmaxpool", "adaptivemaxpool"),
    "avgpool": ("avgpool", "globalavgpool", "adaptiveavgpool"),
    "pool": (
        "maxpool",
        "avgpool",
        "globalmaxpool",
        "globalavgpool",
        "adaptivemaxpool",
        "adaptiveavgpool",
    ),
}
"""The kinds that a word may mean, where it is not one alone."""

_SPECIAL = {word: name for name, words in _WORDS.items() for word in words.split()}
_KIND_OF = {
    **{kind.replace("_", ""): kind for kind in OPS},
    **{alias.replace("_", ""): kind for alias, kind in OP_ALIASES.items()},
    **{word: kind for kind, words in _KINDS.items() for word in words.split()},
}

_LAYER_HEADERS = (
    "layer name",
    "계층 이름",
    "레이어 이름",
    "층 이름",
    "name",
    "이름",
    "layer",
    "layers",
    "계층",
    "레이어",
    "층",
    "block",
    "구분 계층",
    "구분",
    "type",
    "종류",
)
"""Headers of the column with the layers' names, the surest first."""

_UNIT = re.compile(
    r"(?P<name>.*?)\s*[(\[]\s*(?P<unit>[KMGTkmgt]i?[Bb]?|bytes?|바이트|천|백만|million|thousand)\s*[)\]]"
)
_UNIT_WORDS = {
    "천": "K",
    "thousand": "K",
    "백만": "M",
    "million": "M",
    "byte": "",
    "bytes": "",
    "바이트": "",
}
_BYTES = ("byte", "bytes", "바이트", "kb", "mb", "gb", "kib", "mib", "gib")


def plain(text: str) -> str:
    """Return a label or header without case, full-width forms, marks of emphasis and the like."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[*`#:_./\-–—]+|\s+", " ", folded).split())


class ColumnHeader(NamedTuple):
    """What a column's header says: its quantity, and a suffix that its bare numbers stand in, such as `M`."""

    quantity: str
    suffix: str = ""


_HEADERS = {plain(word): name for name in ASKED for word in BY_NAME[name].words.split("|")}
_UNSPACED = {word.replace(" ", ""): quantity for word, quantity in _HEADERS.items()}
_LAYERS = {plain(word): rank for rank, word in enumerate(_LAYER_HEADERS)}


@lru_cache(2048)
def read_header(text: str) -> ColumnHeader | None:
    """Return the quantity that a column's header names, in English or Korean; None for an unknown one."""
    if len(text) > MAX_LABEL:
        return None
    unit = _UNIT.fullmatch(text.strip())
    name, suffix = (unit["name"], unit["unit"]) if unit else (text, "")
    header = plain(name)
    quantity = _HEADERS.get(header) or _UNSPACED.get(header.replace(" ", ""))
    if quantity is None:
        return None
    if quantity == "activations" and suffix.lower() in _BYTES:
        quantity = "memory"
    if suffix.lower() in _UNIT_WORDS:
        suffix = _UNIT_WORDS[suffix.lower()]
    elif suffix:
        suffix = suffix[:1].upper() + suffix[1:]
    return ColumnHeader(quantity, suffix)


@lru_cache(2048)
def layer_header_rank(text: str) -> int | None:
    """How surely a header is that of the layers' names, 0 the surest; None where it is not."""
    return None if len(text) > MAX_LABEL else _LAYERS.get(plain(text))


class Ambiguous(NamedTuple):
    """A label that may be any of several layers."""

    label: str
    layers: tuple[str, ...]


class LayerNames:
    """The layers of a network by everything that people call them."""

    def __init__(self, graph: Graph) -> None:
        names = [*(node.name for node in graph.nodes), *graph.scopes]
        self.folded = {name.casefold(): name for name in reversed(names)}
        self.exact = set(names)
        self.names = names
        self.last = next(node.name for node in reversed(graph.nodes) if not node.side)
        self.by_kind = _grouped(((node.kind,), node.name) for node in graph.nodes if not node.side)
        self.order = {name: index for index, name in enumerate(node.name for node in graph.nodes)}
        for name, opened in graph.scopes.items():
            self.by_kind.setdefault((opened,), []).append(name)
            self.order[name] = len(self.order)
        self._found: dict[str, str | Ambiguous | None] = {}
        self._of_kind: dict[str, list[str]] = {}

    @cached_property
    def _worded(self) -> list[tuple[tuple[str, ...], str]]:
        """The words of each name, and the name."""
        return [(_words(name), name) for name in self.names]

    @cached_property
    def by_words(self) -> dict[tuple[str, ...], list[str]]:
        """The layers by the words of their names."""
        return _grouped(self._worded)

    @cached_property
    def by_kind_words(self) -> dict[tuple[str, ...], list[str]]:
        """The layers by the same words, those for a kind of layer in one form."""
        return _grouped((_canonical(words), name) for words, name in self._worded)

    @cached_property
    def by_ending(self) -> dict[tuple[str, ...], list[str]]:
        """The layers by the ends of their paths."""
        return _grouped((ending, name) for name in self.names for ending in _endings(name))

    @cached_property
    def by_beginning(self) -> dict[tuple[str, ...], list[str]]:
        """The layers outside blocks by how their names begin, words for a kind in one form."""
        return _grouped(
            (words[:count], name)
            for words, named in self.by_kind_words.items()
            for count in range(1, len(words) + 1)
            for name in named
            if "/" not in name
        )

    def find(self, label: str) -> str | Ambiguous | None:
        """Return the layer that a label means, `total` included.

        Several where it cannot be told, None where there is none.
        """
        if label not in self._found:
            if len(self._found) > 4096:
                self._found.clear()
            self._found[label] = self._find(label)
        return self._found[label]

    def _find(self, label: str) -> str | Ambiguous | None:
        if len(label) > MAX_LABEL:
            return None
        text = label.strip().strip("*`").strip()
        if text in self.exact:
            return text
        if text.casefold() in self.folded:
            return self.folded[text.casefold()]
        words = _words(text)
        if not words:
            return None
        special = _SPECIAL.get("".join(words)) or (
            _SPECIAL.get(words[0]) if len(words) == 1 else None
        )
        for layers in (self.by_words.get(words), self.by_kind_words.get(_canonical(words))):
            if layers:
                return layers[0] if len(layers) == 1 else Ambiguous(label, tuple(layers))
        if special is not None:
            return self.last if special == "output" else special
        layers = self.by_ending.get(words)
        if layers:
            return layers[0] if len(layers) == 1 else Ambiguous(label, tuple(layers))
        return self._by_number(label, words)

    def of_kind(self, word: str) -> list[str]:
        """Return the layers of a kind in order: those outside blocks where there are any."""
        kind = _KIND_OF.get(word, "")
        if kind not in self._of_kind:
            layers = [
                name
                for meant in _MEANT.get(kind, (kind,))
                for name in self.by_kind.get((meant,), ())
            ]
            outside = [name for name in layers if "/" not in name]
            self._of_kind[kind] = sorted(outside or layers, key=self.order.__getitem__)
        return self._of_kind[kind]

    def _by_number(self, label: str, words: tuple[str, ...]) -> str | Ambiguous | None:
        """`conv3` as the third conv, where no name begins so; a bare `softmax` where there is one."""
        layers = self.of_kind(words[0])
        if len(words) == 1 and layers:
            return layers[0] if len(layers) == 1 else Ambiguous(label, tuple(layers))
        beginning = self.by_beginning.get(_canonical(words))
        if beginning:
            return beginning[0] if len(beginning) == 1 else Ambiguous(label, tuple(beginning))
        if len(words) == 2 and words[1].isdigit() and 1 <= int(words[1]) <= len(layers):
            return layers[int(words[1]) - 1]
        return None

    def in_order(self, label: str, count: int) -> list[str] | None:
        """Return the layers that `count` rows of one bare label stand for, in order: as many as there are of
        its kind.
        """
        words = _words(label)
        layers = self.of_kind(words[0]) if len(words) == 1 else []
        return layers if len(layers) == count > 1 else None


def single_layer(names: LayerNames, word: str) -> str | None:
    """Return the one layer that a word on a command line means, None of none. Raises SpecError for one of several."""
    found = names.find(word)
    if isinstance(found, Ambiguous):
        may_be = message(
            "'{text}' may be any of {names}", text=word, names=listing(found.layers, 4)
        )
        raise single_problem("LAYER", word, may_be, "", "unknown-layer")
    return found


def _grouped(pairs: Iterable[tuple[tuple[str, ...], str]]) -> dict[tuple[str, ...], list[str]]:
    groups: dict[tuple[str, ...], dict[str, None]] = {}
    for key, name in pairs:
        groups.setdefault(key, {})[name] = None
    return {key: list(names) for key, names in groups.items()}


def _endings(name: str) -> Iterator[tuple[str, ...]]:
    """Yield the ends of a path by its words: of `inception_3a/c3` those from `c3` to `3a/c3`, and for short `3a`."""
    words = _words(name)
    last = len(_words(name.rpartition("/")[2])) if "/" in name else 2
    for count in range(min(last, 2), len(words)):
        yield words[-count:]


def _words(label: str) -> tuple[str, ...]:
    """Letters and digits of a label apart, letters that stand together as one word, without words such as `layer`."""
    words: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", label).casefold()):
        if word in _FILLER:
            continue
        word = _WITHOUT_ENDING.sub("", word)
        if words and not word.isdigit() and not words[-1].isdigit() and len(word) > 1:
            words[-1] += word
        else:
            words.append(word)
    return tuple(words)


def _canonical(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words with those for a kind of layer in one form: `maxpooling` and `풀링` as `pool`."""
    return tuple(
        _GENERAL.get(kind, kind) if (kind := _KIND_OF.get(word)) else word for word in words
    )
