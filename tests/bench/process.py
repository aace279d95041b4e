"""The program as a process: how soon it is ready, how much memory it holds, how large it is."""

import os
import re
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MAITRED = os.path.join(TOP, "build/maitred")
STARTS = 20


def line(name, value, unit, reference, ratio, samples):
    print(f"{name}\t{value:.3f}\t{unit}\t{reference}\t{ratio:.3f}\t-\t{samples}", flush=True)


def memory(pid):
    text = open(f"/proc/{pid}/smaps_rollup").read()
    return [int(re.search(rf"^{key}:\s+(\d+)", text, re.M).group(1)) / 1024
            for key in ("Rss", "Private_Dirty")]


with tempfile.TemporaryDirectory() as room:
    sandbox = subprocess.Popen([os.path.join(TOP, "build/release/sandbox"), "--port", "0",
                                "--tls-port", "0", "--control-port", "0", "--tls-dir", room],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    said = sandbox.stdout.readline()
    https = re.search(r"https=(\S+)", said).group(1)
    ca = re.search(r"ca=(\S+)", said).group(1)
    with open(os.path.join(room, "config.toml"), "w") as file:
        file.write(f'[security]\nca_file = "{ca}"\n[resy]\nbase_url = "{https}"\n'
                   f'web_base = "{https}"\n[watch]\ndefault = "1s"\n')
    ready = []
    for _ in range(STARTS):
        begun = time.monotonic()
        run = subprocess.Popen([MAITRED, "run"], cwd=room, stderr=subprocess.PIPE, text=True)
        for text in run.stderr:
            if text.startswith("ready"):
                ready.append((time.monotonic() - begun) * 1000)
                break
        run.terminate()
        run.wait()
        run.stderr.close()
    ready.sort()
    line("start_to_ready_p50", ready[len(ready) // 2], "ms", "100 ms", ready[len(ready) // 2] / 100, STARTS)
    line("start_to_ready_worst", ready[-1], "ms", "100 ms", ready[-1] / 100, STARTS)
    run = subprocess.Popen([MAITRED, "run"], cwd=room, stderr=subprocess.PIPE, text=True)
    while not run.stderr.readline().startswith("ready"):
        pass
    subprocess.run([MAITRED, "chat", "--yes"], cwd=room, text=True, stdout=subprocess.DEVNULL,
                   input="/watch Sorrel & Ash in 10 days for 2\n/watches\n/status\n", timeout=60)
    worst = [0, 0]
    for _ in range(10):
        time.sleep(1)  # samples a second apart of a program that serves
        worst = [max(pair) for pair in zip(worst, memory(run.pid))]
    line("serving_rss", worst[0], "MB", "22 MB", worst[0] / 22, 10)
    line("serving_private_dirty", worst[1], "MB", "6 MB", worst[1] / 6, 10)
    ticks = lambda: sum(int(x) for x in open(f"/proc/{run.pid}/stat").read().split()[13:15])
    first = ticks()
    time.sleep(10)
    line("serving_one_watch_a_second_cpu", (ticks() - first) / os.sysconf("SC_CLK_TCK") * 10, "%", "-", 0, 1)
    run.terminate()
    run.wait()
    sandbox.terminate()
    sandbox.wait()
size = os.path.getsize(MAITRED) / 1048576
line("stripped_binary", size, "MB", "2 MB", size / 2, 1)
