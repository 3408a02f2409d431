"""The content-addressed store."""
