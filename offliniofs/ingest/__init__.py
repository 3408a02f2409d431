"""From a folder of media to stored blobs and catalogue rows, a stage a file."""
