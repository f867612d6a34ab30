"""Chat templates: the turns of a tree as text, cut where a reply begins and where it ends.

The prompt and every observation end with the words that open a reply, a reply ends with the token that ends a turn, and
what a template writes after that token opens the observation. So each reply is predicted from what it is predicted from
at inference, and no text is tokenised over that boundary (trainer.md section 4).

Text of messages stays text. Servers render a conversation and then let the tokenizer read special tokens in all of it,
so a file that contains `<|im_end|>` ends the turn in which it is shown (transformers issue 29279 is open, vLLM pull
request 31735 was closed). To learn from turns that such content forged would teach to believe them. Here only the
template writes special tokens; in content the same characters are ordinary text. All other text gives the tokens that a
server gives.
"""

from typing import NamedTuple, Protocol

from .tree_file import TreeLine
from .turns import Turns


class Piece(NamedTuple):
    """Text, or a special token that the template wrote."""

    text: str
    special: bool = False


#: What a template writes for one turn.
Segment = tuple[Piece, ...]


class Template(Protocol):
    def render(self, line: TreeLine, turns: Turns) -> list[Segment]:
        """A segment for each turn. Raises TrainerError `tokenizer`, naming the line, where it cannot be written."""
        ...


def text_of(segment: Segment) -> str:
    return "".join(piece.text for piece in segment)
