"""A configuration in words, as a table's cells tell it."""

from metaplay.config import RunConfig, applicable
from metaplay.registry import FAMILIES, NETWORKS, PROTOCOLS


def task(config: RunConfig) -> str:
    """How much a task shows: `5-way 1-shot`, `10 points`, `20 tries a step`."""
    if FAMILIES[config.family].kind == "control":
        return f"{config.shot} tries a step"
    return f"{config.way}-way {config.shot}-shot" if _classifies(config) else f"{config.shot} points"


def protocol(config: RunConfig, on: str = "") -> str:
    """What is for training and test, how it is tested, and the steps of both; `on` is the family of the test, if another."""
    names = applicable(config)
    if FAMILIES[config.family].kind == "control":
        return _acting(config)
    alone = not config.transductive or not NETWORKS[config.network].norm
    parts = [_across(config, on) if on else _characters(config), "each query alone" if alone else "transductive"]
    if not _classifies(config):
        parts = ["new waves at test"]
    if "test_inner_steps" in names:
        parts.append(f"{config.inner_steps} inner {_steps(config.inner_steps)}, {config.test_inner_steps} at test")
    if config.train_way:
        parts.append(f"{config.train_way} ways in training")
    if config.train_shot:
        parts.append(f"{config.train_shot} {'shots' if _classifies(config) else 'points'} in training")
    queries = "query" if config.query == 1 else "queries"
    parts.append(f"{config.query} {queries}{' a class' if _classifies(config) else ''}")
    return "; ".join([*parts, f"{config.eval_tasks} test tasks"])


def _acting(config: RunConfig) -> str:
    """The steps of training and test; `TRPO, plain` where policies have an outer step."""
    names = applicable(config)
    parts = [f"{config.test_inner_steps} inner {_steps(config.test_inner_steps)} at test"]
    if "inner_steps" in names:
        parts.insert(0, f"{config.inner_steps} in training")
    if "outer_optimizer" in names:
        rate = f"at rate {config.outer_lr:g}" if "outer_lr" in names else f"KL {config.kl_limit:g}"
        parts.append(f"{config.outer_optimizer.upper()}, {rate}")
    if "estimator" in names:
        parts.append(f"{config.estimator} meta-gradient")
    return "; ".join([*parts, f"{config.eval_tasks} test tasks"])


def _classifies(config: RunConfig) -> bool:
    return FAMILIES[config.family].kind == "classification"


def _steps(count: int) -> str:
    return "step" if count == 1 else "steps"


def _across(config: RunConfig, on: str) -> str:
    trained, tested = FAMILIES[config.family], FAMILIES[on]
    return f"trained on {trained.label} alone, tested on {tested.label}'s {tested.classes['test']} test classes"


def _characters(config: RunConfig) -> str:
    """The classes of each split and how they are turned, `Finn et al. 2017: 1100/100/423 characters, turned at random`."""
    known = PROTOCOLS[config.protocol]
    family = FAMILIES[config.family]
    counts = "/".join(str(count) for count in family.characters(known).values())
    if family.text:
        return f"{counts} intents, {'whole domains' if known.domains else 'classes'} held out"
    if known.drawn:
        turned = "turned at random"
    elif known.apart:
        turned = "every turn a class" + ("" if "test" in known.apart else " in training")
    else:
        turned = "turned at random in training" if config.rotations else "not turned"
    return f"{known.label.en}: {counts} characters, {turned}"
