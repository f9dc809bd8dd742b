"""The environment of the benchmarks: railshed's dependencies and the peers, in a folder of the
user's cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
_CONSTRAINTS, _PROJECT = HERE.parent / "constraints.txt", HERE.parent / "pyproject.toml"
#: written last: what could not be installed, with the last words of pip
_DONE = "peers.json"
#: extras of railshed that workloads need
_EXTRAS = "places,raster"


def cache_folder() -> Path:
    """Return the folder for environments: RAILSHED_CACHE_DIR, else the user's cache folder; needs
    no package.
    """
    given = os.environ.get("RAILSHED_CACHE_DIR", "").strip()
    if given:
        return Path(given).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "railshed"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "railshed"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "railshed"


def environment_folder() -> Path:
    """Return the folder of the environment: another one when what is to be installed has
    changed.
    """
    project = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]
    needs = [
        project["dependencies"],
        *(project["optional-dependencies"][extra] for extra in _EXTRAS.split(",")),
    ]
    digest = hashlib.sha256(f"{sys.version} {HERE} {needs}".encode())
    for path in (REQUIREMENTS, _CONSTRAINTS):
        digest.update(path.read_bytes())
    return cache_folder() / f"benchmarks-{digest.hexdigest()[:12]}"


def wanted() -> list[str]:
    """Return the requirements of the peers."""
    lines = (
        line.split("#")[0].strip() for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    )
    return [line for line in lines if line]


def interpreter() -> Path:
    """Return the interpreter of the environment, made where it is not there yet; a peer that fails
    is left out.
    """
    folder = environment_folder()
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if (folder / _DONE).is_file():
        return python
    print(f"setting up {folder} ...", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    fault = _install(python, "-e", f"{HERE.parent}[{_EXTRAS}]", "scipy")
    if fault:
        raise SystemExit(f"railshed's own dependencies cannot be installed: {fault}")
    missing = {peer: fault for peer in wanted() if (fault := _install(python, peer))}
    for peer, fault in missing.items():
        print(f"left out: {peer}: {fault}", file=sys.stderr, flush=True)
    (folder / _DONE).write_text(json.dumps(missing, indent=1), encoding="utf-8")
    return python


def missing_peers() -> dict[str, str]:
    """Return the peers that this interpreter's environment could not have, and why; none where it
    is another's.
    """
    path = Path(sys.prefix) / _DONE
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def _install(python: Path, *what: str) -> str:
    """Return "" once pip has installed it, else its last line of complaint."""
    command = [
        str(python),
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "-c",
        str(_CONSTRAINTS),
        *what,
    ]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if not done.returncode:
        return ""
    told = [
        line for line in done.stderr.splitlines() if line.startswith("ERROR")
    ] or done.stderr.splitlines()
    return told[-1].removeprefix("ERROR: ").strip() if told else "pip failed"
