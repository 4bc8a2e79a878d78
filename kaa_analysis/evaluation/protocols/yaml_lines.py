"""Where in a YAML file each value stands, so that an error can name the line without repeating what is written there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader written in C, where it was built."""

DEEPEST = 20
"""A document nested deeper is nothing that anybody wrote, and could stop the program that reads it."""

_OPENING = (
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
)
_CLOSING = (yaml.BlockEndToken, yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken)

Path = tuple[str | int, ...]


def yaml_lines(text: str) -> dict[Path, int]:
    """Return the line, from 1, of every value of a YAML document by its path of keys and places in lists.

    Raises:
        yaml.YAMLError: the text is no YAML, repeats one of its parts by a mark (``*``), or is nested deeper than `DEEPEST`.

    >>> yaml_lines("a: 1\\nb:\\n  - c: 2")[("b", 0, "c")]
    3
    """
    _refuse_odd(text)
    root = yaml.compose(text, Loader=_Loader)
    return {} if root is None else dict(_below(root, ()))


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """Return the line of the value at ``path``, or of the nearest thing around it that is written; None where nothing is.

    >>> line_of({("a",): 4}, ("a", "left_out"))
    4
    """
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)


def _refuse_odd(text: str) -> None:
    depth = 0
    for token in yaml.scan(text, Loader=_Loader):
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > DEEPEST or isinstance(token, yaml.AliasToken):
            raise yaml.YAMLError("en del upprepas med *, eller delarna ligger för djupt i varandra")


def _below(node: yaml.Node, path: Path) -> Iterator[tuple[Path, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            yield here, key.start_mark.line + 1
            yield from _below(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield (*path, place), value.start_mark.line + 1
            yield from _below(value, (*path, place))
