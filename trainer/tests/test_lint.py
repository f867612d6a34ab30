"""The linter: what would be learnt wrongly is refused, what is odd is said, and a sample shows the loss."""

import argparse
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from transformers import PreTrainedTokenizerBase
from trees import Line, action, message, node, obs, pair, random_line, small_line, trajectory, tree_line, write_lines

from sealign_trainer.corpus import Corpus, load_corpus
from sealign_trainer.lint import Problem, add_arguments, lint, run
from sealign_trainer.sample import sample
from sealign_trainer.settings import RunSettings
from sealign_trainer.token_tree import Dropped, TokenTree
from sealign_trainer.token_tree_builder import build
from sealign_trainer.tree_file import parse_tree_line

START = node("p", None, "prompt", message("system", "Be brief."), message("user", "go"))


def corpus_of(tokenizer: PreTrainedTokenizerBase, *lines: Line) -> Corpus:
    trees, dropped = build([parse_tree_line(json.dumps(line), "x") for line in lines], tokenizer)
    return Corpus(trees, dropped, frozenset({258}))


def kinds(problems: list[Problem], severity: str | None = None) -> list[str]:
    return [problem.kind for problem in problems if severity in (None, problem.severity)]


def the(problems: list[Problem], kind: str) -> Problem:
    (found,) = [problem for problem in problems if problem.kind == kind]
    return found


def many(count: int) -> list[Line]:
    """Trees that nothing is wrong with."""
    nodes = [START, action("a", "p", "good one"), action("b", "p", "bad one"), obs("o", "a", "seen")]
    return [
        tree_line(nodes, [trajectory(f"T{n}", "o", True)], [pair(f"P{n}", "p", "a", "b")], name=f"t{n}")
        for n in range(count)
    ]


def with_tokens(tree: TokenTree, place: int, ids: list[int]) -> TokenTree:
    tokens = [*tree.tokens]
    tokens[place] = np.array(ids, np.int32)
    return dataclasses.replace(tree, tokens=tuple(tokens))


