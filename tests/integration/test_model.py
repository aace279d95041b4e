"""The language model from outside: a real process, a real stream, a server that is scripted."""

import json
import unittest

import house
from house import Room, Sandbox

KEY = "sk-sandbox-KEY-7q2mR9vT4xW8zB1n"


class Model(unittest.TestCase):
    def setUp(self):
        self.sandbox = Sandbox()
        self.addCleanup(self.sandbox.close)

    def room(self, key=KEY, model="sandbox-model"):
        room = Room(sandbox=self.sandbox,
                    more=f'[llm]\nbase_url = "{self.sandbox.http}/v1"\napi_key = "{key}"\n'
                         f'model = "{model}"\n')
        self.addCleanup(room.close)
        return room

    def text(self, lines):
        return "".join(l["content"] for l in lines if l["type"] == "text")

    def test_what_it_says_is_streamed_and_what_it_wants_is_done(self):
        self.sandbox.say('model call start_watch {"query":"Lark","date":"2099-01-01","party_size":2}')
        self.sandbox.say("model say That day is too far off.")
        code, lines, err = self.room().chat("watch lark on new year's day 2099 for us two")
        self.assertEqual(code, 0, err)
        self.assertIn("That day is too far off.", self.text(lines))
        self.assertGreater(len([l for l in lines if l["type"] == "text"]), 3)
        self.assertTrue(lines[-1]["ok"])
        asked = self.sandbox.say("model asked")
        self.assertEqual((asked["asked"], asked["wrong"]), (2, None))
        self.assertIn("more than a year away", asked["last"])

    def test_a_line_that_breaks_in_the_middle_is_said_and_nothing_is_repeated(self):
        self.sandbox.say("model say " + "a long story " * 40)
        self.sandbox.say("model cut")
        code, lines, err = self.room().chat("tell me")
        self.assertEqual([l["type"] for l in lines][-2:], ["error", "done"], lines)
        self.assertIn("does not answer", lines[-2]["message"])
        self.assertEqual(self.sandbox.say("model asked")["asked"], 1)

    def test_check_looks_at_it(self):
        def row(room):
            code, out, _ = room.call("check", "--json")
            rows = {r["name"]: r for r in map(json.loads, out.splitlines()) if "name" in r}
            return code, rows["model"]
        self.sandbox.say("model call ready {}")
        self.assertEqual(row(self.room())[1]["state"], "ok")
        self.sandbox.say("model say I am ready!")
        self.assertEqual(row(self.room())[1]["state"], "warning")
        code, wrong = row(self.room(key="sk-another-KEY-another"))
        self.assertEqual((code, wrong["state"]), (78, "failed"))
        self.assertIn("llm.api_key", wrong["mend"])
        self.assertNotIn("sk-", json.dumps(wrong))
        code, wrong = row(self.room(model="no-such-model"))
        self.assertEqual(code, 78)
        self.assertIn("llm.model", wrong["mend"])


if __name__ == "__main__":
    house.main()
