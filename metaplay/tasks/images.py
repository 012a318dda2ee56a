"""Episodes of images, drawn by index from one uint8 tensor that lies on the training device."""

import hashlib
import json
from collections.abc import Callable
from copy import copy

import torch
from torch import Generator, Tensor

from metaplay.config import RunConfig
from metaplay.episodes import Episodes, Split
from metaplay.registry import FAMILIES, PROTOCOLS, TURNS
from metaplay.tasks.cache import image_set, prepare


class ImageFamily:
    """N-way K-shot tasks over the set of images that `config.family` names (Vinyals et al. 2016, section 4).

    hold_out = classes: every task has classes of its split only; which label a class gets is drawn anew for every task. The
    protocol (`registry.PROTOCOLS`) says in which splits classes are turned by quarter turns, and whether two turns of one
    character may meet in a task; `rotations` turns the training classes of the plain protocol. A turned class is another class
    (Santoro et al. 2016, section 4.2); characters were split before, so all turns of one are in one split.
    hold_out = images: ordinary supervised learning: label i is always class i of the set, and the splits have different images.
    """

    kind = "classification"

    def __init__(self, config: RunConfig, device: torch.device, progress: Callable[[float], None] | None = None):
        self.device, self.outputs = device, config.way
        self.input_shape: tuple[int, ...] = FAMILIES[config.family].shape
        self._load(config, progress)
        protocol = PROTOCOLS[config.protocol]
        self.fixed_labels = config.hold_out == "images"
        self.drawn = ("train",) if config.rotations else protocol.drawn
        self.turned = {*self.drawn, *protocol.apart}
        self.class_counts = protocol.classes({split: len(numbers) for split, numbers in self.members.items()})
        self.train_classes = len(self.members["train"]) * (TURNS if "train" in self.turned else 1)
        self.split_digest = self._digest()
        self._members = {split: torch.tensor(classes, device=device) for split, classes in self.members.items()}

    def _load(self, config: RunConfig, progress: Callable[[float], None] | None) -> None:
        """The images, their classes' names, and which classes, and which images of each, are in which split."""
        family, protocol = FAMILIES[config.family], PROTOCOLS[config.protocol]
        images = prepare(config.family, progress)
        self.names = images.names
        self.pixels = torch.from_numpy(images.pixels).to(self.device)
        every = range(self.pixels.shape[1])
        if config.hold_out == "images":
            self.members = {split: list(range(config.way)) for split in family.images}
            self.drawings = _ranges(dict(family.images))
        else:
            self.members = dict(image_set(config.family).split(images.names, family.characters(protocol)))
            self.drawings = dict.fromkeys(self.members, every)

    def sample(
        self, split: Split, tasks: int, shot: int, query: int, rng: Generator, way: int | None = None
    ) -> Episodes:
        """Draw `tasks` episodes with `shot` support and `query` query images a class; no image is in both sets.

        `classes` numbers the classes of the split; turn t of character c of n is number t * n + c.
        """
        way, characters = way or self.outputs, len(self.members[split])
        chosen = self._classes(split, tasks, way, rng)
        which = self._which(split, self._members[split][chosen % characters], shot + query, rng)
        if split in self.drawn:
            chosen = chosen + characters * torch.randint(TURNS, (tasks, way), generator=rng, device=self.device)
        every = self.pixels.view(-1, *self.input_shape)
        x = every.index_select(0, which.flatten()).view(*which.shape, *self.input_shape)
        if split in self.turned:
            x = turned(x, (chosen // characters)[..., None, None])
        x = x.float().div_(255)
        labels = torch.arange(way, device=self.device)
        return Episodes(
            x[:, :, :shot].flatten(1, 2),
            labels.repeat_interleave(shot).expand(tasks, -1),
            x[:, :, shot:].flatten(1, 2),
            labels.repeat_interleave(query).expand(tasks, -1),
            classes=chosen,
        )

    def class_names(self, split: Split, classes: Tensor) -> list[str]:
        """Names of classes, as `sample` numbers them."""
        members = self.members[split]
        turns, numbers = classes // len(members), classes % len(members)
        return [
            self.names[members[number]] + (f" {90 * turn}°" if turn else "")
            for turn, number in zip(turns.tolist(), numbers.tolist(), strict=True)
        ]

    def undivided(self) -> "ImageFamily":
        """The same images with every class for test: for a learner that was trained on another family."""
        whole = copy(self)
        whole.members = {"test": sorted(number for members in self.members.values() for number in members)}
        whole._members = {"test": torch.tensor(whole.members["test"], device=self.device)}
        whole.class_counts = {"test": len(whole.members["test"])}
        return whole

    def _classes(self, split: Split, tasks: int, way: int, rng: Generator) -> Tensor:
        """Different classes of the split, by number, [tasks, way]; label i stands for the i-th."""
        if self.fixed_labels:
            return torch.arange(way, device=self.device).expand(tasks, -1)
        return distinct(way, self.class_counts[split], (tasks,), rng)

    def _which(self, split: Split, members: Tensor, count: int, rng: Generator) -> Tensor:
        """`count` different images of each class [T, way] of the set, by number in the whole array: [T, way, count]."""
        drawings = self.drawings[split]
        which = distinct(count, len(drawings), members.shape, rng) + drawings.start
        return members.unsqueeze(-1) * self.pixels.shape[1] + which

    def _digest(self) -> str:
        """Which images of which classes are in which split, as 12 hexadecimal digits."""
        membership = {
            split: [[self.names[number] for number in members], [self.drawings[split].start, self.drawings[split].stop]]
            for split, members in self.members.items()
        }
        return hashlib.sha256(json.dumps(membership, sort_keys=True).encode()).hexdigest()[:12]


def distinct(count: int, of: int | Tensor, shape: tuple[int, ...], rng: Generator) -> Tensor:
    """`count` different numbers out of 0..of-1 in random order, for each entry of `shape`: [*shape, count], int64.

    Floyd's algorithm (Bentley and Floyd 1987), whose cost does not grow with `of`, then a shuffle. `of` may differ from entry
    to entry: a tensor of that shape, none of it less than `count`. Raises ValueError if one number is less.
    """
    if isinstance(of, int) and count > of:
        raise ValueError(f"{count} different numbers were asked for out of {of}")
    last = torch.arange(-count, 0, device=rng.device) + (of.unsqueeze(-1) if isinstance(of, Tensor) else of)
    wide = torch.randint(
        2**31, (*shape, count), generator=rng, device=rng.device
    )  # so wide that the bias of % is nothing
    found = wide % (last + 1)
    for i in range(1, count):
        taken = (found[..., :i] == found[..., i : i + 1]).any(-1)
        found[..., i] = torch.where(taken, last[..., i], found[..., i])
    order = torch.rand(*shape, count, generator=rng, device=rng.device).argsort(-1)
    return found.gather(-1, order)


def turned(images: Tensor, turns: Tensor) -> Tensor:
    """Square images [..., H, H], each turned anticlockwise by its number of quarter turns (which broadcasts to [...])."""
    side = images.shape[-1]
    upright = torch.arange(side * side, device=images.device).view(side, side)
    sources = torch.stack([upright.rot90(k) for k in range(TURNS)]).flatten(1)  # which pixel each pixel comes from
    flat = images.flatten(-2)
    return flat.gather(-1, sources[turns].expand_as(flat)).view_as(images)


def _ranges(sizes: dict[str, int]) -> dict[str, range]:
    """Consecutive ranges of these sizes."""
    found, start = {}, 0
    for name, size in sizes.items():
        found[name] = range(start, start + size)
        start += size
    return found
