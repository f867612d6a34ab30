"""The benches: the contenders compute the same losses, what is counted is right, and the scripts run."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from sealign_trainer.pack import pack
from sealign_trainer.piece import tree_shape

pytest.importorskip("trl", reason="the benches compare with TRL")

from trees import small_line, write_lines

from bench import cpu, gpu
from bench.bpe_model import learn_tokenizer, random_model, texts_of
from bench.compare import compare, sample, smallest_bin, tokens_of
from bench.pair_rows import pair_rows, pair_tree
from bench.paper_set import PaperShape, paper_trees
from bench.precision import bfloat16_errors

SMALL = PaperShape(trees=12, vocabulary=300).scaled(0.01)


def test_the_generated_set_has_the_papers_shape() -> None:
    trees = paper_trees(PaperShape(vocabulary=1000))
    trajectories = [each for tree in trees for each in tree.trajectories]
    assert len(trees) == 186
    # Table 1: 17.0 trajectories a tree, 21.4 % resolved, about 19,868 tokens and 41 steps each.
    assert len(trajectories) / 186 == pytest.approx(17.0, rel=0.02)
    assert sum(bool(each.resolved) for each in trajectories) / len(trajectories) == pytest.approx(0.214, abs=0.03)
    tokens, steps = [], []
    for tree in trees:
        shape = tree_shape(tree)
        tokens += [int(shape.row[each.leaf]) for each in tree.trajectories]
        steps += [sum(tree.is_action[node] for node in tree.path(each.leaf)) for each in tree.trajectories]
    assert np.mean(tokens) == pytest.approx(19_868, rel=0.05)
    assert np.mean(steps) == pytest.approx(41, rel=0.05)
    assert 500 < sum(len(tree.pairs) for tree in trees) < 983


def test_generated_trees_keep_the_contract_and_are_the_same_for_the_same_seed() -> None:
    trees, again, other = paper_trees(SMALL), paper_trees(SMALL), paper_trees(SMALL, seed=1)
    assert all(
        np.array_equal(a, b) for x, y in zip(trees, again, strict=True) for a, b in zip(x.tokens, y.tokens, strict=True)
    )
    assert trees[0].size != other[0].size or not np.array_equal(trees[0].tokens[0], other[0].tokens[0])
    for tree in trees:
        counted = [0] * tree.size
        visits = [0] * tree.size
        for each in tree.trajectories:
            for node in tree.path(each.leaf):
                counted[node] += bool(each.resolved)
                visits[node] += 1
        assert tuple(counted) == tree.successes
        assert all(len(ids) > 0 for ids in tree.tokens)
        for pair in tree.pairs:
            assert tree.parent[pair.chosen] == tree.parent[pair.rejected] == pair.at
            assert pair.depth == sum(tree.is_action[node] for node in tree.path(pair.at))
            rates = [tree.successes[node] / visits[node] for node in (pair.chosen, pair.rejected)]
            assert rates[0] - rates[1] > 0.5
            assert {pair.chosen, pair.rejected} <= set(tree.parent)


def test_tokens_of_the_ways_counted_by_hand() -> None:
    tree = next(tree for tree in paper_trees(SMALL) if len(tree.pairs) == 1)
    (row,) = pair_rows([tree])
    prefix = sum(len(tree.tokens[node]) for node in tree.path(tree.pairs[0].at))
    sides = len(tree.tokens[tree.pairs[0].chosen]) + len(tree.tokens[tree.pairs[0].rejected])
    counted = tokens_of([tree], smallest_bin([tree]))
    assert counted["tokens"] == {
        "padded": 2 * prefix + sides,
        "pairSharing": prefix + sides,
        # One pair has nothing else to share.
        "trees": prefix + sides,
    }
    (shared,) = pack([pair_tree(row, "p")], "dpo", 1000).bins
    assert shared.used == prefix + sides
    assert (counted["pairs"], counted["bins"]) == (1, 1)


def test_every_way_has_the_same_loss_and_gradient() -> None:
    trees = sample(paper_trees(SMALL), 10_000)
    model = random_model(300, hidden=32, layers=2, heads=2, kv_heads=1, intermediate=64)
    tokenizer = learn_tokenizer((str(at) for at in range(100)), 300)
    report = compare(trees, model, tokenizer, batch=2, repeats=1)
    assert report["pairs"] == sum(len(tree.pairs) for tree in trees) > 3
    assert report["lossDiff"] < 1e-5
    assert report["gradDiff"] < 1e-4
    losses = [way["loss"] for way in report["ways"]]
    # The reference differs from the policy, else every loss would be ln 2 whatever was computed.
    assert abs(losses[0] - np.log(2)) > 1e-3
    ways = {way["way"]: way for way in report["ways"]}
    assert list(ways) == ["trees", "pair sharing", "padded pairs"]
    assert ways["padded pairs"]["paddedTokens"] >= ways["padded pairs"]["tokens"]
    assert report["tokensRatio"] == pytest.approx(ways["padded pairs"]["tokens"] / ways["trees"]["tokens"], abs=1e-3)
    assert all(report[name] > 0 for name in ("timeRatio", "pairSharingTimeRatio", "timeRatioEveryLogit"))


def test_a_sample_shares_as_the_whole_set_does() -> None:
    trees = paper_trees(PaperShape(trees=60, vocabulary=300).scaled(0.05))
    whole = tokens_of(trees, smallest_bin(trees))
    budget = whole["tokens"]["padded"] // 4
    some = sample(trees, budget)
    part = tokens_of(some, smallest_bin(some))
    assert budget / 2 < part["tokens"]["padded"] <= budget
    assert part["tokensRatio"] == pytest.approx(whole["tokensRatio"], rel=0.1)
    assert len(sample(trees, 10**9)) == sum(bool(tree.pairs) for tree in trees)
    with pytest.raises(ValueError, match="the pairs of no tree"):
        sample(trees, 10)


def test_the_cpu_bench_ends_with_one_json_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    trees = write_lines(tmp_path / "trees.jsonl", [small_line(f"t{at}") for at in range(3)])
    monkeypatch.setattr(cpu, "_SCALE", 0.02)
    words = ["--mint", str(trees), "--mint-strict", str(trees), "--trees", "12", "--tokens", "5000", "--repeats", "1"]
    assert cpu.main([*words, "--hidden", "32", "--layers", "1"]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [each["set"].split(",")[0] for each in report["sets"]] == ["mint-humaneval"] * 2 + ["paper's shape"] * 3
    assert report["tokensRatio"] == report["sets"][0]["tokensRatio"] > 1
    assert report["timeRatio"] == report["sets"][0]["timeRatio"]
    assert 0 < report["lossDiff"] < 1e-4
    assert report["sets"][3]["timed"]["pairs"] > 0
    assert "timed" not in report["sets"][1]


def test_a_learnt_tokenizer_reads_its_texts_back(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "trees.jsonl", [small_line()])
    texts = list(texts_of(path))
    assert "You fix code." in texts
    tokenizer = learn_tokenizer(iter(texts), 300)
    ids = tokenizer("You fix code.<|im_end|>")["input_ids"]
    assert tokenizer.decode(ids) == "You fix code.<|im_end|>"
    assert ids[-1] == tokenizer.eos_token_id
    assert len(ids) < len("You fix code.") + 1


def test_bfloat16_trees_are_as_exact_as_rows() -> None:
    model = random_model(300, hidden=32, layers=1, heads=2, kv_heads=1, intermediate=64)
    errors = bfloat16_errors(model, paper_trees(SMALL)[:4], 2048, torch.device("cpu"), "dense")
    assert 0 < errors.tree_logp < 0.1
    assert errors.tree_gradient < 3 * errors.row_gradient
    assert errors.row_gradient < 0.1


def test_the_gpu_script_measures_everything_without_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "gpu.md"
    assert gpu.main(["--dry", "--out", str(out)]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    (model,) = report["models"]
    assert model["epochRatio"] > 0
    assert model["trees"]["pairs"] == model["padded"]["ofPairs"]
    assert model["trees"]["logicalTokens"] == model["padded"]["allTokens"]
    assert model["longPair"]["tokens"] == 2 * report["binTokens"]
    text = out.read_text()
    assert "bench.gpu --dry" in text
    assert text.count("| tiny |") == 3
    assert "bfloat16 against float64" in text


def test_what_there_is_no_time_for_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "gpu.md"
    assert gpu.main(["--dry", "--minutes", "0", "--out", str(out)]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["models"][0]["trees"] == {"problem": "no time was left"}
    assert report["models"][0]["epochRatio"] is None
    assert "no time was left" in out.read_text()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_without_a_gpu_the_script_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gpu.main(["--out", str(tmp_path / "gpu.md")]) == 2
    assert "--dry" in capsys.readouterr().err
