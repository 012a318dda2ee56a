"""What outer steps of policies cost: how often TRPO asks for products with the curvature, and of how many tasks; PPO's steps."""

CONJUGATE_STEPS = 10
"""Steps of conjugate gradient (the MAML authors' setting)."""
CURVED = 4
"""Of so many tasks one tells the Hessian of the KL divergence, exactly; the KL limit itself is judged on all. Schulman et al. 2015,
appendix C.1: it may come from a tenth of the data, at next to no loss."""
JUDGED = 3
"""Places at which the line search looks, usually."""
CLIPPED_STEPS = 5
"""Steps of Adam that PPO takes on the same trajectories (the ProMP authors' setting)."""
