"""The contract with the workbench: its fixture lines against the JSON Schemas, and against our own readers."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sealign_trainer.errors import TrainerError
from sealign_trainer.settings import RunSettings, settings_of
from sealign_trainer.tree_file import parse_tree_line, read_tree_lines

CONTRACT = Path(__file__).parent.parent / "contract"
PARTS = {"tree": "trees", "event": "events", "run": "runs", "control": "controls"}


def lines(name: str) -> list[Any]:
    text = (CONTRACT / "fixtures" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def bad(name: str) -> list[Any]:
    """Lines with the reason as the test's id."""
    return [pytest.param(each["line"], id=each["why"]) for each in lines(name)]


def validator(part: str) -> Draft202012Validator:
    schema = json.loads((CONTRACT / f"{part}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize(("part", "name"), PARTS.items())
def test_schema_takes_good_lines_and_refuses_bad_ones(part: str, name: str) -> None:
    schema = validator(part)
    good = lines(name)
    assert len(good) >= 3
    assert [list(schema.iter_errors(line)) for line in good] == [[]] * len(good)
    wrong = lines(f"bad-{name}")
    assert len(wrong) >= 4
    assert [each["why"] for each in wrong if schema.is_valid(each["line"])] == []


def test_schema_takes_trees_that_do_not_hang_together() -> None:
    schema = validator("tree")
    assert [each["why"] for each in lines("unsound-trees") if not schema.is_valid(each["line"])] == []


def test_reader_takes_good_trees() -> None:
    read = list(read_tree_lines(CONTRACT / "fixtures" / "trees.jsonl"))
    written = lines("trees")
    assert [line.id for line in read] == [line["tree_id"] for line in written]
    for line, said in zip(read, written, strict=True):
        assert (line.task, line.repo, line.split) == (said["instance_id"], said["repo"], said["split"])
        assert [node.id for node in line.nodes] == [node["id"] for node in said["nodes"]]
        assert [list(node.messages) for node in line.nodes] == [node["messages"] for node in said["nodes"]]
        assert [line.nodes[each.leaf].id for each in line.trajectories] == [
            each["leaf"] for each in said["trajectories"]
        ]
        assert [line.nodes[each.chosen].id for each in line.pairs] == [each["chosen"] for each in said["pairs"]]


@pytest.mark.parametrize("line", bad("bad-trees") + bad("unsound-trees"))
def test_reader_refuses_bad_trees(line: Any) -> None:
    with pytest.raises(TrainerError, match=r"^trees\.jsonl:7: ") as caught:
        parse_tree_line(json.dumps(line), "trees.jsonl:7")
    assert caught.value.name == "trees"


def test_settings_read_good_runs() -> None:
    small, full, whole, nested = (settings_of(line, "run.json") for line in lines("runs"))
    said = lines("runs")[1]
    assert small == RunSettings(run="r3", folder=Path(said["folder"]), trees=Path(said["trees"]), model=said["model"])
    assert (full.bin_tokens, full.memory_gib, full.eval_every) == (said["binTokens"], 130.5, 5)
    assert (full.sft.bins_per_step, full.dpo.weight_decay, full.learning_rate("sft")) == (2, 0.01, 1e-4)
    assert (whole.method, whole.stages, whole.learning_rate("dpo")) == ("full", ("dpo",), 3e-7)
    assert (nested.lora.rank, nested.lora.alpha, nested.dpo.beta) == (1, 128, 0.05)


def test_settings_left_out_are_those_of_the_schema() -> None:
    """Defaults stand in the schema (zod) and in RunSettings: they must not part."""
    schema = validator("run").schema
    small = settings_of(lines("runs")[0], "run.json")
    spelled_out = {name: field["default"] for name, field in schema["properties"].items() if "default" in field}
    for stage in ("lora", "sft", "dpo"):
        fields = schema["properties"][stage]["properties"]
        spelled_out[stage] = {name: field["default"] for name, field in fields.items()}
    assert len(spelled_out) == len(schema["properties"]) - 5
    assert settings_of({**lines("runs")[0], **spelled_out}, "run.json") == small


@pytest.mark.parametrize("line", bad("bad-runs"))
def test_settings_refuse_bad_runs(line: Any) -> None:
    with pytest.raises(TrainerError, match=r"^run\.json: ") as caught:
        settings_of(line, "run.json")
    assert caught.value.name == "settings"
