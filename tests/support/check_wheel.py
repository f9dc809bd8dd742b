"""The installed wheel, away from the checkout: networks, font, defaults, guide are inside, and the
main job runs.

python check_wheel.py        (in an environment that has the wheel and nothing of the checkout)
"""

import subprocess
import sys
import tempfile
from importlib.metadata import metadata
from pathlib import Path

import railshed

place = Path(railshed.__file__).resolve()
assert "site-packages" in place.parts, f"railshed comes from {place}, not from a wheel"
assert {n["id"] for n in railshed.list_networks()} >= {"china", "toy"}, (
    "networks are missing from the wheel"
)
guide = place.parent / "guide"
assert (guide / "en" / "start.md").is_file(), "the guide is missing from the wheel"
assert (guide / "zh" / "start.md").is_file(), "the Chinese guide is missing from the wheel"
assert not (guide / "decisions").exists(), "decisions are for maintainers"
networks = place.parent / "networks"
assert not [*networks.rglob("*.py"), *networks.glob("*/maps")], (
    "scripts and pictures of the data are for maintainers"
)
licences = " ".join(metadata("railshed").get_all("License-File"))
for name in (
    "networks/china/LICENSE.md",
    "LICENSE-land.txt",
    "OFL.txt",
    "LICENSE-maplibre-gl.txt",
    "LICENSE-terra-draw.txt",
):
    assert name in licences, f"{name} is missing from the metadata"
assert railshed.load_network("china").n_stations > 1_500


def run(*arguments: str) -> str:
    """Return what a command prints."""
    command = [sys.executable, "-m", "railshed", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


assert "Midtown" in run("circle", "mid", "-n", "toy")
assert "scenarios" in run("guide")
with tempfile.TemporaryDirectory() as folder:
    run("circle", "chengdu", "-o", folder)
    made = {path.name for path in Path(folder).iterdir()}
    assert {"chengdu.gpkg", "chengdu.png", "chengdu_stations.csv", "run.json"} <= made, made
print(f"the wheel works: {sorted(made)}")
