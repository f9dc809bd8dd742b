"""Stages of the tests, as sessions of nox: `nox -f .ci/noxfile.py -l` lists them, `-s static unit`
runs these two.

They run in the environment that nox is in; only `wheel` makes one. What follows `--` goes to
pytest.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import nox
from nox.command import CommandFailed

ROOT = Path(__file__).parents[1]
PLAIN = "not properties and not stress and not browser and not peers"
#: scripts outside the package that call it
CALLERS = ("networks/china", "networks/china-2016", "networks/toy", "benchmarks")
#: files of a run; .ci/run names a folder for its two lanes
if "RAILSHED_STAGES" not in os.environ:
    os.environ["RAILSHED_STAGES"] = tempfile.mkdtemp(prefix="railshed-stages-")
    atexit.register(shutil.rmtree, os.environ["RAILSHED_STAGES"], ignore_errors=True)
WORK = Path(os.environ["RAILSHED_STAGES"])

nox.options.default_venv_backend = "none"
nox.options.envdir = str(WORK / "environments")
os.environ.setdefault("RAILSHED_HYPOTHESIS", "ci")
os.environ |= {
    "OPENBLAS_NUM_THREADS": "1",
    "RAILSHED_CACHE_DIR": str(WORK / "cache"),
    "RAILSHED_TESTS_CACHE": str(WORK / "china"),
    "PYTHONPYCACHEPREFIX": str(
        WORK / "modules"
    ),  # compiled once for the hundreds of processes that tests start
}
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def run(
    session: nox.Session, program: str, *arguments: str, folder: Path = ROOT, **options: Any
) -> Any:
    """Run a program of the environment that nox is in."""
    with session.chdir(folder):
        return session.run(
            str(Path(sys.executable).with_name(program)), *arguments, external=True, **options
        )


def pytest(session: nox.Session, *arguments: str, env: dict[str, str] | None = None) -> None:
    """Run pytest on all cores."""
    run(session, "python", "-m", "pytest", "-n", "auto", *arguments, *session.posargs, env=env)


def fetch_chromium(session: nox.Session) -> None:
    """Fetch Debian's Chromium as root; without it tests in a browser skip and say so."""
    if not shutil.which("chromium") and shutil.which("apt-get") and os.geteuid() == 0:
        fetch = "apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium"
        env = {"DEBIAN_FRONTEND": "noninteractive"}
        session.run(
            "timeout", "90", "sh", "-c", fetch, env=env, success_codes=range(256), silent=True
        )


def check_calls(session: nox.Session, folder: Path) -> None:
    """Fail where a script calls what the package does not have, or not in that way."""
    options = (
        "--config-file=",
        f"--cache-dir={WORK / 'mypy'}",
        "--ignore-missing-imports",
        "--follow-imports=silent",
    )
    files = sorted(path.name for path in folder.glob("*.py"))
    env = {"MYPYPATH": f"{ROOT / 'src'}:{ROOT}"}
    found = run(
        session, "mypy", *options, *files, folder=folder, env=env, silent=True, success_codes=[0, 1]
    )
    if wrong := [
        line for line in found.splitlines() if line.endswith(("[call-arg]", "[attr-defined]"))
    ]:
        session.log("\n".join(wrong))
        raise CommandFailed(f"mypy in {folder.name}")


@nox.session
def static(session: nox.Session) -> None:
    """Check style, types, layers, words and calls from networks/ and benchmarks/; all, whichever
    fails.
    """
    checks: list[tuple[Any, ...]] = [
        (run, session, "ruff", "check"),
        (run, session, "ruff", "format", "--check"),
        (run, session, "mypy"),
        (run, session, "lint-imports"),
        (run, session, "pre-commit", "run", "--all-files", "words"),
        *((check_calls, session, ROOT / folder) for folder in CALLERS),
    ]
    failed = 0
    for check, *arguments in checks:
        try:
            check(*arguments)
        except CommandFailed:
            failed += 1
    if failed:
        session.error(f"{failed} of {len(checks)} checks failed")


@nox.session
def tests(session: nox.Session) -> None:
    """The README's test command: all tests but those marked slow."""
    fetch_chromium(session)
    pytest(session)


