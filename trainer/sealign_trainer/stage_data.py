"""What each stage learns from and is judged by: trees, divided by repository, in bins."""

import time
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from .corpus import load_corpus
from .errors import TrainerError
from .events import Events
from .pack import Packing, pack
from .settings import RunSettings, StageName
from .split import split_trees
from .token_tree import Dropped

#: Seconds between two events of one phase.
_TELL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class StageData:
    training: Packing
    validation: Packing
    #: Of the whole file, and of what this stage cannot pack.
    dropped: list[Dropped]
    #: In the file.
    trajectories: int
    pairs: int

    @property
    def parts(self) -> tuple[Packing, Packing]:
        return self.training, self.validation


class PhaseTeller:
    """Says how far a phase is, not more often than once a second."""

    def __init__(self, events: Events, name: str, stage: StageName | None = None) -> None:
        self._events = events
        self._fields = {"name": name, **({} if stage is None else {"stage": stage})}
        self._told: float | None = None

    def tell(self, done: int, total: int | None = None) -> None:
        now = time.monotonic()
        if self._told is not None and now - self._told < _TELL_SECONDS and done != total:
            return
        self._told = now
        self._events.say("phase", **self._fields, done=done, **({} if total is None else {"total": total}))


def load_stages(
    settings: RunSettings, tokenizer: PreTrainedTokenizerBase, events: Events
) -> dict[StageName, StageData]:
    """Reads and packs everything, for all stages, before the first one begins.

    Raises TrainerError as `load_corpus` does, and `data` for a stage that has nothing to learn from.
    """
    teller = PhaseTeller(events, "tokenize")
    corpus = load_corpus(settings, tokenizer, teller.tell)
    events.say("phase", name="pack")
    learnt, held_out = split_trees(corpus.trees, settings.val_fraction, settings.seed)
    stages: dict[StageName, StageData] = {}
    for stage in settings.stages:
        training, validation = (
            pack(trees, stage, settings.bin_tokens, seed=settings.seed) for trees in (learnt, held_out)
        )
        dropped = [*corpus.dropped, *training.dropped, *validation.dropped]
        if not training.bins:
            raise _nothing(settings, stage, dropped)
        stages[stage] = StageData(
            training,
            validation,
            dropped,
            sum(len(tree.trajectories) for tree in corpus.trees),
            sum(len(tree.pairs) for tree in corpus.trees),
        )
    return stages


def _nothing(settings: RunSettings, stage: StageName, dropped: list[Dropped]) -> TrainerError:
    what = "no resolved trajectory" if stage == "sft" else "no pair"
    why = f" ({len(dropped)} dropped; the first, {dropped[0].id}: {dropped[0].reason})" if dropped else ""
    return TrainerError(
        "data",
        f"{stage}: there is nothing to learn from: {what} is left for training in {settings.trees}{why}",
        f"Add some to the dataset, or leave {stage} out of stages",
    )
