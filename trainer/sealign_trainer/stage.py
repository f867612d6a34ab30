"""The loop of one stage: optimizer steps, evaluations, the best weights, and a state to go on from."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from .bins import Bin
from .checkpoint import Finished, Progress
from .control import Control, Stopped
from .errors import TrainerError
from .events import Events
from .figures import Figures, example_ids, margin_places, pair_fields
from .keeper import Keeper
from .objective import Objective, count_of
from .optimizer import adamw, clip_gradient, gradient_norm, learning_rate_at, set_learning_rate
from .order import Order
from .out_of_memory import out_of_memory
from .settings import RunSettings, StageName
from .throughput import Throughput
from .trainee import Trainee

LN_2 = math.log(2)
#: Steps in a row with both sides of the pairs less likely than under the reference that are worth a warning.
_FALLING = 20
#: As many steps in a row without a finite loss end a stage; a whole pass of them does too, of at least three.
_MOST_SKIPPED, _LEAST_SKIPPED = 10, 3
#: As many ids are named in a warning.
_NAMED_IDS = 8

StageEnd = Literal["completed", "stopped"]


@dataclass(frozen=True, slots=True)
class StageParts:
    """What a stage works with."""

    stage: StageName
    settings: RunSettings
    trainee: Trainee
    training: Sequence[Bin]
    validation: Sequence[Bin]
    control: Control
    events: Events
    throughput: Throughput
    keeper: Keeper
    #: Stages before this one.
    finished: list[Finished]


class StageTraining:
    """Goes on from where `progress` stands, which changes meanwhile."""

    def __init__(self, parts: StageParts, progress: Progress) -> None:
        self._parts = parts
        self._progress = progress
        self._world = parts.trainee.world
        own = parts.settings.stage(parts.stage)
        self._own = own
        self._order = Order(parts.settings, parts.stage, parts.training, self._world.size)
        self._per_epoch, self.total_steps = self._order.per_epoch, self._order.total
        self._optimizer = adamw(parts.trainee.parameters.values(), own.weight_decay)

    def put_back(self, tensors: dict[str, Any] | None) -> None:
        """Weights, optimizer and random state as they were kept; rank 0 has them, the others give None."""
        trainee = self._parts.trainee
        trainee.set_weights(None if tensors is None else tensors["weights"])
        trainee.set_optimizer_state(self._optimizer, None if tensors is None else tensors["optimizer"])
        torch.set_rng_state(self._world.object(None if tensors is None else tensors["random"]))

    def run(self, objective: Objective) -> StageEnd:
        """Until the last epoch, until `patience` evaluations in a row were no better, or until a stop is asked for.

        Raises TrainerError `non-finite`, `memory`, `disk`, `lost-rank`; what was kept before stays.
        """
        self._objective = objective
        progress, parts = self._progress, self._parts
        fresh_process = True
        while True:
            is_kept = fresh_process and progress.step > 0
            if self._is_evaluation_due():
                try:
                    self._evaluate()
                except Stopped:
                    self._keep_state()
                    return "stopped"
                is_kept = False
            if progress.step >= self.total_steps or 0 < self._own.patience <= progress.stale:
                break
            stepped = progress.step % parts.settings.state_every == 0 and progress.step > 0
            if not is_kept and (stepped or progress.evaluated == progress.step):
                self._keep_state()
                is_kept = True
            if parts.control.wait() == "stop":
                if not is_kept:
                    self._keep_state()
                return "stopped"
            if fresh_process or is_kept:
                parts.events.say("phase", name="train", stage=parts.stage)
            fresh_process = False
            self._step()
        self._complete()
        return "completed"

    def _is_evaluation_due(self) -> bool:
        step = self._progress.step
        if not self._parts.validation or self._progress.evaluated == step:
            return False
        every = self._parts.settings.eval_every or self._per_epoch
        return step % every == 0 or step == self.total_steps

    def _step(self) -> None:
        parts, progress, trainee = self._parts, self._progress, self._parts.trainee
        started = time.perf_counter()
        bins = self._order.after(progress.step)
        if progress.step % self._per_epoch == 0:
            progress.loss_sum = progress.loss_weight = 0.0
        weight = sum(each.loss_weight for each in bins)
        trainee.module.train()
        with out_of_memory(f"training {parts.stage}", self._world.device):
            sums = self._pass(bins, weight, backward=True)
            trainee.sum_gradients()
        progress.step += 1
        rate = learning_rate_at(
            progress.step, self.total_steps, parts.settings.learning_rate(parts.stage), self._own.warmup
        )
        norm = gradient_norm(trainee.parameters.values())
        length = norm.item()
        is_finite = math.isfinite(sums.loss) and math.isfinite(length)
        if is_finite:
            clip_gradient(trainee.parameters.values(), norm, parts.settings.max_grad_norm)
            set_learning_rate(self._optimizer, rate)
            with out_of_memory(f"training {parts.stage}", self._world.device):
                self._optimizer.step()
            progress.loss_sum += sums.loss * weight
            progress.loss_weight += weight
        self._optimizer.zero_grad(set_to_none=True)
        seconds = time.perf_counter() - started
        figures = {"loss": sums.loss, "learning_rate": rate, "grad_norm": length, **sums.means}
        if progress.step == 1 and not parts.validation:
            self._check_ln_2(sums.loss)
        parts.events.say(
            "step",
            stage=parts.stage,
            step=progress.step,
            epoch=progress.step / self._per_epoch,
            metrics={**figures, **parts.throughput.step(bins, seconds)},
            batch=example_ids(bins),
            **({} if sums.margins is None else {"margins": sums.margins}),
            etaSeconds=self._remaining_seconds(),
        )
        if is_finite:
            progress.skipped = 0
            self._watch_falling(sums.means)
        else:
            self._skip(bins)

    def _skip(self, bins: Sequence[Bin]) -> None:
        parts, progress = self._parts, self._progress
        progress.skipped += 1
        ids = example_ids(bins)
        named = ", ".join(ids[:_NAMED_IDS]) + (f" and {len(ids) - _NAMED_IDS} more" if len(ids) > _NAMED_IDS else "")
        self._warn(
            f"step {progress.step} was skipped: its loss or gradient was no finite number; it learnt from {named}"
        )
        if progress.skipped >= min(_MOST_SKIPPED, max(_LEAST_SKIPPED, self._per_epoch)):
            rate = parts.settings.learning_rate(parts.stage)
            raise TrainerError(
                "non-finite",
                f"{parts.stage}: the loss or gradient of {progress.skipped} steps in a row was no finite number",
                f"A learning rate lower than {rate:g} may help; look at {named}; what was kept last stays as it is",
            )

    def _evaluate(self) -> None:
        """On the validation bins; keeps the weights if their loss is the lowest so far, earlier ones where it is equal.

        Raises Stopped if a stop is asked for meanwhile: the evaluation is then done again.
        """
        parts, progress = self._parts, self._progress
        started = time.perf_counter()
        bins = parts.validation
        parts.events.say("phase", name="eval", stage=parts.stage, done=0, total=len(bins))
        parts.trainee.module.eval()
        with torch.no_grad(), out_of_memory(f"evaluating {parts.stage}", self._world.device):
            sums = self._pass(bins, sum(each.loss_weight for each in bins), backward=False)
        progress.evaluated = progress.step
        if progress.step == 0:
            self._check_ln_2(sums.loss)
        is_best = math.isfinite(sums.loss) and (progress.best is None or sums.loss < progress.best.loss)
        progress.stale = 0 if is_best else progress.stale + 1
        metrics = {f"eval_{name}": value for name, value in {"loss": sums.loss, **sums.means}.items()}
        parts.events.say(
            "eval",
            stage=parts.stage,
            step=progress.step,
            metrics=metrics,
            best=is_best,
            **({} if sums.margins is None else pair_fields(bins, sums.margins)),
        )
        parts.throughput.evaluation(time.perf_counter() - started)
        if is_best:
            self._keep_best(sums.loss)

    def _pass(self, bins: Sequence[Bin], weight: float, *, backward: bool) -> Figures:
        """Every rank computes its share of the bins; what is returned is of all of them."""
        parts, trainee, world = self._parts, self._parts.trainee, self._world
        places = margin_places(bins) if parts.stage == "dpo" else None
        loss: Tensor = torch.zeros((), dtype=torch.float64)
        figures = [torch.zeros((), dtype=torch.float64) for _ in self._objective.figures]
        margins = torch.zeros(0 if places is None else places[-1], dtype=torch.float64)
        for begin in range(0, len(bins), world.size):
            if not backward and begin > 0:
                parts.control.check()
            mine = begin + world.rank
            has_one = mine < len(bins)
            if not has_one and not trainee.sharded:
                continue
            # Sharded ranks compute together: one that has no bin left computes the last one, with weight 0.
            packed = bins[min(mine, len(bins) - 1)]
            batch = trainee.to_device(packed)
            result = self._objective(trainee.forward(batch), batch, packed, weight)
            if backward:
                trainee.backward(result.loss if has_one else result.loss * 0)
            if not has_one:
                continue
            loss = loss + result.loss.detach().double().cpu()
            figures = [total + each.double().cpu() for total, each in zip(figures, result.figures, strict=True)]
            if places is not None and result.margins is not None:
                margins[places[mine] : places[mine + 1]] = result.margins.double().cpu()
        shared = world.sum(torch.cat([torch.stack([loss, *figures]), margins])).tolist()
        count = sum(count_of(parts.stage, each, tokens=True) for each in bins)
        named = zip(self._objective.figures, shared[1 : 1 + len(figures)], strict=True)
        return Figures(
            shared[0],
            {name: total / count for name, total in named},
            None if places is None else shared[1 + len(figures) :],
        )

    def _check_ln_2(self, loss: float) -> None:
        """Before the first step policy and reference are the same, and the loss is ln 2 whatever the pairs are."""
        if self._parts.stage != "dpo":
            return
        tolerance = 1e-3 if self._parts.trainee.precision.autocast else 1e-5
        if not abs(loss - LN_2) <= tolerance:
            self._warn(
                f"THE LOSS BEFORE THE FIRST STEP IS {loss:.6f}, AND SHOULD BE ln 2 = {LN_2:.6f}: policy and reference "
                "differ where they must not; do not trust this stage, and report it"
            )

    def _watch_falling(self, figures: dict[str, float]) -> None:
        """Likelihood displacement (Razin et al. 2024): margins grow while the chosen actions, too, get less likely."""
        progress = self._progress
        both = figures.get("rewards/chosen", 0.0) < 0 and figures.get("rewards/rejected", 0.0) < 0
        progress.falling = progress.falling + 1 if both else 0
        if progress.falling >= _FALLING and not progress.told_of_falling:
            progress.told_of_falling = True
            self._warn(f"for {_FALLING} steps the chosen actions, too, have been less likely than under the reference")

    def _keep_best(self, loss: float) -> None:
        progress = self._progress
        progress.best = self._parts.keeper.keep_best(self._parts.stage, progress.step, loss)

    def _keep_state(self) -> None:
        self._parts.keeper.keep_state(self._parts.finished, self._progress, self._optimizer)

    def _complete(self) -> None:
        """The stage's weights are its best ones; without validation its last ones."""
        parts, progress = self._parts, self._progress
        if not parts.validation and progress.loss_weight > 0:
            self._keep_best(progress.loss_sum / progress.loss_weight)
        if progress.best is None:
            rate = parts.settings.learning_rate(parts.stage)
            raise TrainerError(
                "non-finite",
                f"{parts.stage}: no evaluation had a loss that is a finite number",
                f"A learning rate lower than {rate:g} may help",
            )
        parts.keeper.keep_final(progress.best)

    def _remaining_seconds(self) -> float | None:
        steps = self.total_steps - self._progress.step
        every = self._parts.settings.eval_every or self._per_epoch
        return self._parts.throughput.remaining(steps, steps / every if self._parts.validation else 0.0)

    def _warn(self, message: str) -> None:
        self._parts.events.say("warning", stage=self._parts.stage, step=self._progress.step, message=message)
