"""Views, names, nodes and inode numbers. Answers with plans, not with I/O."""
