"""How many tasks of a meta-batch are worked on together."""

from metaplay.config.run import RunConfig

CHUNK = 1_100_000
"""Floats of input and first-layer activations (of an MLP: of weights and activations) that are worked on together on a
processor; more leaves its cache."""
DEVICE_CHUNK = 64 * CHUNK
"""The same on other devices, which want all that fits their memory."""


def tasks_at_once(config: RunConfig, examples: int, size: int, device: str = "cpu") -> int:
    """Tasks that are worked on together, with so many examples of each held at once, of `size` floats each.

    The rest of the meta-batch follows in further chunks: their gradients add up to the same sum, in constant memory.
    """
    width = config.width
    each = width * (width + size + examples) if config.network in ("mlp", "policy") else examples * size * width // 4
    return max(1, (CHUNK if device == "cpu" else DEVICE_CHUNK) // max(1, each))
