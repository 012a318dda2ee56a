"""The fields of a run's configuration, each with its bounds and the words that explain it to a person."""

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from metaplay.config.checks import check
from metaplay.text import Text

EPOCHS = 100
"""A run is divided into this many epochs; MAML++ anneals by epoch, as its paper does (100 epochs of 500 steps)."""

Group = Literal["task", "adaptation", "training", "mamlpp", "advanced"]


@dataclass(frozen=True)
class Control:
    """How a field is put before a person: its name, one sentence on what it does, and the group it stands in."""

    label: Text
    help: Text
    group: Group


def _control(group: Group, en: str, zh: str, en_help: str, zh_help: str):
    return Control(Text(en, zh), Text(en_help, zh_help), group)


class RunConfig(BaseModel):
    """Everything that decides how a run goes. The same RunConfig on the same machine gives the same run."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    algorithm: Annotated[
        str, _control("task", "Algorithm", "算法", "How the network learns to learn.", "网络以何种方式学会学习。")
    ] = "maml"
    family: Annotated[
        str, _control("task", "Tasks", "任务族", "What every task is made of.", "每个任务由什么构成。")
    ] = "sinusoid"
    network: Annotated[
        str, _control("task", "Network", "网络", "The model that adapts to each task.", "对每个任务进行适应的模型。")
    ] = "mlp"
    width: Annotated[
        int,
        Field(ge=4, le=256),
        _control(
            "task",
            "Width",
            "宽度",
            "Units in each hidden layer, or filters in each convolution.",
            "每个隐藏层的单元数，或每个卷积层的滤波器数。",
        ),
    ] = 40
    way: Annotated[
        int,
        Field(ge=2, le=60),
        _control("task", "Ways", "类别数 (way)", "Classes to tell apart in one task.", "一个任务中需要区分的类别数。"),
    ] = 5
    shot: Annotated[
        int,
        Field(ge=1, le=50),
        _control(
            "task",
            "Shots",
            "样本数 (shot)",
            "Labelled examples to adapt from: per class, or points on a curve.",
            "用于适应的带标签样本数：每类几个，或曲线上几个点。",
        ),
    ] = 10
    query: Annotated[
        int,
        Field(ge=1, le=50),
        _control(
            "task",
            "Queries",
            "查询数",
            "New examples that test the adapted network: per class, or points.",
            "检验适应后网络的新样本数：每类几个，或几个点。",
        ),
    ] = 10
    hold_out: Annotated[
        Literal["classes", "images"],
        _control(
            "task",
            "Held out",
            "留出方式",
            "What the test has never seen: whole classes (meta-learning) or only new images of fixed, known classes (ordinary learning).",
            "测试中从未见过的是什么：整个类别（元学习），还是固定已知类别的新图像（普通学习）。",
        ),
    ] = "classes"
    protocol: Annotated[
        str,
        _control(
            "task",
            "Protocol",
            "实验方案",
            "Which characters are for training and test, and how they are turned: as in one of the papers.",
            "哪些字符用于训练和测试、如何旋转：按某篇论文的做法。",
        ),
    ] = "plain"
    rotations: Annotated[
        bool,
        _control(
            "task",
            "Rotations",
            "旋转增强",
            "Turn each training class by a random quarter turn, which makes four times as many classes.",
            "训练时把每个类别随机旋转 90° 的倍数，相当于四倍的类别。",
        ),
    ] = False
    out_of_scope: Annotated[
        bool,
        _control(
            "task",
            "Out-of-scope queries",
            "超范围查询",
            "The test also asks sentences that are of none of the task's intents, and whether the network is unsure of them.",
            "测试时还会问不属于该任务任何意图的句子，看网络是否对它们没有把握。",
        ),
    ] = False
    goals: Annotated[
        Literal["square", "circle"],
        _control(
            "task",
            "Goals",
            "目标位置",
            "Where goals lie: anywhere in a square around the start, or on a circle around it.",
            "目标在哪里：起点周围的正方形内任意位置，或以起点为圆心的圆上。",
        ),
    ] = "square"
    wind: Annotated[
        bool,
        _control(
            "task",
            "Wind",
            "风",
            "In each task a wind of its own pushes the agent, which is not told of it.",
            "每个任务中都有各自的风推动智能体，而智能体并不知道。",
        ),
    ] = False
    obstacles: Annotated[
        bool,
        _control(
            "task",
            "Obstacles",
            "障碍物",
            "Four round pillars stand in the way; agents slide along them, and have to learn where they are.",
            "路上立着四根圆柱；智能体只能沿柱面滑过，并须学会柱子在哪里。",
        ),
    ] = False
    inner_steps: Annotated[
        int,
        Field(ge=1, le=20),
        _control(
            "adaptation",
            "Inner steps",
            "内层步数",
            "Gradient steps on each task while meta-training.",
            "元训练时在每个任务上走的梯度步数。",
        ),
    ] = 1
    test_inner_steps: Annotated[
        int,
        Field(ge=1, le=100),
        _control(
            "adaptation",
            "Inner steps at test",
            "测试时内层步数",
            "Gradient steps on each held-out task when it is tested.",
            "测试留出任务时走的梯度步数。",
        ),
    ] = 5
    inner_lr: Annotated[
        float,
        Field(gt=0, le=10),
        _control(
            "adaptation",
            "Inner rate",
            "内层学习率",
            "Size of each gradient step on a task.",
            "在任务上每一步梯度下降的步长。",
        ),
    ] = 0.01
    inner_optimizer: Annotated[
        Literal["sgd", "adam"],
        _control(
            "adaptation",
            "Inner optimiser",
            "内层优化器",
            "How the steps on a task are taken.",
            "在任务上如何走每一步。",
        ),
    ] = "sgd"
    inner_batch: Annotated[
        int,
        Field(ge=0, le=500),
        _control(
            "adaptation",
            "Inner batch",
            "内层批量",
            "Support examples per inner step, cycled without repeats; 0 takes them all.",
            "每个内层步使用的支持样本数，循环且不重复；0 表示全部使用。",
        ),
    ] = 0
    train_shot: Annotated[
        int,
        Field(ge=0, le=50),
        _control(
            "adaptation",
            "Shots in training",
            "训练时样本数",
            "Support examples per class while meta-training; 0 means as many as at test.",
            "元训练时每类的支持样本数；0 表示与测试相同。",
        ),
    ] = 0
    train_way: Annotated[
        int,
        Field(ge=0, le=60),
        _control(
            "adaptation",
            "Ways in training",
            "训练时类别数",
            "Classes in each training episode; 0 means as many as at test.",
            "每个训练任务中的类别数；0 表示与测试相同。",
        ),
    ] = 0
    context: Annotated[
        int,
        Field(ge=1, le=500),
        _control(
            "adaptation",
            "Context size",
            "上下文维数",
            "How many numbers are adapted to each task.",
            "针对每个任务适应多少个上下文数值。",
        ),
    ] = 5
    transductive: Annotated[
        bool,
        _control(
            "adaptation",
            "Transductive",
            "直推式",
            "Batch normalisation may look at all queries of a task together, as the MAML paper does; off, each query is judged alone.",
            "批归一化可同时看到一个任务的所有查询样本（MAML 论文的做法）；关闭后每个查询单独判断。",
        ),
    ] = True
    meta_batch: Annotated[
        int,
        Field(ge=1, le=256),
        _control("training", "Meta-batch", "元批量", "Tasks per meta-step.", "每个元步使用的任务数。"),
    ] = 25
    outer_lr: Annotated[
        float,
        Field(gt=0, le=10),
        _control(
            "training",
            "Outer rate",
            "外层学习率",
            "Size of the steps of the starting point itself.",
            "起点本身每次移动的步长。",
        ),
    ] = 0.001
    outer_optimizer: Annotated[
        Literal["trpo", "ppo", "adam"],
        _control(
            "training",
            "Outer optimiser",
            "外层优化器",
            "How the starting point moves: TRPO goes as far as the adapted policies may change at once (the paper's); PPO takes five Adam steps at the outer rate on the same trajectories, in which an action no longer counts once it is a fifth more or less likely than it was; Adam takes one.",
            "起点如何移动：TRPO 在适应后策略允许的变化范围内尽量走远（论文的做法）；PPO 在同一批轨迹上按外层学习率走五步 Adam，某个动作的概率变化超过五分之一后就不再计入；Adam 只走一步。",
        ),
    ] = "trpo"
    kl_limit: Annotated[
        float,
        Field(gt=0, le=1),
        _control(
            "training",
            "KL limit",
            "KL 上限",
            "How much the adapted policies may change in one meta-step, as a KL divergence.",
            "一个元步中适应后的策略最多改变多少（KL 散度）。",
        ),
    ] = 0.01
    steps: Annotated[
        int,
        Field(ge=1, le=1_000_000),
        _control("training", "Length", "训练长度", "Meta-steps in the whole run.", "整个训练的元步数。"),
    ] = 10_000
    seed: Annotated[
        int,
        Field(ge=0, le=2**31 - 1),
        _control(
            "training",
            "Seed",
            "随机种子",
            "The same seed gives the same run again.",
            "相同的种子会得到相同的训练过程。",
        ),
    ] = 0
    eval_tasks: Annotated[
        int,
        Field(ge=2, le=10_000),
        _control(
            "training",
            "Test tasks",
            "测试任务数",
            "Held-out tasks that the final figure is averaged over.",
            "最终指标在多少个留出任务上取平均。",
        ),
    ] = 600
    msl: Annotated[
        bool,
        _control(
            "mamlpp",
            "Multi-step loss",
            "多步损失 (MSL)",
            "Early on, the query loss after every inner step counts, not only after the last.",
            "训练初期，每个内层步之后的查询损失都计入，而不只是最后一步。",
        ),
    ] = False
    lslr: Annotated[
        bool,
        _control(
            "mamlpp",
            "Learned inner rates",
            "学习的内层学习率 (LSLR)",
            "One learned inner rate for each layer and step.",
            "每层、每步各有一个可学习的内层学习率。",
        ),
    ] = False
    da: Annotated[
        bool,
        _control(
            "mamlpp",
            "First order at first",
            "导数阶退火 (DA)",
            "Uses first-order gradients for the first half of the run, exact ones afterwards.",
            "训练前半程使用一阶梯度，之后使用精确梯度。",
        ),
    ] = False
    bnrs: Annotated[
        bool,
        _control(
            "mamlpp",
            "Per-step statistics",
            "逐步批归一化统计量 (BNRS)",
            "Running batch-norm statistics for each inner step; they judge the queries when the run is not transductive.",
            "为每个内层步保存批归一化统计量；非直推时用它们归一化查询样本。",
        ),
    ] = False
    bnwb: Annotated[
        bool,
        _control(
            "mamlpp",
            "Per-step scale and shift",
            "逐步缩放与平移 (BNWB)",
            "Batch-norm scale and shift of its own for each inner step.",
            "每个内层步有各自的批归一化缩放与平移参数。",
        ),
    ] = False
    ca: Annotated[
        bool,
        _control(
            "mamlpp",
            "Cosine outer rate",
            "外层余弦退火 (CA)",
            "Lets the outer rate fall along a cosine over the run.",
            "外层学习率沿余弦曲线逐渐下降。",
        ),
    ] = False

    estimator: Annotated[
        Literal["plain", "lvc", "dice"],
        _control(
            "advanced",
            "Meta-gradient estimator",
            "元梯度估计",
            "How the meta-gradient counts that another policy would have met other things: plain forgets it (the MAML paper), LVC counts it within each time step, DiCE wholly but noisily.",
            "元梯度如何考虑“换一个策略会经历不同的轨迹”：plain 忽略（MAML 论文），LVC 只计入同一时间步内的影响，DiCE 全部计入但噪声大。",
        ),
    ] = "plain"
    recompute: Annotated[
        bool,
        _control(
            "advanced",
            "Recompute inner steps",
            "重新计算内层步",
            "Holds the graph of one inner step at a time and does each step once more on the way back: the same gradient in much less memory with many inner steps, a third slower.",
            "反向传播时逐个重新计算内层步，每次只保留一步的计算图：梯度不变，内层步多时占用内存少得多，但约慢三分之一。",
        ),
    ] = False

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        check(self)
        return self


def control(name: str) -> Control:
    """How the field `name` is put before a person."""
    return next(item for item in RunConfig.model_fields[name].metadata if isinstance(item, Control))


def bounds(name: str) -> tuple[float | None, float | None]:
    """Least and greatest value of a numeric field (the least is exclusive for rates)."""
    found: dict[str, float] = {}
    for item in RunConfig.model_fields[name].metadata:
        for key in ("ge", "gt", "le"):
            if getattr(item, key, None) is not None:
                found[key[0]] = getattr(item, key)
    return found.get("g"), found.get("l")
