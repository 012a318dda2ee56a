"""metaplay beside other meta-learning libraries: the same meta-steps on the same data, in one run, interleaved."""
