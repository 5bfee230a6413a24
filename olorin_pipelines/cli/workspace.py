"""`olorin workspace`: what Dagster needs to show Olorin where it was installed from a wheel, without a clone."""

from __future__ import annotations

from pathlib import Path

import click

import olorin_pipelines
from olorin_pipelines.errors import UsageError

__all__ = ["workspace"]

_PACKAGE = Path(olorin_pipelines.__file__).parent
_TEXT = """\
# Written by `olorin workspace`: the code location of the installed Olorin.
load_from:
  - python_module:
      module_name: definitions
      working_directory: {location}
      location_name: olorin
"""


@click.command(epilog="Example: olorin workspace\n         olorin workspace --force deploy/dagster",
               short_help="write the files that dagster dev starts from")  # fmt: skip
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--force", is_flag=True, help="Write over files that differ.")
def workspace(folder: Path, *, force: bool) -> None:
    """Write workspace.yaml and dagster.yaml into FOLDER (default: here), so that `dagster dev` shows Olorin.

    Files that are already as they should be are left alone. Exit code 0: they are there; 2: one differs, nothing was
    written.
    """
    location = _location()
    wanted = {
        folder / "workspace.yaml": _TEXT.format(location=_quoted(location)),
        folder / "dagster.yaml": _settings(location),
    }
    for file, text in wanted.items():
        if file.exists() and file.read_text(encoding="utf-8") != text and not force:
            raise UsageError(f"{file} is there already and says something else", hint="--force writes over it")
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in wanted.items():
        file.write_text(text, encoding="utf-8")
        click.echo(f"{file} is in place")
    click.echo(f'\nNext:\n  export DAGSTER_HOME="{folder.absolute()}"')
    click.echo('  dagster dev -w "$DAGSTER_HOME/workspace.yaml"')


def _location() -> Path:
    """The code location: below the package in a wheel, beside it in a clone."""
    inside = _PACKAGE / "location"
    return inside if inside.is_dir() else _PACKAGE.parent


def _settings(location: Path) -> str:
    """dagster.yaml; in a wheel the launcher of runs has a longer name."""
    text = (location / "dagster.yaml").read_text(encoding="utf-8")
    named = text.replace("module: launcher\n", "module: olorin_pipelines.location.launcher\n")
    return named if location.parent == _PACKAGE else text


def _quoted(path: Path) -> str:
    """A path as YAML, whatever characters are in it."""
    return "'" + str(path).replace("'", "''") + "'"
