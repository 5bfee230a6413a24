"""How is YAML read? Strictly, by the YAML 1.2 core schema: string keys, no duplicates, no surprises.

PyYAML follows YAML 1.1: `200:` becomes a number, `on` a boolean, `2024-01-01` a date, and of two equal keys the
first vanishes. None of that is wanted in a contract or in a configuration, so the scalars are resolved here
(YAML 1.2.2, section 10.3.2) and duplicates are refused with both lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import Any, ClassVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from olorin_pipelines.errors import DocumentError

__all__ = ["load", "locate"]

MAX_NODES = 5_000_000
"""Nodes after aliases are followed: a 380-byte document can name 9^9 of them."""

MAX_DEPTH = 400
_INT = re.compile(r"[-+]?[0-9]+")
_Constructor = Callable[[Any, Any], Any]


class _Loader(yaml.CSafeLoader):
    """CSafeLoader with the scalars of YAML 1.2 and strict mappings."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - PyYAML's own class attribute, emptied
    yaml_constructors: ClassVar[dict[Any, _Constructor]] = dict(yaml.CSafeLoader.yaml_constructors)

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        self.flatten_mapping(node)
        return {_key(key): self.construct_object(value, deep=deep) for key, value in node.value}


def _key(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return str(node.value)
    raise yaml.constructor.ConstructorError(None, None, "a key must be a plain value", node.start_mark)


def _resolve(tag: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(tag, re.compile(rf"^(?:{pattern})$"), list(first))


_resolve("tag:yaml.org,2002:merge", "<<", "<")
_resolve("tag:yaml.org,2002:null", "~|null|Null|NULL|", "~nN\0")
_Loader.yaml_implicit_resolvers.setdefault("", []).append(("tag:yaml.org,2002:null", re.compile("^$")))
_resolve("tag:yaml.org,2002:bool", "true|True|TRUE|false|False|FALSE", "tTfF")
_resolve("tag:yaml.org,2002:int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789")
_resolve(
    "tag:yaml.org,2002:float",
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    "-+0123456789.",
)


def _construct_int(_: yaml.SafeLoader, node: ScalarNode) -> int:
    return int(str(node.value), 10 if _INT.fullmatch(node.value) else 0)


_Loader.add_constructor("tag:yaml.org,2002:int", _construct_int)


def load(text: str | bytes, *, source: str) -> Any:
    """Read one YAML document (JSON is a subset of YAML 1.2).

    Raises `DocumentError` with line and column for a syntax fault, a duplicate or non-scalar key, an unknown tag,
    too deep nesting, or aliases that expand past `MAX_NODES`.
    """
    loader = _loader(text, source)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _measure(node, source)
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DocumentError(
            error.problem or "invalid YAML",
            source=source,
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
            hint="YAML 1.2 is expected; quote a value that holds ':' or '#'",
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise DocumentError(f"not readable as YAML: {error}", source=source) from error
    except RecursionError as error:
        raise DocumentError("nested too deeply", source=source, hint=f"the limit is {MAX_DEPTH} levels") from error
    finally:
        loader.dispose()


def locate(text: str | bytes, path: tuple[str | int, ...], *, source: str) -> tuple[int, int] | None:
    """Return line and column (1-based) of the value at `path`, of the nearest parent when it is not there."""
    loader = _loader(text, source)
    try:
        node = loader.get_single_node()
        mark = node.start_mark if node else None
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            mark, node = found
        return (mark.line + 1, mark.column + 1) if mark else None
    except (yaml.YAMLError, RecursionError):
        return None
    finally:
        loader.dispose()


def _loader(text: str | bytes, source: str) -> _Loader:
    try:
        return _Loader(text)
    except (yaml.YAMLError, ValueError) as error:
        raise DocumentError(f"not readable as text: {error}", source=source, hint="save it as UTF-8") from error


def _child(node: Node | None, step: str | int) -> tuple[Any, Node] | None:
    if isinstance(node, MappingNode):
        return next(((k.start_mark, v) for k, v in node.value if getattr(k, "value", None) == str(step)), None)
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    return None


def _measure(root: Node, source: str) -> None:
    """Refuse duplicates, depth and alias bombs before anything is constructed. Sizes are memoised per node."""
    sizes: dict[int, int] = {}

    def visit(node: Node, depth: int) -> int:
        known = sizes.get(id(node))
        if known is not None:
            if known < 0:
                raise _fault("a value contains itself through an alias", node, source)
            return known
        if depth > MAX_DEPTH:
            raise _fault(f"nested deeper than {MAX_DEPTH} levels", node, source)
        sizes[id(node)] = -1
        size = 1
        if isinstance(node, MappingNode):
            _refuse_duplicates(node, source)
            size += sum(visit(value, depth + 1) for _, value in node.value)
        elif isinstance(node, SequenceNode):
            size += sum(visit(value, depth + 1) for value in node.value)
        if size > MAX_NODES:
            raise _fault(f"aliases expand to more than {MAX_NODES:,} values", node, source)
        sizes[id(node)] = size
        return size

    visit(root, 0)


def _refuse_duplicates(node: MappingNode, source: str) -> None:
    seen: dict[str, int] = {}
    for key, _ in node.value:
        name = getattr(key, "value", None)
        if not isinstance(name, str):
            raise _fault("a key must be a plain value", key, source)
        if name in seen and name != "<<":
            raise _fault(f"the key {name!r} is given twice, first on line {seen[name]}", key, source)
        seen[name] = key.start_mark.line + 1


def _fault(message: str, node: Node, source: str) -> DocumentError:
    mark = node.start_mark
    return DocumentError(message, source=source, line=mark.line + 1, column=mark.column + 1)
