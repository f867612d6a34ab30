"""Template `model` in linear time, where the model's own template writes what `qwen2.5` writes."""

from .errors import TrainerError
from .model_template import ModelTemplate
from .qwen_template import QwenTemplate
from .template import Segment
from .template_check import TemplateCheck
from .tree_file import TreeLine
from .turns import Turns


class QuickTemplate:
    """Writes lines as `qwen2.5` while the model's template agrees on each of them; from the first on that differs, the
    model's template writes every turn itself."""

    def __init__(self, model: ModelTemplate) -> None:
        self._model = model
        self._qwen = QwenTemplate()
        self._check = TemplateCheck(model)
        self._is_alike = model.exists

    def render(self, line: TreeLine, turns: Turns) -> list[Segment]:
        if self._is_alike:
            try:
                segments = self._qwen.render(line, turns)
                if self._check.agrees(line, turns, segments):
                    return segments
            except TrainerError:
                # What one of them cannot write, the model's own way says in full.
                pass
            self._is_alike = False
        return self._model.render(line, turns)
