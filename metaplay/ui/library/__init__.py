"""Runs: all that are kept, to be compared, resumed, replayed, downloaded and opened."""
