#!/usr/bin/env python3
"""Kills the command at random moments, and checks that nothing is lost and nothing is there twice.

usage: faults.py VMAF GENERATE_CLIP [KILLS [SEED [batch|shards|search|ray ...]]] (`make faults`)

Batches, shards and searches are killed KILLS times each (default 100) by SIGKILL, at moments drawn
from the time that they take without interruption. After each kill, what was stored is looked at; in
the end it has to be what a run without interruption stores. Prints a table for docs/reliability.md.
Searches need an FFmpeg program with libx264, which VMAF_FFMPEG names. `ray`, which must be named, kills
drivers of batches on a Ray cluster of this machine; it needs a Python with vmaf-py[ray]
(`make ray-faults`).
"""

import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

NOTHING = subprocess.DEVNULL
RAY_PORT = 6391


def lines(path):
    """Returns the complete lines of a results file, and fails if a complete one is not JSON."""
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.split("\n")[:-1]]


def scores(document):
    """Returns what a line or document states, without the statistics of its run."""
    return {name: value for name, value in document.items() if name != "run"}


class Killer:
    """Starts commands in a folder and kills them at random moments."""

    def __init__(self, vmaf, folder, seed):
        self.command, self.folder = [vmaf], folder
        self.random = random.Random(seed)
        self.seconds = 1.0
        self.kills = self.ends = 0

    def words(self, line):
        return [*self.command, *line.split()]

    def run(self, line):
        """Runs a command to its end, and returns its status."""
        started = time.monotonic()
        status = subprocess.run(self.words(line), cwd=self.folder, stdout=NOTHING, stderr=NOTHING)
        self.seconds = time.monotonic() - started
        return status.returncode

    def kill(self, line):
        """Starts a command and kills it. Returns its status, or None if it was killed."""
        child = subprocess.Popen(self.words(line), cwd=self.folder, stdout=NOTHING, stderr=NOTHING)
        # A busy machine is slower than it was: moments are drawn anew each time.
        until = time.monotonic() + self.random.random() * self.seconds
        while child.poll() is None and time.monotonic() < until:
            time.sleep(0.001)
        child.kill()
        status = child.wait()
        if status >= 0:
            self.ends += 1
            return status
        self.kills += 1
        return None


def check(holds, what):
    if not holds:
        sys.exit(f"failed: {what}")


def batch(killer, kills, options="--jobs 2 --threads 2 --checkpoint 0.01", parts="out.jsonl.parts"):
    """Kills batches of four encodes of two references, two at a time.

    `parts` is where a batch with these options keeps its measurements.
    """
    folder = killer.folder
    for index in range(2):
        shutil.copy(folder / "reference.y4m", folder / f"ref-{index}.y4m")
        # Another length, so that contents differ.
        with (folder / f"ref-{index}.y4m").open("r+b") as file:
            file.seek(100 + index)
            file.write(bytes([index]))
    rows = [f"ref-{r}.y4m,{name}_damaged.y4m" for r in range(2) for name in ("slightly", "badly")]
    (folder / "list.csv").write_text("\n".join(["reference,distorted", *rows]) + "\n")
    results, parts = folder / "out.jsonl", folder / parts
    line = f"batch list.csv -o out.jsonl {options}"

    def found():
        return {(of["reference"], of["distorted"]): scores(of) for of in lines(results)}

    def forget():
        results.unlink()
        shutil.rmtree(parts, ignore_errors=True)

    check(killer.run(line) == 0, "a batch")
    whole = found()
    check(len(whole) == len(rows), "a batch has all results")
    forget()
    in_film = in_list = 0
    while killer.kills < kills:
        before = found()
        status = killer.kill(line)
        after = found()
        check(before.items() <= after.items(), "results stay")
        check(len(lines(results)) == len(after), "no encode has two lines")
        check(after.items() <= whole.items(), "results are those of the whole batch")
        if status is None:
            in_film += any(parts.glob("*"))
            in_list += 0 < len(after) < len(whole)
            continue
        check(status == 0 and after == whole, f"a batch ends with {status}")
        check(not any(parts.glob("*")), "parts are removed")
        forget()
    check(killer.run(line) == 0 and found() == whole, "the last batch is complete")
    check(not any(parts.glob("*")), "parts are removed")
    return f"{in_film} within a film, {in_list} between results"


