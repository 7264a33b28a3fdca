"""Starts a simulator, runs all checks against it, and says which pass."""

import logging
import os
import pathlib
import sys
import unittest

# Its own choice is a file below /var/log; nobody reads it here.
os.environ["JURISCRAPER_LOG"] = os.devnull
logging.disable()

import simulator


class Report(unittest.TestResult):
    """A line for each check; what went wrong at once, while it can be told what was asked."""

    passed = failed = 0
    readme = pathlib.Path(__file__).with_name("README.md").read_text()

    def startTest(self, test):
        self.wrong = []
        super().startTest(test)

    def addSubTest(self, test, subtest, error):
        if error:
            self.wrong.append((f" {subtest._subDescription()}", error))

    def addError(self, test, error):
        if isinstance(test, unittest.TestCase):
            self.wrong.append(("", error))
        else:  # What comes before the checks of a file.
            self.failed += 1
            print("FAILED", test, self._exc_info_to_string(error, test))

    addFailure = addError

    def addSuccess(self, test):
        if f"- {test.shortDescription()}\n" not in self.readme:
            self.wrong.append((" README.md does not say so", None))

    def stopTest(self, test):
        self.passed += not self.wrong
        self.failed += bool(self.wrong)
        name = test.id().removeprefix("check_").split(".")
        print("FAILED" if self.wrong else "ok    ", name[0], "|", test.shortDescription(), flush=True)
        for what, error in self.wrong:
            print(f"  {what}", error and "\n" + self._exc_info_to_string(error, test) or "")
        super().stopTest(test)


def main(program, pattern="*"):
    checks = unittest.TestLoader()
    checks.testNamePatterns = [f"*{pattern}*"]
    report = Report()
    with simulator.running(program):
        checks.discover(str(pathlib.Path(__file__).parent), "check_*.py").run(report)
    print(f"\n{report.passed} passed, {report.failed} failed")
    return report.failed > 0 or report.passed == 0


sys.exit(main(*sys.argv[1:]))
