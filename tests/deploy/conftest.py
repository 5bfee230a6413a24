"""The image, built once from the steps of its Dockerfile."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.deploy.image import Image


def interpreter() -> Path:
    """A Python that other users may run too, as that of the base image; else the one that tests."""
    code = "import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
    for name in ("/usr/local/bin/python3", "/usr/bin/python3"):
        if Path(name).exists() and subprocess.run([name, "-c", code], capture_output=True).returncode == 0:
            return Path(name)
    return Path(sys.base_prefix) / "bin" / "python3"


@pytest.fixture(scope="session")
def image_steps():
    """The image, and the steps that were executed to make it."""
    ground = Path(tempfile.mkdtemp(prefix="olorin-image-"))
    ground.chmod(0o755)  # the image's own user passes here
    (ground / "root").mkdir(mode=0o755)
    user = 10001 if os.geteuid() == 0 else None
    image = Image(ground / "root", interpreter(), user)
    try:
        yield image, list(image.build())
    finally:
        shutil.rmtree(ground, ignore_errors=True)


@pytest.fixture(scope="session")
def image(image_steps) -> Image:
    return image_steps[0]
