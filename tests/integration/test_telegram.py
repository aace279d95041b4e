"""Telegram from outside: the program, the sandbox's Bot API server, real sockets."""

import json
import re
import signal
import tempfile
import time
import unittest

import house
from house import Room, Sandbox, wait_for

TOKEN = "12345678:sandbox_TOKEN-sandbox_TOKEN-sandbox00"
OWNER = 42


class Bot:
    """What is in the chats, as the sandbox has it."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def say(self, who, text):
        return self.sandbox.say(f"bot say {who} {text}")["message_id"]

    def messages(self, chat):
        found = self.sandbox.say(f"bot chat {chat}")["messages"]
        return [m for m in found if not m["deleted"]]

    def texts(self, chat):
        return [m["text"] for m in self.messages(chat)]

    def hears(self, chat, words, seconds=20):
        return wait_for(lambda: any(words in t for t in self.texts(chat)), seconds,
                        f"{words!r} in {chat}, where there is {self.texts(chat)}")


class Telegram(unittest.TestCase):
    def setUp(self):
        self.sandbox = Sandbox()
        self.addCleanup(self.sandbox.close)
        self.bot = Bot(self.sandbox)

    def room(self, owners='owners = ["telegram:42"]', token=TOKEN, more=""):
        room = Room(sandbox=self.sandbox,
                    more=f'[bot]\n{owners}\n[telegram]\ntoken = "{token}"\n'
                         f'api_base = "{self.sandbox.http}"\npoll_timeout = "2s"\n'
                         f'[limits]\nmessages_per_minute = 1000\n{more}')
        self.addCleanup(room.close)
        return room

    def test_a_burst_over_shared_connections_is_answered(self):
        """Over HTTP/2 previews, sends and questions to Resy share a few connections."""
        people = 200
        with tempfile.TemporaryDirectory() as folder:
            sandbox = Sandbox("--tls-port", "0", "--tls-dir", folder)
            room = Room(config=f'[bot]\naccess = "open"\nowners = ["telegram:42"]\n'
                               f'[security]\nca_file = "{sandbox.ca}"\n'
                               f'[resy]\nbase_url = "{sandbox.https}"\nweb_base = "{sandbox.https}"\n'
                               f'[telegram]\ntoken = "{TOKEN}"\napi_base = "{sandbox.https}"\n'
                               f'poll_timeout = "2s"\n')
            try:
                room.start()
                sandbox.say(f"bot crowd 5000 {people} /watch Sorrel & Ash in 10 days for 2 at 8pm")
                wait_for(lambda: sandbox.say("bot said is on: Sorrel")["said"] >= people, 90,
                         "all watches")
            finally:
                room.close()
                sandbox.close()

    def test_the_main_job_and_a_clean_stop_that_confirms(self):
        room = self.room()
        room.start()
        self.assertIn(b"ready adapters=telegram ms=", room.log())
        self.bot.say(OWNER, "/watch Sorrel & Ash tomorrow 2 8pm")
        self.bot.hears(OWNER, "Watch 1 is on")
        self.sandbox.say("open sorrel-and-ash any 2 20:15")
        self.bot.hears(OWNER, "Sorrel & Ash")
        wait_for(lambda: any("8:15 PM" in t for t in self.bot.texts(OWNER)), what="the alert")
        alert = [m for m in self.bot.messages(OWNER) if "8:15 PM" in m["text"]][0]
        labels = [k["text"] for row in alert["markup"]["inline_keyboard"] for k in row]
        self.assertTrue(labels[0].startswith("Open"), labels)
        self.assertEqual(room.kill(signal.SIGTERM), 0)
        self.assertEqual(self.sandbox.say("bot pending")["pending"], 0)
        self.assertNotIn(b"sandbox_TOKEN", room.log())

    def test_the_first_owner_claims_with_the_code_that_is_printed(self):
        room = self.room(owners="")
        room.start()
        code = wait_for(lambda: re.search(rb"claim code: (\S+)", room.log()), what="a code")
        self.bot.say(7, "hello")
        self.bot.say(OWNER, code.group(1).decode().lower())
        self.bot.hears(OWNER, "You are my owner now")
        self.assertEqual(self.bot.texts(7), [])
        self.assertEqual(room.kill(signal.SIGTERM), 0)
        room.start(wait=False)
        wait_for(lambda: room.log().count(b"ready adapters") == 2, what="ready again")
        self.assertEqual(room.log().count(b"claim code"), 1)

    def test_a_token_that_is_not_taken_ends_the_program_with_78(self):
        room = self.room(token="87654321:another_TOKEN-another_TOKEN-another00")
        process = room.start(wait=False)
        self.assertEqual(process.wait(30), 78)
        self.assertIn(b"telegram.token", room.log())
        self.assertNotIn(b"another_TOKEN", room.log())

    def test_it_starts_while_the_service_is_down_and_comes_up_with_it(self):
        self.sandbox.say("bot fault * html 502")
        room = self.room()
        room.start()
        self.assertIn(b"failed=telegram", room.log())
        self.bot.say(OWNER, "/watches")
        self.sandbox.say("bot calm")
        self.bot.hears(OWNER, "You watch nothing", 40)

    def test_killed_at_any_moment_every_message_is_answered(self):
        """Chats that say their numbers in order, while the program is killed again and again."""
        chats, each, kills = 10, 12, 8
        room = self.room(owners='owners = ["telegram:42"]\naccess = "open"')
        room.start()
        said = 0
        for i in range(each):
            for chat in range(100, 100 + chats):
                self.bot.say(chat, f"/nonsense{i}")
                said += 1
                if said % (chats * each // kills) == 0:
                    room.kill()
                    room.start(wait=False)
        def answered():
            return all(
                all(any(f"/nonsense{i}." in t for t in texts) for i in range(each))
                for texts in (self.bot.texts(chat) for chat in range(100, 100 + chats)))
        wait_for(answered, 120, "all answers")
        for chat in range(100, 100 + chats):
            numbers = [int(re.search(r"/nonsense(\d+)\.", t).group(1))
                       for t in self.bot.texts(chat) if "/nonsense" in t]
            finals = [t for t in self.bot.texts(chat) if "/nonsense" in t]
            self.assertEqual(len(finals), len(set(finals)), f"an answer twice in {chat}: {finals}")
            self.assertEqual(numbers, sorted(numbers),
                             f"out of order in {chat}: {self.bot.messages(chat)} {room.log()}")

    def test_check_has_rows_for_it(self):
        room = self.room()
        code, out, err = room.call("check", "--json")
        rows = {r["name"]: r for r in map(json.loads, out.splitlines()) if "name" in r}
        self.assertEqual(code, 0, out + err)
        for name in ("telegram token", "telegram poll", "telegram groups", "telegram owner"):
            self.assertIn(name, rows)
        self.sandbox.say("bot webhook https://example.org/x")
        code, out, _ = room.call("check")
        self.assertIn("webhook", out)
        bad = self.room(token="87654321:another_TOKEN-another_TOKEN-another00")
        code, out, _ = bad.call("check")
        self.assertEqual(code, 78)
        self.assertRegex(out, r"failed +telegram token")


if __name__ == "__main__":
    house.main()
