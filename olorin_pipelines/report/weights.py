"""How did the weight of a version go over time? As a line of blocks, and as a chart of text. Pure."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["weight_blocks", "weight_chart"]

_BLOCKS = "▁▂▃▄▅▆▇█"


def weight_blocks(weights: Sequence[tuple[float, int]], *, until: float, width: int = 60) -> str:
    """Return one character for each of `width` slices of time, from the first moment to `until`; empty without any.

    `weights` are moments in seconds, rising, and the percent from then on. A slice shows its highest weight, so that
    a short step is seen; 0 % is a dot.
    """
    if not weights:
        return ""
    heights = _highest(weights, until=until, width=width)
    return "".join(_BLOCKS[min(7, height * 8 // 100)] if height else "·" for height in heights)


def weight_chart(weights: Sequence[tuple[float, int]], *, until: float, width: int = 72) -> str:
    """Return a chart in lines of text: percent upwards, seconds to the right; empty without any weight.

    A row is filled where the weight reached its percent. Arguments are those of `weight_blocks`.
    """
    if not weights:
        return ""
    heights = _highest(weights, until=until, width=width)
    rows = sorted({weight for _, weight in weights if weight} | {100}, reverse=True)
    lines = [
        f"{percent:>4} % ┤" + "".join("█" if height >= percent else " " for height in heights).rstrip()
        for percent in rows
    ]
    span = until - weights[0][0]
    end = f"{span:.0f} s"
    ends = f"{'0 s':<{width // 2}}{f'{span / 2:.0f} s':<{width - width // 2 - len(end)}}{end}"
    return "\n".join([*lines, f"       └{'─' * width}", f"        {ends}"])


def _highest(weights: Sequence[tuple[float, int]], *, until: float, width: int) -> list[int]:
    """The highest weight in each of `width` slices of time."""
    began = weights[0][0]
    slice_seconds = max(until - began, 1e-9) / width
    found = []
    for place in range(width):
        first, last = began + place * slice_seconds, began + (place + 1) * slice_seconds
        before = [weight for at, weight in weights if at <= first]
        inside = [weight for at, weight in weights if first < at < last]
        found.append(max([*before[-1:], *inside], default=0))
    return found
