"""kill -9 at random moments: every opening is alerted, and what repeats says so."""

import datetime
import random
import threading
import time
import unittest

import house
from house import Client, Room, Sandbox, wait_for

OPENINGS = 200
KILLS = 50
INTERVAL = 0.5
OPEN_FOR = 3 * INTERVAL
DAYS = [(datetime.date.today() + datetime.timedelta(days=day)).isoformat() for day in range(5, 15)]


class Kill(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(20310509)
        self.sandbox = Sandbox()
        self.addCleanup(self.sandbox.close)
        self.room = Room(sandbox=self.sandbox, interval=f"{int(INTERVAL * 1000)}ms")
        self.addCleanup(self.room.close)

    def begin(self):
        self.room.start()
        self.client = Client(self.room)
        wait_for(self.client.connect)
        for day in DAYS:
            self.client.tell({"type": "message", "text": f"/watch Lark {day} 2"})
        done = 0
        until = time.monotonic() + 30
        while done < len(DAYS) and time.monotonic() < until:
            done += sum(l["type"] == "done" for l in self.client.hear(0.1))
        self.assertEqual(done, len(DAYS))
        self.client.hear(2 * INTERVAL)

    def openings(self):
        """Distinct slots, so that each opening is one that must be told."""
        slots = [(day, f"{17 + quarter // 4:02d}:{quarter % 4 * 15:02d}")
                 for day in DAYS for quarter in range(27)]
        return self.random.sample(slots, OPENINGS)

    def play(self, openings, over):
        """Opens and closes by the clock, some at the same time."""
        events = []
        for number, (day, time_of_day) in enumerate(openings):
            at = number * 0.2
            events.append((at, f"open lark {day} 2 {time_of_day}"))
            events.append((at + OPEN_FOR, f"close lark {day} 2 {time_of_day}"))
        start = time.monotonic()
        try:
            for at, line in sorted(events):
                while time.monotonic() - start < at and not over.is_set():
                    time.sleep(0.002)  # a metronome, not a wait for anything
                if over.is_set():
                    break
                self.sandbox.say(line)
        finally:
            over.set()

    def kill_often(self, over):
        kills = 0
        while not over.is_set() and kills < KILLS:
            if over.wait(self.random.uniform(0.05, 1.4)):
                break
            self.room.kill()
            self.room.start(wait=False)
            kills += 1
        self.kills = kills

    def test_200_openings_50_kills_none_lost_none_repeated_silently(self):
        self.begin()
        openings, over, heard = self.openings(), threading.Event(), []
        player = threading.Thread(target=self.play, args=(openings, over))
        killer = threading.Thread(target=self.kill_often, args=(over,))

        def wait_for_both():
            over.set()
            player.join()
            killer.join()

        player.start()
        killer.start()
        self.addCleanup(wait_for_both)  # before the city they talk to goes
        while not over.is_set():
            heard += self.client.hear(0.1)
        player.join()
        killer.join()
        heard += self.client.hear(4 * INTERVAL)
        self.client.drop()
        told, silent = {}, []
        for alert in (line for line in heard if line["type"] == "alert"):
            for when in alert["times"]:
                if (alert["date"], when) in told and not alert["repeat"]:
                    silent.append((alert["date"], when))
                told.setdefault((alert["date"], when), 0)
                told[(alert["date"], when)] += 1
        lost = [slot for slot in openings if slot not in told]
        repeats = sum(count - 1 for count in told.values())
        print(f"{len(openings)} openings, {self.kills} kills, {len(lost)} lost, "
              f"{repeats} repeated and said so, {len(silent)} repeated silently")
        self.assertGreaterEqual(self.kills, 40)
        self.assertEqual((lost, silent), ([], []))


if __name__ == "__main__":
    house.main()
