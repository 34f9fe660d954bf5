#!/usr/bin/env python3
"""Loads a Ray cluster of two hosts whose nodes are lost at random.

usage: ray-load.py [ENCODES [SEED]] (in an environment with vmaf-py[ray]; as root, on Linux)

The hosts are network namespaces that a pair of virtual interfaces connects, so that all traffic between
them crosses a network. One has the head and the driver, the other three nodes of one processor each. The
driver measures ENCODES (default 500) tiny encodes of twenty sources. Meanwhile the nodes are killed at
random moments, one at a time, and replaced; some are cut off from the network instead, for longer than the
head waits. The results have to be those of one process, each once.
"""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "vmaf-py/tests"))

from ray_lab import assert_same_results, local_batch, read_lines, wait_for, write_clip  # noqa: E402

SOURCES = 20
FRAMES = 6
NODES = 3
NAMES = ("vmaf-head", "vmaf-work")
ADDRESSES = ("10.77.0.1", "10.77.0.2")
PORT = 6390
FAST_CHECKS = {"health_check_period_ms": 500, "health_check_failure_threshold": 4}
RAY = pathlib.Path(sys.executable).with_name("ray")


def run(*words, **options):
    return subprocess.run(words, check=True, capture_output=True, text=True, **options)


def kill(node):
    """Kills a node of Ray with all its processes, which are a session of their own."""
    try:
        os.killpg(node.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    node.wait()


class Hosts:
    """Two network namespaces with a link between them."""

    def __enter__(self):
        self.close()
        for name in NAMES:
            run("ip", "netns", "add", name)
        links = [f"{name}0" for name in ("vmafh", "vmafw")]
        run("ip", "link", "add", links[0], "type", "veth", "peer", "name", links[1])
        for name, link, address in zip(NAMES, links, ADDRESSES):
            run("ip", "link", "set", link, "netns", name)
            run("ip", "-n", name, "address", "add", f"{address}/24", "dev", link)
            for device in (link, "lo"):
                run("ip", "-n", name, "link", "set", device, "up")
        self.link = links[1]
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for name in NAMES:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)

    def start(self, host, *words, **options):
        """Starts a program on a host, as the leader of a session of its own."""
        command = ["ip", "netns", "exec", NAMES[host], *map(str, words)]
        return subprocess.Popen(command, start_new_session=True, **options)

    def set_link(self, state):
        run("ip", "-n", NAMES[1], "link", "set", self.link, state)


class Cluster:
    """The head on the first host, and nodes on the second."""

    def __init__(self, hosts, folder):
        self.hosts, self.folder = hosts, folder
        self.count = 0
        self.environment = os.environ | {"RAY_AUTH_MODE": "disabled"}
        head = ("--head", f"--port={PORT}", "--num-cpus=0", "--include-dashboard=false")
        self.head = self.ray(0, *head, f"--system-config={json.dumps(FAST_CHECKS)}")
        self.nodes = []

    def fill(self):
        """Starts the nodes once the head is up."""
        wait_for(self.is_up)
        self.nodes = [self.add() for _ in range(NODES)]

    def is_up(self):
        """Returns true if the second host can connect to the head."""
        if self.head.poll() is not None:
            sys.exit(self.log().read_text())
        connect = f"import socket; socket.create_connection(({ADDRESSES[0]!r}, {PORT}), 5)"
        return self.hosts.start(1, sys.executable, "-c", connect, stderr=subprocess.DEVNULL).wait() == 0

    def ray(self, host, *options):
        """Starts a node of Ray that stays in the foreground."""
        self.count += 1
        words = ("start", "--block", f"--node-ip-address={ADDRESSES[host]}", *options)
        temporary = () if host else (f"--temp-dir={self.folder / 'ray'}",)
        return self.hosts.start(
            host, RAY, *words, *temporary, "--object-store-memory=80000000",
            env=self.environment, stdout=self.log().open("w"), stderr=subprocess.STDOUT,
        )  # fmt: skip

    def log(self):
        return self.folder / f"ray-{self.count}.log"

    def add(self):
        # A range of ports for each, so that several nodes are on one host.
        ports = 20000 + 200 * (self.count % 100)
        return self.ray(
            1, f"--address={ADDRESSES[0]}:{PORT}", "--num-cpus=1",
            f"--min-worker-port={ports}", f"--max-worker-port={ports + 199}",
        )  # fmt: skip

    def lose(self, index):
        """Kills a node with all its processes, and starts another."""
        kill(self.nodes[index])
        self.nodes[index] = self.add()

    def tend(self):
        """Replaces nodes that ended by themselves, since a busy machine started them too slowly."""
        for index, node in enumerate(self.nodes):
            if node.poll() is not None:
                self.lose(index)

    def close(self):
        for node in (*self.nodes, self.head):
            kill(node)


def catalogue(folder, encodes):
    """Writes sources and encodes, and their list."""
    rows = []
    for source in range(SOURCES):
        write_clip(folder / f"{source}.y4m", FRAMES, source)
        for index in range(source, encodes, SOURCES):
            name = f"{source}-{index}.y4m"
            write_clip(folder / name, FRAMES, source, 1 + index / 20)
            rows.append(f"{source}.y4m,{name}")
    (folder / "list.csv").write_text("\n".join(["reference,distorted", *rows]) + "\n")


def main():
    # So that the cluster ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    encodes = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    choose = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    metrics = ("--metric=ciede",)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, Hosts() as hosts:
        folder = pathlib.Path(folder)
        catalogue(folder, encodes)
        results, local = folder / "results.jsonl", folder / "local.jsonl"
        if local_batch(folder / "list.csv", local, *metrics) != 0:
            sys.exit("the local batch failed")
        cluster = Cluster(hosts, folder)
        killed = cut = 0
        try:
            cluster.fill()
            started = time.monotonic()
            words = ["batch", folder / "list.csv", "-o", results, "--quiet", "--num-cpus=1", *metrics]
            driver = hosts.start(
                0, sys.executable, "-m", "vmaf_py.ray", *words,
                f"--address={ADDRESSES[0]}:{PORT}", env=cluster.environment,
            )  # fmt: skip
            while driver.poll() is None:
                cluster.tend()
                done = results.read_text().count("\n") if results.exists() else 0
                if done in (0, encodes):
                    time.sleep(0.1)
                    continue
                if choose.random() < 0.1:
                    # Longer than the head waits: all nodes there are lost to it.
                    hosts.set_link("down")
                    time.sleep(4)
                    hosts.set_link("up")
                    cut += 1
                    for index in range(NODES):
                        cluster.lose(index)
                else:
                    cluster.lose(choose.randrange(NODES))
                    killed += 1
                time.sleep(choose.uniform(2, 8))
            seconds = time.monotonic() - started
        finally:
            cluster.close()
        if driver.returncode != 0:
            sys.exit(f"the driver ended with {driver.returncode}")
        assert_same_results(results, local)
        print(
            f"{len(read_lines(results))} encodes of {SOURCES} sources in {seconds:.0f} s; {killed} nodes killed, "
            f"{cut} times the network cut; each result once, as of one process"
        )


if __name__ == "__main__":
    main()
