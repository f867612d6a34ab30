"""Everything a Run may learn from: the trees of its file, tokenised."""

from collections.abc import Callable
from dataclasses import dataclass, field

from transformers import PreTrainedTokenizerBase

from .errors import TrainerError
from .settings import RunSettings
from .token_tree import Dropped, TokenTree
from .token_tree_builder import TokenTreeBuilder
from .tree_file import read_tree_lines


@dataclass(frozen=True, slots=True)
class Corpus:
    trees: list[TokenTree]
    dropped: list[Dropped]
    #: Ids that end a reply: one for each template the file uses.
    end_tokens: frozenset[int] = frozenset()
    #: `tree: node` whose content holds special tokens as text.
    special_text: list[str] = field(default_factory=list)


def load_corpus(
    settings: RunSettings, tokenizer: PreTrainedTokenizerBase, on_tree: Callable[[int], None] | None = None
) -> Corpus:
    """Reads `settings.trees`; `on_tree` is told how many trees there are after each.

    Raises TrainerError `trees` (file, line, field) for a malformed file and one without trees, `tokenizer` where
    tokenizer and template do not go together.
    """
    builder = TokenTreeBuilder(tokenizer)
    corpus = Corpus([], [])
    ends: set[int] = set()
    for line in read_tree_lines(settings.trees):
        built = builder.build(line)
        corpus.trees.append(built.tree)
        corpus.dropped.extend(built.dropped)
        corpus.special_text.extend(f"{line.id}: {name}" for name in built.special_text)
        ends |= built.end_tokens
        if on_tree is not None:
            on_tree(len(corpus.trees))
    if not corpus.trees:
        raise TrainerError("trees", f"{settings.trees} holds no trees", "Export the session's trees again.")
    return Corpus(corpus.trees, corpus.dropped, frozenset(ends), corpus.special_text)
