"""The data linter: what would be learnt wrongly, or not at all, before a Run takes hours to show it."""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from transformers import PreTrainedTokenizerBase

from .bins import Stage
from .corpus import Corpus, load_corpus
from .errors import EXIT_CODE
from .piece import pieces_of
from .sample import RenderedSample, sample
from .settings import read_settings
from .special_tokens import SpecialTokens
from .token_tree import TokenTree
from .tokenizer import load_tokenizer

Severity = Literal["refuse", "warn"]

#: Examples of a problem that it names; the message counts them all.
NAMED: Final = 5
#: Fewer examples of a stage than this hardly teach anything.
FEW_EXAMPLES: Final = 10
EXAMPLES: Final[dict[Stage, str]] = {"sft": "resolved trajectory with an action", "dpo": "pair"}


@dataclass(frozen=True, slots=True)
class Problem:
    #: `refuse`: a Run must not start with it.
    severity: Severity
    #: Short and stable: `untrained-end`, `too-long`, …
    kind: str
    message: str
    #: The first few places, as `tree: node`, or ids.
    where: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"severity": self.severity, "kind": self.kind, "message": self.message, "where": [*self.where]}


def lint(
    corpus: Corpus,
    tokenizer: PreTrainedTokenizerBase,
    *,
    stages: Sequence[Stage] = ("sft", "dpo"),
    length: int | None = None,
) -> list[Problem]:
    """What is wrong with a corpus, refusals first.

    stages: those of the Run. length: tokens of a bin; None leaves out what is too long for one.
    """
    problems = [*_broken(corpus, tokenizer)]
    if not problems and length is not None:
        for stage in stages:
            problems.extend(_too_long(corpus, stage, length))
    problems.extend(_too_few(corpus, stages))
    problems.extend(_odd_replies(corpus))
    problems.extend(_odd_corpus(corpus, tokenizer))
    return sorted(problems, key=lambda problem: problem.severity)


def _broken(corpus: Corpus, tokenizer: PreTrainedTokenizerBase) -> Iterator[Problem]:
    trees = corpus.trees
    yield from _found(
        "refuse",
        "all-learnt",
        "{n} without a token before the first action: all of it would be learnt, from nothing",
        "tree",
        (tree.id for tree in trees if tree.is_action[0] or len(tree.tokens[0]) == 0),
    )
    ends = np.array(sorted(SpecialTokens(tokenizer).ids.values()), np.int64)
    yield from _found(
        "refuse",
        "untrained-end",
        "{n} without a special token at its end: the model would not learn to stop there",
        "action",
        (
            _name(tree, node)
            for tree, node in _actions(trees)
            if len(tree.tokens[node]) == 0 or tree.tokens[node][-1] not in ends
        ),
    )
    yield from _found(
        "refuse",
        "identical-sides",
        "{n} whose two sides are the same tokens: its loss is ln 2 whatever is learnt",
        "pair",
        (
            pair.id
            for tree in trees
            for pair in tree.pairs
            if np.array_equal(tree.tokens[pair.chosen], tree.tokens[pair.rejected])
        ),
    )


def _too_long(corpus: Corpus, stage: Stage, length: int) -> Iterator[Problem]:
    """Nothing is ever cut to fit; what does not fit is left out."""
    pieces, dropped = pieces_of(corpus.trees, stage, length)
    if dropped:
        severity: Severity = "warn" if pieces else "refuse"
        rest = "" if pieces else f": nothing is left to learn in stage {stage}"
        yield from _found(
            severity,
            "too-long",
            f"{{n}} longer than a bin of {length:,} tokens, left out whole (prompts are never cut){rest}",
            EXAMPLES[stage],
            (each.id for each in dropped),
        )


def _too_few(corpus: Corpus, stages: Sequence[Stage]) -> Iterator[Problem]:
    for stage in stages:
        count = sum(_examples(tree, stage) for tree in corpus.trees)
        if count == 0:
            yield Problem("refuse", "nothing-learnt", f"no {EXAMPLES[stage]}: stage {stage} would learn nothing")
        elif count < FEW_EXAMPLES:
            many = _count(count, EXAMPLES[stage])
            yield Problem("warn", "few-examples", f"{many} in all for stage {stage}: expect to learn little")


def _examples(tree: TokenTree, stage: Stage) -> int:
    if stage == "dpo":
        return len(tree.pairs)
    return sum(
        any(tree.is_action[node] for node in tree.path(each.leaf)) for each in tree.trajectories if each.resolved
    )


