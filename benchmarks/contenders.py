"""What is measured, ours and what it stands beside: commands, each in a new folder, with nothing published before it."""

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from beside import ROOT, MissingError, say
from plain import script

from trade_dashboard.settings import PREFIX

PLAIN = Path(__file__).parent / "plain.py"
APART = ROOT / ".venv-bench"
OUR_PROGRAMS = Path(sys.executable).parent
REFUSED = 2
# what everybody writes first
LOOP = """
notebook=$1 engine=$2
shift 2
for day in "$@"; do
  papermill "$notebook" "$day.ipynb" -k python3 -r run_date "$day" $engine
  jupyter nbconvert --to html "$day.ipynb"
done
"""
# as the head of the Dockerfile says; what a run publishes goes to a volume that ends with it
HARDENED = shlex.split("docker run --rm --network none --read-only --cap-drop ALL --tmpfs /tmp -v /data/outputs")
REVISION = '{{index .Config.Labels "org.opencontainers.image.revision"}}'


@dataclass(frozen=True)
class Ran:
    """A command that has ended: how long it took, what it said, and where it wrote."""

    seconds: float
    stdout: str
    folder: Path


@dataclass(frozen=True)
class Place:
    """Where commands run.

    Attributes
    ----------
    folder
        Holds what they leave.
    image, volume
        The container's, and what holds the sample there; the container has the volume's name.
    notebooks
        Folder of the reports.
    """

    folder: Path
    image: str
    volume: str = f"trade_dashboard_bench_{os.getpid()}"
    notebooks: Path = ROOT / "notebooks"

    def environment(self, outputs: str, programs: Path = OUR_PROGRAMS) -> dict[str, str]:
        """Give the variables of a command; of ours none but those that name the places."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        paths = {"STORE": self.folder / "store", "NOTEBOOKS": self.notebooks, "OUTPUTS": outputs}
        ours = {PREFIX + name: str(path) for name, path in paths.items()}
        return plain | ours | {"PATH": f"{programs}{os.pathsep}{plain['PATH']}"}

    @contextmanager
    def ran(self, *command: str | Path, code: int = 0, programs: Path = OUR_PROGRAMS) -> Iterator[Ran]:
        """Run a command in a new folder, which is there until the block ends.

        Raises
        ------
        SystemExit
            If it does not end with the exit code `code`: its time would mean nothing.
        """
        with TemporaryDirectory(dir=self.folder) as work, Path(work, "noise").open("w+") as noise:
            environment = self.environment(f"{work}/outputs", programs)
            begun = time.perf_counter()
            done = subprocess.run(
                command, cwd=work, env=environment, stdout=subprocess.PIPE, stderr=noise, text=True, check=False
            )
            seconds = time.perf_counter() - begun
            noise.seek(0)
            if done.returncode != code:
                raise SystemExit(f"{command} ended with {done.returncode}, not {code}:\n{noise.read()[-3000:]}")
            yield Ran(seconds, done.stdout, Path(work))

    def time(self, *command: str | Path, code: int = 0, programs: Path = OUR_PROGRAMS) -> float:
        """Give the seconds of a command."""
        with self.ran(*command, code=code, programs=programs) as ran:
            return ran.seconds


@dataclass(frozen=True)
class Report:
    """A report; each method that takes the number of a round measures one contender, in seconds.

    Attributes
    ----------
    run_dates
        Of the backfill, by round. The last of all is that of single runs.
    turns
        Of the shell loop, in a round.
    warm_times
        Times that a process runs the cells; the first is not counted.
    jobs
        Of the backfill.
    """

    place: Place
    name: str
    run_dates: Sequence[Sequence[str]]
    turns: int
    warm_times: int
    jobs: int

    @property
    def run_date(self) -> str:
        """Give the date of single runs."""
        return self.run_dates[-1][-1]

    @property
    def notebook(self) -> Path:
        """Give its notebook."""
        return self.place.notebooks / f"{self.name}.ipynb"

    def check(self) -> None:
        """Hold the script against a run: it must write, byte by byte, what the notebook shows.

        Raises
        ------
        SystemExit
            If it does not.
        """
        with self.place.ran("trade-dashboard", "run", self.name, "--date", self.run_date) as ran:
            executed = (ran.folder / "outputs" / self.name / self.run_date / "report.ipynb").read_text()
        outputs = [output for cell in json.loads(executed)["cells"] for output in cell.get("outputs", [])]
        shown = ["".join(one["data"]["text/html"]) for one in outputs if "text/html" in one.get("data", {})]
        with self.place.ran(sys.executable, self._written(scrapbook=False)) as ran:
            written = [path.read_text() for path in sorted(ran.folder.glob("*.html"))]
        if not shown or shown != written:
            raise SystemExit(f"The plain script of {self.name} does not write what the notebook shows.")

    def run(self, _: int) -> list[float]:
        """Take one cold run."""
        return self._ours("run", self.name, "--date", self.run_date)

    def container(self, _: int) -> list[float]:
        """Take the same in a container that is made for it."""
        command = [*inside(self.place), "run", self.name, "--date", self.run_date]
        return [self.place.time(*command)]

    def backfill(self, number: int) -> list[float]:
        """Take a part of the range."""
        first, last = self.run_dates[number][0], self.run_dates[number][-1]
        return self._ours("backfill", self.name, "--from", first, "--to", last, "--jobs", str(self.jobs))

    def help(self, _: int) -> list[float]:
        """Take what needs no report."""
        return self._ours("--help")

    def refused(self, _: int) -> list[float]:
        """Take a run that cannot be."""
        return self._ours("run", self.name, "--date", self.run_date, "-p", "no_such_parameter=1", code=REFUSED)

    def script(self, _: int) -> list[float]:
        """Take the plain script."""
        return self._script(scrapbook=False)

    def script_scrapbook(self, _: int) -> list[float]:
        """Take the plain script that imports scrapbook, and papermill with it."""
        return self._script(scrapbook=True)

    def papermill(self, _: int) -> list[float]:
        """Take what one run is with the tools alone."""
        return [self._loop([self.run_date])]

    def ploomber(self, _: int) -> list[float]:
        """Take the same with an engine that runs the cells in papermill's own process."""
        return [self._loop([self.run_date], engine="--engine embedded", programs=APART / "bin")]

    def run_lab(self, _: int) -> list[float]:
        """Take one cold run where JupyterLab is installed as well."""
        return [self.place.time("trade-dashboard", "run", self.name, "--date", self.run_date, programs=APART / "bin")]

    def papermill_lab(self, _: int) -> list[float]:
        """Take what one run is with the tools alone, where JupyterLab is installed as well."""
        return [self._loop([self.run_date], programs=APART / "bin")]

    def loop(self, number: int) -> list[float]:
        """Take some turns of the shell loop; gives the seconds of one."""
        return [self._loop(_some(self.run_dates[number], self.turns)) / self.turns]

    def warm(self, number: int) -> list[float]:
        """Take the cells in a process that has run them before."""
        return self._warm(number)

    def warm_jobs(self, number: int) -> list[float]:
        """Take the same in as many processes at once as the backfill has jobs."""
        with ThreadPoolExecutor(self.jobs) as pool:
            return [one for found in pool.map(self._warm, [number] * self.jobs) for one in found]

    def bare(self, _: int) -> list[float]:
        """Take Python alone."""
        return [self.place.time(sys.executable, "-c", "pass")]

    def _ours(self, *words: str, code: int = 0) -> list[float]:
        return [self.place.time("trade-dashboard", *words, code=code)]

    def _script(self, *, scrapbook: bool) -> list[float]:
        return [self.place.time(sys.executable, self._written(scrapbook=scrapbook))]

    def _written(self, *, scrapbook: bool) -> Path:
        path = self.place.folder / "script.py"
        path.write_text(script(self.notebook, self.run_date, scrapbook=scrapbook))
        return path

    def _loop(self, run_dates: Sequence[str], engine: str = "", programs: Path = OUR_PROGRAMS) -> float:
        return self.place.time("sh", "-ec", LOOP, "sh", self.notebook, engine, *run_dates, programs=programs)

    def _warm(self, number: int) -> list[float]:
        days = _some(self.run_dates[number], self.warm_times)
        with self.place.ran(sys.executable, PLAIN, self.notebook, *days) as ran:
            seconds: list[float] = json.loads(ran.stdout.splitlines()[-1])
        return seconds[1:]


