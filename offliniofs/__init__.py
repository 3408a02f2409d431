"""OfflinioFS keeps offline media once, safely, and shows it as a folder."""

__version__ = "0.1.0"
