"""Keeps the best weights and the states of a Run in its folder, at rank 0, and says so."""

from dataclasses import dataclass

import torch
from transformers import PreTrainedTokenizerBase

from .checkpoint import Best, Finished, Identity, Progress, State, save_state, save_weights, weight_files
from .disk import sha256_of_files
from .errors import TrainerError
from .events import Events
from .settings import RunSettings, StageName
from .trainee import Trainee


@dataclass(frozen=True, slots=True)
class Keeper:
    """Every rank calls its methods: what is sharded is gathered at rank 0."""

    settings: RunSettings
    identity: Identity
    trainee: Trainee
    tokenizer: PreTrainedTokenizerBase
    events: Events

    def keep_best(self, stage: StageName, step: int, loss: float) -> Best:
        """Writes `<folder>/<stage>`; an adapter or a model that others load as it is."""
        self.events.say("phase", name="save", stage=stage)
        path = self.settings.folder / stage
        weights = self.trainee.weights()
        digest = ""
        if self.trainee.world.is_main:
            manifest = {
                "run": self.settings.run,
                "stage": stage,
                "step": step,
                "loss": loss,
                "model": self.settings.model,
                "method": self.settings.method,
                "identity": self.identity,
            }
            digest = save_weights(path, lambda folder: self.trainee.write(folder, weights, self.tokenizer), manifest)
        best = Best(stage, step, loss, str(path), self.trainee.world.object(digest))
        self._said(best, "best")
        return best

    def read_best(self, best: Best) -> None:
        """Goes on from the weights a stage ended with. Raises TrainerError `weights` where they are no longer there."""
        folder = self.settings.folder / best.stage
        if self.trainee.world.is_main:
            files = weight_files(folder)
            if not files or sha256_of_files(files) != best.sha256:
                raise TrainerError(
                    "weights",
                    f"{folder} does not hold the weights that {best.stage} ended with",
                    f"Put them back, or remove {self.settings.folder / 'state'} to train from the beginning",
                )
        self.trainee.read(folder)

    def keep_final(self, best: Best) -> None:
        """Says which weights a stage ended with."""
        self._said(best, "final")

    def keep_state(self, finished: list[Finished], progress: Progress, optimizer: torch.optim.Optimizer) -> None:
        tensors = {
            "weights": self.trainee.weights(),
            "optimizer": self.trainee.optimizer_state(optimizer),
            "random": torch.get_rng_state(),
        }
        self._keep(State(tuple(finished), progress, tensors), progress.stage, progress.step)

    def keep_finished(self, finished: list[Finished]) -> None:
        """The state between two stages."""
        self._keep(State(tuple(finished), None, None), finished[-1].best.stage, finished[-1].steps)

    def _keep(self, state: State, stage: StageName, step: int) -> None:
        if not self.trainee.world.is_main:
            return
        self.events.say("phase", name="save", stage=stage)
        path, digest = save_state(self.settings.folder, self.identity, state)
        self.events.say("checkpoint", stage=stage, step=step, path=str(path), kind="state", sha256=digest)
        self.events.sync()

    def _said(self, best: Best, kind: str) -> None:
        self.events.say("checkpoint", stage=best.stage, step=best.step, path=best.path, kind=kind, sha256=best.sha256)
