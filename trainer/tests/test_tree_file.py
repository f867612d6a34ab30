"""trees.jsonl: what is read, and what is refused where."""

import copy
import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from trees import Line, action, node, obs, pair, random_line, small_line, tree_line, write_lines

from sealign_trainer.errors import TrainerError
from sealign_trainer.tree_file import parse_tree_line, read_tree_lines

CONTRACT = Path(__file__).resolve().parent.parent / "contract"


def refusal(line: Any) -> str:
    with pytest.raises(TrainerError) as refused:
        parse_tree_line(json.dumps(line), "trees.jsonl:17")
    assert refused.value.name == "trees"
    return refused.value.message


def test_a_line_is_read_with_positions_in_place_of_ids() -> None:
    line = parse_tree_line(json.dumps(small_line(repo="a/b", split="val", tools=[{"x": 1}])), "trees.jsonl:1")
    assert (line.place, line.id, line.task, line.repo) == ("trees.jsonl:1", "tree-1", "task of tree-1", "a/b")
    assert (line.split, line.tools, line.template) == ("val", ({"x": 1},), "qwen2.5")
    assert [each.parent for each in line.nodes] == [-1, 0, 0, 1, 3, 3, 4, 2, 7]
    assert [each.kind for each in line.nodes[:4]] == ["prompt", "action", "action", "obs"]
    assert line.nodes[1].messages == ({"role": "assistant", "content": "I read it."},)
    assert [(each.leaf, each.resolved) for each in line.trajectories] == [(6, True), (5, False), (8, False), (7, True)]
    assert [(each.at, each.chosen, each.rejected, each.weight) for each in line.pairs] == [(0, 1, 2, 1), (3, 4, 5, 2)]


def test_an_empty_list_of_tools_is_none() -> None:
    assert parse_tree_line(json.dumps(small_line(tools=[])), "x").tools is None


def test_unknown_fields_are_left_alone() -> None:
    line = small_line(more=1)
    line["nodes"][0]["more"] = line["pairs"][0]["more"] = None
    line["nodes"][1]["messages"][0]["reasoning_content"] = "hm"
    read = parse_tree_line(json.dumps(line), "x")
    assert read.nodes[1].messages[0]["reasoning_content"] == "hm"


@pytest.mark.parametrize("name", ["trees.jsonl", "trees.jsonl.gz", "packed.jsonl"])
def test_files_are_read_packed_or_not_and_empty_lines_passed_over(tmp_path: Path, name: str) -> None:
    text = "\n".join(json.dumps(small_line(f"t{number}")) + "\n" for number in range(3))
    packed = name != "trees.jsonl"
    (tmp_path / name).write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    lines = list(read_tree_lines(tmp_path / name))
    assert [line.id for line in lines] == ["t0", "t1", "t2"]
    assert [line.place for line in lines] == [f"{name}:1", f"{name}:3", f"{name}:5"]


def test_a_line_is_checked_when_it_is_reached(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "trees.jsonl", [small_line()])
    path.write_text(path.read_text() + '{"v": 1, "tree_')
    lines = read_tree_lines(path)
    assert next(lines).id == "tree-1"
    with pytest.raises(TrainerError, match=r"trees\.jsonl:2: expected a line of JSON: Unterminated string"):
        next(lines)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match=r"none\.jsonl cannot be read \(No such file or directory\)"):
        list(read_tree_lines(tmp_path / "none.jsonl"))
    with pytest.raises(TrainerError, match="cannot be read"):
        list(read_tree_lines(tmp_path))
    whole = gzip.compress("\n".join(json.dumps(random_line(seed)) for seed in range(40)).encode())
    for name, broken in (("cut.gz", whole[:-40]), ("broken.gz", whole[:200] + b"\0" * 50 + whole[250:])):
        (tmp_path / name).write_bytes(broken)
        with pytest.raises(TrainerError, match=rf"{name}:\d+: the gzip stream is cut off or broken|expected a line of"):
            list(read_tree_lines(tmp_path / name))


@pytest.mark.parametrize("raw", [b'{"v": 1, "x": NaN}', b"[" * 100_000, b"\xff\xfe{}", b"1", b"null", b"{}"])
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(TrainerError) as refused:
        parse_tree_line(raw, "trees.jsonl:4")
    assert refused.value.message.startswith("trees.jsonl:4: ")


