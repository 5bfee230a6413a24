"""The benchmarks, each printing figures or, with --json, one JSON object."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from bench.machine import describe

_TIMED = ("slice",)
_FOLDERS = ("agreement", "corpus")
_PAIRS = ("diff",)
_ANY = ("gate", "types")
_CHECKED = ("contract", "delivery")
"""Those that compare themselves with limits of their own."""
_EXAMPLES = """\
examples:
  python -m bench slice
  python -m bench contract --json           the contract gate, cold, changed and replayed, next to schemathesis run
  python -m bench gate --json               olorin check: a document of a megabyte, and the example with its tests
  python -m bench delivery --json           weights, breaches, the guard: how soon traffic is moved and moved back
  python -m bench agreement DIR --json      oasdiff's cases: cases.jsonl, golden.jsonl, data/
  python -m bench corpus DIR --json         pairs of real documents
  python -m bench diff OLD NEW --json       two documents, next to oasdiff when it is installed
  python -m bench types [DOCUMENT…] [DIR…]  types, next to the plain tools; of a folder, how many can be made
"""


def main() -> int:
    """Run a benchmark; exit code 1 when one of the customer's limits is passed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, epilog=_EXAMPLES, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("name", choices=sorted((*_TIMED, *_FOLDERS, *_PAIRS, *_ANY, *_CHECKED)))
    parser.add_argument("paths", nargs="*", type=Path, help="what the benchmark reads")
    parser.add_argument("--runs", type=int, default=5, help="runs per figure; the median counts (default: %(default)s)")
    parser.add_argument("--only", default="", metavar="PART", help="delivery: one part, such as breach-5-at-10")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_intermixed_args()
    needed = 1 if arguments.name in _FOLDERS else 2 if arguments.name in _PAIRS else 0
    if len(arguments.paths) != needed and arguments.name not in _ANY:
        parser.error(f"{arguments.name} takes {needed} paths, {len(arguments.paths)} given")
    if missing := [path for path in arguments.paths if not path.exists()]:
        parser.error(f"there is no {missing[0]}")
    if arguments.name in _TIMED:
        return _timed(arguments)
    extra: dict[str, Any] = {"runs": arguments.runs} if arguments.name in (*_PAIRS, *_ANY, *_CHECKED) else {}
    if arguments.name == "delivery":
        extra["only"] = _part(parser, arguments.only)
    report = _bench("comparison" if arguments.name == "diff" else arguments.name).measure(
        *arguments.paths, say=_say, **extra
    )
    print(
        json.dumps({"bench": arguments.name, "machine": describe(), **report}, indent=2)
        if arguments.json
        else _plain(report)
    )
    for name in report.get("missed", ()):
        print(f"over the limit: {name}", file=sys.stderr)
    return 1 if report.get("over") or report.get("missed") else 0


def _part(parser: argparse.ArgumentParser, name: str) -> str:
    known = _bench("delivery").PARTS
    if name and name not in known:
        parser.error(f"delivery has no part {name!r}; it has {', '.join(known)}")
    return name


def _bench(name: str) -> Any:
    return importlib.import_module(f"bench.{name}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _plain(report: dict[str, Any]) -> str:
    return "\n".join(f"{name:24} {value}" for name, value in report.items() if not isinstance(value, list))


def _timed(arguments: argparse.Namespace) -> int:
    figures = _bench(arguments.name).measure(runs=arguments.runs, say=_say)
    report = {"bench": arguments.name, "runs": arguments.runs, "machine": describe(), "figures": figures}
    if arguments.json:
        print(json.dumps(report, indent=2))
    else:
        for name, figure in figures.items():
            limit = f"  (limit {figure['limit_s']:g} s)" if figure["limit_s"] else ""
            print(f"{name:32} {figure['median_s']:8.3f} s{limit}")
    over = [name for name, figure in figures.items() if figure["limit_s"] and figure["median_s"] > figure["limit_s"]]
    for name in over:
        print(f"over the limit: {name}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
