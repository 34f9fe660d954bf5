#!/usr/bin/env python3
"""Runs the Slurm examples of docs/clusters.md on a cluster of one node, this machine.

usage: slurm-lab.py VMAF GENERATE_CLIP (`make slurm-lab`; as root, on Debian: slurmctld, slurmd, munge)

The scripts are taken from the page as they are. A film is measured in 16 shards, of which some are requeued
while they run, as when their node is preempted; the merged result has to be that of one run. Lists of a
catalogue are measured by the array job of batches, whose results have to be those of single batches.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

PAGE = pathlib.Path(__file__).parent.parent / "docs/clusters.md"

# The node states more processors and memory than this machine may have.
CONFIGURATION = """
ClusterName=lab
SlurmctldHost={host}
AuthType=auth/none
CredType=cred/none
SlurmUser=root
SlurmdUser=root
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmctldPort=26817
SlurmdPort=26818
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
MinJobAge=3600
SchedulerParameters=sched_interval=1,batch_sched_delay=0,requeue_delay=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
SlurmdParameters=config_overrides
NodeName={host} CPUs=16 RealMemory=64000 State=UNKNOWN
PartitionName=lab Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def wait_until(what, condition):
    end = time.monotonic() + 600
    while not (result := condition()):
        if time.monotonic() > end:
            sys.exit(f"not within ten minutes: {what}")
        time.sleep(0.2)
    return result


def blocks():
    """Returns the bash scripts of the page."""
    return re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def result(path):
    document = json.loads(path.read_text())
    document.pop("run", None)
    return document


class Lab:
    def __init__(self, folder, vmaf):
        self.folder = folder
        host = socket.gethostname().split(".")[0]
        for name in ("state", "spool", "bin", "work"):
            (folder / name).mkdir()
        configuration = folder / "slurm.conf"
        configuration.write_text(CONFIGURATION.format(host=host, folder=folder))
        (folder / "bin/vmaf").symlink_to(vmaf)
        self.environment = os.environ | {
            "SLURM_CONF": str(configuration),
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        }
        self.daemons = [
            self.start("slurmctld", "-D", "-f", str(configuration)),
            self.start("slurmd", "-D", "-f", str(configuration)),
        ]
        wait_until("the node is idle", self.is_idle)

    def start(self, *words):
        log = (self.folder / f"{words[0]}.out").open("w")
        return subprocess.Popen(words, env=self.environment, stdout=log, stderr=log)

    def is_idle(self):
        for daemon in self.daemons:
            if daemon.poll() is not None:
                sys.exit((self.folder / f"{daemon.args[0]}.out").read_text())
        return "idle" in self.run("sinfo", "-h", "-o", "%t")

    def run(self, *words):
        options = {"env": self.environment, "cwd": self.folder / "work", "text": True}
        ran = subprocess.run(words, capture_output=True, **options)
        return ran.stdout

    def states(self):
        """Returns the states of all jobs, an element of an array each."""
        return self.run("squeue", "-h", "-r", "-t", "all", "-o", "%F_%K %T %r").splitlines()

    def wait(self):
        """Waits for all jobs, and fails unless they completed."""
        ended = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY")

        def all_ended():
            states = self.states()
            return states if all(line.split()[1] in ended for line in states) else None

        states = wait_until("the jobs end", all_ended)
        wrong = [line for line in states if line.split()[1] != "COMPLETED"]
        if wrong:
            outputs = [path.read_text() for path in (self.folder / "work").glob("slurm-*.out")]
            sys.exit("\n".join(wrong + [text for text in outputs if text]))
        return len(states)

    def close(self):
        for daemon in reversed(self.daemons):
            daemon.terminate()
            daemon.wait()


def main():
    vmaf, generate = (pathlib.Path(path).resolve() for path in sys.argv[1:])
    scripts = blocks()
    (shard,) = (text for text in scripts if "--job-name=vmaf\n" in text)
    (submit,) = (text for text in scripts if "sbatch --parsable" in text)
    (catalogue,) = (text for text in scripts if "--job-name=vmaf-catalogue" in text)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lab = Lab(folder, vmaf)
        try:
            work = folder / "work"
            subprocess.run([generate, work, "320x180", "120"], check=True)
            (work / "reference.y4m").rename(work / "film.mp4")
            (work / "badly_damaged.y4m").rename(work / "encode.mp4")
            (work / "slightly_damaged.y4m").rename(work / "other.mp4")
            lab.run("vmaf", "score", "film.mp4", "encode.mp4", "-o", "whole.json", "--gate", "mean>=93")
            (work / "shard.sbatch").write_text(shard)
            # The gate fails, which is status 1: the job of the merge would count as failed.
            lab.run("bash", "-c", submit.replace("mean>=93", "mean>=1"))
            requeued = set()

            def requeue():
                """Requeues running shards, up to five of them, and returns true at the end."""
                for line in lab.states():
                    job, state = line.split()[:2]
                    if state == "RUNNING" and len(requeued) < 5 and job not in requeued:
                        lab.run("scontrol", "requeue", job)
                        requeued.add(job)
                return len(requeued) == 5 or (work / "film.json").exists()

            wait_until("shards run", requeue)
            jobs = lab.wait()
            whole, merged = (result(work / name) for name in ("whole.json", "film.json"))
            for document in (whole, merged):
                for encode in document["distorted"]:
                    encode.pop("gates", None)
                document.pop("gates", None)
                document.pop("request", None)
            if whole != merged:
                sys.exit("the merged shards differ from the whole run")
            print(f"shards: {jobs} jobs, {len(requeued)} of them requeued while they ran, merged to the whole")

            names = []
            for index in range(20):
                encode = ("encode.mp4", "other.mp4")[index % 2]
                (work / f"title-{index}.csv").write_text(f"reference,distorted\nfilm.mp4,{encode}\n")
                names.append(f"title-{index}.csv")
            (work / "lists.txt").write_text("\n".join(names) + "\n")
            (work / "catalogue.sbatch").write_text(catalogue.replace("1-10000%200", "1-20%200"))
            lab.run("sbatch", "catalogue.sbatch")
            before = jobs
            jobs = lab.wait() - before
            for index, name in enumerate(names):
                (line,) = (work / name).with_suffix(".jsonl").read_text().splitlines()
                if json.loads(line)["distorted"] != ("encode.mp4", "other.mp4")[index % 2]:
                    sys.exit(f"{name}: another result")
            print(f"catalogue: {jobs} batches, each with its result")
        finally:
            lab.close()


if __name__ == "__main__":
    main()
