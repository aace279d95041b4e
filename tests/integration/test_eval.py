"""What people say, with a model that says what is right: is that what comes of it?"""

import io
import os
import sys
import unittest

import house

sys.path.insert(0, os.path.join(house.TOP, "tests", "eval"))
import run  # noqa: E402


class Utterances(unittest.TestCase):
    def test_each_ends_in_the_state_that_it_should(self):
        os.environ["MAITRED"], os.environ["MAITRED_SANDBOX"] = house.MAITRED, house.SANDBOX
        out = io.StringIO()
        count, state, calls = run.run_all(True, out=out)
        self.assertGreaterEqual(count, 120)
        self.assertEqual((state, calls), (0, 0), out.getvalue())


if __name__ == "__main__":
    house.main()
