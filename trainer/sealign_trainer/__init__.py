"""SFT and DPO of language models on trajectory trees, each tree trained as a tree (SEAlign, arXiv 2503.18455)."""

__version__ = "0.1.0"
