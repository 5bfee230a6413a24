"""`olorin completion` in real shells: what is offered after a few letters."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
ASK = """\
eval "$(olorin completion bash)"
COMP_WORDS=({words}) COMP_CWORD={last}
_olorin_completion olorin
printf '%s\n' "${{COMPREPLY[@]}}"
"""


def offered(*words: str) -> list[str]:
    """What bash would offer for the last of the words."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    script = ASK.format(words=" ".join(["olorin", *map(repr, words)]), last=len(words))
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run([bash, "--norc", "-c", script], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("ch",), {"check"}),
        (("roll",), {"rollout", "rollback"}),
        (("rollout", "a"), {"abort", "approve"}),
        (("check", "--for"), {"--format"}),
        (("check", "--format", "j"), {"json", "junit"}),
        (("completion", ""), {"bash", "zsh", "fish"}),
    ],
)
def test_bash_offers_commands_options_and_choices(words, wanted):
    assert set(offered(*words)) == wanted


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_valid_in_its_shell(olorin, shell):
    said = olorin("completion", shell)
    assert said.code == 0
    assert "_OLORIN_COMPLETE" in said.out
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed: its script was not read by it")
    subprocess.run([program, "-n"], input=said.out, text=True, check=True)


def test_another_shell_is_refused_with_those_that_are_known(olorin):
    said = olorin("completion", "csh")
    assert said.code == 2
    assert "'bash', 'zsh', 'fish'" in said.err
