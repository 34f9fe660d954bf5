"""Batches and shards on a Ray cluster: results equal local runs, also after failures."""

import fcntl
import itertools
import json
import os
import pathlib
import random
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from ray_lab import (
    assert_same_results,
    content,
    contents,
    in_thread,
    local_batch,
    raylet_of,
    read_lines,
    running_tasks,
    wait_for,
    write_clip,
)

ray = pytest.importorskip("ray", reason="Ray has no wheels for every platform")
yaml = pytest.importorskip("yaml", reason="it comes with Ray")

from clusters_page import PAGE, blocks, scheduler_scripts  # noqa: E402
from ray.cluster_utils import Cluster  # noqa: E402

import vmaf_py.ray  # noqa: E402
from vmaf_py import VmafError, _native  # noqa: E402
from vmaf_py.ray import __main__ as command_line  # noqa: E402
from vmaf_py.ray import _cluster, _shards  # noqa: E402
from vmaf_py.ray._options import measurement_options  # noqa: E402

# Metrics that are slow enough to interrupt tests with small clips.
SLOW = {"metrics": ["ciede", "float_ms_ssim"]}
SLOW_FLAGS = ["--metric=ciede", "--metric=float_ms_ssim"]


# Clips.


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Returns a folder of three small references, a to c, with two encodes each, and their list."""
    folder = tmp_path_factory.mktemp("films")
    for seed, film in enumerate("abc"):
        write_clip(folder / f"{film}.y4m", seed=seed)
        for noise in (8, 20):
            write_clip(folder / f"{film}-{noise}.y4m", seed=seed, noise=noise)
    (folder / "list.csv").write_text(
        "reference,distorted,name,metric,gate\n"
        "a.y4m,a-*.y4m,,,\n"
        "b.y4m,b-8.y4m;b-20.y4m,,psnr,mean>=90\n"
        "c.y4m,c-8.y4m,top,,p5>=50\n"
        "c.y4m,c-20.y4m,,,\n"
    )
    return folder


@pytest.fixture(scope="module")
def long_films(tmp_path_factory):
    """Returns a folder of eight references with two encodes each, about a second per reference."""
    folder = tmp_path_factory.mktemp("long")
    rows = []
    for seed, film in enumerate("abcdefgh"):
        write_clip(folder / f"{film}.y4m", 150, seed, size=(256, 176))
        for noise in (8, 20):
            write_clip(folder / f"{film}-{noise}.y4m", 150, seed, noise, size=(256, 176))
        rows.append({"reference": f"{film}.y4m", "distorted": [f"{film}-8.y4m", f"{film}-20.y4m"]})
    (folder / "list.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert local_batch(folder / "list.jsonl", folder / "local.jsonl", *SLOW_FLAGS) == 0
    return folder


# The cluster: a head without workers, and two machines with one processor each.


@pytest.fixture(scope="module")
def cluster():
    fast_health_checks = {"health_check_period_ms": 300, "health_check_failure_threshold": 3}
    cluster = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 0,
            "_system_config": fast_health_checks,
            "include_dashboard": False,
        },
    )
    # A driver connects to the first machine that it finds, so this comes before others are added.
    ray.init(cluster.address, log_to_driver=False)
    for _ in range(2):
        cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    yield cluster
    ray.shutdown()
    cluster.shutdown()


# Comparison with local runs.


def test_equals_a_local_batch(cluster, films, tmp_path):
    assert local_batch(films / "list.csv", tmp_path / "local.jsonl", "--pool=p20") == 1
    calls = []
    outcome = vmaf_py.ray.batch(
        films / "list.csv",
        tmp_path / "results.jsonl",
        pools="p20",
        progress=lambda *call: calls.append(call),
    )
    assert (outcome.passed, outcome.failed, outcome.unmeasured, outcome.known) == (5, 1, 0, 0)
    assert outcome.status == 1
    assert str(outcome) == "6 encodes: 5 passed, 1 failed, 0 not measured"
    assert_same_results(tmp_path / "results.jsonl", tmp_path / "local.jsonl")
    encodes = [line["distorted"] for line in outcome.lines()]
    # The first two match a pattern and are sorted by name.
    assert encodes[:2] == ["a-20.y4m", "a-8.y4m"]
    assert encodes[2:] == [f"{film}-{noise}.y4m" for film in "bc" for noise in (8, 20)]
    assert calls[0][:2] == (0, 6) and calls[-1] == (6, 6, 0)
    assert any(running > 0 for *_, running in calls)


def test_cluster_and_command_continue_each_others_results(cluster, films, tmp_path):
    results = tmp_path / "results.jsonl"
    local_batch(films / "list.csv", tmp_path / "local.jsonl")
    lines = (tmp_path / "local.jsonl").read_text().splitlines(keepends=True)
    # As if the command was killed while it wrote the fourth line.
    results.write_text("".join(lines[:3]) + lines[3][:100])
    outcome = vmaf_py.ray.batch(films / "list.csv", results)
    assert (outcome.known, outcome.total) == (3, 6)
    assert results.read_text().startswith("".join(lines[:3]))
    assert_same_results(results, tmp_path / "local.jsonl")
    # The command finds nothing left to do.
    before = results.read_bytes()
    local_batch(films / "list.csv", results)
    assert results.read_bytes() == before
    assert vmaf_py.ray.batch(films / "list.csv", results).known == 6
    assert results.read_bytes() == before


def test_renamed_files_and_new_gates_reuse_results(cluster, films, tmp_path):
    folder = tmp_path / "films"
    shutil.copytree(films, folder)
    results = tmp_path / "results.jsonl"
    vmaf_py.ray.batch(folder / "list.csv", results)
    before = read_lines(results)
    (folder / "a.y4m").rename(folder / "z.y4m")
    (folder / "a-8.y4m").rename(folder / "z-8.y4m")
    (folder / "list.csv").write_text(
        "reference,distorted,name,metric,gate\nz.y4m,z-8.y4m,,,\nc.y4m,c-8.y4m,top,,p5<=10\n"
    )
    shutil.copy(results, tmp_path / "local.jsonl")
    assert vmaf_py.ray.batch(folder / "list.csv", results).failed == 1
    added = read_lines(results)[len(before) :]
    # The member `run`, which has the time of the measurement, is unchanged.
    runs = {line["key"]: line["run"] for line in before}
    assert [runs[line["key"]] == line["run"] for line in added] == [True, True]
    local_batch(folder / "list.csv", tmp_path / "local.jsonl")
    local = read_lines(tmp_path / "local.jsonl")[len(before) :]
    assert sorted(map(content, added)) == sorted(map(content, local))


def test_duplicate_entries_and_more_encodes_than_a_task_holds(cluster, films, tmp_path):
    """Entries that differ only in their models, one of them twice, and nine of one reference."""
    for index in range(9):
        shutil.copy(films / ("b-8.y4m" if index < 8 else "b-20.y4m"), films / f"more-{index}.y4m")
    (films / "many.csv").write_text(
        "reference,distorted,model,gate\n"
        "b.y4m,more-?.y4m,,\n"
        "a.y4m,a-8.y4m,vmaf_v0.6.1neg,mean>=99.9\na.y4m,a-8.y4m,,\na.y4m,a-8.y4m,,\n"
    )
    local_batch(films / "many.csv", tmp_path / "local.jsonl")
    outcome = vmaf_py.ray.batch(films / "many.csv", tmp_path / "results.jsonl")
    assert (outcome.passed, outcome.failed) == (11, 1)
    assert_same_results(tmp_path / "results.jsonl", tmp_path / "local.jsonl")
    models = [line["models"][0]["name"] for line in outcome.lines()]
    assert models[9:] == ["vmaf_v0.6.1neg", "vmaf_v0.6.1", "vmaf_v0.6.1"]
    assert vmaf_py.ray.batch(films / "many.csv", tmp_path / "results.jsonl").known == 12


def test_raw_video_and_other_files(cluster, films, tmp_path):
    """Raw video is recognized by its extension, also in a list with other files."""
    for name in ("a", "a-8"):
        data = (films / f"{name}.y4m").read_bytes().partition(b"\n")[2].split(b"FRAME\n")
        (films / f"{name}.yuv").write_bytes(b"".join(data))
    (films / "raw.csv").write_text("reference,distorted\na.yuv,a-8.yuv\nb.y4m,b-8.y4m\n")
    local_batch(films / "raw.csv", tmp_path / "local.jsonl", "--size=160x128")
    outcome = vmaf_py.ray.batch(films / "raw.csv", tmp_path / "results.jsonl", size="160x128")
    assert outcome.passed == 2
    assert_same_results(tmp_path / "results.jsonl", tmp_path / "local.jsonl")


# Encodes that can't be measured.


def test_bad_encode_does_not_affect_others(cluster, films, tmp_path, monkeypatch):
    (films / "cut.y4m").write_bytes((films / "a-8.y4m").read_bytes()[:200_000])
    (films / "text.y4m").write_text("no video")
    (films / "bad.csv").write_text(
        "reference,distorted\na.y4m,a-8.y4m;cut.y4m;text.y4m;gone.y4m\ngone.y4m,b-8.y4m\n"
    )
    # Errors name files relative to the path of the list, which is relative here.
    monkeypatch.chdir(films.parent)
    manifest = pathlib.Path(films.name) / "bad.csv"
    local_batch(manifest, tmp_path / "local.jsonl")
    outcome = vmaf_py.ray.batch(manifest, tmp_path / "results.jsonl")
    assert (outcome.passed, outcome.unmeasured, outcome.status) == (1, 4, 2)
    assert_same_results(tmp_path / "results.jsonl", tmp_path / "local.jsonl")
    error = list(outcome.lines())[3]["error"]
    assert error == f"{films.name}/gone.y4m: No such file or directory"
    # Failed encodes are tried again, and an equal error adds no line.
    before = (tmp_path / "results.jsonl").read_bytes()
    vmaf_py.ray.batch(manifest, tmp_path / "results.jsonl")
    assert (tmp_path / "results.jsonl").read_bytes() == before


def test_crashing_task_fails_after_its_retries(cluster, films, tmp_path):
    folder = films

    def fetch(name):
        if name == "a-20.y4m":
            os.kill(os.getpid(), signal.SIGKILL)
        return folder / name

    results = tmp_path / "results.jsonl"
    outcome = vmaf_py.ray.batch(films / "list.csv", results, fetch=fetch, retries=1)
    assert (outcome.passed, outcome.failed, outcome.unmeasured) == (4, 1, 1)
    (line,) = [line for line in outcome.lines() if "error" in line]
    assert line["distorted"] == "a-20.y4m"
    assert line["error"] == "failed after 2 tries: its process crashed"
    # A batch in which it doesn't crash measures it.
    assert vmaf_py.ray.batch(films / "list.csv", results).unmeasured == 0


def test_fetched_videos(cluster, films, tmp_path):
    (tmp_path / "list.csv").write_text(
        "reference,distorted\n"
        "store://bucket/b.y4m,store://bucket/b-8.y4m;store://bucket/gone.y4m;../b-20.y4m\n"
    )
    folder = films

    def fetch(name):
        shutil.copy(folder / name.rpartition("/")[2], "copy-" + name.rpartition("/")[2])
        return "copy-" + name.rpartition("/")[2]

    outcome = vmaf_py.ray.batch(tmp_path / "list.csv", tmp_path / "results.jsonl", fetch=fetch)
    good, gone, above = outcome.lines()
    assert good["reference_video"]["path"] == "store://bucket/b.y4m"
    (films / "one.csv").write_text("reference,distorted\nb.y4m,b-8.y4m\n")
    local_batch(films / "one.csv", tmp_path / "local.jsonl")
    (local,) = read_lines(tmp_path / "local.jsonl")
    assert (good["key"], good["scores"]) == (local["key"], local["scores"])
    assert gone["error"].startswith("store://bucket/gone.y4m can't be fetched: FileNotFoundError")
    assert "must be relative" in above["error"]


# Loss of machines.


def test_results_after_ten_killed_machines(cluster, long_films, tmp_path, monkeypatch):
    """Results are complete and without duplicates after machines were killed during measurements."""
    seed = random.randrange(2**32)
    print("seed", seed)
    generator = random.Random(seed)
    retries = []
    retry = _cluster.Pool._retry

    def record_retry(pool, job, cause, reason):
        retries.append((cause, job.item.reference))
        return retry(pool, job, cause, reason)

    monkeypatch.setattr(_cluster.Pool, "_retry", record_retry)
    kills = []

    def kill_a_machine():
        """Kills all processes of a busy machine, and adds another machine."""
        busy = [(node, running_tasks(node)) for node in sorted(cluster.worker_nodes, key=raylet_of)]
        busy = [(node, tasks) for node, tasks in busy if tasks]
        if busy:
            node, tasks = generator.choice(busy)
            cluster.remove_node(node, allow_graceful=False)
            kills.append(tasks)
            cluster.add_node(num_cpus=1)

    for turn in itertools.count():
        results = tmp_path / f"{turn}.jsonl"
        batch = in_thread(vmaf_py.ray.batch, long_films / "list.jsonl", results, **SLOW)
        while not batch.done():
            time.sleep(generator.random())
            if len(retries) < 10:
                kill_a_machine()
        outcome = batch.result()
        assert (outcome.passed, outcome.known) == (16, 0)
        assert_same_results(results, long_films / "local.jsonl")
        if len(retries) >= 10:
            break
    # A task may end between the check of its machine and the kill, so kills may outnumber retries.
    assert len(kills) >= 10 and {cause for cause, _ in retries} <= {"losses", "crashes"}
    print(f"{len(kills)} machines killed, retries: {retries}")
    cluster.wait_for_nodes()


def test_tasks_continue_from_checkpoints(cluster, tmp_path):
    write_clip(tmp_path / "a.y4m", 700, size=(256, 176))
    write_clip(tmp_path / "b.y4m", 700, noise=4, size=(256, 176))
    (tmp_path / "list.csv").write_text("reference,distorted\na.y4m,b.y4m\n")
    local_batch(tmp_path / "list.csv", tmp_path / "local.jsonl", *SLOW_FLAGS)
    checkpoints = tmp_path / "checkpoints"
    options = {"checkpoints": checkpoints, "checkpoint": 0.05, **SLOW}
    results = tmp_path / "results.jsonl"
    batch = in_thread(vmaf_py.ray.batch, tmp_path / "list.csv", results, **options)
    (part,) = wait_for(lambda: list(checkpoints.glob("*/*.parts/*.vmafpart")))
    wait_for(lambda: part.stat().st_size > 30_000)
    (node,) = [node for node in cluster.worker_nodes if running_tasks(node)]
    cluster.remove_node(node, allow_graceful=False)
    assert part.stat().st_size > 30_000
    cluster.add_node(num_cpus=1)
    assert batch.result(600).passed == 1
    assert_same_results(results, tmp_path / "local.jsonl")
    assert list(checkpoints.iterdir()) == []


# Interruption of the driver.


@pytest.fixture
def driver():
    """Starts commands of `python -m vmaf_py.ray`; a failing test leaves none of them running."""
    drivers = []

    def start(*arguments):
        command = [sys.executable, "-m", "vmaf_py.ray", *map(str, arguments)]
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        drivers.append(subprocess.Popen(command, **output))
        return drivers[-1]

    yield start
    for process in drivers:
        process.kill()
        process.wait()
        process.stdout.close()


def lines_of(results):
    return results.read_bytes().count(b"\n") if results.exists() else 0


def test_killed_driver_continues(driver, long_films, tmp_path):
    """On a temporary cluster of this machine, the default without an address."""
    results = tmp_path / "results.jsonl"
    command = ["batch", long_films / "list.jsonl", "-o", results, "--num-cpus=1", *SLOW_FLAGS]
    counts = [0]
    for _ in range(2):
        killed = driver(*command)
        wait_for(lambda: lines_of(results) > counts[-1], killed)
        wait_for(running_tasks, killed)
        killed.kill()
        killed.communicate()
        counts.append(lines_of(results))
        wait_for(lambda: not running_tasks())
    before = results.read_bytes()
    before = before[: before.rfind(b"\n") + 1]
    assert 0 < counts[1] < counts[2] < 16
    last = driver(*command)
    text, _ = last.communicate(timeout=600)
    assert last.returncode == 0, text
    assert f"16 passed, 0 failed, 0 not measured; {counts[2]} of them were measured before" in text
    assert results.read_bytes().startswith(before)
    assert_same_results(results, long_films / "local.jsonl")


def test_interrupt_cancels_tasks_and_exits_with_130(cluster, driver, long_films, tmp_path):
    results = tmp_path / "results.jsonl"
    command = ["batch", long_films / "list.jsonl", "-o", results, *SLOW_FLAGS]
    stopped = driver(*command, "--address", cluster.address)
    wait_for(lambda: lines_of(results) and running_tasks(), stopped)
    # Several times, as users do.
    for _ in range(3):
        stopped.send_signal(signal.SIGINT)
        time.sleep(0.1)
    text, _ = stopped.communicate(timeout=600)
    assert stopped.returncode == 130, text
    assert "run the same command to continue" in text
    wait_for(lambda: not running_tasks())
    assert 0 < len(read_lines(results)) < 16
    assert set(contents(results)) < set(contents(long_films / "local.jsonl"))


# Shards.


@pytest.fixture(scope="module")
def whole(long_films):
    """Returns the videos and the document of a run without shards."""
    output = long_films / "whole.json"
    videos = [str(long_films / name) for name in ("a.y4m", "a-8.y4m", "a-20.y4m")]
    assert _native.main(["vmaf", "score", *videos, "-o", str(output), "--metric=psnr", "-q"]) == 0
    return videos, json.loads(output.read_text())


def merged(paths, output):
    assert _native.main(["vmaf", "merge", *paths, "-o", str(output), "--quiet"]) == 0
    return json.loads(output.read_text())


def test_shards_equal_the_whole_run(cluster, whole, tmp_path):
    videos, document = whole
    retries = _cluster.Retries(3, 3)
    calls = []

    def measure():
        return _shards.measure(
            videos,
            measurement_options({"metrics": "psnr"}),
            5,
            str(tmp_path / "parts"),
            retries=retries,
            progress=lambda *call: calls.append(call[:2]),
        )

    paths = measure()
    result = merged(paths, tmp_path / "out.json")
    assert content(result) == content(document)
    assert calls == [(done, 5) for done in range(6)]
    # Only the missing part is measured again.
    os.unlink(paths[2])
    times = {path: os.stat(path).st_mtime_ns for path in paths if os.path.exists(path)}
    calls.clear()
    assert measure() == paths
    assert calls == [(4, 5), (5, 5)]
    assert times == {path: os.stat(path).st_mtime_ns for path in times}
    assert content(merged(paths, tmp_path / "out.json")) == content(document)
    # A run with other videos and options doesn't use these parts.
    other = _shards.measure(
        videos[:2], measurement_options({}), 2, str(tmp_path / "parts"), retries=retries
    )
    assert len(set(other) | set(paths)) == 7 == len(list((tmp_path / "parts").iterdir()))


def local_scores(reference, encode):
    return vmaf_py.score(reference, encode).frames["vmaf_v0.6.1"].tolist()


def test_score_equals_a_local_run(cluster, whole, tmp_path):
    reference, *encodes = whole[0]
    options = {"metrics": "psnr", "frames": range(10, 140)}
    results = vmaf_py.ray.score(reference, encodes, shards=3, **options)
    assert isinstance(results, vmaf_py.Results)
    local = vmaf_py.score(reference, encodes, **options)
    assert [content(one.document) for one in results] == [content(one.document) for one in local]
    (tmp_path / "short.y4m").write_bytes(pathlib.Path(encodes[0]).read_bytes()[:-1])
    with pytest.raises(vmaf_py.PartialError, match="short.y4m") as caught:
        vmaf_py.ray.score(reference, [encodes[0], tmp_path / "short.y4m"], shards=2)
    good, bad = caught.value.results
    assert bad is None
    assert good.frames["vmaf_v0.6.1"].tolist() == local_scores(reference, encodes[0])


def test_metrics_of_light_equal_local_runs(cluster, films, tmp_path):
    options = {"model": None, "metrics": ["butteraugli", "cvvdp", "ssimulacra2"]}
    reference, encodes = films / "a.y4m", [films / "a-8.y4m", films / "a-20.y4m"]
    excerpt = {"frames": range(9, 21), **options}
    results = vmaf_py.ray.score(reference, encodes, shards=2, **excerpt)
    local = vmaf_py.score(reference, encodes, **excerpt)
    assert [content(one.document) for one in results] == [content(one.document) for one in local]
    manifest = films / "light.csv"
    manifest.write_text("reference,distorted\na.y4m,a-8.y4m;a-20.y4m\n")
    flags = [f"--metric={metric}" for metric in options["metrics"]]
    flags += ["--no-model", "--frames=9..21"]
    assert local_batch(manifest, tmp_path / "local.jsonl", *flags) == 0
    vmaf_py.ray.batch(manifest, tmp_path / "results.jsonl", **excerpt)
    assert_same_results(tmp_path / "results.jsonl", tmp_path / "local.jsonl")
    for line, one in zip(read_lines(tmp_path / "local.jsonl"), local, strict=True):
        assert line["aggregates"]["cvvdp"] == one.document["distorted"][0]["aggregates"]["cvvdp"]


def test_score_command(cluster, driver, whole, tmp_path):
    videos, document = whole
    output = tmp_path / "out.json"
    command = ["score", *videos, "--shards=3", "--parts", tmp_path / "parts", "-o", output]
    flags = ["--metric=psnr", "--gate=mean>=99.99", "--address", cluster.address]
    process = driver(*command, *flags)
    text, _ = process.communicate(timeout=600)
    assert process.returncode == 1, text
    result = json.loads(output.read_text())
    for encode in result["distorted"]:
        del encode["gates"]
    assert content(result) == content(document)


def test_errors_of_shards(cluster, films, tmp_path):
    with pytest.raises(vmaf_py.VideoError, match=r"shard \d/2: .*gone.y4m.*No such file"):
        vmaf_py.ray.score(films / "a.y4m", films / "gone.y4m", shards=2, parts=tmp_path)
    with pytest.raises(VmafError, match="vmaf_v9"):
        vmaf_py.ray.score(films / "a.y4m", films / "a-8.y4m", shards=2, model="vmaf_v9")
    assert list(tmp_path.iterdir()) == []


# Examples in docs/clusters.md.


def test_examples_of_the_documentation():
    for script in blocks("bash"):
        checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
        assert (checked.returncode, checked.stderr) == (0, "")
    kinds = {document["kind"]: document for document in map(yaml.safe_load, blocks("yaml"))}
    assert set(kinds) == {"RayJob", "Job"}
    entrypoint = shlex.split(kinds["RayJob"]["spec"]["entrypoint"])
    args = command_line._parser().parse_args(entrypoint[3 : entrypoint.index("||")])
    assert (args.checkpoints, args.gate) == ("/videos/checkpoints", ["mean>=93"])
    for program in blocks("python"):
        compile(program, "clusters.md", "exec")
    (costs,) = [program for program in blocks("python") if program.startswith("titles")]
    output = subprocess.run([sys.executable, "-c", costs], capture_output=True, text=True).stdout
    assert textwrap.indent(output, "    ") in PAGE.read_text()


def test_scheduler_scripts_equal_the_whole_run(whole, tmp_path):
    videos, document = whole
    local_scores = document["distorted"][0]["scores"]
    for number, (script, variables) in enumerate(scheduler_scripts()):
        parts = tmp_path / str(number) / "parts"
        parts.parent.mkdir()
        shutil.copy(videos[0], parts.parent / "film.mp4")
        shutil.copy(videos[1], parts.parent / "encode.mp4")
        script = script.replace("/videos/", f"{parts.parent}/")
        arguments = [parts.parent / "film.mp4", parts.parent / "encode.mp4", parts, 16]
        for task in range(16):
            path = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"
            settings = {"PATH": path, "SLURM_CPUS_PER_TASK": 2, **variables(task)}
            environment = {name: str(value) for name, value in settings.items()}
            command = ["bash", "-euc", script, "shard", *map(str, arguments)]
            subprocess.run(command, check=True, env={**os.environ, **environment})
        paths = [str(path) for path in parts.glob("*-of-16.vmafpart")]
        assert len(paths) == 16
        (encode,) = merged(paths, tmp_path / "out.json")["distorted"]
        assert encode["scores"] == local_scores


# Errors.


def assert_error(films, tmp_path, match, manifest="list.csv", output="results.jsonl", **options):
    with pytest.raises(VmafError, match=match):
        vmaf_py.ray.batch(films / manifest, tmp_path / output, **options)


def test_errors_for_invalid_options(cluster, films, tmp_path):
    assert_error(films, tmp_path, "no option 'shortst': did you mean 'shortest'", shortst=True)
    assert_error(films, tmp_path, "vmaf_v9", model="vmaf_v9")
    assert_error(films, tmp_path, "maen", gates="maen>=90")
    assert_error(films, tmp_path, "at least one processor", num_cpus=0)
    (films / "wrong.csv").write_text(
        "reference,distorted,gate\na.y4m,a-8.y4m,mean>=90\na.y4m,a-20.y4m,mean~90\n"
    )
    assert_error(films, tmp_path, r"wrong.csv: line 3: .*mean~90", manifest="wrong.csv")
    with pytest.warns(UserWarning, match="num_cpus=64 is more than any machine has"):
        _cluster.Cluster(64, is_temporary=False, interrupts=_cluster.Interrupts())
    with pytest.raises(VmafError, match="num_cpus=64 is more than any machine has"):
        _cluster.Cluster(64, is_temporary=True, interrupts=_cluster.Interrupts())


def test_errors_for_invalid_results_files(cluster, films, tmp_path):
    (tmp_path / "other.jsonl").write_text('{"some": "thing"}\n')
    assert_error(films, tmp_path, "other.jsonl: line 1 is not a batch result", output="other.jsonl")
    assert (tmp_path / "other.jsonl").read_text() == '{"some": "thing"}\n'
    assert_error(films, tmp_path, "is not a regular file", output=".")
    assert_error(films, tmp_path, "can't write .*No such file", output="no/folder.jsonl")
    with open(tmp_path / "results.jsonl", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert_error(films, tmp_path, "another batch is writing to .*results.jsonl")


def test_errors_without_cluster_or_ray(films, tmp_path):
    """In separate processes, which aren't connected to a cluster."""

    def output_of(program):
        arguments = [sys.executable, "-c", program, films / "list.csv", tmp_path / "r.jsonl"]
        return subprocess.run(arguments, capture_output=True, text=True, timeout=600).stdout

    call = "try: vmaf_py.ray.batch(*sys.argv[1:]{})\nexcept vmaf_py.VmafError as e: print(e)"
    no_ray = "import sys; sys.modules['ray'] = None\nimport vmaf_py.ray\n" + call.format("")
    message = "scoring on a cluster needs Ray, which isn't installed: pip install 'vmaf-py[ray]'"
    assert message in output_of(no_ray)
    no_cluster = "import sys, vmaf_py.ray\n" + call.format(", address='127.0.0.1:1'")
    assert "no cluster at '127.0.0.1:1'" in output_of(no_cluster)
    import_only = "import sys, vmaf_py.ray; print('ray' in sys.modules)"
    assert output_of(import_only) == "False\n"
