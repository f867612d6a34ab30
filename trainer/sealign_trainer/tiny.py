"""A tiny random Qwen2 with a byte tokenizer, in a folder like any model's: for tests and a first try of the set-up."""

import argparse
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from .errors import TrainerError
from .qwen_template import CHAT_TEMPLATE, END_OF_TURN, START_OF_TURN

END_OF_TEXT: Final = "<|endoftext|>"
#: Ids of the bytes are the bytes; these follow from 256.
SPECIAL_TOKENS: Final = (END_OF_TEXT, START_OF_TURN, END_OF_TURN)
SMALLEST_VOCABULARY: Final = 256 + len(SPECIAL_TOKENS)


def write_tiny(
    folder: Path,
    *,
    seed: int = 0,
    hidden: int = 64,
    layers: int = 2,
    heads: int = 4,
    kv_heads: int = 2,
    vocabulary: int = 272,
    tied: bool = False,
) -> None:
    """Writes config.json, model.safetensors (float32) and the tokenizer's files; equal arguments write equal bytes.

    Grouped-query attention with biases as in Qwen2.5; logits have a standard deviation near 1, so attention and
    positions matter to the loss. `vocabulary` counts rows of the embedding, at least 259 (256 bytes and 3 special
    tokens); `tied`: the output layer shares the embedding's weights, as in Qwen2.5's smallest models.
    Raises TrainerError `usage` for sizes that make no model.
    """
    if min(hidden, layers, heads, kv_heads) < 1 or hidden % (2 * heads) != 0 or heads % kv_heads != 0:
        raise TrainerError(
            "usage",
            "a tiny model: expected hidden to be a multiple of 2 x heads, and heads to be a multiple of kv-heads",
        )
    if vocabulary < SMALLEST_VOCABULARY:
        raise TrainerError(
            "usage", f"a tiny model: expected a vocabulary of at least {SMALLEST_VOCABULARY}, not {vocabulary}"
        )
    tokenizer = byte_tokenizer()
    config = Qwen2Config(
        architectures=["Qwen2ForCausalLM"],
        dtype="float32",
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        max_position_embeddings=32_768,
        tie_word_embeddings=tied,
        bos_token_id=None,
        eos_token_id=tokenizer.convert_tokens_to_ids(END_OF_TURN),
        pad_token_id=tokenizer.convert_tokens_to_ids(END_OF_TEXT),
    )
    # Weights are drawn below from a generator of our own: the caller's random state stays as it was.
    with torch.random.fork_rng(devices=[]):
        model = Qwen2ForCausalLM(config).to(torch.float32)
    _draw_weights(model, seed)
    folder.mkdir(parents=True, exist_ok=True)
    config.save_pretrained(folder)
    weights = {name: weight.contiguous() for name, weight in model.state_dict().items()}
    if tied:
        del weights["lm_head.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save_pretrained(folder)


def byte_tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE without merges: a token is a byte, and its id is its value. Chat template: Qwen2.5's."""
    vocabulary = {symbol: byte for byte, symbol in enumerate(_byte_symbols())}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    # As every Qwen2 tokenizer: transformers puts it there when it loads one.
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END_OF_TURN,
        pad_token=END_OF_TEXT,
        extra_special_tokens=[START_OF_TURN],
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_max_length=32_768,
    )


def _byte_symbols() -> list[str]:
    """The letter that stands for each byte in byte-level BPE (GPT-2): printable Latin-1 itself, others from U+0100."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


def _draw_weights(model: Qwen2ForCausalLM, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            drawn = torch.randn(weight.shape, generator=generator, dtype=torch.float32)
            if name.endswith("norm.weight"):
                weight.copy_(1 + 0.1 * drawn)
            elif name.endswith("bias"):
                weight.copy_(0.1 * drawn)
            else:
                weight.copy_(drawn / weight.shape[-1] ** 0.5)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where the model is written")
    for name, default in (
        ("seed", 0),
        ("hidden", 64),
        ("layers", 2),
        ("heads", 4),
        ("kv-heads", 2),
        ("vocabulary", 272),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--tied", action="store_true", help="the output layer shares the embedding's weights")


def run(arguments: argparse.Namespace) -> int:
    sizes = {name: value for name, value in vars(arguments).items() if name != "folder"}
    write_tiny(arguments.folder, **sizes)
    return 0
