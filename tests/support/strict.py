"""A skipped or expectedly failing test fails the run: what is not tested is not known to work."""

from __future__ import annotations

import pytest


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return  # a worker of xdist: the controlling process sees its results
    missed = [word for word in ("skipped", "xfailed", "xpassed") if reporter.stats.get(word)]
    if missed and session.exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"failed because of tests that were {' and '.join(missed)}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
