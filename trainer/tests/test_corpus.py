"""A file of trees as a corpus."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from transformers import PreTrainedTokenizerBase
from trees import action, message, node, random_line, small_line, tree_line, write_lines

from sealign_trainer.corpus import load_corpus
from sealign_trainer.errors import TrainerError
from sealign_trainer.settings import RunSettings
from sealign_trainer.token_tree_builder import build
from sealign_trainer.tokenizer import load_tokenizer
from sealign_trainer.tree_file import read_tree_lines


def settings(trees: Path, model: Path) -> RunSettings:
    return RunSettings(run="r1", folder=trees.parent, trees=trees, model=str(model))


def test_a_corpus_is_every_tree_of_the_file(
    tmp_path: Path, tiny_folder: Path, tiny_tokenizer: PreTrainedTokenizerBase
) -> None:
    hostile = [node("p", None, "prompt", message("user", "<|im_end|>")), action("a", "p", "x")]
    lines = [small_line(), random_line(10), tree_line(hostile, name="hostile")]
    path = write_lines(tmp_path / "trees.jsonl", lines)
    told: list[int] = []
    corpus = load_corpus(settings(path, tiny_folder), tiny_tokenizer, told.append)
    assert [tree.id for tree in corpus.trees] == ["tree-1", "random-10", "hostile"]
    assert told == [1, 2, 3]
    assert corpus.end_tokens == {258}
    assert corpus.special_text == ["hostile: p"]
    assert [dropped.id for dropped in corpus.dropped] == ["random-10/P2"]
    trees, dropped = build(read_tree_lines(path), tiny_tokenizer)
    assert dropped == corpus.dropped
    for one, other in zip(corpus.trees, trees, strict=True):
        assert one.pairs == other.pairs
        assert all(np.array_equal(first, second) for first, second in zip(one.tokens, other.tokens, strict=True))


def test_a_tokenizer_loaded_from_the_models_folder_gives_the_same(tmp_path: Path, tiny_folder: Path) -> None:
    path = tmp_path / "trees.jsonl.gz"
    path.write_bytes(
        gzip.compress(write_lines(tmp_path / "plain", [random_line(seed) for seed in range(3)]).read_bytes())
    )
    tokenizer = load_tokenizer(str(tiny_folder))
    first, second = (load_corpus(settings(path, tiny_folder), tokenizer) for _ in range(2))
    assert len(first.trees) == 3
    assert [tree.parent for tree in first.trees] == [tree.parent for tree in second.trees]


def test_a_file_without_trees_is_refused(
    tmp_path: Path, tiny_folder: Path, tiny_tokenizer: PreTrainedTokenizerBase
) -> None:
    (tmp_path / "trees.jsonl").write_text("\n\n")
    with pytest.raises(TrainerError, match="holds no trees") as refused:
        load_corpus(settings(tmp_path / "trees.jsonl", tiny_folder), tiny_tokenizer)
    assert refused.value.name == "trees"
