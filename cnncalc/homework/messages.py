"""Sentences in English and Korean, from the catalogues in `specs/messages/`."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from cnncalc.spec.shipped import data_file
from cnncalc.text.yaml_tree import Located, Mapping, Scalar, parse_yaml, read_source

LANGUAGES = ("en", "ko")


class Message(NamedTuple):
    """A sentence in English and in Korean."""

    en: str
    ko: str

    def text(self, lang: str) -> str:
        """Give the sentence in a language, `en` or `ko`."""
        return self.ko if lang == "ko" else self.en


@cache
def catalogue(name: str) -> dict[str, Message]:
    """Read a catalogue's messages by their path in the file, such as `no-bias.message`."""
    path = data_file("messages", name)
    assert path is not None, name
    tree, problems = parse_yaml(read_source(path))
    assert not problems, problems
    messages: dict[str, Message] = {}
    _gather(tree, "", messages)
    return messages


def _gather(tree: Located | None, path: str, messages: dict[str, Message]) -> None:
    """Add the messages below a mapping; one with exactly the languages as its keys is a message."""
    assert isinstance(tree, Mapping), path
    texts = {key.text: value.text for key, value in tree.entries if isinstance(value, Scalar)}
    if texts:
        messages[path] = Message(**texts)
        return
    for key, value in tree.entries:
        _gather(value, f"{path}.{key.text}" if path else key.text, messages)


__all__ = ["LANGUAGES", "Message", "catalogue"]
