"""``python -m olo_jupyter.cli``."""

from olo_jupyter.cli import main

main()
