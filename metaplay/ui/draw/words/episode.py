"""What a visitor typed: intents by their names and example sentences, what may be wrong with them, and real ones to fill in."""

from collections.abc import Sequence
from typing import NamedTuple

from numpy.random import Generator

from metaplay.registry import PROTOCOLS
from metaplay.tasks.grams import words
from metaplay.tasks.sentences import sentences, split
from metaplay.text import Language, Text
from metaplay.ui.draw.episode import LETTERS

SHOTS, LONGEST = 5, 160
"""Examples of an intent, and characters of a sentence, at most."""
NAME = 40
"""Characters of an intent's name, at most."""
REAL_SHOTS = 3
FAMILIES: dict[Language, str] = {"en": "everyday", "zh": "everyday-zh"}
"""Where real intents and the words' rarity come from, by the language of the page."""

_CHINESE = {
    "opening_hours": "询问营业时间",
    "medicine_directions": "询问用药方法",
    "medicine_interaction": "询问药物相互作用",
    "check_balance": "查询余额",
    "block_card": "挂失银行卡",
    "flight_status": "查询航班动态",
    "book_hotel": "预订酒店",
    "luggage_allowance": "询问行李额度",
    "summarise_document": "总结文档",
    "deadline_check": "查询截止日期",
}
"""The names of the test intents on a Chinese page."""
_NAMELESS = Text("Intent {letter} has no name: give it one.", "意图 {letter} 没有名称：请起一个。")
_SAME = Text(
    "Intents {letter} and {other} have the same name: rename one of them.",
    "意图 {letter} 与 {other} 同名：请给其中一个改名。",
)
_NONE = Text(
    "Intent {letter} has no example yet: write at least one sentence that says it.",
    "意图 {letter} 还没有例句：请至少写一句。",
)
_MANY = Text(
    "Intent {letter} has {count} examples: keep at most {most}, one a line.",
    "意图 {letter} 有 {count} 个例句：最多保留 {most} 个，每行一句。",
)
_LONG = Text(
    "A sentence of intent {letter} is longer than {most} characters: shorten it.",
    "意图 {letter} 有一句超过 {most} 个字符：请缩短。",
)
_UNREAD = Text(
    "A sentence of intent {letter} has nothing that the networks read: write with Latin letters, digits or Chinese characters.",
    "意图 {letter} 有一句没有网络能读的内容：请使用拉丁字母、数字或汉字。",
)


class Intent(NamedTuple):
    """An intent by its name; `sentences` say it."""

    name: str
    sentences: list[str]


class Episode(NamedTuple):
    """Intents, and a sentence that says one of them."""

    intents: list[Intent]
    query: str


EXAMPLES: dict[Language, Episode] = {
    "en": Episode(
        [
            Intent("walk the dog", ["The dog wants to go out", "Take Rex to the park", "Who walks the puppy tonight?"]),
            Intent("fix the bike", ["My bicycle has a flat tyre", "The brakes squeak", "Can you repair the chain?"]),
            Intent("bedtime story", ["Tell me a story about a dragon", "Read to me until I sleep", "Once upon a time"]),
            Intent(
                "learn to swim", ["Is the pool open for beginners?", "Teach me to dive", "I am afraid of deep water"]
            ),
            Intent("fancy dress", ["I want to be a pirate", "Where is my witch's hat?", "Paint my face like a tiger"]),
        ],
        "Could you take the puppy out?",
    ),
    "zh": Episode(
        [
            Intent("遛狗", ["狗狗想出去玩了", "带豆豆去公园跑一圈", "今晚谁去遛狗？"]),
            Intent("修自行车", ["自行车后胎没气了", "刹车一捏就吱吱响", "链条掉了，帮我修一下"]),
            Intent("睡前故事", ["给我讲一个龙的故事", "念书给我听，听完就睡", "很久很久以前"]),
            Intent("学游泳", ["初学者能下泳池吗？", "教我跳水", "水太深我害怕"]),
            Intent("化装舞会", ["我想扮成海盗", "我的巫师帽在哪儿？", "把我的脸画成老虎"]),
        ],
        "小狗吃饱了要散步",
    ),
}
"""What the page opens with; no network was trained on any of these intents."""


def intent(name: str, lines: str) -> Intent:
    """An intent from what was typed: its name, and its sentences, one a line."""
    return Intent(name.strip(), [line.strip() for line in lines.splitlines() if line.strip()])


def problem(intents: Sequence[Intent]) -> Text | None:
    """What keeps the intents from being adapted to, in one sentence; None where nothing does."""
    seen: dict[str, str] = {}
    for letter, (name, examples) in zip(LETTERS, intents, strict=False):
        if wrong := _wrong(name, examples):
            return wrong.fill(letter=letter, count=len(examples), most=SHOTS if wrong is _MANY else LONGEST)
        if other := seen.get(name.casefold()):
            return _SAME.fill(letter=other, other=letter)
        seen[name.casefold()] = letter
    return None


def _wrong(name: str, examples: list[str]) -> Text | None:
    """What is wrong with an intent by itself."""
    if not name:
        return _NAMELESS
    if not examples:
        return _NONE
    if len(examples) > SHOTS:
        return _MANY
    if any(len(sentence) > LONGEST for sentence in examples):
        return _LONG
    return None if all(map(words, examples)) else _UNREAD


def real(way: int, language: Language, rng: Generator) -> Episode:
    """Intents of the test split, which no network was trained on, and a further sentence of one of them."""
    held = sentences(FAMILIES[language])
    members = split(FAMILIES[language], held, PROTOCOLS["plain"])["test"]
    intents, asked = [], []
    for number in rng.choice(members, way, replace=False):
        name = held.names[number]
        *examples, query = rng.choice(held.texts[number], REAL_SHOTS + 1, replace=False).tolist()
        intents.append(Intent(_CHINESE[name] if language == "zh" else name.replace("_", " "), examples))
        asked.append(query)
    return Episode(intents, asked[int(rng.integers(way))])
