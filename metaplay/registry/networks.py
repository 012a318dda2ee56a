"""The networks by name."""

from dataclasses import dataclass

from metaplay.text import Text


@dataclass(frozen=True)
class Network:
    """A network. `norm` says whether it has batch normalisation layers, `parallel` whether its tensors are large enough for
    several threads to be of use."""

    label: str
    target: str
    summary: Text
    norm: bool = False
    parallel: bool = False


NETWORKS: dict[str, Network] = {
    "mlp": Network("MLP", "metaplay.models.mlp:Mlp", Text("Two hidden layers with ReLU.", "两个带 ReLU 的隐藏层。")),
    "conv4": Network(
        "Conv4, stride 2",
        "metaplay.models.conv4:Conv4",
        Text("Four 3x3 convolutions that halve the image by stride.", "四个 3x3 卷积，用步长 2 缩小图像。"),
        norm=True,
        parallel=True,
    ),
    "conv4-pool": Network(
        "Conv4, max-pool",
        "metaplay.models.conv4:Conv4Pool",
        Text("Four 3x3 convolutions, each followed by 2x2 max-pooling.", "四个 3x3 卷积，每个后接 2x2 最大池化。"),
        norm=True,
        parallel=True,
    ),
    "ngrams": Network(
        "N-grams + MLP",
        "metaplay.models.ngrams:NGrams",
        Text(
            "Learned vectors of words and of pieces of words, summed, and two layers on top.",
            "对词和词片段的可学习向量求和，再接两层。",
        ),
    ),
    "policy": Network(
        "Gaussian policy",
        "metaplay.models.policy:GaussianPolicy",
        Text(
            "An MLP that gives the mean action; how far actions scatter around it is learned too.",
            "由 MLP 给出动作的均值；动作的散布程度也是学出来的。",
        ),
        parallel=True,
    ),
}
