"""Operations of what is measured: of a meta-step at least, as metaplay counts them, and of the matrix product beside it."""

from metaplay.config.flops import meta_step

__all__ = ["GEMM", "GEMM_SIDE", "meta_step"]

GEMM_SIDE = 2048
GEMM = 2 * GEMM_SIDE**3
"""Operations of the large matrix product that tells what the machine can do."""
