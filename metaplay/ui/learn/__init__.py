"""Learn: meta-learning in short chapters."""
