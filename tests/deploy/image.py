"""Builds deploy/Dockerfile without containers: its own steps, read from the file, in a folder that stands for `/`.

What differs from a real build: the base image is this machine's Debian and Python, uv may use its cache, and paths in
the steps begin with the folder.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
OURS = re.compile(r"(?<![\w./])/(?=(?:opt|var/lib|etc/olorin)/)")
"""Where a path of the image begins that we make; `/bin/sh` is the machine's."""

_NOT_HERE = {"UV_NO_CACHE"}
_STEP_SECONDS = 600


@dataclass(frozen=True)
class Stage:
    """One stage of a Dockerfile: its base, its name, and its instructions in order."""

    base: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def of(self, word: str) -> list[str]:
        return [rest for each, rest in self.instructions if each == word]

    def environment(self) -> dict[str, str]:
        return dict(part.split("=", 1) for rest in self.of("ENV") for part in shlex.split(rest))


def stages(path: Path = DOCKERFILE) -> list[Stage]:
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#"))
    text = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found: list[Stage] = []
    for line in filter(str.strip, text.splitlines()):
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append(Stage(base, name))
        else:
            found[-1].instructions.append((word, rest))
    return found


def ignored() -> tuple[set[str], set[str]]:
    """What .dockerignore keeps out: the folders by name anywhere, and what it lets in at the top."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    anywhere = {line.removeprefix("**/") for line in lines if line.startswith("**/")}
    return anywhere | {"secrets"}, {line[1:] for line in lines if line.startswith("!")}


@dataclass
class Image:
    """A folder that stands for the root of the built image; `user` runs its processes, None for whoever tests."""

    root: Path
    python: Path
    user: int | None
    stages: list[Stage] = field(default_factory=stages)

    @property
    def final(self) -> Stage:
        return self.stages[-1]

    def here(self, text: str) -> str:
        """A text with the image's paths as they are on this machine."""
        return OURS.sub(f"{self.root}/", text)

    def environment(self) -> dict[str, str]:
        """The variables a process of the image begins with."""
        given = {key: self.here(value) for key, value in self.final.environment().items()}
        return {**given, "PATH": given["PATH"].replace("$PATH", "/usr/bin:/bin")}

    @property
    def workdir(self) -> Path:
        return Path(self.here(self.final.of("WORKDIR")[-1]))

    def build(self) -> Iterator[str]:
        """Execute all instructions of both stages; yields each RUN as it stands in the file once it was executed."""
        build, final = self.stages
        yield from self._execute(build, {})
        left = self.root.with_name("build-stage")
        self.root.rename(left)
        self.root.mkdir()
        yield from self._execute(final, {build.name: left})
        shutil.rmtree(left)

    def _execute(self, stage: Stage, others: dict[str, Path]) -> Iterator[str]:
        workdir = self.root
        env = {"PATH": f"{self.python.parent}:/usr/bin:/bin", "HOME": os.environ.get("HOME", "/tmp")}  # noqa: S108
        env |= {key: value for key, value in os.environ.items() if key.startswith(("UV_", "npm_", "PIP_", "SSL_"))}
        env |= {key: value for key, value in os.environ.items() if key.lower().endswith("_proxy")}
        if not others:
            env |= {key: self.here(value) for key, value in stage.environment().items()}
        for name in _NOT_HERE:
            env.pop(name, None)
        for word, rest in stage.instructions:
            if word == "WORKDIR":
                workdir = Path(self.here(rest))
                workdir.mkdir(parents=True, exist_ok=True)
            elif word == "COPY":
                self._copy(shlex.split(rest), workdir, others)
            elif word == "RUN":
                text = rest if os.geteuid() == 0 else re.sub(r"-o \d+ -g \d+", "", rest)
                command = ["/bin/sh", "-ec", self.here(text)]
                said = subprocess.run(
                    command, cwd=workdir, env=env, capture_output=True, text=True, timeout=_STEP_SECONDS, umask=0o022
                )
                assert said.returncode == 0, f"{rest}: {said.stdout[-2000:]}{said.stderr[-2000:]}"
                yield rest

    def _copy(self, words: list[str], workdir: Path, others: dict[str, Path]) -> None:
        if words[0].startswith("--from="):
            source, target = words[1:]
            place = Path(self.here(target))
            place.parent.mkdir(parents=True, exist_ok=True)
            (others[words[0].removeprefix("--from=")] / source.lstrip("/")).rename(place)
            return
        *sources, target = words
        anywhere, let_in = ignored()
        for name in sources:
            assert name in let_in, f".dockerignore keeps {name} out"
            place = workdir / target / name if target.endswith("/") else workdir / target
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns(*anywhere), dirs_exist_ok=True)
            else:
                shutil.copy2(ROOT / name, place)
