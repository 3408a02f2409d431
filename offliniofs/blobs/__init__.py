"""The content-addressed store: whole files, each kept once under the BLAKE3 digest of its bytes."""
