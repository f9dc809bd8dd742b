"""The HTTP interface: paths to answers. What a request may hold is said in `models`, mistakes in
`problems`.

Requests that compute run on threads over what `workspace` holds, a few at a time; long work is a
job.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
import threading
from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import MISSING, asdict
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)

from railshed._version import __version__
from railshed.circles.city_at import city_at
from railshed.io.networks import list_networks
from railshed.questions.circle.screen import answer_words, title_of
from railshed.questions.explore.live import file_of, live_page
from railshed.questions.reach.points import travel_time_matrix
from railshed.questions.reach.times import TimeQuery
from railshed.scenario.apply import list_scenarios
from railshed.scenario.files import find_scenario
from railshed.scenario.modifications import scenario_schema
from railshed.scenario.run_times.kinematics import rolling_stock
from railshed.server import answers, models
from railshed.server.guard import Guard, Rules
from railshed.server.jobs import PROCESSES, Jobs, State, events
from railshed.server.problems import Json, RefusedError, add_handlers
from railshed.server.workspace import Workspace
from railshed.util.bilingual import plain_words
from railshed.util.errors import NotFoundError, ParameterError
from railshed.util.options import options_of
from railshed.util.parallel import count_threads

#: seconds that a request waits for its turn, and requests that compute at once
_MOST_WAIT_S = 60.0
_CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/{name}"
    for name in ("core", "json", "dismiss", "job-list")
)
Direction = Literal["to", "from", "both"]
#: what answers hold, as OpenAPI names it
Values = dict[str, Any]
Rows = list[dict[str, Any]]


def create_app(workspace: Workspace, jobs: Jobs, rules: Rules) -> FastAPI:
    """Return the application over a workspace and a folder of jobs."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> Any:
        yield
        jobs.close()

    app = FastAPI(
        title="railshed",
        version=__version__,
        summary="One-hour commuting circles by rail, and what a planned line changes.",
        default_response_class=Json,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses={
            422: {
                "description": "A mistake in the request",
                "content": {"application/problem+json": {}},
            }
        },
    )
    add_handlers(app)
    app.add_middleware(Guard, rules=rules)
    free = threading.BoundedSemaphore(count_threads(None))

    def turn() -> Iterator[None]:
        """Wait for one of the processors; refused where it takes too long."""
        if not free.acquire(timeout=_MOST_WAIT_S):
            raise RefusedError(
                HTTPStatus.SERVICE_UNAVAILABLE, "the server is busy", {"Retry-After": "30"}
            )
        try:
            yield
        finally:
            free.release()

    computes = [Depends(turn)]
    _add_lists(app, workspace)
    _add_answers(app, workspace, computes)
    _add_page(app, workspace, computes)
    _add_processes(app, jobs)
    return app


def _add_lists(app: FastAPI, workspace: Workspace) -> None:
    """Add what is known without computing: networks, cities, regions, readings, scenarios."""

    @app.get("/networks", tags=["lists"], response_model=Rows)
    def networks() -> Response:
        """The shipped networks, and which one is served."""
        own = workspace.network.network_id
        return Json(
            [
                {**{k: v for k, v in row.items() if k != "folder"}, "served": row["id"] == own}
                for row in list_networks()
            ]
        )

    @app.get("/cities", tags=["lists"], response_model=Rows)
    def cities(region: str | None = None) -> Response:
        """The cities of the network, or the core cities of a region."""
        found = workspace.network.cities if region is None else workspace.cities([], region)
        return Json(list(map(answers.city_row, found)))

    @app.get("/regions", tags=["lists"], response_model=Rows)
    def regions() -> Response:
        """The regions of the network."""
        return Json(list(map(answers.region_row, workspace.network.regions)))

    @app.get("/readings", tags=["lists"], response_model=Rows)
    def readings() -> Response:
        """The readings: what counts as within reach."""
        return Json([asdict(reading) for reading in workspace.analysis.readings.values()])

    @app.get("/rolling-stock", tags=["lists"], response_model=Rows)
    def stock() -> Response:
        """The rolling stock that a planned line may name."""
        return Json([asdict(row) for row in rolling_stock().values()])

    @app.get("/scenario-schema", tags=["scenarios"], response_model=Values)
    def schema() -> Response:
        """The JSON Schema of scenarios."""
        return Json(scenario_schema())

    @app.get("/scenarios", tags=["scenarios"], response_model=Rows)
    def scenarios() -> Response:
        """The shipped scenarios."""
        return Json([{k: v for k, v in row.items() if k != "file"} for row in list_scenarios()])

    @app.get("/scenarios/{name:path}", tags=["scenarios"], response_model=Values)
    def scenario(name: str) -> Response:
        """A shipped scenario as requests have it."""
        if name not in {row["name"] for row in list_scenarios()}:
            raise NotFoundError("scenario", name, [row["name"] for row in list_scenarios()])
        path = find_scenario(Path(name))
        return Json(answers.read_text(path.read_text(encoding="utf-8"), path.name))

    @app.post("/scenario-text", tags=["scenarios"], response_model=Values)
    def read(body: models.ScenarioText) -> Response:
        """A scenario of the text of its file (TOML, JSON, GeoJSON)."""
        return Json(answers.read_text(body.text, body.name))

    @app.post("/scenario-file", tags=["scenarios"], response_class=PlainTextResponse)
    def write(body: models.ScenarioBody) -> Response:  # type: ignore[valid-type]
        """The file of a scenario, TOML as the command line reads it."""
        return PlainTextResponse(answers.text_of(body.scenario), media_type="application/toml")  # type: ignore[attr-defined]


