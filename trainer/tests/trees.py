"""Makers of trees for tests: lines of trees.jsonl (hand-written and random), and random trees of tokens."""

import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sealign_trainer.token_tree import TokenPair, TokenTrajectory, TokenTree

Line = dict[str, Any]
Message = dict[str, Any]
Node = dict[str, Any]

WORDS = ("ls", "cat a.py", "fix it", "run tests", "naïve\n\ntext", "done", "\n", "grep -n 'x' src", "", "déjà 🌳")


def message(role: str, content: str | None, **more: Any) -> Message:
    return {"role": role, "content": content, **more}


def call(name: str, arguments: Any) -> dict[str, Any]:
    return {"type": "function", "id": "c1", "function": {"name": name, "arguments": arguments}}


def node(name: str, parent: str | None, kind: str, *messages: Message) -> Node:
    return {"id": name, "parent": parent, "kind": kind, "messages": [*messages], "n": 0, "n_success": 0, "score": None}


def action(name: str, parent: str, content: str | None, **more: Any) -> Node:
    return node(name, parent, "action", message("assistant", content, **more))


def obs(name: str, parent: str, *contents: str, role: str = "user") -> Node:
    return node(name, parent, "obs", *(message(role, content) for content in contents))


def trajectory(name: str, leaf: str, resolved: bool | None) -> dict[str, Any]:
    return {"id": name, "leaf": leaf, "resolved": resolved, "source": "test"}


def pair(name: str, at: str, chosen: str, rejected: str, weight: float = 1.0) -> dict[str, Any]:
    return {
        "id": name,
        "at": at,
        "chosen": chosen,
        "rejected": rejected,
        "score_chosen": 1.0,
        "score_rejected": 0.0,
        "weight": weight,
    }


def tree_line(
    nodes: Sequence[Node],
    trajectories: Sequence[dict[str, Any]] = (),
    pairs: Sequence[dict[str, Any]] = (),
    *,
    name: str = "tree-1",
    **fields: Any,
) -> Line:
    """A line with these parts; `n`, `n_success` and `score` of its nodes are counted from the trajectories."""
    line = {
        "v": 1,
        "tree_id": name,
        "instance_id": f"task of {name}",
        "repo": None,
        "split": None,
        "tools": None,
        "template": "qwen2.5",
        "nodes": [dict(each) for each in nodes],
        "trajectories": [*trajectories],
        "pairs": [*pairs],
    }
    by_name = {each["id"]: each for each in line["nodes"]}
    for each in trajectories:
        at = each["leaf"]
        while each["resolved"] is not None and at is not None:
            by_name[at]["n"] += 1
            by_name[at]["n_success"] += each["resolved"]
            at = by_name[at]["parent"]
    for each in line["nodes"]:
        each["score"] = each["n_success"] / each["n"] if each["n"] else None
    return {**line, **fields}


def small_line(name: str = "tree-1", **fields: Any) -> Line:
    """Two actions below the prompt, two below the first one's observation; two resolved trajectories, two pairs.

    p ─┬─ a1 ── o1 ─┬─ a3 ── o3    T1 resolved
       │            └─ a4          T2 unresolved
       └─ a2 ── o2 ── a5           T3 unresolved, T4 resolved (it ends at o2)
    """
    nodes = [
        node("p", None, "prompt", message("system", "You fix code."), message("user", "Fix f().")),
        action("a1", "p", "I read it."),
        action("a2", "p", "I guess."),
        obs("o1", "a1", "def f(): pass"),
        action("a3", "o1", "I write it."),
        action("a4", "o1", "I stop."),
        obs("o3", "a3", "Tests pass."),
        obs("o2", "a2", "Nothing here."),
        action("a5", "o2", ""),
    ]
    trajectories = [
        trajectory(f"{name}/T1", "o3", True),
        trajectory(f"{name}/T2", "a4", False),
        trajectory(f"{name}/T3", "a5", False),
        trajectory(f"{name}/T4", "o2", True),
    ]
    pairs = [pair(f"{name}/P1", "p", "a1", "a2"), pair(f"{name}/P2", "o1", "a3", "a4", 2.0)]
    return tree_line(nodes, trajectories, pairs, name=name, **fields)


def random_line(seed: int, *, steps: int = 5, trajectories: int = 6, name: str | None = None, **fields: Any) -> Line:
    """Trajectories that share prefixes, with observations of several messages, native calls, actions that follow each
    other, and pairs wherever a node has two child actions; some nodes differ in nothing but their place in the file."""
    draw = random.Random(seed)
    name = name or f"random-{seed}"
    nodes = [node("p", None, "prompt", message("user", draw.choice(WORDS)))]
    children: dict[str, list[str]] = {"p": []}

    def add(made: Node) -> str:
        nodes.append(made)
        children[made["parent"]].append(made["id"])
        children[made["id"]] = []
        return made["id"]

    ends = []
    for number in range(trajectories):
        at = "p"
        for _ in range(draw.randint(0 if number else 1, steps)):
            known = [child for child in children[at] if child.startswith("a")]
            if known and draw.random() < 0.6:
                at = draw.choice(known)
            else:
                calls = {"tool_calls": [call("f", {"x": draw.randint(0, 2)})]} if draw.random() < 0.3 else {}
                at = add(action(f"a{len(nodes)}", at, draw.choice(WORDS), **calls))
            seen = [child for child in children[at] if child.startswith("o")]
            if draw.random() < 0.15:
                continue
            if seen and draw.random() < 0.8:
                at = draw.choice(seen)
            else:
                role = draw.choice(("user", "tool"))
                said = [draw.choice(WORDS) for _ in range(draw.randint(1, 3))]
                at = add(obs(f"o{len(nodes)}", at, *said, role=role))
        ends.append(trajectory(f"{name}/T{number}", at, draw.choice((True, False, False, None))))
    made_pairs = []
    for at, below in children.items():
        actions = [child for child in below if child.startswith("a")]
        if len(actions) > 1:
            chosen, rejected = draw.sample(actions, 2)
            made_pairs.append(pair(f"{name}/P{len(made_pairs)}", at, chosen, rejected, draw.choice((0.5, 1.0, 2.0))))
    return tree_line(nodes, ends, made_pairs, name=name, **fields)


