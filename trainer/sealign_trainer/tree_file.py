"""trees.jsonl (contract/tree.schema.json), read strictly and line by line: Trajectories as a tree of messages."""

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, get_args

from .errors import TrainerError
from .tree_fields import Fields

NodeKind = Literal["prompt", "action", "obs"]
TemplateName = Literal["qwen2.5", "model"]
Message = dict[str, Any]

ROLES: Final = ("system", "user", "assistant", "tool")
GZIP_MAGIC: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class LineNode:
    id: str
    #: Position of the parent in the line's nodes; -1 for the root, which stands first.
    parent: int
    kind: NodeKind
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class LineTrajectory:
    id: str
    #: Position of the node it ends at.
    leaf: int
    resolved: bool | None


@dataclass(frozen=True, slots=True)
class LinePair:
    """Two different action nodes with the parent `at`; all three are positions."""

    id: str
    at: int
    chosen: int
    rejected: int
    weight: float


@dataclass(frozen=True, slots=True)
class TreeLine:
    """A valid line. Counts and scores of nodes are checked and left out: trajectories are counted anew."""

    #: `trees.jsonl:17`, for messages.
    place: str
    id: str
    task: str
    repo: str | None
    split: Literal["train", "val"] | None
    #: None where there are none.
    tools: tuple[Any, ...] | None
    template: TemplateName
    nodes: tuple[LineNode, ...]
    trajectories: tuple[LineTrajectory, ...]
    pairs: tuple[LinePair, ...]


def read_tree_lines(path: Path) -> Iterator[TreeLine]:
    """The lines of a file, which may be gzipped (whatever its name); empty ones are passed over.

    Raises TrainerError `trees`, naming file, line and field, where the file cannot be read, at the first line that
    breaks the contract, and where a tree or pair has the id of an earlier one.
    """
    trees: dict[str, int] = {}
    pairs: dict[str, int] = {}
    for number, raw in _raw_lines(path):
        place = f"{path.name}:{number}"
        line = parse_tree_line(raw, place)
        _once(place, "tree_id", line.id, trees, number)
        for index, pair in enumerate(line.pairs):
            _once(place, f"pairs[{index}].id", pair.id, pairs, number)
        yield line


def parse_tree_line(raw: bytes | str, place: str) -> TreeLine:
    """One line of JSON as a valid TreeLine; `place` names it in errors (TrainerError `trees`)."""
    try:
        data = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise TrainerError(
            "trees", f"{place}: expected a line of JSON: {error}", "If the file is cut off here, export it again."
        ) from error
    return _tree_line(Fields(place, "", data))


def _raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    number = 0
    try:
        with ExitStack() as stack:
            file = stack.enter_context(path.open("rb"))
            if file.peek(2)[:2] == GZIP_MAGIC:
                file = stack.enter_context(gzip.open(file))
            for number, raw in enumerate(file, 1):
                if not raw.isspace():
                    yield number, raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise TrainerError("trees", f"{path.name}:{number + 1}: the gzip stream is cut off or broken") from error
    except OSError as error:
        raise TrainerError("trees", f"{path} cannot be read ({error.strerror or error})") from error


def _once(place: str, field: str, name: str, seen: dict[str, int], number: int) -> None:
    first = seen.setdefault(name, number)
    if first != number:
        raise TrainerError(
            "trees", f"{place}: {field}: {json.dumps(name)} is already on line {first}; ids are used once"
        )


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _tree_line(line: Fields) -> TreeLine:
    if line.number("v", least=1) != 1:
        raise line.wrong("v", "1, the version of trees.jsonl this trainer knows")
    tools = line.values("tools", nullable=True)
    nodes = _nodes(line)
    position = {node.id: index for index, node in enumerate(nodes)}
    trajectories = tuple(_trajectory(each, position) for each in line.objects("trajectories"))
    _distinct(line, "trajectories", [each.id for each in trajectories])
    pairs = tuple(_pair(each, position, nodes) for each in line.objects("pairs"))
    _distinct(line, "pairs", [each.id for each in pairs])
    return TreeLine(
        place=line.place,
        id=line.text("tree_id", empty=False),
        task=line.text("instance_id", empty=False),
        repo=line.text("repo", nullable=True),
        split=line.choice("split", ("train", "val"), nullable=True),
        tools=tuple(tools) if tools else None,
        template=line.choice("template", get_args(TemplateName)),
        nodes=nodes,
        trajectories=trajectories,
        pairs=pairs,
    )