def _add_answers(app: FastAPI, workspace: Workspace, computes: list[Any]) -> None:
    """Add circles, changes, isochrones and matrices."""

    @app.head(
        "/cities/{slug}/circle", include_in_schema=False, dependencies=computes
    )  # GDAL, and so QGIS, asks so
    @app.get(
        "/cities/{slug}/circle", tags=["answers"], dependencies=computes, response_model=Values
    )
    def circle(
        slug: str,
        query: Annotated[models.CircleQuery, Query()],  # type: ignore[valid-type]
        request: Request,
    ) -> Response:
        """The circle of a city: its bands as GeoJSON, its figures as a member `figures`."""
        asked = query.model_dump()  # type: ignore[attr-defined]
        shown = {name: asked.pop(name) for name in ("car", "sensitivity")}
        found = workspace.circle(workspace.network.get_city(slug), **asked)
        tag = _tag(found.summary.definition_hash, asked, shown)
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
        answer = Json(
            answers.circle_answer(found, **shown),
            headers={"ETag": tag},
            media_type="application/geo+json",
        )
        return _in_range(answer, request.headers.get("range", ""))

    @app.get("/cities/{slug}/why", tags=["answers"], dependencies=computes, response_model=Values)
    def why(slug: str, query: Annotated[models.WhyQuery, Query()]) -> Response:
        """Why a place is outside a city's circle: its journey, the changes tried, the least that
        brings it in.
        """
        city = workspace.network.get_city(slug)
        return Json(
            answers.why_answer(workspace.why(city, query.place, query.reading, query.cutoff))
        )

    @app.post("/changes", tags=["answers"], dependencies=computes, response_model=Values)
    def changes(body: models.ChangesBody) -> Response:  # type: ignore[valid-type]
        """What a scenario changes: before, after, gained, lost, who loses, minutes, assumptions,
        run times, rules.
        """
        asked = body.model_dump()  # type: ignore[attr-defined]
        cities = workspace.cities(asked.pop("cities"), asked.pop("region"))
        return Json(answers.change_answer(workspace, cities, asked.pop("scenario"), **asked))

    @app.post("/isochrone", tags=["answers"], dependencies=computes, response_model=Values)
    def isochrone(body: models.IsochroneBody) -> Response:
        """The land within minutes of a place, as GeoJSON: the circle of a city there."""
        asked = body.model_dump()
        where = {name: asked.pop(name) for name in ("lon", "lat", "stations_within_km", "feeder")}
        place = city_at(workspace.network, **where, name="place")
        found = workspace.analysis.circle(place, draws=0, **asked)
        return Json(answers.circle_answer(found), media_type="application/geo+json")

    @app.post("/matrix", tags=["answers"], dependencies=computes, response_model=Rows)
    def matrix(body: models.MatrixBody) -> Response:
        """Door-to-door minutes between points: `from_id`, `to_id`, `travel_time_pN`."""
        ends = body.origins if body.destinations is None else body.destinations
        if len(body.origins) * len(ends) > models.MOST_PAIRS:
            raise ParameterError(
                f"{len(body.origins)} x {len(ends)} pairs: allowed are {models.MOST_PAIRS:,}"
            )
        times = TimeQuery(
            departure=body.departure,
            departure_time_window=body.departure_time_window,
            percentiles=body.percentiles,
        )
        table = travel_time_matrix(
            workspace.analysis,
            answers.points_of(body.origins),
            answers.points_of(ends),
            times=times,
            max_minutes=body.max_minutes,
            max_transfers=body.max_transfers,
        )
        return Json(table.to_dict(orient="records"))


