"""Figures of the adaptation lab: one task, inner step by inner step, of one run or of two side by side."""
