"""A figure: what it is called, how much, of what."""

from statistics import median

Figure = dict[str, object]


def figure(name: str, value: float, unit: str) -> Figure:
    return {"name": name, "value": round(value, 1), "unit": unit}


def times(name: str, taken: list[float]) -> list[Figure]:
    """The middle and the 95th of a hundred, of times in milliseconds; nothing of none."""
    if not taken:
        return []
    ranked = sorted(taken)
    return [
        figure(f"{name}.p50_ms", median(ranked), "ms"),
        figure(f"{name}.p95_ms", ranked[int(len(ranked) * 0.95)], "ms"),
    ]
