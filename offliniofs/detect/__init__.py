"""From names, folders, NFO files and probed streams to facts about a title. Pure, but for probe.py."""
