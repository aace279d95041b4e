"""The program from outside: commands, exit codes, the console's lines, one instance a database."""

import datetime
import json
import os
import signal
import sqlite3
import stat
import subprocess
import time
import unittest

import house
from house import Client, Room, Sandbox, wait_for


DAY = (datetime.date.today() + datetime.timedelta(days=10)).isoformat()


class WithSandbox(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()

    @classmethod
    def tearDownClass(cls):
        cls.sandbox.close()

    def setUp(self):
        self.sandbox.say("no-fault")
        self.room = Room(sandbox=self.sandbox)
        self.addCleanup(self.room.close)


class Commands(WithSandbox):
    def test_wrong_usage_is_64_and_says_what(self):
        for args in ([], ["fly"], ["run", "now"], ["chat", "--loud"], ["chat", "--wait", "soon"],
                     ["backup"], ["slack-manifest", "x"], ["check", "--loud"], ["chat", "hello"]):
            code, _, err = self.room.call(*args)
            self.assertEqual(code, 64, args)
            self.assertIn("maitred", err)

    def test_check_has_a_row_for_each_thing_and_passes_where_all_is_well(self):
        code, out, err = self.room.call("check", "--json")
        rows = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(code, 0, out + err)
        self.assertEqual(rows[-1], {"type": "done", "ok": True})
        names = [row["name"] for row in rows[:-1]]
        for name in ("configuration", "key", "database", "disk", "files", "dns", "ipv4", "ipv6",
                     "clock", "resy key", "resy token", "budget"):
            self.assertIn(name, names)
        self.assertFalse(any(row["state"] == "failed" for row in rows[:-1]))

    def test_check_names_the_mend_of_what_is_wrong(self):
        self.sandbox.say("fault status 419")
        code, out, _ = self.room.call("check")
        self.assertEqual(code, 78)
        self.assertRegex(out, r"failed +resy key")
        self.assertIn("mend: set resy.api_key", out)
        self.sandbox.say("no-fault")
        self.room.write("config.toml", '[resy]\nbase_url = "http://127.0.0.1:9"\n')
        code, out, _ = self.room.call("check")
        self.assertEqual(code, 69)
        self.assertRegex(out, r"failed +ipv4")
        self.room.write("config.toml", "[wacth]\n")
        code, out, _ = self.room.call("check")
        self.assertEqual(code, 78)
        self.assertIn("the nearest section is [watch]", out)

    def test_version_and_help_need_no_configuration(self):
        os.unlink(self.room.file("config.toml"))
        for word in ("version", "help", "slack-manifest"):
            code, out, _ = self.room.call(word)
            self.assertEqual(code, 0)
            self.assertIn("maitred", out)

    def test_a_missing_configuration_names_the_mend(self):
        code, _, err = self.room.call("-c", "nowhere.toml", "run")
        self.assertEqual(code, 78)
        self.assertIn("config.example.toml", err)

    def test_wrong_configuration_is_78_with_file_line_key_and_mend(self):
        for text, words in (("[resy]\nbase_ulr = \"x\"\n", ["config.toml:2", "resy.base_ulr", "resy.base_url"]),
                            ("[watch]\ndefault = 5\n", ["config.toml:2", "watch.default", "duration"]),
                            ("[watch]\ndefault = \"1s\"\n", ["watch.default", "10s"]),
                            ("[limits]\nruns = 0\n", ["config.toml:2", "limits.runs", "1"]),
                            ("[resy]\nbase_url = \"http://example.com\"\n", ["config.toml:2", "https://"]),
                            ("[slack]\nbot_token = \"env:X\"\n", ["config.toml:2", "slack.bot_token", "no X"]),
                            ("[http]\nlisten = \"127.0.0.1:1\"\n", ["not in this version"]),
                            ("what is this", ["config.toml:1", "TOML"])):
            self.room.write("config.toml", text)
            code, _, err = self.room.call("run")
            self.assertEqual(code, 78, text)
            for word in words:
                self.assertIn(word, err)

    def test_a_literal_secret_in_a_readable_file_is_refused_with_the_chmod(self):
        self.room.write("config.toml", '[resy]\nauth_token = "abcdefghijkl"\n', mode=0o644)
        code, _, err = self.room.call("run")
        self.assertEqual(code, 78)
        self.assertIn("chmod 600", err)
        self.assertNotIn("abcdefghijkl", err)

    def test_keygen_makes_a_private_key_and_never_overwrites(self):
        code, out, _ = self.room.call("keygen")
        self.assertEqual(code, 0)
        path = self.room.file("maitred.key")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        before = open(path).read()
        code, _, err = self.room.call("keygen")
        self.assertEqual(code, 78)
        self.assertEqual(open(path).read(), before)

    def test_a_key_that_others_may_read_or_that_is_none_is_refused(self):
        self.room.write("maitred.key", "ab" * 32 + "\n", mode=0o644)
        code, _, err = self.room.call("chat", "-m", "/help")
        self.assertEqual((code, "chmod 600" in err), (78, True))
        self.room.write("maitred.key", "short\n")
        self.assertEqual(self.room.call("chat", "-m", "/help")[0], 78)


class Databases(WithSandbox):
    def make(self):
        self.room.chat("/help")

    def test_a_newer_database_is_refused_and_left_alone(self):
        self.make()
        db = sqlite3.connect(self.room.file("maitred.db"))
        db.execute("pragma user_version = 99")
        db.commit()
        db.close()
        code, _, err = self.room.call("run")
        self.assertEqual(code, 78)
        self.assertIn("99", err)

    def test_a_corrupt_database_is_1_and_says_the_way_out(self):
        self.room.write("maitred.db", b"SQLite format 3\0" + os.urandom(8192))
        code, _, err = self.room.call("run")
        self.assertEqual(code, 1)
        self.assertIn("backup", err)

    def test_a_database_that_is_none_is_1(self):
        self.room.write("maitred.db", "this is a letter to my aunt, not a database at all\n" * 50)
        self.assertEqual(self.room.call("run")[0], 1)

    def test_a_folder_that_is_not_there_is_78(self):
        self.room.write("config.toml", '[database]\nurl = "sqlite:no/where/x.db"\n')
        code, _, err = self.room.call("run")
        self.assertEqual(code, 78)
        self.assertIn("no/where", err)

    @unittest.skipIf(subprocess.run(["mountpoint", "-q", "/proc"]).returncode, "no mounts here")
    def test_a_full_disk_is_69_and_loses_nothing(self):
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160k", "none", self.room.path],
                               capture_output=True)
        if mount.returncode:
            self.skipTest("may not mount")
        self.addCleanup(subprocess.run, ["umount", "-l", self.room.path])
        self.room.write("config.toml", f'[resy]\nbase_url = "{self.sandbox.http}"\n')
        self.room.write("ballast", b"x" * 140000)
        code, _, err = self.room.call("run")
        self.assertEqual(code, 69)
        self.assertIn("disk is full", err)

    @unittest.skipIf(subprocess.run(["mountpoint", "-q", "/proc"]).returncode, "no mounts here")
    def test_a_disk_that_fills_is_told_once_by_the_console_and_once_when_it_is_over(self):
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", self.room.path],
                               capture_output=True)
        if mount.returncode:
            self.skipTest("may not mount")
        self.addCleanup(subprocess.run, ["umount", "-l", self.room.path])
        self.room.write("config.toml", f'[resy]\nbase_url = "{self.sandbox.http}"\n'
                        f'web_base = "{self.sandbox.http}"\n[watch]\ndefault = "200ms"\n'
                        'floor = "10ms"\n')
        self.room.start()
        self.addCleanup(lambda: self.room.running and self.room.kill())
        client = Client(self.room)
        wait_for(client.connect)
        self.addCleanup(client.drop)
        client.tell({"type": "message", "text": f"/watch Lark {DAY} 2"})
        heard = []

        def notices():
            heard.extend(client.hear(0.1))
            return [l["text"] for l in heard if l["type"] == "notice"]

        wait_for(lambda: notices() or any(l["type"] == "done" for l in heard))
        with open(self.room.file("ballast"), "wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"x" * 4096)
            except OSError:
                pass
        wait_for(notices, 90, "the notice of a full disk")
        self.assertIn("disk is full", notices()[0])
        os.unlink(self.room.file("ballast"))
        wait_for(lambda: len(notices()) > 1, 150, "the notice of its end")
        self.assertIn("written again", notices()[1])
        self.assertEqual(len(notices()), 2)

    def test_files_are_private(self):
        self.make()
        for name in ("maitred.db", "maitred.db.lock", "maitred.key"):
            self.assertEqual(stat.S_IMODE(os.stat(self.room.file(name)).st_mode), 0o600, name)

    def test_backup_while_it_runs_is_a_whole_database(self):
        self.room.start()
        self.room.chat(f"/watch Lark {DAY} 2")
        code, _, err = self.room.call("backup", "copy.db")
        self.assertEqual(code, 0, err)
        db = sqlite3.connect(self.room.file("copy.db"))
        self.assertEqual(db.execute("select count(*) from venue_watch").fetchone()[0], 1)
        self.assertEqual(db.execute("pragma integrity_check").fetchone()[0], "ok")
        db.close()
        self.assertEqual(self.room.call("backup", "copy.db")[0], 1)


class Talking(WithSandbox):
    def test_each_line_ends_in_exactly_one_done_also_after_an_error(self):
        lines = ["/help", f"/find Marrow Street Kitchen {DAY} 2", "/nonsense", "/stop 77",
                 b"\xff\xfe\xfd", "x" * 100000, "\x1b[2J\x07 control", "/find Lark 2031-02-30 2",
                 f"/find Lark {DAY} 0", f"/find Lark {DAY} 500",
                 f"/find '; drop table venue;-- {DAY} 2", f"/find <b>&amp;*_ {DAY} 2",
                 "!press nosuchtoken"]
        code, out, err = self.room.chat(*lines)
        self.assertEqual(code, 0, err)
        done = [l for l in out if l["type"] == "done"]
        self.assertEqual(len(done), len(lines))
        self.assertEqual([d["ok"] for d in done], [True, True] + [False] * 11)
        self.assertEqual(len([l for l in out if l["type"] == "error"]), 11)
        for line in out:
            if line["type"] == "error":
                self.assertLess(len(line["message"]), 300)

    def test_find_gives_a_card_with_times_and_watch_gives_a_button(self):
        _, out, _ = self.room.chat(f"/find Marrow Street Kitchen {DAY} 2",
                                   f"/watch Lark {DAY} 2 8pm")
        venues = [l for l in out if l["type"] == "venues"][0]["venues"][0]
        for key in ("id", "name", "neighborhood", "cuisine", "price", "date", "party_size", "times",
                    "state", "url"):
            self.assertIn(key, venues)
        self.assertEqual(venues["state"], "bookable")
        self.assertRegex(venues["times"][0], r"^\d\d:\d\d$")
        buttons = [l for l in out if l["type"] == "buttons"]
        self.assertTrue(buttons[-1]["buttons"][0]["label"].startswith("Stop"))

    def test_nobody_waits_for_a_provider_that_hangs(self):
        self.sandbox.say("fault hang path /4/find")
        self.room.start()
        client = Client(self.room)
        wait_for(client.connect)
        self.addCleanup(client.drop)
        took = []
        for n in range(30):
            began = time.monotonic()
            client.tell({"type": "message", "text": "/status" if n % 2 else "/watches"})
            heard = []
            wait_for(lambda: heard.extend(client.hear(0.001)) or
                     any(l["type"] == "done" for l in heard))
            took.append(time.monotonic() - began)
        took.sort()
        self.assertLess(took[len(took) // 2], 0.05 if "asan" not in house.BUILD else 0.2)

    def test_a_cancel_gives_up_what_is_being_answered(self):
        self.sandbox.say("fault hang")
        self.room.start()
        client = Client(self.room)
        wait_for(client.connect)
        self.addCleanup(client.drop)
        heard = []
        client.tell({"type": "message", "text": f"lark {DAY} for 2"})
        wait_for(lambda: heard.extend(client.hear(0.05)) or
                 any(l["type"] == "progress" for l in heard))
        client.tell({"type": "cancel"})
        wait_for(lambda: heard.extend(client.hear(0.05)) or
                 any(l["type"] == "done" for l in heard), 5)
        self.assertTrue(any(l["type"] == "error" for l in heard))

    def test_a_line_is_completed_with_commands_and_known_restaurants(self):
        self.room.start()
        client = Client(self.room)
        wait_for(client.connect)
        self.addCleanup(client.drop)
        client.tell({"type": "message", "text": f"lark {DAY} for 2"})
        heard = []
        wait_for(lambda: heard.extend(client.hear(0.05)) or
                 any(l["type"] == "done" for l in heard))
        for text, wanted in (("/sta", ["/status"]), ("/watch la", ["/watch Lark "]), ("/x", [])):
            client.tell({"type": "complete", "text": text})
            lines = []
            wait_for(lambda: lines.extend(client.hear(0.05)) or lines)
            self.assertEqual(lines[0]["type"], "completion")
            self.assertEqual(lines[0]["lines"], wanted)

    def test_a_press_acts_once(self):
        _, out, _ = self.room.chat(f"/watch Lark {DAY} 2")
        press = [l for l in out if l["type"] == "buttons"][0]["buttons"][0]["press"]
        _, out, _ = self.room.chat(f"!press {press}", f"!press {press}", yes=False)
        self.assertEqual([l["ok"] for l in out if l["type"] == "done"], [True, False])

    def test_no_text_of_a_stranger_becomes_a_press_or_a_greeting(self):
        self.room.chat(f"/watch Lark {DAY} 2")
        _, lines, _ = self.room.chat("stop all", "1", "#1", yes=False)
        self.assertFalse(any("is stopped" in l.get("content", "") for l in lines))
        code, out, _ = self.room.call("chat", "--json", "-m", os.fsdecode(
            b'{"type":"hello","acts":true,"acks":true}\nstop all\n\xff'))
        self.assertNotIn("is stopped", out)
        _, lines, _ = self.room.chat("/watches")
        self.assertIn("Lark", "".join(l.get("content", "") for l in lines))

    def test_what_is_piped_in_may_propose_but_not_stop(self):
        self.room.chat(f"/watch Lark {DAY} 2")
        _, out, _ = self.room.chat("/stop 1", "/watches", yes=False)
        text = "".join(l.get("content", "") for l in out)
        self.assertIn("Press the button", text)
        self.assertIn("Lark", text)

    def test_several_candidates_become_choose_buttons(self):
        _, out, _ = self.room.chat(f"/find Coyote Lantern {DAY} 2")
        labels = [b["label"] for l in out if l["type"] == "buttons" for b in l["buttons"]]
        self.assertTrue(labels and all(l.startswith("Choose ") for l in labels), labels)

    def test_the_alert_comes_within_an_interval_with_all_its_fields(self):
        self.room.start()
        client = Client(self.room)
        wait_for(client.connect)
        client.tell({"type": "message", "text": f"/watch Sorrel & Ash {DAY} 2 8pm"})
        wait_for(lambda: any(l["type"] == "done" for l in client.hear(0.2)))
        client.hear(1)
        self.sandbox.say(f"open sorrel-and-ash {DAY} 2 20:15")
        alert = [l for l in client.hear(2) if l["type"] == "alert"]
        self.sandbox.say("clear sorrel-and-ash")
        self.assertEqual(len(alert), 1)
        self.assertEqual((alert[0]["venue"], alert[0]["date"], alert[0]["party_size"],
                          alert[0]["times"], alert[0]["open_now"]),
                         ("Sorrel & Ash", DAY, 2, ["20:15"], False))
        edit = wait_for(lambda: [l for l in client.hear(0.3) if l["type"] == "edit"])
        self.assertEqual((edit[0]["id"], edit[0]["state"]), (alert[0]["id"], "gone"))
        client.drop()

    def test_faults_of_the_provider_get_one_sentence_each_and_change_nothing(self):
        self.room.chat(f"/find Lark {DAY} 2")
        for fault in ("html", "challenge", "cut", "shape", "bad-json", "deep", "endless", "reset",
                      "type", "status 500", "status 404", "redirect", "null"):
            room = Room(sandbox=self.sandbox)
            room.chat(f"/find Lark {DAY} 2")
            self.sandbox.say(f"fault {fault} path /4/find")
            _, out, _ = room.chat(f"/find Lark {DAY} 2")
            self.sandbox.say("no-fault")
            done = [l for l in out if l["type"] == "done"]
            self.assertEqual(len(done), 1, fault)
            if fault not in ("null", "type"):
                self.assertFalse(done[0]["ok"], fault)
                self.assertEqual(len([l for l in out if l["type"] == "error"]), 1, fault)
            room.close()


class OneInstance(WithSandbox):
    def test_a_second_run_exits_75_and_names_the_holder(self):
        self.room.start()
        code, _, err = self.room.call("run")
        self.assertEqual(code, 75)
        self.assertIn(str(self.room.running.pid), err)

    def test_chat_beside_a_run_is_its_console_and_its_socket_is_private(self):
        self.room.start()
        self.assertEqual(stat.S_IMODE(os.stat(self.room.file("maitred.db.sock")).st_mode), 0o600)
        self.room.chat(f"/watch Lark {DAY} 2")
        _, out, _ = self.room.chat("/watches")
        self.assertIn("Lark", "".join(l.get("content", "") for l in out))

    def test_a_lock_whose_holder_was_killed_is_free(self):
        self.room.start()
        self.room.kill()
        self.assertEqual(self.room.call("chat", "-m", "/help")[0], 0)

    def test_terminate_ends_with_0_and_hup_rereads(self):
        self.room.start()
        config = open(self.room.file("config.toml")).read()
        self.room.write("config.toml", config + "[log]\nlevel = \"debug\"\n")
        self.room.running.send_signal(signal.SIGHUP)
        wait_for(lambda: b"reload read" in self.room.log())
        self.room.write("config.toml", "nonsense")
        self.room.running.send_signal(signal.SIGHUP)
        wait_for(lambda: b"keeping what was" in self.room.log())
        self.assertEqual(self.room.kill(signal.SIGTERM), 0)

    def test_no_secret_is_in_log_or_answers(self):
        secret = "tok3n-Very+Secret/9876"
        config = open(self.room.file("config.toml")).read()
        self.room.write("config.toml", config.replace(
            "[watch]", f'auth_token = "env:PLANTED"\n[watch]') + '[log]\nlevel = "debug"\n')
        self.sandbox.say("fault status 419 path /4/find count 3")
        code, out, err = self.room.call("chat", "--json", "-m", f"/find Lark {DAY} 2",
                                        env={"PLANTED": secret})
        self.sandbox.say("no-fault")
        self.assertEqual(code, 1, err)  # the one message was answered by an error
        self.assertNotIn(secret, out + err)
        with open(self.room.file("maitred.db"), "rb") as file:
            self.assertNotIn(secret.encode(), file.read())


class Lines(WithSandbox):
    def test_the_socket_survives_whatever_is_said_to_it(self):
        self.room.start()
        for data in (b"\0" * 1000 + b"\n", b"{" * 5000 + b"\n", b'{"type":"ack","delivery":1e99}\n',
                     b'{"type":"hello","acts":7}\n', b'{"type":"ack"}\n', os.urandom(4096) + b"\n",
                     b"x" * 300000 + b"\n", b'{"type":"message"}\n'):
            client = Client(self.room)
            wait_for(client.connect)
            client.socket.sendall(data)
            client.tell({"type": "message", "text": "/help"})
            wait_for(lambda: any("find" in l.get("content", "") for l in client.hear(0.3)),
                     what=f"help after {data[:20]!r}")
            client.drop()


if __name__ == "__main__":
    house.main()
