"""Sets of sentences by intent: everyday (part of metaplay, in two languages), CLINC150 and BANKING77. No torch."""

import csv
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import NamedTuple

from metaplay.owndata.about import PREFIX, of_family
from metaplay.owndata.storing import texts as own_texts
from metaplay.registry import FAMILIES, Protocol
from metaplay.settings import settings
from metaplay.tasks.problems import broken, missing
from metaplay.tasks.splitting import by_name

EVERYDAY = Path(__file__).parent / "everyday"
"""DOMAIN.LANGUAGE.txt: under `# intent`, its sentences, a line each; a blank line before the next intent."""

Progress = Callable[[float], None]
"""Told how far reading is, from 0 to 1."""


class Sentences(NamedTuple):
    """`texts` [intent][sentence], as many of each intent; the name of each intent, and the domain that it belongs to.

    `outside`: for each split, sentences that are of no intent at all; empty where the set has none.
    """

    names: list[str]
    domains: list[str]
    texts: list[list[str]]
    outside: Mapping[str, list[str]] = MappingProxyType({})


@dataclass(frozen=True)
class Download:
    """Files below `folder` of the data root by name, with their MD5 sums, and where their authors publish them."""

    folder: str
    home: str
    files: Mapping[str, str]


CLINC150 = Download(
    "text/clinc150",
    "https://raw.githubusercontent.com/clinc/oos-eval/master/data",
    {"data_full.json": "30c29dc6ab78edf3b5dfa640be204cde", "domains.json": "9beee9d0f36e07e914c1e3a626bdcb4a"},
)
"""Larson et al. 2019, "An Evaluation Dataset for Intent Classification and Out-of-Scope Prediction"; CC BY 3.0."""
BANKING77 = Download(
    "text/banking77",
    "https://raw.githubusercontent.com/PolyAI-LDN/task-specific-datasets/master/banking_data",
    {"train.csv": "cec64185f4197906aabce0781ef9a19b", "test.csv": "8dcd9dc31b686c75ec1f24bf23c140cb"},
)
"""Casanueva et al. 2020, "Efficient Intent Detection with Dual Sentence Encoders"; CC BY 4.0."""


def sentences(name: str, progress: Progress | None = None) -> Sentences:
    """The set of a task family. Raises UserError for files that are missing and cannot be downloaded, or are broken."""
    progress = progress or (lambda done: None)
    found = _own(name) if name.startswith(PREFIX) else _READERS[name]()
    progress(1.0)
    return found


def found(name: str) -> Path | None:
    """The folder where the set's files lie, None if they don't."""
    if name not in DOWNLOADS:
        return EVERYDAY
    download = DOWNLOADS[name]
    folder = settings().data / download.folder
    return folder if all((folder / file).is_file() for file in download.files) else None


def split(name: str, held: Sentences, protocol: Protocol) -> dict[str, list[int]]:
    """The intents of each split by number: intent by intent, or by whole domains. Fixed by their names for ever."""
    if known := of_family(name):
        return {part: [i for i, one in enumerate(known.classes) if one.split == part] for part in known.sizes()}
    sizes = FAMILIES[name].characters(protocol)
    if not protocol.domains:
        return by_name(held.names, sizes, name.partition("-")[0])  # the same intents in both languages
    domains = sorted(set(held.domains))
    dealt = by_name(domains, protocol.domains, name)
    members = {part: {domains[number] for number in numbers} for part, numbers in dealt.items()}
    return {part: [i for i, domain in enumerate(held.domains) if domain in own] for part, own in members.items()}


def _own(name: str) -> Sentences:
    """What somebody brought."""
    held, known = own_texts(name), of_family(name)
    names = [one.name for one in known.classes] if known else []
    return Sentences(names, ["own"] * len(names), _level(held))


def _everyday(language: str) -> Sentences:
    names, domains, texts = [], [], []
    for file in sorted(EVERYDAY.glob(f"*.{language}.txt")):
        for name, own in blocks(file.read_text(encoding="utf-8")):
            names.append(name)
            domains.append(file.name.partition(".")[0])
            texts.append(own)
    return Sentences(names, domains, _level(texts))


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """Intents and their sentences, as a file of `everyday` has them."""
    parts = re.split(r"^# *(.+)$", text, flags=re.MULTILINE)
    return [
        (name.strip(), [line.strip() for line in own.splitlines() if line.strip()])
        for name, own in zip(parts[1::2], parts[2::2], strict=True)
    ]


def _clinc150() -> Sentences:
    """The three files' sentences of an intent together; those that are out of scope stay in their authors' parts."""
    files = _files("clinc150")
    domains: dict[str, list[str]] = json.loads(files["domains.json"])
    of = {intent: domain for domain, intents in domains.items() for intent in intents}
    held: dict[str, list[str]] = {intent: [] for intent in sorted(of)}
    everything = json.loads(files["data_full.json"])
    for part in ("train", "val", "test"):
        for text, intent in everything[part]:
            held[intent].append(text)
    outside = {part: [text for text, _ in everything[f"oos_{part}"]] for part in ("train", "val", "test")}
    return Sentences(list(held), [of[intent] for intent in held], _level(list(held.values())), outside)


def _banking77() -> Sentences:
    """Both files' sentences of an intent together, each once; one domain."""
    files, held = _files("banking77"), dict[str, dict[str, None]]()
    for part in ("train.csv", "test.csv"):
        for row in csv.DictReader(files[part].decode("utf-8").splitlines(keepends=True)):
            held.setdefault(row["category"], {})[row["text"].strip()] = None
    names = sorted(held)
    return Sentences(names, ["banking"] * len(names), _level([list(held[name]) for name in names]))


def _level(texts: list[list[str]]) -> list[list[str]]:
    """As many sentences of every intent as the rarest has: the first."""
    fewest = min(map(len, texts))
    return [own[:fewest] for own in texts]


def _files(name: str) -> dict[str, bytes]:
    """The files of a set as they are published, from the data root or from their home. Raises UserError."""
    download = DOWNLOADS[name]
    folder = settings().data / download.folder
    return {file: _file(name, folder / file, f"{download.home}/{file}", md5) for file, md5 in download.files.items()}


def _file(name: str, path: Path, url: str, md5: str) -> bytes:
    if not path.is_file():
        return _downloaded(name, path, url, md5)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise broken(name, path, error.strerror) from error
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5:
        raise broken(name, path, "its MD5 sum is not the published one")
    return content


def _downloaded(name: str, path: Path, url: str, md5: str) -> bytes:
    """From its home, and kept in the data root where that can be written."""
    from metaplay.tasks.fetch import keep, patience

    # By its name: pages ask whether a set is here, and must not lead to torch.
    download_url = import_module("torchvision.datasets.utils").download_url
    with TemporaryDirectory() as work:
        try:
            with patience():
                download_url(url, work, path.name, md5)
        except (OSError, RuntimeError) as error:
            raise missing(name, path.name, path.parent, error) from error
        keep(Path(work, path.name), path.parent)
        return Path(work, path.name).read_bytes()


DOWNLOADS = {"clinc150": CLINC150, "banking77": BANKING77}
_READERS: dict[str, Callable[[], Sentences]] = {
    "everyday": partial(_everyday, "en"),
    "everyday-zh": partial(_everyday, "zh"),
    "clinc150": _clinc150,
    "banking77": _banking77,
}
