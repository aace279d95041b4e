"""The program and the sandbox as processes, for tests that look at them from outside."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, os.environ.get("MAITRED_BUILD", "build/asan"))
MAITRED = os.path.join(BUILD, "maitred")
SANDBOX = os.path.join(BUILD, "sandbox")


def wait_for(condition, seconds=20, what="a condition"):
    """Asks until it holds; there is no other way to look into another process."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value = condition()
        if value:
            return value
        select.select([], [], [], 0.01)
    raise AssertionError(f"waited {seconds} s for {what}")


class Sandbox:
    def __init__(self, *options):
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [SANDBOX, "--port", "0", "--control-port", "0", *options],
            stdout=subprocess.PIPE, stderr=self.errors, text=True)
        line = self.process.stdout.readline()
        self.http = re.search(r" http=(\S+)", line).group(1)
        self.control = re.search(r" control=(\S+)", line).group(1)
        secure = re.search(r" https=(\S+) .*ca=(\S+)", line)  # with --tls-port
        self.https, self.ca = secure.groups() if secure else (None, None)

    def say(self, line):
        request = urllib.request.Request(self.control + "/", data=line.encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except OSError as error:
            raise AssertionError(f"the sandbox does not hear {line!r}: {error}; {self.state()}")

    def state(self):
        """What is left of it, for a test that misses it."""
        self.errors.seek(0)
        return f"exit {self.process.poll()}, it said: {self.errors.read()[-4000:]}"

    def close(self):
        self.process.terminate()
        code = self.process.wait(30)
        self.process.stdout.close()
        said = self.state()
        self.errors.close()
        if code not in (0, -signal.SIGTERM):
            raise AssertionError(f"the sandbox fell: {said}")


class Room:
    """A folder with a configuration, and what runs in it."""

    def __init__(self, config=None, sandbox=None, interval="300ms", more=""):
        self.folder = tempfile.TemporaryDirectory()
        self.path = self.folder.name
        if config is None:
            config = (f'[resy]\nbase_url = "{sandbox.http}"\nweb_base = "{sandbox.http}"\n'
                      f'[watch]\ndefault = "{interval}"\nfloor = "10ms"\n{more}')
        self.write("config.toml", config)
        self.running = None

    def write(self, name, text, mode=0o600):
        data = text if isinstance(text, bytes) else text.encode()
        with open(os.path.join(self.path, name), "wb") as file:
            file.write(data)
        os.chmod(os.path.join(self.path, name), mode)

    def file(self, name):
        return os.path.join(self.path, name)

    def call(self, *args, input=None, timeout=60, env=None):
        done = subprocess.run([MAITRED, *args], cwd=self.path, input=input, timeout=timeout,
                              capture_output=True, env={**os.environ, **(env or {})})
        return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode(
            "utf-8", "replace")

    def chat(self, *lines, wait=0, yes=True, timeout=60):
        """JSON lines of a chat that reads these lines."""
        args = ["chat", "--json", "--wait", str(wait)] + (["--yes"] if yes else [])
        text = b"".join((l if isinstance(l, bytes) else l.encode()) + b"\n" for l in lines)
        code, out, err = self.call(*args, input=text, timeout=timeout)
        return code, [json.loads(l) for l in out.splitlines() if l.strip()], err

    def start(self, wait=True):
        self.errors = open(self.file("run.log"), "ab")
        self.running = subprocess.Popen([MAITRED, "run"], cwd=self.path, stderr=self.errors,
                                        stdin=subprocess.DEVNULL)
        if wait:
            wait_for(lambda: b"ready adapters=" in self.log(), what="ready")
        return self.running

    def log(self):
        with open(self.file("run.log"), "rb") as file:
            return file.read()

    def kill(self, number=signal.SIGKILL):
        self.running.send_signal(number)
        code = self.running.wait(30)
        self.errors.close()
        self.running = None
        return code

    def close(self):
        if self.running:
            self.kill()
        self.folder.cleanup()


class Client:
    """A console over the socket that confirms what it has read."""

    def __init__(self, room):
        self.path = room.file("maitred.db.sock")
        self.socket = None
        self.buffer = b""

    def connect(self):
        attempt = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            attempt.connect(self.path)
        except OSError:
            attempt.close()
            return False
        self.socket, self.buffer = attempt, b""
        self.tell({"type": "hello", "acts": True, "acks": True})
        return self.socket is not None  # it may have left before the first word

    def tell(self, what):
        if not self.socket:
            return  # it left between two lines
        try:
            self.socket.sendall(json.dumps(what).encode() + b"\n")
        except OSError:
            self.drop()

    def drop(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def hear(self, seconds):
        """The lines that come within so many seconds; connects again if it must."""
        lines, until = [], time.monotonic() + seconds
        while time.monotonic() < until:
            if not self.socket and not self.connect():
                select.select([], [], [], 0.01)
                continue
            ready, _, _ = select.select([self.socket], [], [], max(0, until - time.monotonic()))
            if not ready:
                break
            try:
                data = self.socket.recv(65536)
            except OSError:
                data = b""
            if not data:
                self.drop()
                continue
            self.buffer += data
            while b"\n" in self.buffer:
                line, self.buffer = self.buffer.split(b"\n", 1)
                lines.append(json.loads(line))
                if lines[-1].get("delivery"):
                    self.tell({"type": "ack", "delivery": lines[-1]["delivery"]})
        return lines


def main():
    """Runs the file's tests; the last line counts them for the runner."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print(f"counts {result.testsRun - failed - skipped} {failed} {skipped}")
    sys.exit(1 if failed else 0)
