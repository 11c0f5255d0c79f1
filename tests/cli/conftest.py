import subprocess
import sys

import pytest


@pytest.fixture(scope="session")
def skaudio():
    """The command, in a process of its own."""

    def run_command(*arguments, status=0):
        run = subprocess.run(
            [sys.executable, "-m", "skaudio", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == status, run.stderr + run.stdout
        assert "Traceback" not in run.stderr
        return run

    return run_command
