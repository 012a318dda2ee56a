"""Where the pillars of 2D navigation stand: what the environment slides along and the chart draws."""

PILLARS = ((0.25, 0.25), (-0.25, 0.25), (-0.25, -0.25), (0.25, -0.25))
"""Their centres."""
RADIUS = 0.08
"""No move is as long as the gap between two of them, so none touches more than one."""
