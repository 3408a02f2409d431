"""Configuration, the composition root and the daemon."""
