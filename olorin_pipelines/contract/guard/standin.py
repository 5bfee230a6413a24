"""How does a token get into a request that no tool may see? The guard puts it where its stand-in is.

Only a request that carries the stand-in gets the token: one without credentials, or with wrong ones, stays so.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from olorin_pipelines.errors import UsageError

__all__ = ["StandIns", "script"]

_START = "olorin-stand-in-"
_SENDABLE = re.compile(r"[!-~]+( [!-~]+)*")


@dataclass(frozen=True, slots=True)
class StandIns:
    """The values behind the stand-ins, each in a file of `folder` that is replaced in one move."""

    folder: Path

    def add(self, value: str, *, place: str) -> str:
        """Keep a value and return its stand-in. Raises `UsageError` for what no header can carry.

        The same `place` has the same stand-in in every run, so that kept requests can be sent again. It opens nothing:
        only this guard knows what is behind it, and the guard's address is a secret.
        """
        name = hashlib.sha256(place.encode()).hexdigest()[:32]
        self._write(name, value)
        return _START + name

    def renew(self, stand_in: str, value: str) -> None:
        """Replace the value behind a stand-in: from the next request on."""
        self._write(stand_in.removeprefix(_START), value)

    def _write(self, name: str, value: str) -> None:
        if not _SENDABLE.fullmatch(value):
            raise UsageError("a credential has characters that cannot be sent", hint="printable ASCII is expected")
        temporary = self.folder / f".{name}.{os.getpid()}"
        with open(temporary, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(value)
        temporary.replace(self.folder / name)


def script(folder: Path) -> str:
    """Return what Envoy runs for every request, in Lua: stand-ins in headers and in the path are replaced."""
    return f"""
local function escaped(text)
  return (string.gsub(text, "[^%w%-._~]", function(c) return string.format("%%%02X", string.byte(c)) end))
end
local function swapped(text, inside)
  return (string.gsub(text, "{_START.replace("-", "%-")}(%x+)", function(name)
    local file = #name == 32 and io.open("{folder}/" .. name, "r")
    if not file then return nil end
    local value = file:read("*a")
    file:close()
    return inside(value)
  end))
end
function envoy_on_request(handle)
  local found = {{}}
  for name, value in pairs(handle:headers()) do
    if string.find(value, "{_START}", 1, true) then
      found[name] = swapped(value, name == ":path" and escaped or tostring)
    end
  end
  for name, value in pairs(found) do handle:headers():replace(name, value) end
end
"""
