"""One error tree: drawn, complete, and kind to the reader."""

from __future__ import annotations

import inspect
import re

import pytest

from olorin_pipelines import errors
from olorin_pipelines.errors import ConfigError, DocumentInvalid, OlorinError, ToolFailed, UnknownName, did_you_mean

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == errors.__name__
}


def drawn() -> dict[str, str]:
    """Class -> parent, read from the tree in the module's docstring."""
    parents: dict[str, str] = {}
    stack: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^([│├└─ ]*)([A-Z]\w+)\b {2}", line)
        if match:
            depth = len(match[1])
            stack = [entry for entry in stack if entry[0] < depth]
            parents[match[2]] = stack[-1][1] if stack else "Exception"
            stack.append((depth, match[2]))
    return parents


def test_the_drawn_tree_is_the_tree():
    assert drawn() == {name: value.__bases__[0].__name__ for name, value in CLASSES.items()}


def test_every_error_is_offered():
    assert CLASSES.keys() <= set(errors.__all__)
    assert set(errors.__all__) <= vars(errors).keys()


def test_every_error_has_one_parent_and_a_docstring():
    assert [name for name, value in CLASSES.items() if len(value.__bases__) != 1 or not inspect.getdoc(value)] == []


def test_diagnostics_say_what_happened_and_what_to_do():
    assert OlorinError("it broke", hint="mend it").diagnostics() == "it broke\n  fix: mend it"
    assert OlorinError("it broke").diagnostics() == "it broke"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            ConfigError("is wrong", file="olorin.yaml", line=3, key="services.pets"),
            "olorin.yaml:3: services.pets: is wrong",
        ),
        (ConfigError("is wrong"), "is wrong"),
        (DocumentInvalid("no paths", source="a.yaml", line=2, column=5), "a.yaml:2:5: no paths"),
        (DocumentInvalid("no paths", source="a.yaml", column=5), "a.yaml: no paths"),
        (ToolFailed("ended with 3", tool="node"), "ended with 3"),
    ],
)
def test_an_error_names_its_place(error, said):
    assert str(error) == error.message == said


def test_an_unknown_name_lists_what_is_known():
    error = UnknownName("service", "pest", ["pets", "shops"])
    assert (str(error), error.hint) == ("no service is called 'pest'", "did you mean 'pets'?")


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("canray", ["canary", "production"], "did you mean 'canary'?"),
        ("zzz", ["b", "a"], "known: a, b"),
        ("zzz", [], "none is known yet"),
        ("zzz", [f"name-{n:02}" for n in range(12)], "known: " + ", ".join(f"name-{n:02}" for n in range(10))),
    ],
)
def test_did_you_mean(name, known, hint):
    assert did_you_mean(name, known) == hint
