"""The concierge against what people say: tests/eval/utterances.txt, and what should come of each.

  run.py --scripted   the sandbox's model says what is right: is that what comes of it?
  run.py              a real model: MAITRED_EVAL_BASE_URL, MAITRED_EVAL_API_KEY, MAITRED_EVAL_MODEL

What is watched in the end counts first; then which calls were made, with which arguments. Tables and
days are the sandbox's, so nothing is asked of Resy.
"""

import argparse
import collections
import datetime
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata
import urllib.request
import zoneinfo

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
KEY = "sk-sandbox-KEY-7q2mR9vT4xW8zB1n"
TOOLS = {"search": "search_venues_with_availability", "new": "check_for_new_venues", "watch": "start_watch",
         "notify": "start_venue_notify", "all": "start_notify_for_all_infatuation",
         "hard": "get_infatuation_hard_to_get", "list": "list_my_watches", "update": "get_watch_update",
         "why": "explain_watch", "pause": "pause_watch", "resume": "resume_watch", "stop": "stop_watch",
         "edit": "edit_watch", "title": "update_venue_notify_title", "venue": "find_venue",
         "pref": "set_preference", "book": "book_venue", "cancel": "cancel_reservation",
         "reservations": "list_reservations"}
ARGS = {"q": "query", "d": "date", "e": "date_to", "p": "party_size", "m": "party_most", "f": "time_from",
        "t": "time_to", "s": "seating", "fee": "max_fee", "every": "every_minutes"}
NUMBERS = {"party_size", "party_most", "max_fee", "every_minutes", "id"}
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def day_of(word, today):
    """The ISO date that a day of the file means; the word itself if it is none."""
    dated = re.fullmatch(r"([a-z]{3})(\d{1,2})", word)
    if word in ("today", "tomorrow"):
        return (today + datetime.timedelta(days=word == "tomorrow")).isoformat()
    if re.fullmatch(r"\+\d+", word):
        return (today + datetime.timedelta(days=int(word))).isoformat()
    if word in DAYS:
        return (today + datetime.timedelta(days=(DAYS.index(word) - today.weekday() - 1) % 7 + 1)).isoformat()
    if dated and dated[1] in MONTHS:
        day = datetime.date(today.year, MONTHS.index(dated[1]) + 1, int(dated[2]))
        return (day if day >= today else day.replace(year=today.year + 1)).isoformat()
    return word


def after(first, last):
    """`last`, a week later if it is before `first`."""
    day = datetime.date.fromisoformat(last)
    return last if last >= first else (day + datetime.timedelta(days=7)).isoformat()


class Call:
    def __init__(self, text, today):
        name, *args = text.split()
        self.optional = name.endswith("?")
        self.name = TOOLS[name.rstrip("?")]
        self.args = {}
        for arg in args:
            key, values = arg.split("=", 1)
            key = ARGS.get(key, key)
            self.args[key] = [None if v == "?" else day_of(v, today) if key in ("date", "date_to") else
                              v.replace("_", " ") for v in values.split("/")]
        if "date_to" in self.args:
            self.args["date_to"] = [after(self.args["date"][0], v) for v in self.args["date_to"]]

    def value(self, key, text, ids):
        if text is not None and text.startswith("#"):
            return ids[int(text[1:]) - 1]
        return int(text) if text is not None and key in NUMBERS else text

    def scripted(self, ids):
        first = {key: self.value(key, values[0], ids) for key, values in self.args.items()}
        return {key: value for key, value in first.items() if value is not None}

    def fits(self, name, args, ids):
        if name != self.name or set(args) - {"ref"} - set(self.args):
            return False
        return all(any(same(self.value(key, v, ids), args.get(key)) for v in values)
                   for key, values in self.args.items())


def same(wanted, got):
    if wanted is None or got is None:
        return wanted is None and got in (None, "")
    fold = lambda v: unicodedata.normalize("NFKD", str(v)).encode("ascii", "ignore").decode().casefold().strip()
    return fold(wanted) == fold(got)


