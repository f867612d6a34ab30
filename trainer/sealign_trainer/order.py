"""Which bins an optimizer step learns from."""

import hashlib
import math
from collections.abc import Sequence

from .bins import Bin
from .settings import RunSettings, StageName


def steps_per_epoch(settings: RunSettings, stage: StageName, bins: int, world: int) -> int:
    """Each step takes at most `binsPerStep` bins on every rank."""
    return math.ceil(bins / (settings.stage(stage).bins_per_step * world))


class Order:
    """Every pass has an order of its own, by seed, stage and pass, the same on every machine; it is cut into steps of
    nearly one size."""

    def __init__(self, settings: RunSettings, stage: StageName, bins: Sequence[Bin], world: int) -> None:
        self._seed = settings.seed
        self._stage = stage
        self._bins = bins
        #: Steps of a pass, and of the whole stage.
        self.per_epoch = steps_per_epoch(settings, stage, len(bins), world)
        self.total = settings.stage(stage).epochs * self.per_epoch

    def after(self, step: int) -> list[Bin]:
        """The bins of the step that follows `step` steps, of all ranks."""
        epoch, at = divmod(step, self.per_epoch)
        order = sorted(range(len(self._bins)), key=lambda number: self._draw(epoch, number))
        first, last = (border * len(order) // self.per_epoch for border in (at, at + 1))
        return [self._bins[number] for number in order[first:last]]

    def _draw(self, epoch: int, number: int) -> bytes:
        return hashlib.sha256(f"{self._seed} {self._stage} {epoch} {number}".encode()).digest()
