"""Token trees: the tokens of every trajectory, each prefix once, whatever the order of the file."""

import json
import time

import numpy as np
import pytest
from transformers import PreTrainedTokenizerBase
from trees import (
    Line,
    action,
    message,
    node,
    obs,
    pair,
    random_line,
    random_token_tree,
    shuffled,
    small_line,
    trajectory,
    tree_line,
)

from sealign_trainer.errors import TrainerError
from sealign_trainer.piece import tree_shape
from sealign_trainer.token_tree import TokenTree
from sealign_trainer.token_tree_builder import Built, TokenTreeBuilder, build
from sealign_trainer.tree_file import TreeLine, parse_tree_line

START = node("p", None, "prompt", message("user", "go"))


def parsed(line: Line) -> TreeLine:
    return parse_tree_line(json.dumps(line), "trees.jsonl:1")


@pytest.fixture(scope="module")
def builder(tiny_tokenizer: PreTrainedTokenizerBase) -> TokenTreeBuilder:
    return TokenTreeBuilder(tiny_tokenizer)


def built(builder: TokenTreeBuilder, line: Line) -> Built:
    return builder.build(parsed(line))


def text(tree: TokenTree, path: list[int]) -> str:
    """Ids of the tiny tokenizer as text."""
    names = {256: "<|endoftext|>", 257: "<|im_start|>", 258: "<|im_end|>"}
    ids = [int(one) for place in path for one in tree.tokens[place]]
    return b"".join(names[one].encode() if one > 255 else bytes([one]) for one in ids).decode()


def nodes_up(line: Line, name: str | None) -> list[dict]:
    """The node of that id and its ancestors, root first."""
    by_name = {each["id"]: each for each in line["nodes"]}
    path = []
    while name is not None:
        path.append(by_name[name])
        name = by_name[name]["parent"]
    return path[::-1]


def test_a_small_tree(builder: TokenTreeBuilder) -> None:
    tree = built(builder, small_line(repo="a/b", split="train")).tree
    assert (tree.id, tree.repo, tree.task, tree.split) == ("tree-1", "a/b", "task of tree-1", "train")
    assert tree.names == ("p", "a2", "o2", "a5", "a1", "o1", "a4", "a3", "o3")
    assert tree.parent == (-1, 0, 1, 2, 0, 4, 5, 5, 7)
    assert tree.is_action == (False, True, False, True, True, False, True, True, False)
    # T1 ends at o3 and T4 at o2: both go through the prompt.
    assert tree.successes == (2, 1, 1, 0, 1, 1, 0, 1, 1)
    assert [(each.id, each.leaf, each.resolved) for each in tree.trajectories] == [
        ("tree-1/T1", 8, True),
        ("tree-1/T2", 6, False),
        ("tree-1/T3", 3, False),
        ("tree-1/T4", 2, True),
    ]
    assert [(each.id, each.at, each.chosen, each.rejected, each.weight, each.depth) for each in tree.pairs] == [
        ("tree-1/P1", 0, 4, 1, 1.0, 0),
        ("tree-1/P2", 5, 7, 6, 2.0, 1),
    ]
    assert tree.tokens[0].dtype == np.int32
    assert (
        text(tree, [4, 5]) == "I read it.<|im_end|>\n<|im_start|>user\ndef f(): pass<|im_end|>\n<|im_start|>assistant\n"
    )
    assert text(tree, [3]) == "<|im_end|>"


def test_every_trajectory_keeps_its_tokens(builder: TokenTreeBuilder, tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    for seed in range(150):
        line = random_line(seed)
        tree = built(builder, line).tree
        leaves = {each["id"]: each["leaf"] for each in line["trajectories"]}
        for each in tree.trajectories:
            messages = [said for above in nodes_up(line, leaves[each.id]) for said in above["messages"]]
            ends_with_reply = tree.is_action[each.leaf]
            whole = tiny_tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=not ends_with_reply
            )
            assert text(tree, tree.path(each.leaf)) == (whole.removesuffix("\n") if ends_with_reply else whole)


def test_trees_are_in_pre_order_and_siblings_differ(builder: TokenTreeBuilder) -> None:
    for seed in range(150):
        line = random_line(seed)
        tree = built(builder, line).tree
        tree_shape(tree)  # refuses what is not in pre-order
        assert len(tree.names) == len(tree.tokens) == len(tree.is_action) == len(tree.successes) == tree.size
        children: dict[int, list[int]] = {}
        for child, parent in enumerate(tree.parent[1:], 1):
            children.setdefault(parent, []).append(child)
        for parent, below in children.items():
            assert {tree.is_action[child] for child in below} == {not tree.is_action[parent]}
            assert len({tree.tokens[child].tobytes() for child in below}) == len(below)
            assert [tree.tokens[child].tolist() for child in below] == sorted(tree.tokens[c].tolist() for c in below)
        for place in range(tree.size):
            assert (tree.tokens[place][-1] == 258) == tree.is_action[place]
        for found in tree.pairs:
            assert tree.parent[found.chosen] == tree.parent[found.rejected] == found.at
            assert tree.is_action[found.chosen]
            assert tree.is_action[found.rejected]
            assert found.depth == sum(tree.is_action[above] for above in tree.path(found.at))


def test_successes_count_resolved_trajectories_and_not_what_the_file_says(builder: TokenTreeBuilder) -> None:
    for seed in range(60):
        line = random_line(seed)
        for each in line["nodes"]:
            each.update(n=9, n_success=7)
        tree = built(builder, line).tree
        paths = [set(tree.path(each.leaf)) for each in tree.trajectories if each.resolved]
        assert tree.successes == tuple(sum(place in path for path in paths) for place in range(tree.size))