class Case:
    def __init__(self, line, today):
        self.tag, said, calls, self.watched = [part.strip() for part in line.split(" | ")]
        upper = lambda m: day_of(m[0].lower(), today)
        self.said = [re.sub(r"\b(MON|TUE|WED|THU|FRI|SAT|SUN)\b", upper, s.strip()) for s in said.split(" // ")]
        self.calls = [[[] if way.strip() == "-" else [Call(c, today) for c in way.split(";")]
                       for way in turn.split(" or ")] for turn in calls.split(" // ")]
        if len(self.said) != len(self.calls):
            sys.exit(f"{line!r}: {len(self.said)} messages and the calls of {len(self.calls)}")
        self.today = today

    def state(self):
        """What is to be watched, as state_of says it."""
        if self.watched == "nothing":
            return []
        found = []
        for what in self.watched.split(","):
            place, days, *rest = what.strip().split("@")
            days = [day_of(day, self.today) for day in days.split("..")]
            found.append("@".join([place, "..".join([days[0]] + [after(days[0], d) for d in days[1:]])] + rest))
        return sorted(found)


def clock(minute):
    return f"{minute // 60:02d}:{minute % 60:02d}"


def state_of(db):
    """[(number, what it watches)]"""
    rows = db.execute("""
        select w.id, w.looking, w.from_minute, w.to_minute, w.paused, group_concat(distinct v.name),
               min(q.day), max(q.day), min(q.party), max(q.party)
        from venue_watch w join watch_question s on s.watch_id = w.id join question q on q.id = s.question_id
        left join venue v on v.id = q.venue_id where w.state = 'active' group by w.id order by w.id""")
    found = []
    for number, looking, begin, end, paused, names, first, last, least, most in rows:
        places = sorted((names or "").split(","))
        place = looking or ("list" if len(places) > 5 else "+".join(places))
        window = "any" if not begin and end >= 1440 else f"{clock(begin)}-{clock(end) if end < 1440 else '*'}"
        found.append((number, f"{place}@{first if first == last else first + '..' + last}@"
                              f"{least if least == most else f'{least}-{most}'}@{window}{'!' * bool(paused)}"))
    return found


def state_fits(wanted, got):
    """A window's * fits whatever stands there."""
    return len(wanted) == len(got) and all(
        re.fullmatch(re.escape(w).replace(r"\*", r"[\d:*]+"), g) for w, g in zip(wanted, sorted(got)))


