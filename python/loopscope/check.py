"""Checks the recordings of a test with `loopscope check`."""

import json
import subprocess


class CheckError(Exception):
    """The recordings could not be checked."""


class Check:
    """What recordings are checked for.

    Raises `CheckError` if the program refuses the options.
    """

    def __init__(self, program, fail_on="warning", allowed=(), limits=()):
        self._failing = ("error", "warning") if fail_on == "warning" else ("error",)
        self._command = [program, "check", "--json", "--lang", "python", "--fail-on", fail_on]
        for option, values in (("--allow", allowed), ("--limit", limits)):
            for value in values:
                self._command += [option, value]

        answer = self._ask("--rules")
        if answer.returncode != 0:
            raise CheckError(_reason(answer))

    def _ask(self, *what):
        return subprocess.run(
            [*self._command, *map(str, what)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )

    def run(self, paths):
        """The findings that fail the check, for each recording: a list for each path.

        Raises `CheckError` if a recording cannot be read.
        """
        answer = self._ask(*paths)
        if answer.returncode not in (0, 1):
            raise CheckError(_reason(answer))
        found = [[] for _ in paths]
        if answer.returncode == 1:
            for finding in json.loads(answer.stdout)["findings"]:
                if finding["severity"] in self._failing:
                    found[finding["run"]].append(finding)
        return found


def _reason(answer):
    """Why the program refuses, without its name and its hints."""
    lines = answer.stderr.strip().splitlines() or [f"exit code {answer.returncode}"]
    return lines[0].replace("loopscope: ", "", 1).replace("error: ", "", 1)


def words(finding):
    """The lines that tell a finding, the first as `loopscope check` prints it."""
    place = finding["location"] or "place unknown"
    if finding["location"] and finding["location_note"]:
        place += f" ({finding['location_note']})"
    times = f" ({finding['count']} times)" if finding["count"] > 1 else ""
    caused = "which causes " if finding["caused_by"] is not None else ""
    head = f"{caused}{finding['severity']}[{finding['id']}] {place}: {finding['message']}{times}"
    return [head, f"    fix: {finding['fix']}"]