@nox.session
def slow(session: nox.Session) -> None:
    """Tests marked slow, but those of the stage stress."""
    fetch_chromium(session)
    pytest(session, "-m", "slow and not stress")


@nox.session
def kernels(session: nox.Session) -> None:
    """Tests of kernels without the compiler, which cover every line and branch of them."""
    env = {"COVERAGE_FILE": str(WORK / "kernels")}
    tested = {**env, "NUMBA_DISABLE_JIT": "1"}
    run(
        session,
        "python",
        "-m",
        "coverage",
        "run",
        "-m",
        "pytest",
        "-m",
        "kernels",
        *session.posargs,
        env=tested,
    )
    run(session, "python", "-m", "coverage", "combine", "-q", env=env)
    run(session, "python", "-m", "coverage", "report", "--fail-under=100", env=env)


@nox.session
def guard(session: nox.Session) -> None:
    """Count the work of each kernel and compare it with benchmarks/guard.json."""
    run(session, "python", "benchmarks/guard.py")


@nox.session(venv_backend="venv")
def wheel(session: nox.Session) -> None:
    """Build the wheel, install it in a new environment and use it there."""
    run(session, "python", "-m", "build", "--wheel", "-q", "-o", str(WORK / "dist"))
    (built,) = (WORK / "dist").glob("*.whl")
    session.install("--no-compile", "-c", str(ROOT / "constraints.txt"), str(built))
    session.chdir(WORK)
    session.run("python", "-P", str(ROOT / "tests/support/check_wheel.py"))


@nox.session(default=False)
def unit(session: nox.Session) -> None:
    """Tests that have no marker of another stage."""
    pytest(session, "-m", f"{PLAIN} and not slow")


@nox.session(default=False)
def properties(session: nox.Session) -> None:
    """Tests that draw random cases."""
    pytest(session, "-m", "properties and not browser and not peers")


@nox.session
def stress(session: nox.Session) -> None:
    """A tenth of the broken input, kills and full disks, in a small process that is forked;
    RAILSHED_STRESS=1: all.
    """
    run(
        session,
        "python",
        "-m",
        "pytest",
        "-m",
        "stress",
        "tests/stress",
        "--durations=5",
        *session.posargs,
    )


@nox.session(default=False)
def browser(session: nox.Session) -> None:
    """Tests of pages in Chromium."""
    fetch_chromium(session)
    pytest(session, "-m", "browser")


@nox.session(default=False)
def peers(session: nox.Session) -> None:
    """Tests against independent routers and the data of ../shared."""
    pytest(session, "-m", "peers and not browser and not acceptance")


@nox.session(default=False)
def bounds(session: nox.Session) -> None:
    """Tests of kernels with the compiler's bounds checks: compiling takes most of it."""
    run(
        session,
        "python",
        "-m",
        "pytest",
        "-m",
        "kernels",
        *session.posargs,
        env={"NUMBA_BOUNDSCHECK": "1"},
    )


@nox.session(default=False)
def coverage(session: nox.Session) -> None:
    """Unit tests, slow ones too, traced: coverage of each part against its floor."""
    env = {"COVERAGE_FILE": str(WORK / "coverage" / "data"), "RAILSHED_CHECKOUT": str(ROOT)}
    (WORK / "coverage").mkdir(exist_ok=True)
    pytest(
        session, "-m", PLAIN, env={**env, "COVERAGE_PROCESS_START": str(ROOT / ".ci/coveragerc")}
    )
    report = str(WORK / "coverage.json")
    run(session, "python", "-m", "coverage", "combine", "-q", "--rcfile=.ci/coveragerc", env=env)
    run(
        session,
        "python",
        "-m",
        "coverage",
        "json",
        "-q",
        "--rcfile=.ci/coveragerc",
        "-o",
        report,
        env=env,
    )
    run(session, "python", "tests/support/coverage_floors.py", report)


@nox.session(default=False)
def acceptance(session: nox.Session) -> None:
    """Tests over all cities, feeds, scenarios and hexagons, minutes each."""
    pytest(session, "-m", "acceptance or (peers and slow)", env={"RAILSHED_ACCEPTANCE": "1"})
