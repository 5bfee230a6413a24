"""How did the weight of a version go over time? As a line of blocks for terminals and tables, and as SVG. Pure."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["weight_blocks", "weight_svg"]

_BLOCKS = "▁▂▃▄▅▆▇█"
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 640, 150, 44, 12, 26


def weight_blocks(weights: Sequence[tuple[float, int]], *, until: float, width: int = 60) -> str:
    """Return one character for each of `width` slices of time, from the first moment to `until`; empty without any.

    `weights` are moments in seconds, rising, and the percent from then on. A slice shows its highest weight, so that
    a short step is seen; 0 % is a dot.
    """
    if not weights:
        return ""
    began = weights[0][0]
    slice_seconds = max(until - began, 1e-9) / width
    shown = []
    for place in range(width):
        first, last = began + place * slice_seconds, began + (place + 1) * slice_seconds
        before = [weight for at, weight in weights if at <= first]
        inside = [weight for at, weight in weights if first < at < last]
        highest = max([*before[-1:], *inside], default=0)
        shown.append(_BLOCKS[min(7, highest * 8 // 100)] if highest else "·")
    return "".join(shown)


def weight_svg(weights: Sequence[tuple[float, int]], *, until: float, version: str) -> str:
    """Return the weight as a step line in an SVG of 640 × 150, with seconds below it; text is escaped."""
    from html import escape

    began = weights[0][0] if weights else until
    span = max(until - began, 1.0)
    across, up = _WIDTH - _LEFT - 12, _HEIGHT - _TOP - _BOTTOM

    def x(at: float) -> float:
        return round(_LEFT + (min(at, until) - began) / span * across, 1)

    def y(weight: int) -> float:
        return round(_TOP + (1 - weight / 100) * up, 1)

    points: list[str] = []
    for (at, weight), after in zip(weights, [*(moment for moment, _ in weights[1:]), until], strict=True):
        points += [f"{x(at)},{y(weight)}", f"{x(after)},{y(weight)}"]
    lines = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH - 12}" y1="{y(percent)}" y2="{y(percent)}" stroke="#ddd"/>'
        f'<text x="{_LEFT - 6}" y="{y(percent) + 4}" text-anchor="end">{percent} %</text>'
        for percent in (0, 25, 50, 75, 100)
    )
    ends = "".join(
        f'<text x="{x(began + share * span)}" y="{_HEIGHT - 8}" text-anchor="{anchor}">{share * span:.0f} s</text>'
        for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
        f' font-family="sans-serif" font-size="11" fill="#444"><title>weight of {escape(version)}</title>{lines}{ends}'
        f'<polyline fill="none" stroke="#4f43dd" stroke-width="2" points="{" ".join(points)}"/></svg>'
    )
