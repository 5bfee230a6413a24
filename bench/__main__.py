"""`python -m bench slice --json`."""

from __future__ import annotations

import argparse
import json
import sys

from bench import slice as slice_bench
from bench.machine import describe

_BENCHES = {"slice": slice_bench.measure}


def main() -> int:
    """Run a benchmark; exit code 1 when one of the customer's limits is passed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, epilog="example: python -m bench slice"
    )
    parser.add_argument("name", choices=sorted(_BENCHES))
    parser.add_argument("--runs", type=int, default=5, help="runs per figure; the median counts (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    figures = _BENCHES[arguments.name](runs=arguments.runs, say=lambda text: print(text, file=sys.stderr, flush=True))
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