def shards(killer, kills):
    """Kills runs of the three parts of an encode, and merges what remains."""
    folder, count = killer.folder, 3
    score = "score reference.y4m slightly_damaged.y4m badly_damaged.y4m"
    check(killer.run(f"{score} -o whole.json") == 0, "a run")
    whole = scores(json.loads((folder / "whole.json").read_text()))
    names = [f"part-{index}" for index in range(1, count + 1)]
    # So that a part takes long enough to be killed.
    seconds, merges = killer.seconds, 0
    while killer.kills < kills:
        killer.seconds = seconds
        for index, name in enumerate(names, 1):
            while killer.kills < kills:
                status = killer.kill(f"{score} --shard {index}/{count} -o {name}")
                is_there = (folder / name).exists()
                check(status in (None, 0), f"a shard ends with {status}")
                check(is_there or status is None, f"{name} is there")
                # Killed after the part had its name, it is complete: that is seen when it is merged.
                if is_there:
                    break
        for index, name in enumerate(names, 1):
            if not (folder / name).exists():
                status = killer.run(f"{score} --shard {index}/{count} -o {name}")
                check(status == 0, "a shard after kills")
        check(killer.run(f"merge {' '.join(names)} -o merged.json") == 0, "the parts are merged")
        merged = scores(json.loads((folder / "merged.json").read_text()))
        check(merged == whole, "the merged parts are the whole")
        merges += 1
        for name in names:
            (folder / name).unlink()
    return f"{merges} merged runs equal the whole one"


def search(killer, kills):
    """Kills searches, and looks for the programs that they started."""
    folder = killer.folder
    line = "search reference.y4m -e x264 --preset ultrafast --target 85 --threads 1 --cache cache"
    line += " -o enc.mkv --json found.json"

    def found():
        document = json.loads((folder / "found.json").read_text())
        return {name: document[name] for name in ("quality", "targets", "outcome", "encodes")}

    def forget():
        shutil.rmtree(folder / "cache")
        for name in ("enc.mkv", "found.json"):
            (folder / name).unlink()

    def programs():
        """Returns the programs that still work in the folder."""
        found = []
        for process in pathlib.Path("/proc").iterdir():
            try:
                if process.name.isdigit() and os.readlink(process / "cwd") == str(folder):
                    found.append(process.name)
            except OSError:
                continue
        return found

    check(killer.run(line) == 0, "a search")
    whole, bytes_ = found(), (folder / "enc.mkv").stat().st_size
    forget()
    seconds, encoding = killer.seconds, 0
    while killer.kills < kills:
        killer.seconds = seconds
        status = killer.kill(line)
        if status is None:
            encoding += bool(programs())
            until = time.monotonic() + 60
            while programs():
                check(time.monotonic() < until, "programs end with the search")
                time.sleep(0.005)
            continue
        check(status == 0 and found() == whole, "a search finds the same")
        check((folder / "enc.mkv").stat().st_size == bytes_, "its encode is the same")
        forget()
    check(killer.run(line) == 0 and found() == whole, "the last search finds the same")
    rest = [path.name for path in folder.iterdir() if path.name.startswith(".enc")]
    check(not rest, f"encodes are removed: {rest}")
    check(not list(folder.glob("cache/*/*/run-*")), "temporary folders are removed")
    return f"{encoding} while a program ran, which ended as well"


@contextlib.contextmanager
def ray_head(folder):
    """Runs a Ray cluster of one node with two processors."""
    words = ("start", "--block", "--head", f"--port={RAY_PORT}", "--num-cpus=2")
    words += ("--node-ip-address=127.0.0.1", "--include-dashboard=false")
    words += ("--object-store-memory=80000000", f"--temp-dir={folder / 'ray'}")
    ray = pathlib.Path(sys.executable).with_name("ray")
    with (folder / "ray.log").open("w") as log:
        head = subprocess.Popen([ray, *words], start_new_session=True, stdout=log, stderr=log)
    try:
        while True:
            check(head.poll() is None, (folder / "ray.log").read_text())
            try:
                socket.create_connection(("127.0.0.1", RAY_PORT), 5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        os.killpg(head.pid, signal.SIGKILL)
        head.wait()


def ray_driver(killer, kills):
    """Kills drivers of batches on a Ray cluster, which stays."""
    os.environ["RAY_AUTH_MODE"] = "disabled"
    killer.command = [sys.executable, "-m", "vmaf_py.ray"]
    # Ray's sockets must have short paths.
    with tempfile.TemporaryDirectory(dir="/tmp", ignore_cleanup_errors=True) as folder:
        with ray_head(pathlib.Path(folder)):
            options = f"--address 127.0.0.1:{RAY_PORT} --num-cpus 1 --checkpoint 0.01"
            options += f" --checkpoints {killer.folder / 'parts'}"
            return batch(killer, kills, options, "parts")


def main():
    vmaf, generate = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    kills = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    print("| Command | Kills | Complete runs between | |\n|---|--:|--:|---|")
    works = {"batch": batch, "shards": shards, "search": search, "ray": ray_driver}
    for name in sys.argv[5:] or ("batch", "shards", "search"):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder).resolve()
            frames = {"shards": "100", "ray": "400"}.get(name, "40")
            subprocess.run([generate, folder, "160x96", frames], check=True)
            killer = Killer(vmaf, folder, seed)
            remark = works[name](killer, kills)
            # Killed while they are written, they keep a name of their own.
            left = len(list(folder.glob(".vmaf-*")))
            remark += f"; {left} half-written files left" if left else ""
            print(f"| {name} | {killer.kills} | {killer.ends} | {remark} |", flush=True)


if __name__ == "__main__":
    main()