def test_nothing_is_said_about_good_data(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    assert lint(corpus_of(tiny_tokenizer, *many(10)), tiny_tokenizer, length=4096) == []


def test_few_examples_are_a_warning_and_none_a_refusal(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    problems = lint(corpus_of(tiny_tokenizer, *many(9)), tiny_tokenizer)
    assert [(problem.kind, problem.message) for problem in problems] == [
        ("few-examples", "9 resolved trajectories with an action in all for stage sft: expect to learn little"),
        ("few-examples", "9 pairs in all for stage dpo: expect to learn little"),
    ]
    line = tree_line([START, action("a", "p", "x")], [trajectory("T", "a", False)])
    corpus = corpus_of(tiny_tokenizer, line)
    assert [problem.message for problem in lint(corpus, tiny_tokenizer)] == [
        "no resolved trajectory with an action: stage sft would learn nothing",
        "no pair: stage dpo would learn nothing",
    ]
    assert kinds(lint(corpus, tiny_tokenizer, stages=["dpo"]), "refuse") == ["nothing-learnt"]
    corpus = corpus_of(tiny_tokenizer, *(dict(line, pairs=[]) for line in many(10)))
    assert kinds(lint(corpus, tiny_tokenizer, stages=["sft"])) == []


def test_a_tree_that_begins_with_an_action_is_refused(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    corpus = corpus_of(tiny_tokenizer, *many(10))
    first = corpus.trees[0]
    for broken in (dataclasses.replace(first, is_action=(True, *first.is_action[1:])), with_tokens(first, 0, [])):
        problems = lint(dataclasses.replace(corpus, trees=[broken, *corpus.trees[1:]]), tiny_tokenizer, length=4096)
        assert the(problems, "all-learnt").severity == "refuse"
        assert the(problems, "all-learnt").where == ("t0",)


def test_an_action_without_an_end_token_is_refused(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    corpus = corpus_of(tiny_tokenizer, *many(10))
    ids = corpus.trees[2].tokens[1].tolist()
    for broken in (ids[:-1], [*ids, 10]):
        trees = [*corpus.trees]
        trees[2] = with_tokens(trees[2], 1, broken)
        found = the(lint(dataclasses.replace(corpus, trees=trees), tiny_tokenizer), "untrained-end")
        assert (found.severity, found.where) == ("refuse", ("t2: b",))
        assert found.message == "1 action without a special token at its end: the model would not learn to stop there"


def test_identical_sides_are_refused_and_those_left_out_are_said(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    corpus = corpus_of(tiny_tokenizer, *many(10))
    trees = [with_tokens(tree, 2, tree.tokens[1].tolist()) for tree in corpus.trees]
    found = the(lint(dataclasses.replace(corpus, trees=trees), tiny_tokenizer), "identical-sides")
    assert found.severity == "refuse"
    assert found.message == "10 pairs whose two sides are the same tokens: its loss is ln 2 whatever is learnt"
    assert found.where == ("P0", "P1", "P2", "P3", "P4")
    dropped = [Dropped(f"P{number}", "both sides are the same tokens") for number in range(7)]
    found = the(lint(dataclasses.replace(corpus, dropped=dropped), tiny_tokenizer), "dropped")
    assert (found.severity, found.message) == ("warn", "7 left out: both sides are the same tokens")


def test_what_is_longer_than_a_bin_is_a_warning_until_nothing_is_left(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    long = tree_line(
        [START, action("a", "p", "x" * 500), action("b", "p", "y" * 500)],
        [trajectory("L", "a", True)],
        [pair("LP", "p", "a", "b")],
        name="long",
    )
    corpus = corpus_of(tiny_tokenizer, *many(10), long)
    problems = lint(corpus, tiny_tokenizer, length=300)
    assert [(problem.kind, problem.severity, problem.where) for problem in problems] == [
        ("too-long", "warn", ("L",)),
        ("too-long", "warn", ("LP",)),
    ]
    assert "1 pair longer than a bin of 300 tokens, left out whole (prompts are never cut)" in problems[1].message
    problems = lint(corpus, tiny_tokenizer, length=45)
    assert kinds(problems, "refuse") == ["too-long", "too-long"]
    assert problems[1].message.endswith("nothing is left to learn in stage dpo")
    assert kinds(lint(corpus, tiny_tokenizer, length=4096)) == []


def test_odd_replies_are_said_where_they_carry_loss(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    nodes = [START, action("a", "p", ""), action("b", "p", "y"), action("c", "p", None), action("d", "p", "z")]
    corpus = corpus_of(tiny_tokenizer, *many(10), tree_line(nodes, [trajectory("T", "a", True)], name="odd"))
    problems = lint(corpus, tiny_tokenizer)
    assert kinds(problems) == ["empty-reply"]
    assert problems[0].where == ("odd: a",)
    line = tree_line(nodes, [], [pair("P", "p", "b", "d")], name="odd")
    assert kinds(lint(corpus_of(tiny_tokenizer, *many(10), line), tiny_tokenizer)) == ["single-token"]


def test_special_tokens_in_text_and_another_end_token_are_said(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    corpus = dataclasses.replace(corpus_of(tiny_tokenizer, *many(10)), special_text=["t: o"] * 6)
    found = the(lint(corpus, tiny_tokenizer), "special-text")
    assert (found.severity, len(found.where)) == ("warn", 5)
    assert found.message.startswith("6 messages with special tokens in its text")
    corpus = dataclasses.replace(corpus, special_text=[], end_tokens=frozenset({256, 258}))
    assert the(lint(corpus, tiny_tokenizer), "end-token").message == (
        "replies end with <|endoftext|>, which is not the tokenizer's end token (<|im_end|>): "
        "have the server stop at it too"
    )


def test_a_sample_shows_what_carries_loss(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    corpus = corpus_of(tiny_tokenizer, small_line())
    prompt = (
        "<|im_start|>system\nYou fix code.<|im_end|>\n<|im_start|>user\nFix f().<|im_end|>\n<|im_start|>assistant\n"
    )
    chosen, rejected = sample(corpus, tiny_tokenizer, "dpo", 1)
    assert (chosen.id, chosen.tree, chosen.side, rejected.side) == ("tree-1/P1", "tree-1", "chosen", "rejected")
    assert chosen.runs == ({"text": prompt, "loss": False}, {"text": "I read it.<|im_end|>", "loss": True})
    assert rejected.runs[1] == {"text": "I guess.<|im_end|>", "loss": True}
    assert (chosen.loss_tokens, chosen.tokens - chosen.loss_tokens) == (11, len(corpus.trees[0].tokens[0]))
    first, second = sample(corpus, tiny_tokenizer, "sft", 5)
    assert (first.id, second.id) == ("tree-1/T1", "tree-1/T4")
    assert [(run["loss"], run["text"][-20:]) for run in first.runs] == [
        (False, "\n<|im_start|>assistant\n"[-20:]),
        (True, "I read it.<|im_end|>"),
        (False, "\n<|im_start|>assistant\n"[-20:]),
        (True, "write it.<|im_end|>"[-20:].rjust(20, " ")),
        (False, "\n<|im_start|>assistant\n"[-20:]),
    ]
    assert json.loads(json.dumps(first.as_json()))["lossTokens"] == 23


def test_a_pairs_prefix_has_no_loss_though_it_holds_actions(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    *_, chosen, _ = sample(corpus_of(tiny_tokenizer, small_line()), tiny_tokenizer, "dpo", 2)
    assert [run["loss"] for run in chosen.runs] == [False, True]
    assert "I read it.<|im_end|>\n<|im_start|>user\ndef f(): pass" in chosen.runs[0]["text"]


def test_samples_are_spread_and_decode_characters_of_several_tokens(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    corpus = corpus_of(tiny_tokenizer, *(random_line(seed) for seed in range(12)))
    found = sample(corpus, tiny_tokenizer, "sft", 4)
    assert len({each.tree for each in found}) == 4
    for each in [*found, *sample(corpus, tiny_tokenizer, "dpo", 4)]:
        assert "\ufffd" not in "".join(run["text"] for run in each.runs)
        assert next(run["loss"] for run in each.runs) is False
        assert all(one["loss"] != other["loss"] for one, other in zip(each.runs, each.runs[1:], strict=False))


def test_the_command_prints_problems_and_samples(
    tmp_path: Path, tiny_folder: Path, tiny_tokenizer: PreTrainedTokenizerBase, capsys: pytest.CaptureFixture[str]
) -> None:
    trees = write_lines(tmp_path / "trees.jsonl", many(10))
    settings = {"v": 1, "run": "r1", "folder": str(tmp_path), "trees": str(trees), "model": str(tiny_folder)}
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    codes = []
    for bin_tokens, words in ((4096, []), (4096, ["--json"]), (16, ["--json", "--samples", "0"])):
        (tmp_path / "run.json").write_text(json.dumps({**settings, "binTokens": bin_tokens}))
        codes.append(run(parser.parse_args(["--config", str(tmp_path / "run.json"), *words])))
    assert codes == [0, 0, 8]
    *shown, good, refused = capsys.readouterr().out.splitlines()
    assert "assistant\n«good one<|im_end|>»" in "\n".join(shown)
    report = json.loads(good)
    assert report["problems"] == []
    assert [each["side"] for each in report["samples"]["dpo"]] == ["chosen", "rejected"] * 2
    assert report["samples"]["sft"][0]["runs"][1] == {"text": "good one<|im_end|>", "loss": True}
    assert [each["kind"] for each in json.loads(refused)["problems"]] == ["too-long", "too-long"]
    corpus = load_corpus(RunSettings("r1", tmp_path, trees, str(tiny_folder)), tiny_tokenizer)
    assert lint(corpus, tiny_tokenizer) == []