class Room:
    """A sandbox, a maitred that is talked with, and its database."""

    def __init__(self, folder, endpoint):
        self.sandbox = subprocess.Popen(
            [os.environ.get("MAITRED_SANDBOX", os.path.join(TOP, "build/release/sandbox")), "--port", "0",
             "--control-port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        said = self.sandbox.stdout.readline()
        http, self.control = [re.search(rf" {k}=(\S+)", " " + said)[1] for k in ("http", "control")]
        base, key, model = endpoint or (http + "/v1", KEY, "sandbox-model")
        config = os.path.join(folder, "config.toml")
        with open(config, "w") as file:
            os.chmod(config, 0o600)
            file.write(f'[resy]\nbase_url = "{http}"\nweb_base = "{http}"\n'
                       f'[llm]\nbase_url = {json.dumps(base)}\napi_key = {json.dumps(key)}\n'
                       f'model = {json.dumps(model)}\n[log]\nlevel = "err"\n')
        self.chat = subprocess.Popen(
            [os.environ.get("MAITRED", os.path.join(TOP, "build/maitred")), "-c", config, "chat", "--json",
             "--yes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for party in (1, 2, 3, 4):  # whoever waits there until the first table goes on waiting
            self.order(f"full lark any {party}")
        self.say("/help")
        self.db = sqlite3.connect(f"file:{folder}/maitred.db?mode=ro", uri=True)

    def order(self, line):
        with urllib.request.urlopen(urllib.request.Request(self.control + "/", data=line.encode())) as answer:
            return json.load(answer)

    def say(self, text):
        self.chat.stdin.write(text + "\n")
        self.chat.stdin.flush()
        for line in self.chat.stdout:
            if json.loads(line)["type"] == "done":
                return
        sys.exit("maitred has ended")

    def calls_after(self, number):
        return self.db.execute("select id, tool, arguments from tool_call_log where id > ? order by id",
                               (number,)).fetchall()

    def close(self):
        self.db.close()
        self.chat.stdin.close()
        self.chat.wait()
        self.chat.stdout.close()
        self.sandbox.terminate()
        self.sandbox.wait()
        self.sandbox.stdout.close()


def turn_fits(ways, made, ids):
    for way in ways:
        left, missing = list(made), False
        for call in way:
            hit = next((m for m in left if call.fits(m[1], json.loads(m[2]), ids)), None)
            missing = missing or (not hit and not call.optional)
            if hit:
                left.remove(hit)
        if not missing and not left:
            return True
    return False


def run_case(room, case, scripted):
    """(the state is right, the calls are right, what came of it)"""
    room.say("/stop all")
    room.say("/new")
    room.say("/settings city New York")
    made_all, fit = [], True
    for said, ways in zip(case.said, case.calls):
        ids = [number for number, _ in state_of(room.db)]
        if scripted and not said.startswith("/"):
            script = [c for c in ways[0] if not c.optional]
            for i, call in enumerate(script):
                room.order(f"model {'also' if i else 'call'} {call.name} {json.dumps(call.scripted(ids))}")
            room.order("model say So be it.")
        last = max([0] + [row[0] for row in room.calls_after(0)])
        room.say(said)
        made = room.calls_after(last)
        made_all += [f"{name} {arguments}" for _, name, arguments in made]
        fit = fit and turn_fits(ways, made, ids)
    got = [what for _, what in state_of(room.db)]
    return state_fits(case.state(), got), fit, {"watched": got, "calls": made_all}


def run_all(scripted, endpoint=None, out=sys.stdout):
    """How many cases are wrong."""
    today = datetime.datetime.now(zoneinfo.ZoneInfo("America/New_York")).date()
    with open(os.path.join(HERE, "utterances.txt")) as file:
        cases = [Case(line, today) for line in file if line.strip() and not line.startswith("#")]
    tags = collections.defaultdict(lambda: [0, 0, 0])
    with tempfile.TemporaryDirectory() as folder:
        room = Room(folder, endpoint)
        try:
            for case in cases:
                state, calls, what = run_case(room, case, scripted)
                for i, right in enumerate((True, state, calls)):
                    tags[case.tag][i] += right
                if not state or not calls:
                    print(f"{case.tag}: {' // '.join(case.said)}\n  wanted {case.state()}, is {what['watched']}"
                          f"\n  calls  {what['calls']}", file=out)
        finally:
            room.close()
    print(f"{'tag':<12}{'cases':>6}{'state':>7}{'calls':>7}", file=out)
    for tag, (count, state, calls) in tags.items():
        print(f"{tag:<12}{count:>6}{state:>7}{calls:>7}", file=out)
    total = [sum(column) for column in zip(*tags.values())]
    print(f"{'all':<12}{total[0]:>6}{total[1]:>7}{total[2]:>7}", file=out)
    return total[0], total[0] - total[1], total[0] - total[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scripted", action="store_true", help="with the sandbox's model")
    scripted = parser.parse_args().scripted
    endpoint = [os.environ.get("MAITRED_EVAL_" + name) for name in ("BASE_URL", "API_KEY", "MODEL")]
    if not scripted and not all(endpoint):
        print("Set MAITRED_EVAL_BASE_URL, MAITRED_EVAL_API_KEY and MAITRED_EVAL_MODEL: which model is to be "
              "looked at?", file=sys.stderr)
        sys.exit(2)
    _, state, calls = run_all(scripted, None if scripted else endpoint)
    sys.exit(1 if scripted and (state or calls) else 0)


if __name__ == "__main__":
    main()
