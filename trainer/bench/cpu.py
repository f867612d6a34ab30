"""Trees against padded pairs (TRL) and pair sharing on a CPU: `python -m bench.cpu --mint trees.jsonl …`, in trainer/.

The last line of stdout is one JSON object. What is timed: one forward and backward pass over all pairs of a set, every
weight trained, float32, without optimizer; medians of interleaved passes.
"""

import argparse
import json
import logging
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datasets
import torch
import transformers
from transformers import PreTrainedTokenizerBase, Qwen2ForCausalLM

from bench.bpe_model import learn_tokenizer, random_model, texts_of
from bench.compare import compare, sample, smallest_bin, tokens_of
from bench.padded import VERSION
from bench.paper_set import PaperShape, paper_trees
from sealign_trainer.corpus import load_corpus
from sealign_trainer.settings import RunSettings
from sealign_trainer.token_tree import TokenTree

#: Of trainer.md section 3's scenarios: shallow, between, medium.
_SAME = (0.55, 0.65, 0.75)
#: Lengths of the timed sample against the paper's. Over 7,000 tokens a model this narrow does little but attention,
#: which is a small part of what a 7B does; with shorter rows it is less of ours too.
_SCALE = 0.25
_VOCABULARY = 4096
#: Of a timed sample, beside its tokens.
_MEASURED = (
    "timeRatio",
    "coreTimeRatio",
    "timeRatioEveryLogit",
    "pairSharingTimeRatio",
    "pairSharingCoreTimeRatio",
    "lossDiff",
    "gradDiff",
)


def main(words: Sequence[str] | None = None) -> int:
    args = _arguments(words)
    os.environ.update(TOKENIZERS_PARALLELISM="false", TQDM_DISABLE="1")
    warnings.filterwarnings("ignore", category=FutureWarning)
    torch.set_num_threads(args.threads)
    datasets.disable_progress_bars()
    transformers.logging.set_verbosity_error()
    logging.disable(logging.WARNING)
    sets: list[dict[str, Any]] = []
    if args.mint is not None:
        sets.append(_real("mint-humaneval", args.mint, args, timed=True))
    for path, name in ((args.mint_chosen, "each pair with its own prefix"), (args.mint_strict, "merge mode strict")):
        if path is not None:
            sets.append(_real(f"mint-humaneval, {name}", path, args, timed=False))
    sets.extend(_paper(args))
    headline = sets[0]
    names = (
        "tokensRatio",
        "timeRatio",
        "coreTimeRatio",
        "timeRatioEveryLogit",
        "pairSharingTokensRatio",
        "pairSharingTimeRatio",
        "pairSharingCoreTimeRatio",
    )
    report = {
        **{name: headline[name] for name in names if name in headline},
        **{name: max(each[name] for each in sets if name in each) for name in ("lossDiff", "gradDiff")},
        "trl": VERSION,
        "torch": torch.__version__,
        "threads": args.threads,
        "model": {
            "hidden": args.hidden,
            "layers": args.layers,
            "intermediate": 4 * args.hidden,
            "vocabulary": _VOCABULARY,
        },
        "sets": sets,
    }
    print(json.dumps(report))
    return 0


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--mint", type=Path, metavar="FILE", help="trees.jsonl of MINT, merged by call, with shared prefixes"
    )
    parser.add_argument("--mint-chosen", type=Path, metavar="FILE", help="the same, each pair with its own prefix")
    parser.add_argument("--mint-strict", type=Path, metavar="FILE", help="merged by raw text and observation")
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--batch", type=int, default=2, help="pairs of a padded batch")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=120_000, help="most tokens of the timed pairs, as padded rows")
    parser.add_argument("--trees", type=int, default=PaperShape().trees, help="trees of the generated set")
    return parser.parse_args(words)


def _real(name: str, path: Path, args: argparse.Namespace, *, timed: bool) -> dict[str, Any]:
    tokenizer = learn_tokenizer(texts_of(path), _VOCABULARY)
    settings = RunSettings(run="bench", folder=path.parent, trees=path, model="bench")
    trees = load_corpus(settings, tokenizer).trees
    _say(f"{name}: {len(trees)} trees")
    counted = {"set": name, **tokens_of(trees, smallest_bin(trees))}
    return {**counted, **(_timed(trees, tokenizer, args) if timed else {})}


def _paper(args: argparse.Namespace) -> list[dict[str, Any]]:
    """Tokens at full length for every scenario; time of a sample of the middle one."""
    sets: list[dict[str, Any]] = []
    for same in _SAME:
        shape = PaperShape(trees=args.trees, same=same, vocabulary=_VOCABULARY)
        trees = paper_trees(shape)
        trajectories = sum(len(tree.trajectories) for tree in trees)
        resolved = sum(tree.successes[0] for tree in trees)
        report = {
            "set": f"paper's shape, s = {same}",
            "trajectories": trajectories,
            "resolved": round(resolved / trajectories, 3),
            **tokens_of(trees, 32_768),
        }
        if same == _SAME[1]:
            short = paper_trees(shape.scaled(_SCALE))
            texts = (str(at) for at in range(1000))
            report |= {"lengthsTimed": _SCALE, **_timed(short, learn_tokenizer(texts, 300), args)}
        sets.append(report)
        _say(f"{report['set']}: {report['tokensRatio']} ×")
    return sets


def _timed(trees: list[TokenTree], tokenizer: PreTrainedTokenizerBase, args: argparse.Namespace) -> dict[str, Any]:
    """Tokens of the whole set stay as they are; those of the timed pairs stand in `timed` beside their times."""
    some = sample(trees, args.tokens)
    timed = compare(some, _model(args), tokenizer, batch=args.batch, repeats=args.repeats)
    _say(f"  timed: {timed['tokensRatio']} × fewer tokens, {timed['timeRatio']} × less time than padded pairs")
    return {**{name: timed[name] for name in _MEASURED}, "timed": timed}


def _model(args: argparse.Namespace) -> Qwen2ForCausalLM:
    heads = max(2, args.hidden // 64)
    return random_model(
        _VOCABULARY,
        hidden=args.hidden,
        layers=args.layers,
        heads=heads,
        kv_heads=heads // 2,
        intermediate=4 * args.hidden,
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
