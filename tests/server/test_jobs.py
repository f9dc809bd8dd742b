"""Long work as jobs: the run folder of the command, progress, cancelling, and what is left after a
kill.
"""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.clirunner import Command
from tests.support.live_plans import plan
from tests.support.liveserver import LiveServer, serving

COMPARE = {"cities": ["mid"], "scenario": [plan()], "maps": False}


def start(server: LiveServer, process: str, inputs: dict[str, Any]) -> str:
    found = server.ask(f"processes/{process}/execution", {"inputs": inputs})
    assert found.status == 201, found.body
    assert found.headers["location"] == f"/jobs/{found.json['jobID']}"
    return str(found.json["jobID"])


def test_a_job_is_the_run_of_a_command(
    server: LiveServer, railshed: Command, tmp_path: Path
) -> None:
    """Its files are those of the command line, but for where the scenario came from; its states go
    to the end.
    """
    job = start(server, "compare", COMPARE)
    states = list(server.events(job))
    assert [states[-1]["status"], states[-1]["progress"]] == ["successful", 100]
    listed = {row["name"]: row for row in server.ask(f"jobs/{job}/results").json["files"]}
    (tmp_path / "scenario-1.toml").write_bytes(
        server.ask("scenario-file", {"scenario": plan()}).body
    )
    file, out = tmp_path / "scenario-1.toml", tmp_path / "out"
    done = railshed(
        "compare", "mid", "-n", "toy", "--scenario", file, "--without-map", "--json", "-o", out
    )
    assert set(listed) == {"answer.json", *(path.name for path in out.iterdir())}
    for name in ("mid_compare.csv", "mid_compare_stations.csv", "side_by_side.csv"):
        assert server.ask(f"jobs/{job}/results/{name}").body == (out / name).read_bytes()
    assert server.ask(f"jobs/{job}/results/answer.json").json == json.loads(done.out)
    assert job in [row["jobID"] for row in server.ask("jobs").json["jobs"]]
    assert server.ask(f"jobs/{job}/results/..%2Fjob.json").status == 404


def test_a_report(server: LiveServer) -> None:
    """A report prints no figures: what it says is a text, its page and PDF are files."""
    job = start(server, "report", {"cities": ["mid"], "scenario": [plan()]})
    assert list(server.events(job))[-1]["status"] == "successful"
    names = [row["name"] for row in server.ask(f"jobs/{job}/results").json["files"]]
    assert {"printed.txt", "mid_report.html", "mid_report.pdf", "run.json"} <= set(names)


def test_jobs_of_one_scenario_and_of_candidates(server: LiveServer) -> None:
    """`trade-offs` takes one; candidates hold their modifications: no name of a file of the server
    passes.
    """
    job = start(server, "trade-offs", {"city": "mid", "scenario": [plan()], "maps": False})
    last = list(server.events(job))[-1]
    assert last["status"] == "successful", last["message"]
    line = {"name": "A", "modification": plan()["modification"]}
    job = start(
        server, "rank", {"cities": ["mid"], "candidates": {"candidate": [line]}, "plans": 0}
    )
    last = list(server.events(job))[-1]
    assert last["status"] == "successful", last["message"]
    timetable = {"type": "add-trips", "timetable": "/etc/passwd"}
    for wrong in (
        {"name": "A", "scenario": "/etc/passwd"},
        {"name": "A", "modification": [timetable]},
    ):
        found = server.ask(
            "processes/rank/execution", {"inputs": {"candidates": {"candidate": [wrong]}}}
        )
        assert (found.status, "names a file" in found.body.decode()) == (422, True)
    for inputs in (
        {"city": "mid"},
        {"city": "mid", "scenario": []},
        {"city": "mid", "scenario": [plan(), plan()]},
    ):
        assert server.ask("processes/trade-offs/execution", {"inputs": inputs}).status == 422


def test_a_job_that_fails_says_why(server: LiveServer) -> None:
    """Mistakes are found before it starts, or are its message; it leaves no file."""
    asked = {"inputs": COMPARE | {"scenario": [plan({"type": "none"})]}}
    job = start(server, "compare", asked["inputs"])
    last = list(server.events(job))[-1]
    assert (last["status"], "unknown-type" in last["message"]) == ("failed", True)
    assert server.ask(f"jobs/{job}/results").status == 422
    for wrong in (
        {"cities": 3},
        {"out": "/x"},
        {"population": ["/etc/passwd"]},
        {"scenario": [{"extends": "x.toml"}]},
    ):
        assert server.ask("processes/compare/execution", {"inputs": COMPARE | wrong}).status == 422


def test_every_process_describes_its_inputs(server: LiveServer) -> None:
    """No input names a file; each has a description, and defaults are those of the command line."""
    for row in server.ask("processes").json["processes"]:
        inputs = server.ask(f"processes/{row['id']}").json["inputs"]
        assert all(one["description"] for one in inputs.values())
        assert not {
            "out",
            "network",
            "population",
            "streets",
            "readings",
            "boundaries",
            "workers",
        } & set(inputs)
    circle = server.ask("processes/circle").json["inputs"]
    assert circle["draws"]["schema"]["default"] == 40


def _wait(server: LiveServer, job: str, status: str) -> None:
    for _ in range(400):
        if server.ask(f"jobs/{job}").json.get("status") == status:
            return
        time.sleep(0.02)
    raise AssertionError(server.ask(f"jobs/{job}").body)


@pytest.mark.slow
def test_a_job_is_cancelled_half_way(tmp_path: Path) -> None:
    """A job that runs is stopped and leaves no file; one that waits never starts."""
    with serving(tmp_path / "jobs", "-n", "toy") as server:
        jobs = [
            start(server, "report", {"cities": ["mid"], "scenario": [plan()]}) for _ in range(3)
        ]
        _wait(server, jobs[0], "running")
        time.sleep(0.5)
        for job in (jobs[2], jobs[0]):
            assert server.ask(f"jobs/{job}", method="DELETE").json["status"] == "dismissed"
        assert [server.ask(f"jobs/{job}").status for job in jobs] == [404, 200, 404]
        for _ in range(100):
            if [path.name for path in (tmp_path / "jobs").iterdir()] == [jobs[1]]:
                break
            time.sleep(0.05)
        assert [path.name for path in (tmp_path / "jobs").iterdir()] == [jobs[1]]


@pytest.mark.slow
def test_finished_jobs_are_there_after_a_kill(tmp_path: Path) -> None:
    """kill -9 of the server: what was finished has its files, what ran has failed, and its process
    has ended.
    """
    with serving(tmp_path, "-n", "toy") as server:
        done = start(server, "compare", COMPARE)
        assert list(server.events(done))[-1]["status"] == "successful"
        names = [row["name"] for row in server.ask(f"jobs/{done}/results").json["files"]]
        running = start(server, "report", {"cities": ["mid"]})
        _wait(server, running, "running")
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    for _ in range(200):
        if not _children_of(running):
            break
        time.sleep(0.05)
    assert not _children_of(running)
    with serving(tmp_path, "-n", "toy") as server:
        assert [row["name"] for row in server.ask(f"jobs/{done}/results").json["files"]] == names
        assert server.ask(f"jobs/{running}").json["status"] == "failed"
        assert not (tmp_path / running / "run").exists()


def _children_of(job: str) -> list[str]:
    """Return the processes that run in the folder of a job."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            found += [process.name] * (job in str((process / "cwd").readlink()))
        except OSError:
            continue
    return found