def _odd_replies(corpus: Corpus) -> Iterator[Problem]:
    learnt = [(tree, node) for tree in corpus.trees for node in _learnt(tree)]
    for kind, size, message in (
        ("empty-reply", 1, "{n} with loss that only ends the turn: the model learns to say nothing there"),
        ("single-token", 2, "{n} with loss that is a single token long"),
    ):
        places = (_name(tree, node) for tree, node in learnt if len(tree.tokens[node]) == size)
        yield from _found("warn", kind, message, "reply", places)


def _odd_corpus(corpus: Corpus, tokenizer: PreTrainedTokenizerBase) -> Iterator[Problem]:
    yield from _found(
        "warn",
        "special-text",
        "{n} with special tokens in its text, learnt as ordinary characters; a server may read them as tokens",
        "message",
        corpus.special_text,
    )
    reasons = Counter(each.reason for each in corpus.dropped)
    for reason, count in sorted(reasons.items()):
        ids = tuple(each.id for each in corpus.dropped if each.reason == reason)[:NAMED]
        yield Problem("warn", "dropped", f"{count:,} left out: {reason}", ids)
    for token in sorted(corpus.end_tokens - {tokenizer.eos_token_id}):
        yield Problem(
            "warn",
            "end-token",
            f"replies end with {tokenizer.convert_ids_to_tokens(token)}, which is not the tokenizer's end token "
            f"({tokenizer.eos_token}): have the server stop at it too",
        )


def _learnt(tree: TokenTree) -> list[int]:
    """Actions that carry loss in some stage."""
    sides = {node for pair in tree.pairs for node in (pair.chosen, pair.rejected)}
    return [node for _, node in _actions([tree]) if tree.successes[node] > 0 or node in sides]


def _actions(trees: Iterable[TokenTree]) -> Iterator[tuple[TokenTree, int]]:
    return ((tree, node) for tree in trees for node in range(tree.size) if tree.is_action[node])


def _name(tree: TokenTree, node: int) -> str:
    return f"{tree.id}: {tree.names[node] if tree.names else node}"


def _found(severity: Severity, kind: str, message: str, noun: str, places: Iterable[str]) -> Iterator[Problem]:
    """A problem where there are places; `{n}` in the message becomes their number and noun."""
    found = [*places]
    if found:
        yield Problem(severity, kind, message.format(n=_count(len(found), noun)), tuple(found[:NAMED]))


def _count(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {_PLURAL[noun]}"


_PLURAL: Final = {
    "tree": "trees",
    "action": "actions",
    "pair": "pairs",
    "reply": "replies",
    "message": "messages",
    "resolved trajectory with an action": "resolved trajectories with an action",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, help="run.json of the run")
    parser.add_argument("--samples", type=int, default=2, help="examples to show of each stage")
    parser.add_argument("--json", action="store_true", help="one object on stdout")


def run(arguments: argparse.Namespace) -> int:
    """Prints problems and samples; the exit code is that of `data` where a Run would be refused."""
    settings = read_settings(arguments.config)
    tokenizer = load_tokenizer(settings.model)
    corpus = load_corpus(settings, tokenizer)
    problems = lint(corpus, tokenizer, stages=settings.stages, length=settings.bin_tokens)
    samples = {stage: sample(corpus, tokenizer, stage, arguments.samples) for stage in settings.stages}
    if arguments.json:
        print(json.dumps(_report(problems, samples), ensure_ascii=False))
    else:
        print("\n".join(_lines(problems, samples)))
    return EXIT_CODE["data"] if any(problem.severity == "refuse" for problem in problems) else 0


def _report(problems: Sequence[Problem], samples: dict[Stage, list[RenderedSample]]) -> dict[str, Any]:
    return {
        "problems": [problem.as_json() for problem in problems],
        "samples": {stage: [each.as_json() for each in found] for stage, found in samples.items()},
    }


def _lines(problems: Sequence[Problem], samples: dict[Stage, list[RenderedSample]]) -> Iterator[str]:
    for stage, found in samples.items():
        for each in found:
            side = f", {each.side}" if each.side else ""
            yield f"--- {stage}: {each.id}{side}: {each.loss_tokens:,} of {each.tokens:,} tokens carry loss, in «»"
            yield "".join(f"«{part['text']}»" if part["loss"] else part["text"] for part in each.runs)
    for problem in problems:
        where = f" ({', '.join(problem.where)})" if problem.where else ""
        yield f"{problem.severity}: {problem.message}{where}"
