"""Out of one database and into another: everything, or one person."""

import json
import os
import re
import signal
import sqlite3
import unittest

import house
from house import Room, Sandbox, wait_for
from test_telegram import Bot, TOKEN

OWNER, ANN = 42, 77


class Moving(unittest.TestCase):
    def setUp(self):
        self.sandbox = Sandbox()
        self.addCleanup(self.sandbox.close)
        self.bot = Bot(self.sandbox)

    def room(self, owners='owners = ["telegram:42"]\naccess = "open"'):
        room = Room(sandbox=self.sandbox,
                    more=f'[bot]\n{owners}\n[telegram]\ntoken = "{TOKEN}"\n'
                         f'api_base = "{self.sandbox.http}"\npoll_timeout = "2s"\n')
        self.addCleanup(room.close)
        return room

    def lived_in(self):
        """A room whose people watch things, and have been told of one."""
        room = self.room()
        room.start()
        self.bot.say(OWNER, "/watch Sorrel & Ash in 10 days 2 8pm")
        self.bot.hears(OWNER, "Watch 1 is on")
        self.bot.say(ANN, "/settings clock 24")
        self.bot.hears(ANN, "Clock: 24")
        self.bot.say(ANN, "/watch Lark in 11 days 4 7-9pm every 2 minutes")
        self.bot.hears(ANN, "Watch 2 is on")
        self.sandbox.say("open sorrel-and-ash any 2 20:15")
        wait_for(lambda: any("8:15 PM" in t for t in self.bot.texts(OWNER)), what="the alert")
        self.assertEqual(room.kill(signal.SIGTERM), 0)
        return room

    def export(self, room, *who):
        code, out, err = room.call("export", *who)
        self.assertEqual(code, 0, err)
        return out

    def test_everything_comes_out_as_it_went_in_and_alerts_nobody_twice(self):
        old = self.lived_in()
        text = self.export(old)
        fresh = self.room()
        code, out, err = fresh.call("import", input=text.encode())
        self.assertEqual(code, 0, err)
        self.assertEqual(self.export(fresh), text)
        self.assertRegex(text, r'"table":"sqlite_sequence","row":{"name":"inbox"')
        fresh.start()
        self.bot.say(OWNER, "/watches")
        self.bot.hears(OWNER, "Sorrel & Ash", 20)
        wait_for(lambda: len([t for t in self.bot.texts(OWNER) if "Sorrel" in t]) >= 3,
                 what="the list")
        told = [t for t in self.bot.texts(OWNER) if "8:15 PM" in t and "opened" in t]
        self.assertEqual(len(told), 1, told)
        code, _, err = fresh.call("import", input=text.encode())
        self.assertEqual(code, 75, err)
        self.assertEqual(fresh.kill(signal.SIGTERM), 0)
        code, _, err = fresh.call("import", input=text.encode())
        self.assertEqual(code, 1)
        self.assertIn("without people", err)

    def test_one_person_takes_their_settings_and_watches_along(self):
        old = self.lived_in()
        text = self.export(old, f"telegram:{ANN}")
        self.assertIn("Lark", text)
        self.assertNotIn("sorrel", text.lower())
        self.assertNotIn(f'"who":"{OWNER}"', text)
        fresh = self.room()
        code, _, err = fresh.call("import", input=text.encode())
        self.assertEqual(code, 1)
        self.assertIn("let them write to it once", err)
        fresh.start()
        self.bot.say(ANN, "/watches")
        self.bot.hears(ANN, "You watch nothing")
        self.assertEqual(fresh.kill(signal.SIGTERM), 0)
        for _ in range(2):  # the same once more changes nothing
            code, out, err = fresh.call("import", input=text.encode())
            self.assertEqual(code, 0, err)
        self.sandbox.say("open lark any 4 19:30")
        fresh.start()
        self.bot.hears(ANN, "19:30", 30)
        self.bot.say(ANN, "/watches")
        wait_for(lambda: sum("Lark" in t for t in self.bot.texts(ANN)) >= 3, what="the list")
        base = sqlite3.connect(fresh.file("maitred.db"))
        self.addCleanup(base.close)
        rows = base.execute("select w.party, w.interval_ms, w.from_minute, a.role, a.hours24 from "
                            "venue_watch w join account a on a.id = w.account_id").fetchall()
        self.assertEqual(rows, [(4, 120000, 19 * 60, "member", 1)])

    def test_what_is_cut_forged_or_newer_leaves_nothing_behind(self):
        old = self.lived_in()
        text = self.export(old)
        lines = text.splitlines(keepends=True)
        newer = re.sub(r'"schema":\d+', '"schema":999', text, count=1)
        column = text.replace('{"id":1,"role"', '{"id\\" = 1; --":1,"role"', 1)
        self.assertNotEqual(column, text)
        wrong = {"cut": "".join(lines[:-1]), "a row less": "".join(lines[:5] + lines[6:]),
                 "newer": newer, "column": column, "empty": "", "none of ours": "hello\n",
                 "table": lines[0] + '{"table":"x","row":{"a":1}}\n{"end":1}\n',
                 "schema": lines[0] + '{"table":"sqlite_schema","row":{"name":"a"}}\n{"end":1}\n'}
        for name, given in wrong.items():
            fresh = self.room()
            code, out, err = fresh.call("import", input=given.encode())
            self.assertEqual(code, 1, (name, out, err))
            self.assertIn("maitred:", err)
            self.assertFalse(os.path.exists(fresh.file("maitred.db")), name)
            self.assertFalse(os.path.exists(fresh.file("maitred.db.import")), name)

    def test_a_file_that_is_no_database_of_ours_is_left_alone(self):
        text = self.export(self.lived_in())
        fresh = self.room()
        other = sqlite3.connect(fresh.file("maitred.db"))
        other.execute("create table treasure (x)")
        other.commit()
        other.close()
        code, _, err = fresh.call("import", input=text.encode())
        self.assertEqual(code, 1)
        self.assertIn("not a database of maitred", err)
        other = sqlite3.connect(fresh.file("maitred.db"))
        self.addCleanup(other.close)
        other.execute("select x from treasure")

    def test_numbers_go_on_where_they_were_though_the_rows_are_gone(self):
        old = self.lived_in()
        base = sqlite3.connect(old.file("maitred.db"))
        base.execute("pragma foreign_keys=off")
        base.execute("delete from inbox")
        base.execute("delete from message")
        base.commit()
        base.close()
        fresh = self.room()
        code, _, err = fresh.call("import", input=self.export(old).encode())
        self.assertEqual(code, 0, err)
        fresh.start()
        self.bot.say(ANN, "/watch Thimble in 12 days 2 7-9pm")
        self.bot.hears(ANN, "Watch 3 is on: Thimble")

    def test_nobody_and_nothing_are_said(self):
        old = self.lived_in()
        code, out, err = old.call("export", "telegram:5")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("telegram:5", err)
        code, _, err = old.call("export", "a", "b")
        self.assertEqual(code, 64)
        code, _, err = old.call("import", "nowhere.jsonl")
        self.assertEqual(code, 1)
        self.assertIn("nowhere.jsonl", err)


if __name__ == "__main__":
    house.main()
