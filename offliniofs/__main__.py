"""``python -m offliniofs``."""

from offliniofs.cli.main import main

if __name__ == "__main__":
    main()
