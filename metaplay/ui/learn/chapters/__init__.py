"""The chapters in their order, by their name in the address."""

from metaplay.ui.learn.chapter import Chapter
from metaplay.ui.learn.chapters import adaptation, applications, first_order, maml, mamlpp, protonet, reptile, tasks

CHAPTERS: dict[str, Chapter] = {
    "tasks": tasks.CHAPTER,
    "adaptation": adaptation.CHAPTER,
    "maml": maml.CHAPTER,
    "first-order": first_order.CHAPTER,
    "reptile": reptile.CHAPTER,
    "mamlpp": mamlpp.CHAPTER,
    "protonet": protonet.CHAPTER,
    "applications": applications.CHAPTER,
}
