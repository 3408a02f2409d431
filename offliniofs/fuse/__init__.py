"""The FUSE adapter over tree/. The only room with pyfuse3, and the only one that knows errno."""
