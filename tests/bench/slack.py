"""Slack as its people and its server feel it: how soon an envelope is acknowledged while every worker
waits for a model, what a refresh loses, how soon a dead peer is replaced, what both platforms cost."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MAITRED = os.path.join(TOP, "build/maitred")
TOKEN = "12345678:sandbox_TOKEN-sandbox_TOKEN-sandbox00"
APP, BOT = "xapp-sandbox.sandbox.sandbox.0", "xoxb-sandbox.sandbox.sandbox.0"
KEY, MODEL = "sk-sandbox-KEY-7q2mR9vT4xW8zB1n", "sandbox-model"
RUNS, ACKED, EVENTS, REFRESHES = 50, 1000, 1000, 20


def fsync_p99(room):
    took = []
    with open(os.path.join(room, "fsync"), "wb") as file:
        for _ in range(100):
            file.write(b"x" * 4096)
            file.flush()
            begun = time.monotonic()
            os.fsync(file.fileno())
            took.append((time.monotonic() - begun) * 1000)
    return sorted(took)[98]


def line(name, value, unit, reference, ratio, samples, fsync="-"):
    fsync = fsync if fsync == "-" else f"{fsync:.2f}"
    print(f"{name}\t{value:.3f}\t{unit}\t{reference}\t{ratio:.3f}\t{fsync}\t{samples}", flush=True)


def memory(pid):
    text = open(f"/proc/{pid}/smaps_rollup").read()
    return [int(re.search(rf"^{key}:\s+(\d+)", text, re.M).group(1)) / 1024
            for key in ("Rss", "Private_Dirty")]


class World:
    def __init__(self, room, model):
        self.room = room
        self.sandbox = subprocess.Popen(
            [os.path.join(TOP, "build/release/sandbox"), "--port", "0", "--tls-port", "0",
             "--control-port", "0", "--tls-dir", room],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        said = self.sandbox.stdout.readline()
        at = lambda key: re.search(rf" {key}=(\S+)", said).group(1)
        self.control, https, ca = at("control"), at("https"), at("ca")
        llm = f'[llm]\nbase_url = "{https}/v1"\napi_key = "{KEY}"\nmodel = "{MODEL}"\n' if model else ""
        with open(os.path.join(room, "config.toml"), "w") as file:
            file.write(f'[bot]\nowners = ["telegram:42", "slack:T1/U1"]\naccess = "open"\n'
                       f'[security]\nca_file = "{ca}"\n'
                       f'[resy]\nbase_url = "{https}"\nweb_base = "{https}"\n'
                       f'[watch]\ndefault = "1s"\n'
                       f'[limits]\nmessages_per_minute = 100000\nruns = {RUNS}\n'
                       f'[telegram]\ntoken = "{TOKEN}"\napi_base = "{https}"\n'
                       f'[slack]\napp_token = "{APP}"\nbot_token = "{BOT}"\n'
                       f'api_base = "{https}/slack/api"\n{llm}[log]\nlevel = "err"\n')
        os.chmod(os.path.join(room, "config.toml"), 0o600)
        self.run = subprocess.Popen([MAITRED, "run"], cwd=room, stderr=subprocess.PIPE, text=True)
        while not self.run.stderr.readline().startswith("ready"):
            pass

    def say(self, *lines):
        request = urllib.request.Request(self.control + "/", data="\n".join(lines).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def until(self, condition, seconds, what):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                sys.exit(f"waited {seconds} s for {what}")
            time.sleep(0.01)

    def close(self):
        self.run.terminate()
        self.run.wait()
        self.run.stderr.close()
        self.sandbox.terminate()
        self.sandbox.wait()


def acknowledged(room):
    """Fifty conversations wait for a model; what comes meanwhile is acknowledged all the same."""
    world = World(room, True)
    world.say("model delay 60000", "model say Nothing.", "model always")
    for i in range(RUNS):
        world.say(f"slack say U{100 + i} tell me something nice")
    world.until(lambda: world.say("model asked")["asked"] >= RUNS, 20, "all workers at the model")
    for i in range(ACKED):
        world.say(f"slack say U{1000 + i} watches")
        time.sleep(0.004)  # looking would keep the sandbox from its work
    world.until(lambda: world.say("slack envelopes")["acked"] >= RUNS + ACKED, 30, "acknowledgements")
    said, fsync = world.say("slack envelopes"), fsync_p99(room)
    line("slack_envelope_to_ack_p50", said["ack_p50_ms"], "ms", "-", 0, ACKED, fsync)
    line("slack_envelope_to_ack_p99", said["ack_p99_ms"], "ms", "3 ms + 2 fsync",
         said["ack_p99_ms"] / (3 + 2 * fsync), ACKED, fsync)
    world.run.kill()
    world.close()


def refreshed(world):
    """A thousand events, and a socket that is to be replaced every fifty."""
    before = world.say("slack envelopes")
    for i in range(EVENTS):
        world.say(f"slack say U{5000 + i} watches")
        if i % (EVENTS // REFRESHES) == 10:
            time.sleep(3)  # six sockets are read at once, each for twelve seconds
            world.say("slack disconnect refresh_requested")
    world.until(lambda: world.say("slack envelopes")["acked"] - before["acked"] >= EVENTS, 60, "acks")
    answered = lambda: [sum("You watch nothing" in m["text"] for m in
                            world.say(f"slack chat D{5000 + i}")["messages"]) for i in range(EVENTS)]
    world.until(lambda: sum(answered()) >= EVENTS, 60, "answers")
    time.sleep(3)  # whatever else comes
    counts, after = answered(), world.say("slack envelopes")
    lost = sum(n == 0 for n in counts)
    twice = sum(n > 1 for n in counts)
    again = after["redelivered"] - before["redelivered"]
    line("slack_1000_events_20_refreshes_lost", lost, "-", "0", lost, EVENTS)
    line("slack_1000_events_20_refreshes_twice", twice, "-", "0", twice, EVENTS)
    line("slack_1000_events_20_refreshes_redelivered", again, "-", "0", again, EVENTS)
    line("slack_refreshes", world.say("slack sockets")["opened"] - 1, "sockets", "20", 0, 1)


def replaced(world, how, limit):
    opened = world.say("slack sockets")["opened"]
    time.sleep(61)  # a socket that has lived for a minute
    begun = time.monotonic()
    world.say(f"slack {how}")
    world.until(lambda: world.say("slack sockets")["opened"] > opened, 60, "another socket")
    took = time.monotonic() - begun
    line(f"slack_{how}_peer_replaced", took, "s", f"{limit} s", took / limit, 1)


def resting(world):
    worst = [0, 0]
    for _ in range(10):
        time.sleep(1)  # samples a second apart of a program that serves
        worst = [max(pair) for pair in zip(worst, memory(world.run.pid))]
    line("both_platforms_serving_rss", worst[0], "MB", "22 MB", worst[0] / 22, 10)
    line("both_platforms_serving_private_dirty", worst[1], "MB", "6 MB", worst[1] / 6, 10)


with tempfile.TemporaryDirectory() as room:
    acknowledged(room)
with tempfile.TemporaryDirectory() as room:
    world = World(room, False)
    world.say("slack say U1 watch Sorrel & Ash in 10 days for 2", "bot say 42 /watches")
    resting(world)
    refreshed(world)
    replaced(world, "reset", 2)
    replaced(world, "freeze", 25)
    world.close()
