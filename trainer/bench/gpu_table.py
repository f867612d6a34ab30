"""What bench.gpu measured, in Markdown."""

from typing import Any


def table(report: dict[str, Any]) -> str:
    """The report in Markdown, for docs/log.md."""
    lines = [
        f"{report['date']}, {report['device']}, torch {report['versions']['torch']}, TRL {report['versions']['trl']}: "
        f"`{report['command']}`. DPO, LoRA r = {report['rank']}, bins of {report['binTokens']:,} tokens.",
        "",
        "| model | way | pairs | tokens/s | MFU | HFU | peak GiB | checkpointed | s for the pairs | against ours |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for document in report["models"]:
        for part, way in (
            ("trees", "trees"),
            ("padded", "TRL, padded"),
            ("longPair", "TRL, a pair of a bin's length"),
        ):
            if part in document:
                lines.append(_line(document, document[part], part, way))
    errors = report["bfloat16"]
    if errors is not None:
        lines += [
            "",
            f"bfloat16 against float64: log-probabilities {errors['treeLogp']:.2e} (trees), {errors['rowLogp']:.2e} "
            f"(rows); gradient {errors['treeGradient']:.2e} (trees), {errors['rowGradient']:.2e} (rows): "
            f"{'within' if errors['holds'] else 'NOT within'} 1.5 times.",
        ]
    return "\n".join(lines) + "\n"


def _line(document: dict[str, Any], part: dict[str, Any], name: str, way: str) -> str:
    if "problem" in part:
        cells = [document["model"], way, part["problem"], *[""] * 7]
    else:
        estimate = f" (estimate {part['estimateGib']:.1f})" if "estimateGib" in part else ""
        pairs = part.get("pairs", 1)
        ratio = document.get("epochRatio")
        cells = [
            document["model"],
            way,
            f"{pairs} of {part['ofPairs']}" if "ofPairs" in part else str(pairs),
            f"{part.get('tokensPerSecond', part['tokens'] / part['seconds']):,.0f}",
            _percent(part.get("mfu")),
            _percent(part.get("hfu")),
            "" if part["peakGib"] is None else f"{part['peakGib']:.1f}{estimate}",
            str(part.get("checkpointedLayers", "all")),
            f"{part.get('allSeconds', part['seconds']):.1f}",
            f"{ratio:.1f} ×" if name == "padded" and ratio is not None else "",
        ]
    return f"| {' | '.join(cells)} |"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"
