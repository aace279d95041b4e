"""Telegram as people feel it: how soon an answer is out, what a burst costs, and what survives."""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MAITRED = os.path.join(TOP, "build/maitred")
TOKEN = "12345678:sandbox_TOKEN-sandbox_TOKEN-sandbox00"
ASKED, CHATS, MESSAGES, KILLS, ALERTS = 300, 100, 2000, 50, 1000


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


class World:
    def __init__(self, room):
        self.room = room
        self.sandbox = subprocess.Popen(
            [os.path.join(TOP, "build/release/sandbox"), "--port", "0", "--tls-port", "0",
             "--control-port", "0", "--tls-dir", room],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        said = self.sandbox.stdout.readline()
        at = lambda key: re.search(rf" {key}=(\S+)", said).group(1)
        self.control, https, ca = at("control"), at("https"), at("ca")
        with open(os.path.join(room, "config.toml"), "w") as file:
            file.write(f'[bot]\nowners = ["telegram:42"]\naccess = "open"\n'
                       f'[security]\nca_file = "{ca}"\n'
                       f'[resy]\nbase_url = "{https}"\nweb_base = "{https}"\n'
                       f'[watch]\ndefault = "1s"\n[limits]\nmessages_per_minute = 100000\n'
                       f'[telegram]\ntoken = "{TOKEN}"\napi_base = "{https}"\n'
                       f'[log]\nlevel = "err"\n')
        os.chmod(os.path.join(room, "config.toml"), 0o600)

    def start(self):
        self.run = subprocess.Popen([MAITRED, "run"], cwd=self.room, stderr=subprocess.PIPE, text=True)
        while not self.run.stderr.readline().startswith("ready"):
            pass

    def say(self, text):
        request = urllib.request.Request(self.control + "/", data=text.encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def until(self, condition, seconds, what):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                sys.exit(f"waited {seconds} s for {what}")
            time.sleep(0.02)

    def said(self, words):
        return self.say(f"bot said {words}")["said"]

    def ticks(self):
        parts = open(f"/proc/{self.run.pid}/stat").read().split()
        return [int(part) / os.sysconf("SC_CLK_TCK") for part in parts[13:15]]  # ours, the kernel's

    def stop(self):
        self.run.terminate()
        self.run.wait()
        self.run.stderr.close()

    def close(self):
        self.sandbox.terminate()
        self.sandbox.wait()


def memory(pid):
    text = open(f"/proc/{pid}/smaps_rollup").read()
    return [int(re.search(rf"^{key}:\s+(\d+)", text, re.M).group(1)) / 1024
            for key in ("Rss", "Private_Dirty")]


def answers(world, room):
    """One message after another, each in a chat of its own: given to the bot -> its answer is out."""
    for i in range(ASKED):
        world.say(f"bot say {1000 + i} /watches")
        time.sleep(0.06)  # slower than the pace; looking would keep the sandbox from its work
    world.until(lambda: world.said("You watch nothing") == ASKED, 20, "all answers")
    took = sorted(world.say("bot took"))
    p99, fsync = took[int(len(took) * 0.99)], fsync_p99(room)
    line("telegram_message_to_answer_p50", took[len(took) // 2], "ms", "-", 0, len(took), fsync)
    line("telegram_message_to_answer_p99", p99, "ms", "10 ms + 4 fsync", p99 / (10 + 4 * fsync),
         len(took), fsync)


def resting(world):
    worst = [0, 0]
    for _ in range(10):
        time.sleep(1)  # samples a second apart of a program that serves
        worst = [max(pair) for pair in zip(worst, memory(world.run.pid))]
    line("telegram_serving_rss", worst[0], "MB", "22 MB", worst[0] / 22, 10)
    line("telegram_serving_private_dirty", worst[1], "MB", "6 MB", worst[1] / 6, 10)


def alerts(world):
    """A table opens for which a thousand people in a thousand chats wait."""
    for i in range(ALERTS):
        world.say(f"bot say {5000 + i} /watch Sorrel & Ash in 10 days for 2 at 8pm")
    world.until(lambda: world.said("is on: Sorrel") == ALERTS, 300, "the watches")
    world.say("bot limit on")
    world.until(lambda: world.say("bot pending")["pending"] == 0, 20, "rest")
    time.sleep(5)
    cpu, begun = world.ticks(), time.monotonic()
    world.say("open sorrel-and-ash any 2 20:15")
    world.until(lambda: world.said("opened: Sorrel") + world.said("Open now: Sorrel") >= ALERTS, 300,
                "the alerts")
    took = time.monotonic() - begun
    ours, kernel = [(after - before) * 1000 / ALERTS for before, after in zip(cpu, world.ticks())]
    line("telegram_1000_alerts", took, "s", "1000 at 27 a second", took / (ALERTS / 27), ALERTS)
    line("telegram_1000_alerts_cpu_each", ours + kernel, "ms", "1 ms", ours + kernel, ALERTS)
    line("telegram_1000_alerts_kernel_of_it", kernel, "ms", "-", 0, ALERTS)
    floods = world.say("bot floods")["floods"]
    line("telegram_1000_alerts_refused", floods, "answers", "0", floods, ALERTS)


def killed(world):
    """Two thousand messages in a hundred chats, while the program is killed fifty times."""
    random.seed(7)
    moments = sorted(random.sample(range(MESSAGES), KILLS))
    said = 0
    for i in range(MESSAGES // CHATS):
        for chat in range(20000, 20000 + CHATS):
            world.say(f"bot say {chat} /nonsense{i}")
            said += 1
            if moments and said > moments[0]:
                moments.pop(0)
                world.run.kill()
                world.run.wait()
                world.run.stderr.close()
                world.start()
    world.until(lambda: world.said("I do not know /nonsense") >= MESSAGES, 300, "all answers")
    time.sleep(5)
    lost = twice = disordered = 0
    for chat in range(20000, 20000 + CHATS):
        numbers = [int(m.group(1)) for m in
                   (re.search(r"/nonsense(\d+)\.", t["text"])
                    for t in world.say(f"bot chat {chat}")["messages"] if not t["deleted"]) if m]
        lost += MESSAGES // CHATS - len(set(numbers))
        twice += len(numbers) - len(set(numbers))
        disordered += numbers != sorted(numbers)
    for name, value in (("lost", lost), ("twice", twice), ("disordered_chats", disordered)):
        line(f"telegram_2000_messages_50_kills_{name}", value, "-", "0", value, MESSAGES)


with tempfile.TemporaryDirectory() as room:
    world = World(room)
    world.start()
    answers(world, room)
    resting(world)
    killed(world)
    alerts(world)
    world.stop()
    world.close()
