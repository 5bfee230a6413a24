"""The releases that can be run, by name."""

from . import additive, breaking, lying, slow, stable, two_versions, unused
from .release import Release

__all__ = ["RELEASES", "Release"]

_ALL = (stable, additive, breaking, lying, slow, two_versions, unused)

RELEASES = {module.RELEASE.name: module.RELEASE for module in _ALL}
