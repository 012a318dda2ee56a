"""Proof that the algorithms compute what their papers say: a naive oracle, and finite differences."""
