"""Whether our rendering of `qwen2.5` is that of the model's own chat template, on conversations of the file itself."""

from collections.abc import Sequence
from typing import Final

from .errors import TrainerError
from .model_template import ModelTemplate, difference
from .template import Segment, text_of
from .tree_file import TreeLine
from .turns import Turns

#: Lines whose longest conversation, and longest one with native calls, are rendered both ways.
CHECKED_LINES: Final = 8


class TemplateCheck:
    """Checks the first lines it is given; the model's template is slow, and lines of one file are alike."""

    def __init__(self, model: ModelTemplate) -> None:
        self._model = model
        self._left = CHECKED_LINES

    def qwen(self, line: TreeLine, turns: Turns, segments: Sequence[Segment]) -> None:
        """Raises TrainerError `tokenizer` where the model's template writes other text than `segments`. A tokenizer
        without a template is not checked."""
        if self._left == 0 or not self._model.exists:
            return
        self._left -= 1
        for turn in _longest(turns):
            path = turns.path(turn)
            messages = [message for each in path for message in turns.turns[each].messages]
            ours = "".join(text_of(segments[each]) for each in path)
            theirs = self._model.write(line, messages, line.tools, opens_reply=True)
            if ours != theirs:
                raise TrainerError(
                    "tokenizer",
                    f"{line.place}: template: the model's own chat template does not write what qwen2.5 writes: "
                    f"{difference(ours, theirs)}",
                    "Write template: 'model' in the lines of trees.jsonl to train with the model's own.",
                )

    def agrees(self, line: TreeLine, turns: Turns, segments: Sequence[Segment]) -> bool:
        """Whether the model's template writes `segments` for every whole conversation of a line, and for every
        beginning of its longest one: one that rewrites earlier turns does not."""
        above = {turn.parent for turn in turns.turns}
        ends = [index for index in range(len(turns.turns)) if index not in above]
        beginnings = turns.path(_longest(turns)[0])[:-1]
        return all(self._same(line, turns, segments, turn) for turn in [*ends, *beginnings])

    def _same(self, line: TreeLine, turns: Turns, segments: Sequence[Segment], turn: int) -> bool:
        path = turns.path(turn)
        is_action = turns.turns[turn].is_action
        messages = [message for each in path for message in turns.turns[each].messages]
        ours = "".join(text_of(segments[each]) for each in path)
        theirs = self._model.write(line, messages, line.tools, opens_reply=not is_action)
        # What a template writes after a reply's end belongs to the next turn.
        return theirs.startswith(ours) if is_action else theirs == ours


def _longest(turns: Turns) -> list[int]:
    """The turn before a reply with the most turns before it, and the one of those that have native calls."""
    depth: list[int] = []
    calls: list[bool] = []
    for turn in turns.turns:
        own = any(message.get("tool_calls") for message in turn.messages)
        depth.append(depth[turn.parent] + 1 if turn.parent >= 0 else 0)
        calls.append(own or (turn.parent >= 0 and calls[turn.parent]))
    waiting = [index for index, turn in enumerate(turns.turns) if not turn.is_action]
    longest = max(waiting, key=depth.__getitem__)
    with_calls = max((index for index in waiting if calls[index]), key=depth.__getitem__, default=longest)
    return [longest] if with_calls == longest else [longest, with_calls]
