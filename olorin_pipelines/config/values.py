"""Of which kinds are the values of `olorin.yaml`? Names, URLs, secrets; and the model whose keys they stand at."""

from __future__ import annotations

import os
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import core_schema

from olorin_pipelines.errors import ConfigError

__all__ = ["HttpUrl", "Model", "Name", "Secret", "as_name", "expand"]

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("a name has lower-case letters, digits and hyphens, at most 63, as in DNS")
    return value


Name = Annotated[str, AfterValidator(_name)]


def as_name(title: str) -> str:
    """Return a title as a `Name`: "Pets & Co" becomes `pets-co`; `api` where nothing of it can be one."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-") or "api"


def _http_url(value: str) -> str:
    if not re.match(r"https?://[^/\s]+", value):
        raise ValueError("a URL with http:// or https:// is expected")
    return value.rstrip("/")


HttpUrl = Annotated[str, AfterValidator(_http_url)]


class Secret:
    """A secret value, written in the file as `${VARIABLE}`; read from the environment when it is used, shown never.

    It is looked up late so that a machine without the secret can still load the configuration, list the assets and
    validate the definitions; what needs it then fails by name.
    """

    def __init__(self, source: str) -> None:
        self._source = source

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(min_length=1))

    def __repr__(self) -> str:
        return "Secret('**********')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._source == other._source

    def __hash__(self) -> int:
        return hash(self._source)

    def reveal(self) -> str:
        """Return the value. Raises `ConfigError` naming the variable that is missing."""
        return expand(self._source)


def expand(text: str) -> str:
    """Replace `${NAME}` and `${NAME:-default}` by the environment. Raises `ConfigError` for one that is not set."""

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match["name"], match["default"])
        if found is None:
            raise ConfigError(
                f"the environment variable {match['name']} is not set",
                hint=f"export {match['name']}=… or write ${{{match['name']}:-default}}",
            )
        return found

    return _VARIABLE.sub(value, text)


class Model(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