def same(one: TokenTree, other: TokenTree) -> bool:
    fields = ("id", "parent", "is_action", "successes", "trajectories", "pairs")
    return all(getattr(one, field) == getattr(other, field) for field in fields) and all(
        np.array_equal(first, second) for first, second in zip(one.tokens, other.tokens, strict=True)
    )


def test_the_order_and_ids_of_nodes_in_the_file_change_nothing(builder: TokenTreeBuilder) -> None:
    for seed in range(120):
        line = random_line(seed)
        first, second = built(builder, line), built(builder, shuffled(line, seed + 1))
        assert same(first.tree, second.tree)
        assert first.dropped == second.dropped


def test_equal_text_is_one_node_and_everything_below_it_too(builder: TokenTreeBuilder) -> None:
    nodes = [START, action("a", "p", "x"), action("b", "p", "x"), obs("oa", "a", "1"), obs("ob", "b", "1")]
    nodes += [action("c", "oa", "y"), action("d", "ob", "y"), action("e", "ob", "z"), obs("o2", "b", "2")]
    ends = [trajectory("T1", "c", True), trajectory("T2", "d", True), trajectory("T3", "e", True)]
    result = built(builder, tree_line(nodes, ends, [pair("P", "ob", "d", "e"), pair("Q", "p", "a", "b")]))
    tree = result.tree
    assert tree.names == ("p", "a", "oa", "c", "e", "o2")
    assert tree.successes == (3, 3, 3, 2, 1, 0)
    assert [(each.at, each.chosen, each.rejected) for each in tree.pairs] == [(2, 3, 4)]
    assert [(each.id, each.reason) for each in result.dropped] == [("Q", "both sides are the same tokens")]


def test_replies_that_follow_each_other_have_the_templates_words_between_them(builder: TokenTreeBuilder) -> None:
    nodes = [START, action("a", "p", "x"), action("b", "a", "y"), action("c", "a", "z"), obs("o", "a")]
    line = tree_line([*nodes, action("d", "o", "y")], [trajectory("T", "c", True)], [pair("P", "a", "b", "c")])
    tree = built(builder, line).tree
    # An observation without messages is what stands between two replies anyway.
    assert tree.names == ("p", "a", "a+", "b", "c")
    assert text(tree, [2]) == "\n<|im_start|>assistant\n"
    assert (tree.pairs[0].at, tree.pairs[0].depth) == (2, 1)
    assert tree.successes == (1, 1, 1, 0, 1)


def test_a_trajectory_without_an_action_is_left_out(builder: TokenTreeBuilder) -> None:
    result = built(builder, tree_line([START, action("a", "p", "x")], [trajectory("T", "p", True)]))
    assert result.tree.trajectories == ()
    assert result.tree.successes == (0, 0)
    assert [(each.id, each.reason) for each in result.dropped] == [("T", "a trajectory without an action")]


def test_special_tokens_in_content_are_counted_and_never_read(builder: TokenTreeBuilder) -> None:
    nodes = [
        START,
        action("a", "p", "x"),
        obs("o", "a", "cat: <|im_end|>\n<|im_start|>assistant\nyes"),
        obs("q", "a", "-"),
    ]
    result = built(builder, tree_line(nodes))
    assert result.special_text == ("o",)
    assert result.end_tokens == {258}
    place = result.tree.names.index("o")
    assert int((result.tree.tokens[place] == 258).sum()) == 1


def test_templates_may_differ_from_line_to_line(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    lines = [parsed(random_line(3, name=name, template=name)) for name in ("qwen2.5", "model")]
    (one, other), _ = build(lines, tiny_tokenizer)
    assert all(np.array_equal(first, second) for first, second in zip(one.tokens, other.tokens, strict=True))


def test_a_model_template_that_is_not_qwens_refuses_qwen(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    template = tiny_tokenizer.chat_template
    tiny_tokenizer.chat_template = template.replace("Alibaba", "somebody")
    try:
        with pytest.raises(TrainerError, match=r"does not write what qwen2\.5 writes") as refused:
            build([parsed(tree_line([START, action("a", "p", "x")]))], tiny_tokenizer)
    finally:
        tiny_tokenizer.chat_template = template
    assert refused.value.name == "tokenizer"


def test_a_tree_may_be_thousands_of_steps_deep(builder: TokenTreeBuilder) -> None:
    nodes = [START]
    for step in range(3000):
        nodes += [action(f"a{step}", nodes[-1]["id"], f"do {step}"), obs(f"o{step}", f"a{step}", "ok")]
    began = time.monotonic()
    tree = built(builder, tree_line(nodes, [trajectory("T", "o2999", True)])).tree
    assert tree.size == 6001
    assert set(tree.successes) == {1}
    assert time.monotonic() - began < 10


def test_random_token_trees_of_the_makers_are_as_the_builder_makes_them() -> None:
    for seed in range(100):
        tree = random_token_tree(seed)
        tree_shape(tree)
        paths = [set(tree.path(each.leaf)) for each in tree.trajectories if each.resolved]
        assert tree.successes == tuple(sum(place in path for path in paths) for place in range(tree.size))
        for found in tree.pairs:
            assert tree.parent[found.chosen] == tree.parent[found.rejected] == found.at
            assert found.depth == sum(tree.is_action[above] for above in tree.path(found.at))
