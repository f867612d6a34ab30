"""Lines of trees.jsonl as TokenTrees: rendered, tokenised, and merged where kind and ids are the same."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from transformers import PreTrainedTokenizerBase

from .model_template import ModelTemplate
from .quick_template import QuickTemplate
from .qwen_template import QwenTemplate
from .special_tokens import SpecialTokens
from .template import Segment, Template
from .template_check import TemplateCheck
from .token_tree import Dropped, Ids, TokenPair, TokenTrajectory, TokenTree
from .tokenizer import TokenEncoder
from .tree_file import TemplateName, TreeLine
from .turns import Turn, Turns, turns_of


@dataclass(frozen=True, slots=True)
class Built:
    """What one line gives."""

    tree: TokenTree
    dropped: tuple[Dropped, ...]
    #: Ids that end a reply.
    end_tokens: frozenset[int]
    #: Nodes whose content holds special tokens as text.
    special_text: tuple[str, ...]


@dataclass(slots=True)
class _Node:
    is_action: bool
    ids: Ids
    names: list[str]
    #: By kind and ids.
    children: dict[tuple[bool, bytes], "_Node"] = field(default_factory=dict)
    #: In pre-order; -1 until the nodes are numbered.
    position: int = -1


class TokenTreeBuilder:
    """Builds trees for one tokenizer."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        special = SpecialTokens(tokenizer)
        model = ModelTemplate(tokenizer, special)
        self._special = special
        self._encoder = TokenEncoder(tokenizer, special)
        self._templates: dict[TemplateName, Template] = {"qwen2.5": QwenTemplate(), "model": QuickTemplate(model)}
        self._check = TemplateCheck(model)

    def build(self, line: TreeLine) -> Built:
        """The tree of a line, the same for every order of its nodes, and what of the line is not trained on.

        Raises TrainerError `tokenizer` where tokenizer and template do not go together, or where the template cannot
        write the line.
        """
        turns = turns_of(line)
        segments = self._templates[line.template].render(line, turns)
        if line.template == "qwen2.5":
            self._check.qwen(line, turns, segments)
        nodes = _merged(turns.turns, self._encoder.encode(segments))
        dropped: list[Dropped] = []
        return Built(
            tree=_tree(line, turns, nodes, dropped),
            dropped=tuple(dropped),
            end_tokens=frozenset(int(node.ids[-1]) for node in nodes if node.is_action),
            special_text=self._with_special_text(turns.turns, segments),
        )

    def _with_special_text(self, turns: Sequence[Turn], segments: Sequence[Segment]) -> tuple[str, ...]:
        return tuple(
            turn.name
            for turn, segment in zip(turns, segments, strict=True)
            if any(not piece.special and self._special.within(piece.text) for piece in segment)
        )


def build(lines: Iterable[TreeLine], tokenizer: PreTrainedTokenizerBase) -> tuple[list[TokenTree], list[Dropped]]:
    """The trees of all lines, and what of them is not trained on. Raises as `TokenTreeBuilder.build` does."""
    builder = TokenTreeBuilder(tokenizer)
    built = [builder.build(line) for line in lines]
    return [each.tree for each in built], [dropped for each in built for dropped in each.dropped]


def _merged(turns: Sequence[Turn], ids: Sequence[Ids]) -> list[_Node]:
    """The node of each turn; siblings of one kind with equal ids share one."""
    nodes: list[_Node] = []
    for turn, own in zip(turns, ids, strict=True):
        if turn.parent < 0:
            node = _Node(False, own, [])
        else:
            siblings = nodes[turn.parent].children
            node = siblings.setdefault((turn.is_action, own.tobytes()), _Node(turn.is_action, own, []))
        node.names.append(turn.name)
        nodes.append(node)
    return nodes


def _tree(line: TreeLine, turns: Turns, nodes: Sequence[_Node], dropped: list[Dropped]) -> TokenTree:
    order, parent = _pre_order(nodes[0])
    trajectories = _trajectories(line, turns, nodes, order, parent, dropped)
    return TokenTree(
        id=line.id,
        repo=line.repo,
        task=line.task,
        split=line.split,
        parent=tuple(parent),
        tokens=tuple(node.ids for node in order),
        is_action=tuple(node.is_action for node in order),
        successes=tuple(_successes(trajectories, parent)),
        trajectories=trajectories,
        pairs=_pairs(line, turns, nodes, order, parent, dropped),
        names=tuple(min(node.names) for node in order),
    )


def _pre_order(root: _Node) -> tuple[list[_Node], list[int]]:
    """Nodes and their parents' positions. Siblings stand in the order of their ids, not in that of the file."""
    order: list[_Node] = []
    parent: list[int] = []
    waiting = [(root, -1)]
    while waiting:
        node, above = waiting.pop()
        node.position = len(order)
        order.append(node)
        parent.append(above)
        children = sorted(node.children.values(), key=_place, reverse=True)
        waiting.extend((child, node.position) for child in children)
    return order, parent


def _place(node: _Node) -> tuple[bool, bytes]:
    """Orders siblings; big-endian bytes stand in the order of the ids."""
    return node.is_action, node.ids.astype(">i4").tobytes()


def _trajectories(
    line: TreeLine,
    turns: Turns,
    nodes: Sequence[_Node],
    order: Sequence[_Node],
    parent: Sequence[int],
    dropped: list[Dropped],
) -> tuple[TokenTrajectory, ...]:
    kept: list[TokenTrajectory] = []
    for each in sorted(line.trajectories, key=lambda trajectory: trajectory.id):
        leaf = nodes[turns.of_node[each.leaf]].position
        if _actions(leaf, order, parent) > 0:
            kept.append(TokenTrajectory(each.id, leaf, each.resolved))
        else:
            dropped.append(Dropped(each.id, "a trajectory without an action"))
    return tuple(kept)


def _pairs(
    line: TreeLine,
    turns: Turns,
    nodes: Sequence[_Node],
    order: Sequence[_Node],
    parent: Sequence[int],
    dropped: list[Dropped],
) -> tuple[TokenPair, ...]:
    kept: list[TokenPair] = []
    for each in sorted(line.pairs, key=lambda pair: pair.id):
        chosen, rejected = (nodes[turns.of_node[side]].position for side in (each.chosen, each.rejected))
        if chosen == rejected:
            dropped.append(Dropped(each.id, "both sides are the same tokens"))
            continue
        at = nodes[turns.before_reply[each.at]].position
        kept.append(TokenPair(each.id, at, chosen, rejected, float(each.weight), _actions(at, order, parent)))
    return tuple(sorted(kept, key=lambda pair: (pair.at, pair.chosen, pair.rejected)))


def _actions(node: int, order: Sequence[_Node], parent: Sequence[int]) -> int:
    """Actions among a node and its ancestors."""
    return sum(order[each].is_action for each in _upwards(node, parent))


def _successes(trajectories: Sequence[TokenTrajectory], parent: Sequence[int]) -> list[int]:
    successes = [0] * len(parent)
    for trajectory in trajectories:
        if trajectory.resolved:
            for node in _upwards(trajectory.leaf, parent):
                successes[node] += 1
    return successes


def _upwards(node: int, parent: Sequence[int]) -> Iterator[int]:
    while node >= 0:
        yield node
        node = parent[node]