def inside(place: Place) -> list[str]:
    """Give the words that run a command of ours in a new container."""
    return [*HARDENED, "--name", place.volume, "-v", f"{place.volume}:/data/store", place.image]


@contextmanager
def sample_inside(place: Place) -> Iterator[str]:
    """Keep the sample in a volume for containers; gives the revision that the image was built of.

    Raises
    ------
    MissingError
        If there is no engine, or no image.
    """
    try:
        inspect = ["docker", "image", "inspect", "--format", REVISION, place.image]
        told = subprocess.run(inspect, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise MissingError("there is no `docker`") from None
    except subprocess.CalledProcessError as error:
        raise MissingError(f"no engine answers, or it has no image {place.image}: `make image`") from error
    try:
        place.time(*inside(place), "ingest", "sample")
        yield told.stdout.strip()
    finally:
        # a container outlives the command that started it
        for words in (["rm", "--force", "--volumes"], ["volume", "rm"]):
            subprocess.run(["docker", *words, place.volume], capture_output=True, check=False)


def install_apart() -> str:
    """Make an environment of our code, our locked set with JupyterLab, and ploomber-engine; gives what is in it."""
    uv, python = OUR_PROGRAMS / "uv", APART / "bin" / "python"
    if not (APART / ".ready").exists():
        say(f"installing JupyterLab and ploomber-engine in {APART} (once)")
        install: list[str | Path] = [uv, "pip", "install", "--quiet", "--python", python]
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, APART], check=True)
        subprocess.run([*install, "--require-hashes", "-r", ROOT / "requirements-lab.txt"], check=True)
        subprocess.run([*install, "--no-deps", "--editable", ROOT], check=True)
        subprocess.run([*install, "ploomber-engine"], check=True)
        subprocess.run([python, "-m", "compileall", "-q", APART / "lib"], stdout=subprocess.DEVNULL, check=False)
        (APART / ".ready").touch()
    ask = "from importlib.metadata import version; print(*(version(one) for one in ('jupyterlab', 'ploomber-engine')))"
    told = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.split()
    return "JupyterLab {}, ploomber-engine {}".format(*told)


def _some(run_dates: Sequence[str], count: int) -> list[str]:
    """Choose some of the dates, evenly."""
    return [run_dates[number * len(run_dates) // count] for number in range(count)]
