"""The words of the field, each in a sentence."""

from metaplay.text import Text

GLOSSARY: tuple[tuple[Text, Text], ...] = (
    (Text("task", "任务"), Text("a small learning problem with a support and a query set", "带有支持集和查询集的一个小型学习问题")),
    (Text("task family", "任务族"), Text("tasks of one kind, from which episodes are drawn", "同一类任务的集合，片段从中抽取")),
    (Text("episode", "片段"), Text("a task as it is dealt: the drawn support and query examples", "抽出来的一个任务：具体的支持样本和查询样本")),
    (Text("support set", "支持集"), Text("the labelled examples that a task may be learnt from", "任务中可用来学习的带标签样本")),
    (Text("query set", "查询集"), Text("the examples on which what was learnt is judged", "用来评判学习结果的样本")),
    (Text("way", "类别数（way）"), Text("how many classes a task tells apart", "一个任务要区分多少个类别")),
    (Text("shot", "样本数（shot）"), Text("how many support examples there are of each class", "每个类别有多少支持样本")),
    (Text("adaptation", "适应"), Text("learning a task from its support set", "从支持集学会一个任务")),
    (Text("inner step", "内层步"), Text("one gradient step on the support loss", "在支持集损失上走的一步梯度")),
    (Text("inner learning rate α", "内层学习率 α"), Text("the length of an inner step", "内层步的步长")),
    (Text("fast weights θ′", "快速权重 θ′"), Text("the weights after adaptation to a task", "适应某个任务之后的权重")),
    (Text("initialisation θ", "初始化 θ"), Text("the weights that all tasks start from: what meta-training learns", "所有任务共同的起点权重：元训练所学的内容")),
    (Text("meta-step", "元步"), Text("one update of the initialisation", "对初始化的一次更新")),
    (Text("meta-batch", "元批量"), Text("the tasks of one meta-step", "一个元步所用的任务")),
    (Text("outer learning rate β", "外层学习率 β"), Text("the length of a meta-step", "元步的步长")),
    (Text("meta-gradient", "元梯度"), Text("the gradient of the query loss after adaptation, with respect to the initialisation", "适应之后的查询损失对初始化的梯度")),
    (Text("second order", "二阶"), Text("differentiated through the inner steps, which takes second derivatives", "对内层步求导，需要二阶导数")),
    (Text("first order", "一阶"), Text("the inner gradients are taken as constants", "把内层梯度当作常数")),
    (Text("prototype", "原型"), Text("the mean embedding of a class's support examples", "一个类别支持样本嵌入的均值")),
    (Text("embedding", "嵌入"), Text("what a network makes of an example before anything is decided", "网络在作出判断之前对样本的表示")),
    (Text("transductive", "直推"), Text("queries are judged together, and may help one another through batch normalisation", "查询样本一起判断，可能通过批归一化互相帮助")),
    (Text("probe task", "探测任务"), Text("a held-out task that is watched during the whole run", "整个训练过程中一直观察的留出任务")),
)  # fmt: skip
"""Each word and what it means, in the order in which the chapters need them."""
