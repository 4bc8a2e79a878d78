"""YAML as people mean it: a key stands once, and a date is the text it was written as."""

from __future__ import annotations

from typing import Any, ClassVar

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader written in C, ten times faster, where it was built."""


class RepeatedKeyError(yaml.YAMLError):
    """A key stands more than once in the same mapping."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f'"{key}" står mer än en gång')


class _StrictLoader(_Loader):
    """A safe loader that refuses repeated keys and makes no dates."""

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in _Loader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(self.construct_object(key_node, deep=True))
            if key in seen:
                raise RepeatedKeyError(key)
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_strict_yaml(text: str) -> Any:
    """Return what a YAML document holds: plain values only, dates as text.

    Raises:
        RepeatedKeyError: a key stands more than once.
        yaml.YAMLError: the text is no YAML, or asks for more than plain values.

    >>> read_strict_yaml("first_day: 2022-01-01")
    {'first_day': '2022-01-01'}
    """
    try:
        return yaml.load(text, _StrictLoader)
    except (TypeError, ValueError):
        raise yaml.YAMLError("ett värde eller en nyckel är inte av ett enkelt slag") from None


def read_yaml(content: str | bytes) -> Any:
    """Return what a YAML document of the package's own or of a supplier's layout holds: plain values, dates as dates.

    Raises:
        yaml.YAMLError: it is no YAML, or asks for more than plain values.

    >>> read_yaml("a: [1, 2]")
    {'a': [1, 2]}
    """
    return yaml.load(content, _Loader)
