"""Counters, samples and the health report."""
