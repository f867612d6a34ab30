"""A line of trees.jsonl as turns: replies, and what stands between two of them."""

from dataclasses import dataclass

from .message import plain_message
from .tree_file import Message, TreeLine


@dataclass(frozen=True, slots=True)
class Turn:
    """A node of the tree as a template sees it."""

    #: Id of the node in trees.jsonl; of what the template alone writes between two replies, that of the first and a
    #: `+`.
    name: str
    #: Position of the parent; -1 for the root.
    parent: int
    is_action: bool
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Turns:
    """Turns in an order in which parents come first. Children of an action are no actions, all others' are."""

    turns: tuple[Turn, ...]
    #: The turn of each node of the line.
    of_node: tuple[int, ...]
    #: The turn that is the parent of a node's child actions, by node; nodes without one are missing.
    before_reply: dict[int, int]

    def path(self, turn: int) -> list[int]:
        """The turn and its ancestors, root first."""
        turns: list[int] = []
        while turn >= 0:
            turns.append(turn)
            turn = self.turns[turn].parent
        turns.reverse()
        return turns


def turns_of(line: TreeLine) -> Turns:
    """The nodes of a line as turns; where a reply follows a reply, a turn without messages stands between them."""
    turns: list[Turn] = []
    of_node: list[int] = []
    before_reply: dict[int, int] = {}

    def add(turn: Turn) -> int:
        turns.append(turn)
        return len(turns) - 1

    def opening(node: int) -> int:
        if node not in before_reply:
            own, turn = line.nodes[node], of_node[node]
            before_reply[node] = add(Turn(f"{own.id}+", turn, False, ())) if own.kind == "action" else turn
        return before_reply[node]

    for node in line.nodes:
        is_action = node.kind == "action"
        parent = -1 if node.parent < 0 else opening(node.parent) if is_action else of_node[node.parent]
        of_node.append(add(Turn(node.id, parent, is_action, tuple(map(plain_message, node.messages)))))
    return Turns(tuple(turns), tuple(of_node), before_reply)
