"""Slack from outside: the program over real WebSockets, plain and with TLS, and a workspace that
misbehaves."""

import json
import shutil
import tempfile
import time
import unittest

import house
from house import Room, Sandbox, wait_for

APP, BOT = "xapp-sandbox.sandbox.sandbox.0", "xoxb-sandbox.sandbox.sandbox.0"


class Workspace(unittest.TestCase):
    tls = False

    def setUp(self):
        self.tls_dir = tempfile.mkdtemp() if self.tls else None
        options = ["--tls-port", "0", "--tls-dir", self.tls_dir] if self.tls else []
        self.sandbox = Sandbox(*options)
        base = self.sandbox.https if self.tls else self.sandbox.http
        more = (f'[bot]\nowners = ["slack:T1/U1"]\n[slack]\napp_token = "{APP}"\n'
                f'bot_token = "{BOT}"\napi_base = "{base}/slack/api"\n')
        if self.tls:
            more += f'[security]\nca_file = "{self.sandbox.ca}"\n'
        self.room = Room(sandbox=self.sandbox, more=more)

    def tearDown(self):
        self.room.close()
        self.sandbox.close()
        if self.tls_dir:
            shutil.rmtree(self.tls_dir)

    def slack(self, line):
        return self.sandbox.say("slack " + line)

    def said(self, channel, words):
        return [m for m in self.slack(f"chat {channel}")["messages"]
                if m["ours"] and words in m["text"]]

    def hears(self, channel, words, seconds=20):
        return wait_for(lambda: self.said(channel, words), seconds, f"{words!r} in {channel}")

    def log(self):
        return self.room.log().decode("utf-8", "replace")


