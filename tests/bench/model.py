"""The language model as people and servers feel it: what waits costs little, what comes is shown at once."""

import http.server
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PIECES = 20
TOKEN = "12345678:sandbox_TOKEN-sandbox_TOKEN-sandbox00"
KEY = "sk-sandbox-KEY-7q2mR9vT4xW8zB1n"


def line(name, value, unit, reference, ratio, samples):
    print(f"{name}\t{value:.3f}\t{unit}\t{reference}\t{ratio:.3f}\t-\t{samples}", flush=True)


class World:
    def __init__(self, room, https):
        self.room = room
        self.sandbox = subprocess.Popen(
            [os.path.join(TOP, "build/release/sandbox"), "--port", "0", "--tls-port", "0", "--control-port", "0",
             "--tls-dir", room, "--max-held", "12000"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        said = self.sandbox.stdout.readline()
        http, secure, self.control, ca = [re.search(rf" {k}=(\S+)", " " + said)[1]
                                          for k in ("http", "https", "control", "ca")]
        base = secure if https else http
        with open(os.path.join(room, "config.toml"), "w") as file:
            os.chmod(os.path.join(room, "config.toml"), 0o600)
            file.write(f'[bot]\nowners = ["telegram:42"]\naccess = "open"\n[security]\nca_file = "{ca}"\n'
                       f'[resy]\nbase_url = "{http}"\nweb_base = "{http}"\n'
                       f'[llm]\nbase_url = "{base}/v1"\napi_key = "{KEY}"\nmodel = "sandbox-model"\n'
                       f'[limits]\nruns = 12000\nmessages_per_minute = 100000\n'
                       f'[telegram]\ntoken = "{TOKEN}"\napi_base = "{http}"\n[log]\nlevel = "err"\n')
        self.run = subprocess.Popen([os.path.join(TOP, "build/maitred"), "run"], cwd=room, stderr=subprocess.PIPE,
                                    text=True)
        while not self.run.stderr.readline().startswith("ready"):
            pass
        self.db = sqlite3.connect(f"file:{room}/maitred.db?mode=ro", uri=True)
        self.order("bot drafts off")  # what is measured is the waiting, and not what is shown of it

    def order(self, text):
        with urllib.request.urlopen(urllib.request.Request(self.control + "/", data=text.encode()),
                                    timeout=120) as answer:
            return json.load(answer)

    def answered(self):
        return self.db.execute("select count(*) from inbox where state = 'done'").fetchone()[0]

    def until(self, condition, seconds, what):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                sys.exit(f"waited {seconds} s for {what}")
            time.sleep(0.05)

    def peak(self):
        status = open(f"/proc/{self.run.pid}/status").read()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024

    def ticks(self):
        parts = open(f"/proc/{self.run.pid}/stat").read().split()
        return sum(int(part) for part in parts[13:15]) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.db.close()
        self.run.terminate()
        self.run.wait()
        self.run.stderr.close()
        self.sandbox.terminate()
        self.sandbox.wait()
        self.sandbox.stdout.close()


def crowd(count, https, name, limit):
    """So many conversations wait at once on a model that answers after ten seconds."""
    with tempfile.TemporaryDirectory() as room:
        world = World(room, https)
        world.order("model say Hello.")
        world.order("model always")
        world.order("model delay 10000")
        world.order("reset-counts")
        world.order(f"bot crowd 100000 {count} hello there")
        world.until(lambda: world.answered() >= count, 240, "all answers")
        asked, held = world.order("model asked"), world.order("counts")["held_max"]
        peak = world.peak()
        line(f"model_{name}_rss", peak, "MB", f"{limit} MB", peak / limit, count)
        line(f"model_{name}_at_once", held, "requests", str(count), held / count, 1)
        line(f"model_{name}_asked_more_than_once", asked["asked"] - count, "requests", "0",
             (asked["asked"] - count) / count, count)
        world.close()


def cost(count, script, text):
    """CPU of a message, all of the program's, ms."""
    with tempfile.TemporaryDirectory() as room:
        world = World(room, True)

        def turn(i):
            for order in script:
                world.order(order)
            world.order(f"bot say {200000 + i} {text}")
            world.until(lambda: world.answered() > i, 20, "an answer")
        turn(0)
        begun = world.ticks()
        for i in range(1, count + 1):
            turn(i)
        each = (world.ticks() - begun) * 1000 / count
        world.close()
        return each


def turns(count):
    """Our own share of a turn with two calls: what it costs more than a command in the same chat."""
    whole = cost(count, ['model call list_my_watches {}', 'model also find_venue {"query":"Lark"}',
                         "model say Nothing yet."], "what do I watch, and where is lark?")
    command = cost(count, [], "/watches")
    line("model_turn_whole_cpu", whole, "ms", "-", 0, count)
    line("model_turn_with_two_calls_cpu", whole - command, "ms", "3 ms", (whole - command) / 3, count)


class Pieces(http.server.BaseHTTPRequestHandler):
    """A model that says numbers, and remembers when."""
    disable_nagle_algorithm = True
    said = {}

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for _ in range(PIECES):
            number = f"n{len(self.said)}."
            piece = json.dumps({"choices": [{"index": 0, "delta": {"content": " " + number}}]})
            self.said[number] = time.monotonic()
            self.wfile.write(f"data: {piece}\n\n".encode())
            self.wfile.flush()
            time.sleep(0.004)
        self.wfile.write(b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')

    def log_message(self, *_):
        pass


def pieces(messages):
    """A piece leaves the server -> the terminal's program has printed it: all between is in it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pieces)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as room:
        with open(os.path.join(room, "config.toml"), "w") as file:
            os.chmod(file.name, 0o600)
            file.write(f'[resy]\nbase_url = "http://127.0.0.1:9"\nweb_base = "http://127.0.0.1:9"\n'
                       f'[llm]\nbase_url = "http://127.0.0.1:{server.server_port}/v1"\napi_key = "x"\n'
                       f'model = "x"\n[log]\nlevel = "err"\n')
        chat = subprocess.Popen([os.path.join(TOP, "build/maitred"), "chat", "--json"], cwd=room,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        took = []
        for _ in range(messages):
            chat.stdin.write("say some numbers\n")
            chat.stdin.flush()
            for said in chat.stdout:
                now, event = time.monotonic(), json.loads(said)
                if event["type"] == "done":
                    break
                took += [(now - Pieces.said[n]) * 1000 for n in
                         re.findall(r"n\d+\.", event.get("content") or "") if n in Pieces.said]
        chat.stdin.close()
        chat.wait()
        chat.stdout.close()
    server.shutdown()
    server.server_close()
    took.sort()
    p99 = took[int(len(took) * 0.99)]
    line("model_piece_shown_p50", took[len(took) // 2], "ms", "-", 0, len(took))
    line("model_piece_shown_p99", p99, "ms", "5 ms", p99 / 5, len(took))


pieces(100)
turns(300)
crowd(1000, True, "1000_https", 80)
crowd(10000, False, "10000_http", 450)