def _nodes(line: Fields) -> tuple[LineNode, ...]:
    nodes: list[LineNode] = []
    position: dict[str, int] = {}
    for each in line.objects("nodes", least=1):
        name = each.text("id")
        if name in position:
            raise each.wrong("id", "an id that no earlier node has")
        node = _node(each, name, position, nodes)
        position[name] = len(nodes)
        nodes.append(node)
    return tuple(nodes)


def _node(each: Fields, name: str, position: dict[str, int], before: list[LineNode]) -> LineNode:
    above = each.text("parent", nullable=True)
    kind = each.choice("kind", get_args(NodeKind))
    messages = tuple(_message(message) for message in each.objects("messages"))
    if each.number("n_success", least=0, whole=True) > each.number("n", least=0, whole=True):
        raise each.wrong("n_success", "at most n")
    each.number("score", least=0, most=1, nullable=True)
    if not before:
        if above is not None:
            raise each.wrong("parent", "null, for the root stands first")
        if kind != "prompt":
            raise each.wrong("kind", "prompt, for the root")
        if not messages:
            raise each.wrong("messages", "at least one message before the first action")
        return LineNode(name, -1, kind, messages)
    if above is None or above not in position:
        raise each.wrong("parent", "the id of an earlier node (there is one root, and nodes stand after their parents)")
    parent = position[above]
    if kind == "prompt":
        raise each.wrong("kind", "action or obs; only the root is a prompt")
    if kind == "obs" and before[parent].kind != "action":
        raise each.wrong("parent", "an action node (messages that follow each other belong in one node)")
    if kind == "action" and [message["role"] for message in messages] != ["assistant"]:
        raise each.wrong("messages", "exactly one message, of the assistant, in an action node")
    return LineNode(name, parent, kind, messages)


def _message(message: Fields) -> Message:
    message.choice("role", ROLES)
    message.text("content", nullable=True)
    for name in ("tool_call_id", "name"):
        if message.has(name):
            message.text(name)
    if message.has("tool_calls"):
        for call in message.objects("tool_calls"):
            if call.has("type"):
                call.choice("type", ("function",))
            if call.has("id"):
                call.text("id")
            function = call.object("function")
            function.text("name")
            if not isinstance(function.value("arguments"), str | dict):
                raise function.wrong("arguments", "a text or an object")
    return message.data


def _trajectory(each: Fields, position: dict[str, int]) -> LineTrajectory:
    each.text("source")
    resolved = each.value("resolved")
    if resolved is not None and not isinstance(resolved, bool):
        raise each.wrong("resolved", "true, false or null")
    return LineTrajectory(each.text("id"), _known(each, "leaf", position), resolved)


def _pair(each: Fields, position: dict[str, int], nodes: tuple[LineNode, ...]) -> LinePair:
    at, chosen, rejected = (_known(each, name, position) for name in ("at", "chosen", "rejected"))
    for name, side in (("chosen", chosen), ("rejected", rejected)):
        if nodes[side].kind != "action" or nodes[side].parent != at:
            raise each.wrong(name, f"an action node whose parent is {json.dumps(nodes[at].id)}")
        each.number(f"score_{name}", least=0, most=1)
    if chosen == rejected:
        raise each.wrong("rejected", "another node than chosen")
    return LinePair(each.text("id"), at, chosen, rejected, each.number("weight", above=0))


def _known(each: Fields, name: str, position: dict[str, int]) -> int:
    node = each.text(name)
    if node not in position:
        raise each.wrong(name, "the id of a node of this line")
    return position[node]


def _distinct(line: Fields, name: str, ids: list[str]) -> None:
    if len(set(ids)) == len(ids):
        return
    seen: set[str] = set()
    for index, each in enumerate(ids):
        if each in seen:
            raise TrainerError("trees", f"{line.place}: {name}[{index}].id: {json.dumps(each)} is used twice")
        seen.add(each)