def shuffled(line: Line, seed: int) -> Line:
    """The same tree with its nodes in another order (parents still before children), and other ids for them."""
    draw = random.Random(seed)
    by_parent: dict[str | None, list[Node]] = {}
    for each in line["nodes"]:
        by_parent.setdefault(each["parent"], []).append(each)
    ready = by_parent[None][:]
    order: list[Node] = []
    while ready:
        order.append(ready.pop(draw.randrange(len(ready))))
        ready.extend(by_parent.get(order[-1]["id"], []))
    names = {each["id"]: f"{draw.randrange(10**9)}-{number}" for number, each in enumerate(order)}
    nodes = [{**each, "id": names[each["id"]], "parent": names.get(each["parent"])} for each in order]
    trajectories = [{**each, "leaf": names[each["leaf"]]} for each in line["trajectories"]]
    sides = ("at", "chosen", "rejected")
    pairs = [{**each, **{side: names[each[side]] for side in sides}} for each in line["pairs"]]
    draw.shuffle(trajectories)
    draw.shuffle(pairs)
    return {**line, "nodes": nodes, "trajectories": trajectories, "pairs": pairs}


def write_lines(path: Path, lines: Iterable[Line]) -> Path:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def random_token_tree(
    seed: int,
    *,
    actions: int = 12,
    longest: int = 6,
    vocabulary: int = 256,
    name: str | None = None,
    repo: str | None = None,
) -> TokenTree:
    """A tree as the builder makes them (pre-order, equal siblings merged, observations between actions), of random ids
    below `vocabulary`; action nodes end with 258, the tiny tokenizer's `<|im_end|>`."""
    draw = random.Random(seed)
    name = name or f"tree-{seed}"
    kids: list[list[int]] = [[]]
    parents, is_action = [-1], [False]
    tokens = [tuple(draw.randrange(vocabulary) for _ in range(draw.randint(1, longest)))]

    def add(parent: int, kind: bool) -> int:
        ids = tuple(draw.randrange(vocabulary) for _ in range(draw.randint(0, longest - 1)))
        ids = (*ids, 258) if kind else (10, *ids)
        for child in kids[parent]:
            if is_action[child] == kind and tokens[child] == ids:
                return child
        parents.append(parent)
        is_action.append(kind)
        tokens.append(ids)
        kids.append([])
        kids[parent].append(len(parents) - 1)
        return len(parents) - 1

    contexts = [0]
    for _ in range(actions):
        made = add(draw.choice(contexts), True)
        contexts.extend(add(made, False) for _ in range(draw.choice((0, 1, 1, 1, 2))))
        contexts = sorted(set(contexts))
    order: list[int] = []
    waiting = [0]
    while waiting:
        order.append(waiting.pop())
        waiting.extend(sorted(kids[order[-1]], key=lambda child: (is_action[child], tokens[child]), reverse=True))
    place = {old: new for new, old in enumerate(order)}
    ends = [old for old in order if old and (not kids[old] or draw.random() < 0.2)]
    trajectories = tuple(
        TokenTrajectory(f"{name}/T{number}", place[old], draw.choice((True, True, False, None)))
        for number, old in enumerate(ends)
    )
    parent = tuple(place[parents[old]] if old else -1 for old in order)
    successes = [0] * len(order)
    for each in trajectories:
        at = each.leaf
        while each.resolved and at >= 0:
            successes[at] += 1
            at = parent[at]
    pairs: list[TokenPair] = []
    for old in order:
        sides = [place[child] for child in kids[old] if is_action[child]]
        for _ in range(draw.randint(0, len(sides) - 1) if len(sides) > 1 else 0):
            chosen, rejected = draw.sample(sides, 2)
            depth, at = 0, place[old]
            while at >= 0:
                depth += is_action[order[at]]
                at = parent[at]
            weight = draw.choice((0.5, 1.0, 2.0))
            pairs.append(TokenPair(f"{name}/P{len(pairs)}", place[old], chosen, rejected, weight, depth))
    return TokenTree(
        id=name,
        repo=repo,
        task=f"task of {name}",
        split=None,
        parent=parent,
        tokens=tuple(np.array(tokens[old], dtype=np.int32) for old in order),
        is_action=tuple(is_action[old] for old in order),
        successes=tuple(successes),
        trajectories=trajectories,
        pairs=tuple(pairs),
        names=tuple(f"n{old}" for old in order),
    )