class Plain(Workspace):
    def test_messages_and_commands_are_answered_and_it_stops_in_good_order(self):
        self.room.start()
        self.assertIn("ready adapters=slack ms=", self.log())
        self.slack("say U1 status")
        self.hears("D1", "I am alive")
        self.slack("slash U1 C1 watches")
        self.assertEqual(self.hears("C1", "You watch nothing")[0]["only"], "U1")
        began = time.monotonic()
        self.assertEqual(self.room.kill(15), 0)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(self.slack("sockets")["up"], 0)
        for secret in (APP, BOT, "ticket"):
            self.assertNotIn(secret, self.log())

    def test_no_event_is_lost_or_answered_twice_over_refreshes(self):
        self.room.start()
        for turn in range(5):  # so many are read until they are closed
            for i in range(40):
                self.slack(f"say U{turn * 40 + i + 2} hello")
                if i == 10:
                    self.slack("disconnect " + ("warning" if turn % 2 else "refresh_requested"))
            wait_for(lambda: self.slack("sockets")["opened"] >= turn + 2, 10, "another socket")
        wait_for(lambda: self.slack("envelopes")["acked"] >= 200, 30, "acknowledgements")
        said = self.slack("envelopes")
        self.assertEqual((said["failed"], said["redelivered"], said["acked_twice"]), (0, 0, 0))
        self.assertGreaterEqual(self.slack("sockets")["opened"], 6)

    def test_a_reset_peer_is_replaced_within_two_seconds(self):
        self.room.start()
        self.slack("reset")
        began = time.monotonic()
        wait_for(lambda: self.slack("sockets")["up"] == 1, 10, "another socket")
        self.assertLess(time.monotonic() - began, 2.5)
        self.slack("say U1 status")
        self.hears("D1", "I am alive")

    def test_it_stops_in_time_though_the_peer_hears_nothing(self):
        self.room.start()
        self.slack("freeze")
        began = time.monotonic()
        self.assertEqual(self.room.kill(15), 0)
        self.assertLess(time.monotonic() - began, 4)

    def test_an_upgrade_that_is_refused_is_tried_again(self):
        for turn, status in enumerate((403, 408, 200)):
            self.slack(f"refuse 1 {status}")
            self.slack("shut") if self.room.running else self.room.start(wait=False)
            wait_for(lambda: self.slack("sockets")["refused"] == turn + 1, 30, f"a refusal with {status}")
            wait_for(lambda: self.slack("sockets")["up"] == 1, 30, "a socket")
            self.slack("say U1 status")
            wait_for(lambda: len(self.said("D1", "I am alive")) == turn + 1, 20, "an answer")

    def test_a_large_message_comes_whole(self):
        self.room.start()
        self.slack("say U1 " + "find a quiet table " * 2000)
        self.hears("D1", "too long")

    def test_fragments_and_a_message_of_many_bytes_come_whole(self):
        self.room.start()
        self.slack("fragments on")
        for _ in range(20):
            self.slack("say U1 watches")
        wait_for(lambda: self.slack("envelopes")["acked"] == 20, 20, "acknowledgements")
        self.slack("say U1 " + "x" * 900000)
        self.hears("D1", "too long")
        self.slack("pings 100")
        self.slack("bytes 7b22747970650022")  # a NUL
        self.slack("bytes " + b'{"type":"hello","x":"\xff\xfe"}'.hex())  # no UTF-8
        self.slack("bytes fffe")
        self.slack("say U1 status")
        self.hears("D1", "I am alive")
        self.assertEqual(self.slack("sockets")["opened"], 1)

    def test_names_are_looked_up_and_refused_connections_tried_again(self):
        self.room.start()
        self.slack("origin " + self.sandbox.http.replace("127.0.0.1", "localhost"))
        self.slack("reset")
        wait_for(lambda: self.slack("sockets")["up"] == 1, 15, "a socket by name")
        self.slack("origin http://127.0.0.1:1")  # where nobody listens
        self.slack("reset")
        wait_for(lambda: self.log().count("a socket has ended") >= 3, 15, "a refused connection")
        self.slack("origin " + self.sandbox.http)
        wait_for(lambda: self.slack("sockets")["up"] == 1, 20, "a socket again")

    def test_a_token_that_is_refused_ends_it_if_it_is_alone(self):
        self.slack("fault auth.test invalid_auth")
        self.room.start(wait=False)
        code = self.room.running.wait(30)
        self.room.errors.close()
        self.room.running = None
        self.assertEqual(code, 78)
        self.assertIn("slack.app_token, slack.bot_token", self.log())

    def test_check_looks_at_tokens_rights_and_sockets(self):
        code, out, _ = self.room.call("check")
        for row in ("slack bot_token", "slack rights", "slack app_token", "slack socket",
                    "slack owner"):
            self.assertIn(row, out)
        self.assertIn("it says hello", out)
        self.assertTrue(self.said("D1", "This is a test by"))
        self.slack("fault apps.connections.open socket_mode_disabled")
        code, out, _ = self.room.call("check")
        self.assertNotEqual(code, 0)
        self.assertIn("switch Socket Mode on", out)

    def test_the_manifest_is_printed(self):
        code, out, _ = self.room.call("slack-manifest")
        self.assertEqual(code, 0)
        manifest = json.loads(out)
        self.assertTrue(manifest["settings"]["socket_mode_enabled"])
        self.assertEqual(manifest["features"]["slash_commands"][0]["command"], "/tables")


class Tls(Workspace):
    tls = True

    def test_all_of_it_over_tls(self):
        self.room.start()
        self.slack("say U1 status")
        self.hears("D1", "I am alive")
        self.slack("disconnect warning")
        wait_for(lambda: self.slack("sockets")["opened"] == 2, 10, "another socket")
        self.slack("say U1 watches")
        self.hears("D1", "You watch nothing")

    def test_a_certificate_of_somebody_else_is_refused(self):
        with open(self.room.file("config.toml")) as file:
            text = file.read()
        other = tempfile.mkdtemp()
        second = Sandbox("--tls-port", "0", "--tls-dir", other)
        try:
            self.room.write("config.toml", text.replace(self.sandbox.ca, second.ca))
            self.room.start()
            self.assertIn("failed=slack", self.log())
            self.assertEqual(self.slack("sockets")["opened"], 0)
        finally:
            second.close()
            shutil.rmtree(other)


if __name__ == "__main__":
    house.main()