def test_ids_of_trees_and_pairs_are_used_once(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "trees.jsonl", [small_line("a"), small_line("b"), small_line("a")])
    with pytest.raises(TrainerError, match=r'^trees\.jsonl:3: tree_id: "a" is already on line 1; ids are used once$'):
        list(read_tree_lines(path))
    other = {**small_line("b"), "pairs": [pair("a/P2", "p", "a1", "a2")]}
    path = write_lines(tmp_path / "trees.jsonl", [small_line("a"), other])
    with pytest.raises(TrainerError, match=r'trees\.jsonl:2: pairs\[0\]\.id: "a/P2" is already on line 1'):
        list(read_tree_lines(path))


def changed(change: Callable[[Line], Any]) -> Line:
    line = copy.deepcopy(small_line())
    change(line)
    return line


WRONG: list[tuple[Callable[[Line], Any], str]] = [
    (lambda line: line.update(v=2), "v: expected 1, the version of trees.jsonl this trainer knows, not 2"),
    (lambda line: line.pop("v"), "v: expected a number and at least 1, and it is missing"),
    (lambda line: line.update(tree_id=""), 'tree_id: expected a text that is not empty, not ""'),
    (lambda line: line.update(repo=3), "repo: expected a text or null, not 3"),
    (lambda line: line.pop("repo"), "repo: expected a text or null, and it is missing"),
    (lambda line: line.update(split="test"), 'split: expected train or val or null, not "test"'),
    (lambda line: line.update(tools={}), "tools: expected a list or null, not {}"),
    (lambda line: line.update(template="llama"), 'template: expected qwen2.5 or model, not "llama"'),
    (lambda line: line.update(nodes=[]), "nodes: expected a list of at least 1, not []"),
    (lambda line: line.update(nodes=[1]), "nodes[0]: expected an object, not 1"),
    (lambda line: line["nodes"][3].update(id="p"), 'nodes[3].id: expected an id that no earlier node has, not "p"'),
    (
        lambda line: line["nodes"][3].update(parent="a5"),
        "nodes[3].parent: expected the id of an earlier node (there is one root, and nodes stand after their parents), "
        'not "a5"',
    ),
    (
        lambda line: line["nodes"][3].update(parent=None),
        "nodes[3].parent: expected the id of an earlier node (there is one root, and nodes stand after their parents), "
        "not null",
    ),
    (lambda line: line["nodes"][0].update(parent="x"), "nodes[0].parent: expected null, for the root stands first"),
    (lambda line: line["nodes"][0].update(kind="obs"), 'nodes[0].kind: expected prompt, for the root, not "obs"'),
    (lambda line: line["nodes"][0].update(messages=[]), "nodes[0].messages: expected at least one message before"),
    (lambda line: line["nodes"][1].update(kind="prompt"), "nodes[1].kind: expected action or obs; only the root is"),
    (lambda line: line["nodes"][1].update(kind="step"), "nodes[1].kind: expected prompt or action or obs, not"),
    (
        lambda line: line["nodes"][3].update(parent="p"),
        "nodes[3].parent: expected an action node (messages that follow",
    ),
    (lambda line: line["nodes"][1].update(messages=[]), "nodes[1].messages: expected exactly one message, of the"),
    (
        lambda line: line["nodes"][1]["messages"][0].update(role="user"),
        "nodes[1].messages: expected exactly one message",
    ),
    (
        lambda line: line["nodes"][1]["messages"][0].update(role="ai"),
        "nodes[1].messages[0].role: expected system or user",
    ),
    (
        lambda line: line["nodes"][1]["messages"][0].update(content=[]),
        "nodes[1].messages[0].content: expected a text or",
    ),
    (lambda line: line["nodes"][1]["messages"][0].update(name=None), "nodes[1].messages[0].name: expected a text, not"),
    (
        lambda line: line["nodes"][1]["messages"][0].update(tool_calls=[{"function": {"name": "f"}}]),
        "nodes[1].messages[0].tool_calls[0].function.arguments: expected a value, and it is missing",
    ),
    (
        lambda line: line["nodes"][1]["messages"][0].update(tool_calls=[{"function": {"name": "f", "arguments": 1}}]),
        "nodes[1].messages[0].tool_calls[0].function.arguments: expected a text or an object, not 1",
    ),
    (
        lambda line: line["nodes"][1]["messages"][0].update(tool_calls=[{"type": "web"}]),
        'nodes[1].messages[0].tool_calls[0].type: expected function, not "web"',
    ),
    (lambda line: line["nodes"][1].update(n=1.5), "nodes[1].n: expected a whole number and at least 0, not 1.5"),
    (lambda line: line["nodes"][1].update(n=True), "nodes[1].n: expected a whole number and at least 0, not true"),
    (lambda line: line["nodes"][1].update(n_success=9), "nodes[1].n_success: expected at most n, not 9"),
    (lambda line: line["nodes"][1].update(score=1.1), "nodes[1].score: expected a number and at least 0 and at most 1"),
    (lambda line: line["trajectories"][0].update(leaf="x"), "trajectories[0].leaf: expected the id of a node of this"),
    (lambda line: line["trajectories"][0].update(resolved=1), "trajectories[0].resolved: expected true, false or null"),
    (lambda line: line["trajectories"][1].update(id="tree-1/T1"), 'trajectories[1].id: "tree-1/T1" is used twice'),
    (lambda line: line["pairs"][1].update(id="tree-1/P1"), 'pairs[1].id: "tree-1/P1" is used twice'),
    (
        lambda line: line["pairs"][0].update(at="o1"),
        'pairs[0].chosen: expected an action node whose parent is "o1", not',
    ),
    (lambda line: line["pairs"][0].update(rejected="p"), "pairs[0].rejected: expected an action node whose parent is"),
    (lambda line: line["pairs"][0].update(rejected="a1"), "pairs[0].rejected: expected another node than chosen, not"),
    (lambda line: line["pairs"][0].update(weight=0), "pairs[0].weight: expected a number and above 0, not 0"),
    (lambda line: line["pairs"][0].pop("score_chosen"), "pairs[0].score_chosen: expected a number and at least 0 and"),
]


