"""The class split of CIFAR-FS over CIFAR-100's classes (Bertinetto et al. 2019, section 4.1), as its authors publish it."""

from collections.abc import Mapping, Sequence

CLASSES = {
    "train": (
        "apple aquarium_fish bear bee bottle bowl boy bridge bus can castle caterpillar chair clock cloud cockroach couch cup"
        " dinosaur dolphin elephant forest girl hamster house kangaroo keyboard lawn_mower lion lizard lobster mountain mouse"
        " mushroom oak_tree orange orchid palm_tree pear pine_tree plate porcupine possum rabbit raccoon ray road seal shrew skunk"
        " skyscraper snake spider squirrel streetcar sunflower tank tiger train trout tulip turtle willow_tree wolf"
    ),
    "val": (
        "beaver beetle butterfly camel cattle crab crocodile flatfish lamp maple_tree motorcycle otter sea shark television tractor"
    ),
    "test": (
        "baby bed bicycle chimpanzee fox leopard man pickup_truck plain poppy rocket rose snail sweet_pepper table telephone"
        " wardrobe whale woman worm"
    ),
}
"""The classes of each split, between spaces."""


def split(names: Sequence[str], sizes: Mapping[str, int]) -> dict[str, list[int]]:
    """The numbers of these classes, which are CIFAR-100's, per split."""
    number = {name: i for i, name in enumerate(names)}
    return {part: sorted(number[name] for name in CLASSES[part].split()) for part in sizes}
