"""From the Confirm button to the booked table, over TLS, against a provider that answers at once."""

import datetime
import os
import sys
import tempfile
import time

os.environ["MAITRED_BUILD"] = "build/release"
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

from house import Client, Room, Sandbox, wait_for  # noqa: E402

TIMES = 200
DAY = (datetime.date.today() + datetime.timedelta(days=9)).isoformat()


class Chat:
    def __init__(self, room):
        self.client = Client(room)
        wait_for(self.client.connect)
        self.buttons = {}

    def say(self, text, words):
        """Seconds until these words came, and all buttons that came with them."""
        said, began, took = "", time.monotonic(), None
        self.client.tell({"type": "message", "text": text})
        while True:
            for line in self.client.hear(0.002):
                said += line.get("content", "") + line.get("message", "")
                if took is None and words in said:
                    took = time.monotonic() - began
                for button in line.get("buttons", []):
                    self.buttons[button["label"].split()[0]] = button["press"]
                if line["type"] == "done":
                    if took is None:
                        sys.exit(f"{text}: {said}")
                    return took

    def press(self, word, words):
        return self.say(f"!press {self.buttons[word]}", words)


def line(name, value, unit, reference, ratio, samples):
    print(f"{name}\t{value:.3f}\t{unit}\t{reference}\t{ratio:.3f}\t-\t{samples}", flush=True)


with tempfile.TemporaryDirectory() as tls:
    sandbox = Sandbox("--tls-port", "0", "--tls-dir", tls)
    room = Room(f'[security]\nca_file = "{sandbox.ca}"\n[resy]\nbase_url = "{sandbox.https}"\n'
                f'web_base = "{sandbox.http}"\nauth_token = "sandbox-token"\n[booking]\nenabled = true\n'
                '[limits]\nmessages_per_minute = 100000\n')
    room.start()
    chat = Chat(room)
    sandbox.say(f"open lark {DAY} 2 20:15")
    took = []
    for _ in range(TIMES):
        chat.say(f"/book Lark {DAY} 2 at 20:15", "Nothing is booked yet")
        before = sandbox.say("counts")["total"]
        took.append(chat.press("Confirm", "Booked: Lark") * 1000)
        requests = sandbox.say("counts")["total"] - before
        if requests != 2:
            sys.exit(f"{requests} requests for one booking")
        chat.press("Cancel", "Cancel Lark")
        chat.press("Confirm", "Cancelled: Lark")
    room.close()
    sandbox.close()
took.sort()
p50, p99 = took[TIMES // 2], took[int(TIMES * 0.99)]
line("booking_confirm_to_booked_p50", p50, "ms", "20 ms", p50 / 20, TIMES)
line("booking_confirm_to_booked_p99", p99, "ms", "20 ms", p99 / 20, TIMES)
