"""`python -m tools.imports` is lint-imports, whose own script a moved folder would break."""

import sys

from importlinter.cli import lint_imports_command

if __name__ == "__main__":
    sys.exit(lint_imports_command())
