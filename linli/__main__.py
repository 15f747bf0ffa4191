"""`python -m linli WORD`: see linli/ops/cli.py."""

import sys

from linli.ops.cli import main

if __name__ == "__main__":
    sys.exit(main())
