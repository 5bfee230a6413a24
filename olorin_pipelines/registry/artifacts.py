"""Where are documents and reports kept? In files named by the SHA-256 of their bytes, written atomically."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from olorin_pipelines.errors import RegistryError

__all__ = ["Artifacts"]


class Artifacts:
    """A content-addressed folder: `root/sha256/ab/cdef…`. Writing the same bytes twice is one file."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """Return where the artifact lies (or would lie)."""
        return self.root / "sha256" / digest[:2] / digest[2:]

    def put(self, data: bytes) -> str:
        """Store the bytes and return their SHA-256 in hex."""
        digest = hashlib.sha256(data).hexdigest()
        target = self.path(digest)
        if target.exists():
            return digest
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(target)
        except OSError as error:
            raise RegistryError(f"an artifact cannot be written to {self.root}: {error.strerror}") from error
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes. Raises `RegistryError` when they are gone or no longer what their name says."""
        try:
            data = self.path(digest).read_bytes()
        except OSError as error:
            raise RegistryError(f"the artifact {digest[:12]}… is not in {self.root}") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise RegistryError(f"the artifact {digest[:12]}… was changed on disk", hint=f"remove {self.path(digest)}")
        return data
