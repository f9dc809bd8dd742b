"""The live page in a notebook: a line drawn in the map is a scenario, and a `Change`, in Python."""

from __future__ import annotations

import socket
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import Any

from railshed.api.analysis import Analysis
from railshed.comparisons.incremental.baseline import Change
from railshed.network.cities import City
from railshed.scenario.apply import resolve
from railshed.scenario.files import Scenario
from railshed.util.optional_packages import require
from railshed.util.validation import checked, instance, one_of, optional, whole

#: shows the page in a frame, and takes the scenario that it sends
_ESM = """
function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.src = model.get("url");
  frame.title = "railshed";
  frame.style.cssText = `width:100%;height:${model.get("height_px")}px;border:0`;
  const take = ({ source, data }) => {
    if (source !== frame.contentWindow || data?.railshed !== "scenario") return;
    model.set("scenario", data.scenario);
    model.save_changes();
  };
  window.addEventListener("message", take);
  el.append(frame);
  return () => window.removeEventListener("message", take);
}
export default { render };
"""


@cache
def _kind() -> Any:
    anywidget = require("anywidget", "railshed.widget")
    traitlets = require("traitlets", "railshed.widget")

    class LiveWidget(anywidget.AnyWidget):  # type: ignore[misc, name-defined]
        """The live page of a city; `scenario` is what is drawn, `change` what it changes."""

        _esm = _ESM
        url = traitlets.Unicode().tag(sync=True)
        height_px = traitlets.Int().tag(sync=True)
        scenario = traitlets.Dict().tag(sync=True)

        def __init__(self, workspace: Any, city: City, direction: str, **traits: Any) -> None:
            super().__init__(**traits)
            self._asked = workspace, city, direction

        @property
        def change(self) -> Change:
            """What the scenario that is drawn changes for the city, under every reading, at the
            page's cutoffs.
            """
            workspace, city, direction = self._asked
            baseline = workspace.baseline([city], direction)
            drawn = Scenario.from_dict({"modification": [], **self.scenario})
            changed: Change = baseline.with_plan(resolve(baseline.network, drawn, city=city.slug))
            return changed

    return LiveWidget


@checked(
    analysis=instance(Analysis, hint="prepare(network) gives one"),
    city=optional(instance(str, City)),
    direction=one_of("to", "from", "both"),
    height_px=whole(200, 4_000),
)
def widget(
    analysis: Analysis,
    city: str | City | None = None,
    *,
    direction: str = "to",
    height_px: int = 640,
) -> Any:
    """Return the live page of a city as a widget for notebooks on this machine (extra `serve`).

    Draw lines in the map; ``.scenario`` is what is drawn, as a scenario file has it, and
    ``.change`` the `Change` that it makes. `city` is by default the first core city. The page is
    served on loopback as long as Python runs.
    """
    require("fastapi", "railshed.widget")
    uvicorn = require("uvicorn", "railshed.widget")
    from railshed.server.app import create_app
    from railshed.server.guard import Rules
    from railshed.server.jobs import Jobs
    from railshed.server.workspace import Start, Workspace

    name = city.slug if isinstance(city, City) else city
    workspace = Workspace(lambda: analysis, Start(name))
    chosen = workspace.first_city()
    listener = socket.create_server(("127.0.0.1", 0))
    app = create_app(workspace, Jobs(Path(tempfile.mkdtemp(prefix="railshed-")), []), Rules())
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/?city={chosen.slug}&direction={direction}"
    return _kind()(workspace, chosen, direction, url=url, height_px=height_px)
