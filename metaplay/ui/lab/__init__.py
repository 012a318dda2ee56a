"""The adaptation lab: a run at a moment of its training, one task, and every inner step of the way."""
