"""The installed wheel, away from the checkout: networks, font, defaults, guide are inside, and the main job runs.

python check_wheel.py        (in an environment that has the wheel and nothing of the checkout)
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import railshed

place = Path(railshed.__file__).resolve()
assert "site-packages" in place.parts, f"railshed comes from {place}, not from a wheel"
assert {n["id"] for n in railshed.list_networks()} >= {"china", "toy"}, "networks are missing from the wheel"
guide = place.parent / "guide"
assert (guide / "en" / "start.md").is_file(), "the guide is missing from the wheel"
assert (guide / "zh" / "start.md").is_file(), "the Chinese guide is missing from the wheel"
assert not (guide / "decisions").exists(), "decisions are for maintainers"
with tempfile.TemporaryDirectory() as folder:
    command = [sys.executable, "-m", "railshed", "circle", "chengdu", "-o", folder]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    made = {path.name for path in Path(folder).iterdir()}
    assert {"chengdu.gpkg", "chengdu.png", "chengdu_stations.csv", "run.json"} <= made, made
print(f"the wheel works: {sorted(made)}")
