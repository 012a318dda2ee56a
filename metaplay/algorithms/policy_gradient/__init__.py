"""Meta-learning to act: the inner loop is policy gradient on fresh trajectories (Finn et al. 2017, Algorithm 3)."""
