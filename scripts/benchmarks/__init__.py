"""Benchmarks: every figure is measured beside its peers, in the same run on the same machine."""