def _in_range(answer: Response, given: str) -> Response:
    """Return an answer, or the bytes of it that a header `Range` names."""
    answer.headers["Accept-Ranges"] = "bytes"
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", given)
    size = len(answer.body)
    if asked is None:
        return answer
    first = int(asked[1])
    last = min(int(asked[2] or size), size - 1)
    whole = {"Accept-Ranges": "bytes", "ETag": answer.headers["etag"]}
    if first > last:
        return Response(status_code=416, headers=whole | {"Content-Range": f"bytes */{size}"})
    part = answer.body[first : last + 1]
    headers = whole | {"Content-Range": f"bytes {first}-{last}/{size}"}
    return Response(part, HTTPStatus.PARTIAL_CONTENT, headers, answer.media_type)


def _tag(*parts: Any) -> str:
    """Return the ETag of an answer: of its definition and of what is shown."""
    return f'"{hashlib.sha256(repr((__version__, parts)).encode()).hexdigest()[:24]}"'


def _add_page(app: FastAPI, workspace: Workspace, computes: list[Any]) -> None:
    """Add the live page and what it is made of."""

    @app.get("/", tags=["page"], response_class=HTMLResponse)
    def page(request: Request, f: str = "") -> Response:
        """The live page (`?city=chengdu&direction=to`); as JSON (`f=json`) where everything is."""
        if f == "json" or "text/html" not in request.headers.get("accept", "text/html, */*"):
            return Json(_landing())
        return HTMLResponse(live_page(workspace.start.lang))

    @app.get("/start", tags=["page"], response_model=Values)
    def start() -> Response:
        """What the page opens with: the city and its region, once the network is prepared."""
        named = workspace.start.region
        region = None if named is None else answers.region_row(workspace.network.get_region(named))
        return Json({"city": answers.city_row(workspace.first_city()), "region": region})

    @app.get("/cities/{slug}/headline", tags=["page"], dependencies=computes, response_model=Values)
    def headline(slug: str, direction: Direction = "to") -> Response:
        """What a circle is of, and the sentence of its headline: known before what the
        page draws.
        """
        found = workspace.scene_circle(workspace.network.get_city(slug), direction)
        return Json(
            {"title": plain_words(title_of(found)), "text": plain_words(answer_words(found))}
        )

    @app.get("/cities/{slug}/scene", tags=["page"], dependencies=computes, response_model=Values)
    def scene(slug: str, request: Request, direction: Direction = "to") -> Response:
        """A city as the live page shows it."""
        found = workspace.scene(workspace.network.get_city(slug), direction)
        tag = _tag(found.circle.summary.definition_hash, direction)
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
        return Json(found.answer, headers={"ETag": tag})

    @app.get("/static/{name}", tags=["page"])
    def static(name: str) -> Response:
        """A script or style of the page."""
        found = file_of(name)
        if found is None:
            raise NotFoundError("file", name, [])
        return Response(found[0], media_type=found[1], headers={"Cache-Control": "no-cache"})


def _landing() -> dict[str, Any]:
    links = [
        ("self", "/", "application/json"),
        ("service-desc", "/openapi.json", "application/vnd.oai.openapi+json;version=3.1"),
        ("http://www.opengis.net/def/rel/ogc/1.0/conformance", "/conformance", "application/json"),
        ("http://www.opengis.net/def/rel/ogc/1.0/processes", "/processes", "application/json"),
        ("http://www.opengis.net/def/rel/ogc/1.0/job-list", "/jobs", "application/json"),
    ]
    return {
        "title": "railshed",
        "links": [{"rel": rel, "href": href, "type": kind} for rel, href, kind in links],
    }


class Execute(BaseModel):
    """OGC's execute request; a job always runs asynchronously."""

    inputs: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    response: Literal["raw", "document"] = "document"


def _inputs_of(process: str) -> type[BaseModel]:
    more: dict[str, Any] = {}
    options = {one.name: one for one in options_of(PROCESSES[process])}
    if (one := options.get("scenario")) is not None:
        needed = one.default is MISSING
        most = 20 if one.repeated else 1
        about = f"{'Scenarios' if most > 1 else 'The scenario, in a list of one,'} as in files."
        limits: Any = Field(
            ... if needed else [], description=about, min_length=int(needed), max_length=most
        )
        more["scenario"] = list[dict[str, Any]], limits
    if "candidates" in options:
        more["candidates"] = (
            dict[str, Any],
            Field(description="Candidates as their file has them: [[candidate]]."),
        )
    return models.model_of(f"{process.title().replace('-', '')}Inputs", PROCESSES[process], **more)


