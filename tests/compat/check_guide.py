"""The commands of docs/GUIDE.md, as they stand there, against a stack of their own."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import stack

GUIDE = (stack.ROOT / "docs/GUIDE.md").read_text()
WITHIN = 300


def blocks(language):
    """What stands in the guide in this language, one after the other."""
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE))


class Guide(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = cls.enterClassContext(stack.running())

    def run_there(self, command, text):
        """Runs it in a directory of its own, and returns that and what it said."""
        place = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        ended = subprocess.run(
            command, input=text, text=True, cwd=place, env=known | self.stack.environment,
            capture_output=True, timeout=WITHIN,
        )
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        return place, ended.stdout

    def test_curl(self):
        """the commands for curl buy a docket and a document"""
        place, said = self.run_there(["bash", "-euo", "pipefail"], blocks("sh"))
        self.assertIn('"at_most_cents":300', said)
        self.assertIn('"case_name":', said)
        self.assertIn('"recap_documents":[{', said)
        self.assertTrue((place / "document.pdf").read_bytes().startswith(b"%PDF"))

    def test_python(self):
        """the program in Python buys a docket and a document"""
        place, said = self.run_there([sys.executable, "-"], blocks("python"))
        self.assertRegex(said, r"\n[1-9][0-9]* entries\n")
        self.assertTrue((place / "document.pdf").read_bytes().startswith(b"%PDF"))

    def test_rust(self):
        """the lines in Rust are those of the example of the crate, which the tests of the stack run"""
        example = (stack.ROOT / "crates/pacer-fetch-client/examples/docket.rs").read_text()
        self.assertTrue(blocks("rust"))
        self.assertIn(blocks("rust"), example)
