"""A Task's trajectories as one tree of token ids: what packing and training work on."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class TokenPair:
    """A critical pair (paper eq. 4-5): two actions below one node."""

    id: str
    #: Nodes of the tree; `chosen` and `rejected` are action nodes and children of `at`.
    at: int
    chosen: int
    rejected: int
    #: > 0
    weight: float
    #: Actions before the two.
    depth: int


@dataclass(frozen=True, slots=True)
class TokenTrajectory:
    """Where a trajectory ends; its path is `leaf` and every ancestor."""

    id: str
    leaf: int
    #: None: nobody knows.
    resolved: bool | None


@dataclass(frozen=True, slots=True)
class TokenTree:
    """Nodes in pre-order, the root first; every sequence has one entry per node.

    Siblings of one kind never have the same ids: the same text is one node. An action node's ids end with the token
    that ends a turn; what the template writes between it and the next reply (also the words that open that reply)
    belongs to an observation node, so that every action is predicted from its parent's last token, as at inference.
    """

    id: str
    #: Decides, with `task`, which side of the validation split the tree is on.
    repo: str | None
    task: str
    #: 'train' or 'val' where the file says so, else None.
    split: str | None
    #: -1 for the root.
    parent: tuple[int, ...]
    #: At least one id each; only the root of a tree without a prompt could be empty, and such a tree is refused.
    tokens: tuple[Ids, ...]
    is_action: tuple[bool, ...]
    #: Resolved trajectories through the node: what its tokens weigh in SFT (eq. 3).
    successes: tuple[int, ...]
    trajectories: tuple[TokenTrajectory, ...] = ()
    pairs: tuple[TokenPair, ...] = ()
    #: Ids of nodes in trees.jsonl, for messages.
    names: tuple[str, ...] = field(default=(), repr=False)

    @property
    def size(self) -> int:
        """Nodes."""
        return len(self.parent)

    def path(self, node: int) -> list[int]:
        """The node and its ancestors, root first."""
        nodes: list[int] = []
        while node >= 0:
            nodes.append(node)
            node = self.parent[node]
        nodes.reverse()
        return nodes


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something that is not trained on, and why."""

    id: str
    reason: str
