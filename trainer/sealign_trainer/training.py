"""The stages of a Run, from what is kept to what is kept (paper section 4.4: SFT, then DPO from its best weights)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import PretrainedConfig

from .bins import Bin
from .checkpoint import (
    Best,
    Finished,
    Identity,
    Progress,
    identity_of,
    load_state,
    remove_state,
    weight_files,
)
from .control import Control, Signals, Stopped
from .device_bin import Backend
from .disk import mend_folder, sha256_of, sha256_of_files
from .distributed import World
from .errors import TrainerError
from .events import Events
from .keeper import Keeper
from .memory import budget_of, choose_checkpointed_layers
from .model import check_tokens, load_model, model_digest, precision_of, read_config
from .objective import DpoObjective, Objective, SftObjective
from .reference import compute_reference, reference_key
from .settings import RunSettings, StageName
from .stage import StageParts, StageTraining
from .stage_data import PhaseTeller, StageData, load_stages
from .start_event import start_fields
from .throughput import Throughput
from .tokenizer import load_tokenizer
from .trainee import Trainee

RunEnd = Literal["completed", "stopped"]


class Training:
    """One process's part in a Run."""

    def __init__(self, settings: RunSettings, world: World, events: Events, signals: Signals) -> None:
        self._settings = settings
        self._world = world
        self._events = events
        self._control = Control(settings.folder, world, signals)
        self._precision = precision_of(settings, world.device)
        self._attention = _attention(settings, world)
        self._finished: list[Finished] = []
        self._progress: Progress | None = None

    @property
    def best(self) -> list[Best]:
        """Of every stage that has one."""
        current = [] if self._progress is None or self._progress.best is None else [self._progress.best]
        return [*(each.best for each in self._finished), *current]

    def go(self) -> RunEnd:
        """Raises TrainerError for everything that a person can do something about."""
        settings, world = self._settings, self._world
        torch.manual_seed(settings.seed)
        config = read_config(settings)
        tokenizer = load_tokenizer(settings.model)
        model_hash = model_digest(settings.model)
        identity = self._identity(model_hash)
        for stage in settings.stages if world.is_main else ():
            mend_folder(settings.folder / stage)
        state = load_state(settings.folder, identity) if world.is_main else None
        data = load_stages(settings, tokenizer, self._events)
        bins = [each for stage in data.values() for part in stage.parts for each in part.bins]
        check_tokens(config, bins, settings.model)
        keeper = Keeper(settings, identity, self._load(config), tokenizer, self._events)
        # Tensors stay at rank 0: the others are given theirs one by one.
        kept = None if state is None else (state.finished, state.progress)
        finished, progress = world.object(kept) or ((), None)
        self._finished = list(finished)
        for stage in settings.stages[len(self._finished) :]:
            resumed = progress if progress is not None and progress.stage == stage else None
            tensors = state.tensors if state is not None and resumed is not None else None
            if self._train_stage(stage, keeper, data[stage], model_hash, resumed, tensors) == "stopped":
                return "stopped"
        if world.is_main:
            remove_state(settings.folder)
        return "completed"

    def _identity(self, model_hash: str) -> Identity:
        settings = self._settings
        try:
            trees = sha256_of(settings.trees)
        except OSError as error:
            raise TrainerError("trees", f"{settings.trees} cannot be read ({error.strerror})") from error
        return identity_of(
            settings,
            trees=trees,
            model=model_hash,
            world=self._world.size,
            dtype=self._precision.name,
            attention=self._attention,
        )

    def _load(self, config: PretrainedConfig) -> Trainee:
        self._events.say("phase", name="load")
        settings, world = self._settings, self._world
        model = load_model(settings, world.device, self._precision)
        return Trainee(
            model,
            attention=self._attention,
            precision=self._precision,
            world=world,
            checkpointed=self._checkpointed_layers(config),
        )

    def _checkpointed_layers(self, config: PretrainedConfig) -> int:
        """On a CPU none; on GPUs as many as the least memory of them asks for."""
        world = self._world
        if world.device.type != "cuda":
            return 0
        _, total = torch.cuda.mem_get_info(world.device)
        budget = budget_of(self._settings, total) or total
        least = -int(world.max(torch.tensor([-budget])).item())
        return choose_checkpointed_layers(config, self._settings, least, element=self._precision.name, world=world.size)

    def _train_stage(
        self,
        stage: StageName,
        keeper: Keeper,
        data: StageData,
        model_hash: str,
        resumed: Progress | None,
        tensors: dict[str, Any] | None,
    ) -> RunEnd:
        settings, events, trainee = self._settings, self._events, keeper.trainee
        progress = self._progress = resumed or Progress(stage)
        if self._finished:
            keeper.read_best(self._finished[-1].best)
        parts = StageParts(
            stage=stage,
            settings=settings,
            trainee=trainee,
            training=data.training.bins,
            validation=data.validation.bins,
            control=self._control,
            events=events,
            throughput=Throughput(trainee, settings),
            keeper=keeper,
            finished=self._finished,
        )
        training = StageTraining(parts, progress)
        events.place(sum(each.steps for each in self._finished))
        resume = {} if resumed is None else {"resume": {"step": resumed.step}}
        events.say("start", **start_fields(settings, stage, data, trainee, total_steps=training.total_steps), **resume)
        if not data.validation.bins and progress.step == 0:
            message = "nothing is held out for validation: the last weights are kept, and no evaluation ends the stage"
            events.say("warning", stage=stage, step=0, message=message)
        try:
            objective = self._objective(stage, trainee, [*data.training.bins, *data.validation.bins], model_hash)
        except Stopped:
            return "stopped"
        if progress.step > 0:
            training.put_back(tensors)
        if self._attention == "flex":
            events.say("phase", name="compile", stage=stage)
        if training.run(objective) == "stopped":
            return "stopped"
        if progress.best is not None:
            self._finished.append(Finished(progress.best, progress.step))
        self._progress = None
        if stage != settings.stages[-1]:
            keeper.keep_finished(self._finished)
        return "completed"

    def _objective(self, stage: StageName, trainee: Trainee, bins: Sequence[Bin], model_hash: str) -> Objective:
        """For DPO the reference is needed: the policy as the stage begins."""
        if stage == "sft":
            return SftObjective()
        key = reference_key(
            model=model_hash, start=self._start_hash(), dtype=self._precision.name, attention=self._attention
        )
        reference = compute_reference(
            trainee,
            bins,
            folder=self._settings.folder / "reference",
            key=key,
            control=self._control,
            said=PhaseTeller(self._events, "reference", stage).tell,
        )
        return DpoObjective(self._settings.dpo.beta, reference)

    def _start_hash(self) -> str:
        """Of the weights a stage begins with; a new adapter changes nothing yet."""
        if self._finished:
            return self._finished[-1].best.sha256
        if self._settings.adapter is None:
            return "base"
        return sha256_of_files(weight_files(Path(self._settings.adapter)))


def _attention(settings: RunSettings, world: World) -> Backend:
    """`auto`: FlexAttention on CUDA, dense on a CPU, where FlexAttention has no backward pass."""
    if settings.attention == "auto":
        return "flex" if world.device.type == "cuda" else "dense"
    if settings.attention == "flex" and world.device.type == "cpu":
        raise TrainerError(
            "settings",
            "attention: flex needs a GPU: on a CPU it has no backward pass",
            "Set attention to auto or dense",
        )
    return settings.attention
