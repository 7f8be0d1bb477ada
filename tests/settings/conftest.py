from tests.cli.conftest import data, made_once

__all__ = ["data", "made_once"]
