"""Booking from outside: one table, whatever happens between the press and the answer."""

import datetime
import json
import time
import unittest

import house
from house import Client, Room, Sandbox, wait_for

DAY = (datetime.date.today() + datetime.timedelta(days=9)).isoformat()


class Booking(unittest.TestCase):
    def setUp(self):
        self.sandbox = Sandbox()
        self.addCleanup(self.sandbox.close)
        http = self.sandbox.http
        self.room = Room(f'[resy]\nbase_url = "{http}"\nweb_base = "{http}"\nauth_token = "sandbox-token"\n'
                         '[watch]\ndefault = "300ms"\nfloor = "10ms"\n[booking]\nenabled = true\n')
        self.addCleanup(self.room.close)
        self.lines = []

    def begin(self):
        self.room.start()
        self.client = Client(self.room)
        self.addCleanup(self.client.drop)
        wait_for(self.client.connect)

    def until(self, words, seconds=20):
        """All that was said, once these words were."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            said = "".join(str(l.get("content", l.get("text", l.get("message", "")))) for l in self.lines)
            if words in said:
                return said
            self.lines += self.client.hear(0.1)
        raise AssertionError(f"waited {seconds} s for {words!r}, heard {self.lines}")

    def say(self, text, words):
        self.lines = []
        self.client.tell({"type": "message", "text": text})
        return self.until(words)

    def press(self, label, words=None):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            found = [b for l in self.lines for b in l.get("buttons", []) if b["label"].startswith(label)]
            if found:
                self.lines = []
                self.client.tell({"type": "message", "text": f"!press {found[-1]['press']}"})
                return self.until(words) if words else None
            self.lines += self.client.hear(0.1)
        raise AssertionError(f"no button {label}: {self.lines}")

    def booked(self):
        return self.sandbox.say("counts")["paths"].get("/3/book", 0)

    def test_an_alert_is_booked_by_two_presses_listed_and_given_up(self):
        self.begin()
        self.say(f"/watch Lark {DAY} 2", "is on")
        self.sandbox.say(f"open lark {DAY} 2 20:15 seating Bar")
        wait_for(lambda: self.lines.extend(self.client.hear(0.1)) or
                 any(l["type"] == "alert" for l in self.lines), 10, "the alert")
        self.press("Book 8:15 PM", "Nothing is booked yet")
        self.press("Confirm Lark", "Booked: Lark")
        self.assertIn("8:15 PM for 2", self.say("/reservations", "Lark"))
        self.press("Cancel Lark", "Cancel Lark")
        self.press("Confirm cancelling", "Cancelled: Lark")
        self.say("/reservations", "no reservation to come")
        self.assertEqual(self.booked(), 1)
        self.assertNotIn(b"sandbox-token", self.room.log())
        with open(self.room.file("maitred.db"), "rb") as file:
            self.assertNotIn(b"sandbox-token", file.read())

    def test_check_wants_a_token_where_booking_is_on(self):
        def row():
            _, out, _ = self.room.call("check", "--json")
            return next(r for r in map(json.loads, out.splitlines()) if r.get("name") == "resy token")
        self.assertEqual(row()["state"], "ok")
        with open(self.room.file("config.toml")) as file:
            config = file.read()
        self.room.write("config.toml", config.replace('auth_token = "sandbox-token"\n', ""))
        self.assertEqual(row()["state"], "failed")

    def killed(self, fault, words):
        """Killed while the call to book is under way."""
        self.begin()
        self.sandbox.say(f"open lark {DAY} 2 20:15 seating Bar")
        self.say(f"/book Lark {DAY} 2 at 20:15", "Nothing is booked yet")
        self.sandbox.say(fault)
        self.press("Confirm Lark")
        wait_for(self.booked, 10, "the call")
        self.room.kill()
        self.client.drop()
        self.sandbox.say("no-fault")
        self.room.start()
        self.lines = []
        self.until(words, 120)
        self.assertEqual(self.booked(), 1)

    def test_killed_while_the_answer_came_the_booking_is_found(self):
        self.killed("fault drip count 1 path /3/book", "Booked: Lark")

    def test_killed_before_it_was_made_it_is_not_made_by_itself(self):
        self.killed("fault hang count 1 path /3/book", "Not booked, it is not on your Resy account")


if __name__ == "__main__":
    house.main()