@pytest.mark.parametrize(("change", "message"), WRONG, ids=[message[:40] for _, message in WRONG])
def test_errors_name_file_line_and_field(change: Callable[[Line], Any], message: str) -> None:
    assert refusal(changed(change)).startswith(f"trees.jsonl:17: {message}")


def test_infinite_numbers_and_long_values_are_shown_short() -> None:
    text = json.dumps(small_line()).replace('"weight": 2.0', '"weight": 1e999')
    with pytest.raises(TrainerError, match=r"pairs\[1\]\.weight: expected a number and above 0, not Infinity"):
        parse_tree_line(text, "x")
    assert len(refusal(changed(lambda line: line.update(split="x" * 1000)))) < 150


def test_a_pair_below_an_action_is_read() -> None:
    nodes = [node("p", None, "prompt", {"role": "user", "content": "x"}), action("a", "p", "1")]
    nodes += [action("b", "a", "2"), action("c", "a", "3"), obs("o", "a", "seen")]
    line = parse_tree_line(json.dumps(tree_line(nodes, [], [pair("P", "a", "b", "c")])), "x")
    assert line.pairs[0].at == 1


def mutated(line: Line, draw: random.Random) -> Line:
    """The line with something deleted or exchanged somewhere."""
    result = copy.deepcopy(line)
    at: Any = result
    while True:
        places = [*at] if isinstance(at, dict) else [*range(len(at))]
        if not places:
            return result
        place = draw.choice(places)
        if isinstance(at[place], dict | list) and draw.random() < 0.8:
            at = at[place]
        elif isinstance(at, dict) and draw.random() < 0.3:
            del at[place]
            return result
        else:
            at[place] = draw.choice(
                [None, "", "p", "a1", 0, 1, 1.0, -1, 0.5, 2, True, [], {}, [{}], "assistant", "tool"]
            )
            return result


def problem_of(line: Line) -> str | None:
    try:
        parse_tree_line(json.dumps(line), "x")
    except TrainerError as error:
        return error.message
    return None


def test_reader_and_json_schema_agree() -> None:
    """What the schema refuses, the reader refuses; what it allows is refused for what no schema can say, or is read."""
    file = CONTRACT / "tree.schema.json"
    if not file.exists():
        pytest.skip(f"{file.name} is not written yet (the workbench generates it from zod)")
    validator = pytest.importorskip("jsonschema").validators.validator_for(schema := json.loads(file.read_text()))(
        schema
    )
    lines = [small_line(), *(random_line(seed, steps=2, trajectories=3) for seed in range(6))]
    assert all(validator.is_valid(line) for line in lines)
    # Relations between fields, and names that this trainer knows.
    beyond = ("an earlier node", "no earlier node", "root", "before the first action", "an action node", "exactly one")
    beyond += ("of a node of this line", "another node", "at most n", "is used twice", "expected qwen2.5 or model")
    draw = random.Random(1)
    read = refused = 0
    for _ in range(800):
        line = mutated(draw.choice(lines), draw)
        valid = validator.is_valid(line)
        problem = problem_of(line)
        refused += problem is not None
        read += problem is None
        if valid:
            assert problem is None or any(words in problem for words in beyond), problem
        else:
            assert problem is not None, next(iter(validator.iter_errors(line))).message
    assert min(read, refused) > 80
