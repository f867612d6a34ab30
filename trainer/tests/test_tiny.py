"""The tiny model: a model like any other, the same bytes each time, and Qwen2.5's chat template."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerBase

from sealign_trainer.errors import TrainerError
from sealign_trainer.tiny import byte_tokenizer, write_tiny

Message = dict[str, Any]

TOOLS = [
    {"type": "function", "function": {"name": "bash", "description": "Runs “it” & more", "parameters": {"a": [1]}}}
]
CALL = {"type": "function", "function": {"name": "bash", "arguments": {"command": "ls 'é' \"x\"", "n": 1.5}}}
CONVERSATIONS: list[list[Message]] = [
    [{"role": "user", "content": "hi"}],
    [{"role": "system", "content": "Be\n\nbrief."}, {"role": "user", "content": "\nhi\n"}],
    [{"role": "user", "content": "hi"}, {"role": "assistant", "content": ""}, {"role": "system", "content": "later"}],
    [
        {"role": "system", "content": ""},
        {"role": "user", "content": "do"},
        {"role": "assistant", "content": "I will", "tool_calls": [CALL, CALL]},
        {"role": "tool", "content": "a"},
        {"role": "tool", "content": ""},
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        {"role": "tool", "content": "b"},
        {"role": "user", "content": "thanks"},
        {"role": "assistant", "content": "bye", "tool_calls": []},
    ],
    [{"role": "tool", "content": "first"}, {"role": "assistant", "content": "x", "tool_calls": [CALL["function"]]}],
]


def hashes(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


def test_the_same_seed_writes_the_same_bytes_and_another_seed_other_weights(tmp_path: Path) -> None:
    state = torch.random.get_rng_state()
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_tiny(tmp_path / name, seed=seed)
    assert torch.equal(torch.random.get_rng_state(), state)
    first, second, other = (hashes(tmp_path / name) for name in "abc")
    assert {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"} <= first.keys()
    assert first == second
    assert [name for name in first if first[name] != other[name]] == ["model.safetensors"]


def test_it_loads_as_a_model_with_grouped_queries_and_biases(tiny_folder: Path) -> None:
    config = json.loads((tiny_folder / "config.json").read_text())
    assert config["architectures"] == ["Qwen2ForCausalLM"]
    model = AutoModelForCausalLM.from_pretrained(tiny_folder)
    attention = model.model.layers[0].self_attn
    assert attention.q_proj.weight.shape == (64, 64)
    assert attention.k_proj.weight.shape == (32, 64)
    assert float(attention.k_proj.bias.detach().abs().min()) > 0
    with torch.no_grad():
        logits = model(torch.arange(40)[None]).logits
    assert logits.dtype == torch.float32
    assert 0.3 < float(logits.std()) < 3


def test_tied_weights_are_written_once(tmp_path: Path) -> None:
    write_tiny(tmp_path, tied=True, layers=1)
    model = AutoModelForCausalLM.from_pretrained(tmp_path)
    assert model.lm_head.weight.data_ptr() == model.model.embed_tokens.weight.data_ptr()


def test_a_token_is_a_byte(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    assert tiny_tokenizer("e\u0301")["input_ids"] == byte_tokenizer()("e\u0301")["input_ids"] == [*"é".encode()]
    text = "déjà vu 🌳\r\n\n\t  end" + "".join(map(chr, range(32)))
    ids = tiny_tokenizer(text, add_special_tokens=False)["input_ids"]
    assert bytes(ids) == text.encode()
    assert tiny_tokenizer.decode(ids, clean_up_tokenization_spaces=False) == text
    assert tiny_tokenizer("<|endoftext|><|im_start|>a<|im_end|>")["input_ids"] == [256, 257, 97, 258]
    assert tiny_tokenizer.eos_token == "<|im_end|>"
    assert len(tiny_tokenizer) == 259


@pytest.mark.parametrize("tools", [None, TOOLS, TOOLS * 2], ids=["no tools", "a tool", "two tools"])
@pytest.mark.parametrize("prompt", [False, True], ids=["as it is", "generation prompt"])
def test_the_chat_template_renders_as_qwen_2_5(
    tiny_tokenizer: PreTrainedTokenizerBase, tools: list[Any] | None, prompt: bool
) -> None:
    trl = pytest.importorskip("trl", reason="TRL packages the original to compare with")
    file = Path(trl.__file__).parent / "chat_templates" / "qwen2_5.jinja"
    if not file.exists():
        pytest.skip(f"this TRL has no {file.name}")
    original = file.read_text()
    for messages in CONVERSATIONS:
        ours, theirs = (
            tiny_tokenizer.apply_chat_template(
                messages, tools=tools, add_generation_prompt=prompt, tokenize=False, chat_template=template
            )
            for template in (None, original)
        )
        assert ours == theirs


def test_the_chat_template_in_full(tiny_tokenizer: PreTrainedTokenizerBase) -> None:
    messages = [
        {"role": "user", "content": "do"},
        {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {"a": "é"}}}]},
        {"role": "tool", "content": "1"},
        {"role": "tool", "content": "2"},
    ]
    assert tiny_tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False) == (
        "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n"
        "<|im_start|>user\ndo<|im_end|>\n"
        '<|im_start|>assistant\n<tool_call>\n{"name": "f", "arguments": {"a": "é"}}\n</tool_call><|im_end|>\n'
        "<|im_start|>user\n<tool_response>\n1\n</tool_response>\n<tool_response>\n2\n</tool_response><|im_end|>\n"
        "<|im_start|>assistant\n"
    )


@pytest.mark.parametrize("sizes", [{"vocabulary": 258}, {"hidden": 60}, {"heads": 4, "kv_heads": 3}, {"layers": 0}])
def test_sizes_that_make_no_model_are_refused(tmp_path: Path, sizes: dict[str, int]) -> None:
    with pytest.raises(TrainerError) as refused:
        write_tiny(tmp_path / "none", **sizes)
    assert refused.value.name == "usage"
    assert not (tmp_path / "none").exists()


def test_sizes_are_what_was_asked_for(tmp_path: Path) -> None:
    write_tiny(tmp_path, hidden=32, layers=3, heads=2, kv_heads=1, vocabulary=300)
    model = AutoModelForCausalLM.from_pretrained(tmp_path)
    assert model.model.embed_tokens.weight.shape == (300, 32)
    assert len(model.model.layers) == 3
    assert model.config.num_key_value_heads == 1
