"""The releases that can be run, by name."""

from . import additive, breaking, lying, stable
from .release import Release

__all__ = ["RELEASES", "Release"]

RELEASES = {release.name: release for release in (stable.RELEASE, additive.RELEASE, breaking.RELEASE, lying.RELEASE)}