def _add_processes(app: FastAPI, jobs: Jobs) -> None:
    """Add long work: OGC API - Processes, part 1."""
    inputs = {process: _inputs_of(process) for process in PROCESSES}

    def summary(process: str) -> dict[str, Any]:
        return {
            "id": process,
            "version": __version__,
            "title": f"railshed {process}",
            "jobControlOptions": ["async-execute", "dismiss"],
            "outputTransmission": ["reference"],
            "links": [{"rel": "self", "href": f"/processes/{process}"}],
        }

    def status(state: State) -> dict[str, Any]:
        links = [
            {"rel": "self", "href": f"/jobs/{state.jobID}"},
            {"rel": "monitor", "href": f"/jobs/{state.jobID}/events"},
        ]
        if state.status == "successful":
            rel = "http://www.opengis.net/def/rel/ogc/1.0/results"
            links.append({"rel": rel, "href": f"/jobs/{state.jobID}/results"})
        return asdict(state) | {"links": links}

    def known(process: str) -> str:
        if process not in PROCESSES:
            raise NotFoundError("process", process, PROCESSES)
        return process

    @app.get("/conformance", tags=["processes"], response_model=Values)
    def conformance() -> Response:
        """The standards that the interface conforms to."""
        return Json({"conformsTo": _CONFORMANCE})

    @app.get("/processes", tags=["processes"], response_model=Values)
    def processes() -> Response:
        """The commands that run as jobs."""
        return Json({"processes": list(map(summary, PROCESSES)), "links": []})

    @app.get("/processes/{process}", tags=["processes"], response_model=Values)
    def process_description(process: str) -> Response:
        """A command with its inputs, those of its options that name no file."""
        schema = inputs[known(process)].model_json_schema()
        needed = schema.get("required", [])
        described = {
            name: {
                "title": name,
                "description": part.get("description", ""),
                "schema": part,
                "minOccurs": int(name in needed),
            }
            for name, part in schema["properties"].items()
        }
        outputs = {"files": {"title": "files of the run folder", "schema": {"type": "object"}}}
        return Json(summary(process) | {"inputs": described, "outputs": outputs})

    @app.post(
        "/processes/{process}/execution", tags=["processes"], status_code=201, response_model=Values
    )
    def execute(process: str, body: Execute) -> Response:
        """Start a job."""
        try:
            asked = (
                inputs[known(process)].model_validate(body.inputs).model_dump(exclude_unset=True)
            )
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from error
        state = jobs.start(process, asked)
        return Json(status(state), HTTPStatus.CREATED, headers={"Location": f"/jobs/{state.jobID}"})

    @app.get("/jobs", tags=["processes"], response_model=Values)
    def job_list() -> Response:
        """All jobs, the newest first."""
        return Json({"jobs": list(map(status, jobs.every())), "links": []})

    @app.get("/jobs/{job}", tags=["processes"], response_model=Values)
    def job_status(job: str) -> Response:
        """The state of a job."""
        return Json(status(jobs.get(job)))

    @app.delete("/jobs/{job}", tags=["processes"], response_model=Values)
    def dismiss(job: str) -> Response:
        """Stop a job, and remove its files."""
        return Json(status(jobs.dismiss(job)))

    @app.get("/jobs/{job}/events", tags=["processes"], response_class=StreamingResponse)
    def job_events(job: str) -> Response:
        """The states of a job as server-sent events, to its end."""
        jobs.get(job)
        return StreamingResponse(
            events(jobs, job), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    @app.get("/jobs/{job}/results", tags=["processes"], response_model=Values)
    def results(job: str) -> Response:
        """The files of a job that succeeded."""
        return Json(
            {
                "files": [
                    {
                        "name": name,
                        "href": f"/jobs/{job}/results/{name}",
                        "bytes": path.stat().st_size,
                        "type": _kind_of(name),
                    }
                    for name, path in jobs.files(job).items()
                ]
            }
        )

    @app.get("/jobs/{job}/results/{name:path}", tags=["processes"])
    def result(job: str, name: str) -> Response:
        """A file of a job that succeeded."""
        files = jobs.files(job)
        if name not in files:
            raise NotFoundError("file", name, files)
        return FileResponse(files[name], media_type=_kind_of(name), filename=Path(name).name)


def _kind_of(name: str) -> str:
    own = {".gpkg": "application/geopackage+sqlite3", ".qgz": "application/zip"}
    return own.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
