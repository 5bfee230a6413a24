"""Does a process of the composition answer? `python deploy/healthy.py URL`: exit 0 when it says 200, else 1."""

import sys
import urllib.error
import urllib.request

_SECONDS = 5.0


def main(url: str) -> int:
    """Ask once, past any proxy of the environment."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=_SECONDS) as answer:
            return 0 if answer.status == 200 else 1
    except (OSError, urllib.error.URLError):
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
