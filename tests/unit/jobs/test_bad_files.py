# ruff: noqa: E501 - a table of cases reads best with a case a line
"""Files as people get them wrong: each is refused at its place, with words that say what to do, and never crashes."""

import pytest

from olo_jobs.load import SpecError, parse_job

JOB = "version: 1\nname: a\n"
SHELL = "tasks: [{name: x, shell: {command: [ls]}}]\n"
BOMB = "x0: &x0 [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"x{n}: &x{n} [{','.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 9)
)

# What the file holds; the code; the place; words of message or hint.
CASES = {
    "empty": ("", "not-a-job", (1, 1), "version, name and tasks"),
    "comment only": ("# soon\n", "not-a-job", (1, 1), "empty"),
    "a list": ("- a\n", "not-a-job", (1, 1), "keys and values"),
    "a text": ("hello\n", "not-a-job", (1, 1), "keys and values"),
    "tab": (f"{JOB}tasks:\n\t- name: x\n", "tab", (4, 1), "two spaces"),
    "tab after spaces": (f"{JOB}tasks:\n  - name: x\n  \tshell: {{}}\n", "tab", (5, 3), "two spaces"),
    "two documents": (f"{JOB}{SHELL}---\n{JOB}", "two-documents", (4, 1), "One file holds one"),
    "key twice": (f"{JOB}name: b\n{SHELL}", "duplicate-key", (3, 1), "first in line 2"),
    "inner key twice": (f"{JOB}tasks: [{{name: x, name: y, shell: {{command: [ls]}}}}]\n", "duplicate-key", (3, 19), "name"),
    "bomb": (BOMB, "too-large", (5, 22), "aliases"),
    "alias in itself": ("a: &a [*a]\n", "recursive-anchor", (1, 8), "&a"),
    "alias to nothing": (f"{JOB}schedule: {{cron: *x}}\n", "unknown-anchor", (3, 18), "quotation marks"),
    "deep": ("[" * 5000, "too-deep", (1, 51), "nesting"),
    "deep lists": ("- " * 100_000, "too-deep", (1, 101), "nesting"),
    "python tag": ("a: !!python/object/apply:os.system [ls]\n", "tag", (1, 4), "plain value"),
    "own tag": ("a: !include b.yml\n", "tag", (1, 4), "!include"),
    "list as key": ("[a, b]: 1\n", "not-a-key", (1, 1), "quotation marks"),
    "cron unquoted": (f"{JOB}schedule:\n  cron: * * * * *\n", "not-yaml", (4, 10), "quotation marks"),
    "colon in text": (f"{JOB}description: a: b\n", "not-yaml", (3, 15), "quotation marks"),
    "quote not closed": (f'{JOB}description: "a\n{SHELL}', "not-yaml", (3, 14), "never closed"),
    "brace not closed": (f"{JOB}schedule: {{every: 1h\n{SHELL}", "not-yaml", (4, 6), "never closed"),
    "control character": (f"{JOB}owner: a\x07\n", "not-yaml", (3, 9), "doesn't allow"),
    "indented wrongly": (f"{JOB}tasks:\n  - name: x\n   shell: {{command: [ls]}}\n", "not-yaml", (5, 4), "ndentation"),
    "no version": (f"name: a\n{SHELL}", "missing", (1, 1), "version"),
    "version as text": (f'version: "1"\nname: a\n{SHELL}', "invalid", (1, 10), "1"),
    "version 2": (f"version: 2\nname: a\n{SHELL}", "invalid", (1, 10), "2"),
    "no tasks": (JOB, "missing", (1, 1), "tasks"),
    "empty tasks": (f"{JOB}tasks: []\n", "invalid", (3, 8), "at least one"),
    "tasks as keys": (f"{JOB}tasks: {{x: {{}}}}\n", "invalid-type", (3, 8), "a list"),
    "name with capital": (f"version: 1\nname: Daily\n{SHELL}", "invalid", (2, 7), "Lower-case"),
    "name with dash": (f"version: 1\nname: a-b\n{SHELL}", "invalid", (2, 7), "Lower-case"),
    "name a number": (f"version: 1\nname: 5\n{SHELL}", "invalid-type", (2, 7), "quotation"),
    "unknown key": (f"{JOB}schedul: {{every: 1h}}\n{SHELL}", "unknown-key", (3, 1), "'schedule'"),
    "unknown kind": (f"{JOB}tasks: [{{name: x, pyton: {{function: a:b}}}}]\n", "unknown-key", (3, 19), "'python'"),
    "two kinds": (f"{JOB}tasks: [{{name: x, shell: {{command: [ls]}}, dbt: {{}}}}]\n", "invalid", (3, 9), "dbt and shell"),
    "no kind": (f"{JOB}tasks: [{{name: x}}]\n", "invalid", (3, 9), "none"),
    "kind of nothing": (f"{JOB}tasks:\n  - name: x\n    dbt:\n", "invalid", (4, 5), "exactly one"),
    "cron never": (f'{JOB}schedule: {{cron: "0 0 30 2 *"}}\n{SHELL}', "invalid", (3, 18), "never fires"),
    "cron never, list": (f'{JOB}schedule: {{cron: "0 0 31 4,6,9,11 *"}}\n{SHELL}', "invalid", (3, 18), "never fires"),
    "cron of six": (f'{JOB}schedule: {{cron: "0 0 6 * * *"}}\n{SHELL}', "invalid", (3, 18), "6 fields"),
    "cron minute 60": (f'{JOB}schedule: {{cron: "60 0 * * *"}}\n{SHELL}', "invalid", (3, 18), "0–59"),
    "cron range back": (f'{JOB}schedule: {{cron: "0 9-5 * * *"}}\n{SHELL}', "invalid", (3, 18), "before it starts"),
    "cron step 0": (f'{JOB}schedule: {{cron: "*/0 * * * *"}}\n{SHELL}', "invalid", (3, 18), "above 0"),
    "cron preset": (f'{JOB}schedule: {{cron: "@dayly"}}\n{SHELL}', "invalid", (3, 18), "@daily"),
    "cron and every": (f'{JOB}schedule: {{cron: "@daily", every: 1h}}\n{SHELL}', "invalid", (3, 11), "cron and every"),
    "zone": (f'{JOB}schedule: {{cron: "@daily", timezone: CEST}}\n{SHELL}', "invalid", (3, 38), "Europe/Berlin"),
    "zone is a folder": (f"{JOB}schedule: {{every: 1h, timezone: Europe}}\n{SHELL}", "invalid", (3, 33), "time zone"),
    "every 0": (f"{JOB}schedule: {{every: 0m}}\n{SHELL}", "invalid", (3, 19), "no time"),
    "every number": (f"{JOB}schedule: {{every: 60}}\n{SHELL}", "invalid-type", (3, 19), "60s"),
    "on_update no table": (f"{JOB}schedule: {{on_update: [flights]}}\n{SHELL}", "invalid", (3, 24), "namespace.table"),
    "timeout negative": (f"{JOB}timeout: -5m\n{SHELL}", "invalid", (3, 10), "negative"),
    "timeout words": (f"{JOB}timeout: an hour\n{SHELL}", "invalid", (3, 10), "1h30m"),
    "timeout huge": (f"{JOB}timeout: 99999999d\n{SHELL}", "invalid", (3, 10), "ten years"),
    "attempts 0": (f"{JOB}retries: {{attempts: 0}}\n{SHELL}", "invalid", (3, 21), "1"),
    "attempts a text": (f'{JOB}retries: {{attempts: "3"}}\n{SHELL}', "invalid-type", (3, 21), "without quotation"),
    "wait too long": (f"{JOB}retries: {{attempts: 2, initial: 1h}}\n{SHELL}", "invalid", (3, 10), "longer than max"),
    "depends on nothing": (f"{JOB}tasks: [{{name: x, shell: {{command: [ls]}}, depends_on: [y]}}]\n", "unknown-reference", (3, 56), "'y'"),
    "depends on itself": (f"{JOB}tasks: [{{name: x, shell: {{command: [ls]}}, depends_on: [x]}}]\n", "unknown-reference", (3, 56), "itself"),
    "depends as text": (f"{JOB}tasks: [{{name: x, shell: {{command: [ls]}}, depends_on: x}}]\n", "invalid-type", (3, 55), "[x]"),
    "task twice": (f"{JOB}tasks:\n- {{name: x, shell: {{command: [ls]}}}}\n- {{name: x, shell: {{command: [ls]}}}}\n", "unknown-reference", (5, 10), "twice"),
    "circle": (
        f"{JOB}tasks:\n- {{name: x, depends_on: [y], shell: {{command: [ls]}}}}\n- {{name: y, depends_on: [x], shell: {{command: [ls]}}}}\n",
        "unknown-reference", (4, 25), "circle",
    ),
    "template unknown": (f"{JOB}tasks: [{{name: x, shell: {{command: [ls, '{{{{ dya }}}}']}}}}]\n", "unknown-reference", (3, 41), "parameter"),
    "template in script": (f"{JOB}tasks: [{{name: x, shell: {{command: 'rm {{{{ target }}}}'}}}}]\n", "invalid", (3, 26), "env"),
    "template as program": (f"{JOB}tasks: [{{name: x, shell: {{command: ['{{{{ target }}}}']}}}}]\n", "invalid", (3, 26), "program"),
    "template in url": (f"{JOB}tasks: [{{name: x, http: {{url: 'https://a/{{{{ target }}}}'}}}}]\n", "invalid", (3, 31), "params"),
    "variable in sql": (f"{JOB}tasks: [{{name: x, sql: {{text: 'select ${{target}}'}}}}]\n", "invalid", (3, 24), "bind"),
    "sql of two": (f"{JOB}tasks: [{{name: x, sql: {{text: a, file: b}}}}]\n", "invalid", (3, 24), "exactly one"),
    "function": (f"{JOB}tasks: [{{name: x, python: {{function: a.b}}}}]\n", "invalid", (3, 38), "module:function"),
    "method": (f"{JOB}tasks: [{{name: x, http: {{url: 'https://a', method: get}}}}]\n", "invalid", (3, 52), "'GET'"),
    "env a number": (f"{JOB}tasks: [{{name: x, env: {{PORT: 80}}, shell: {{command: [ls]}}}}]\n", "invalid-type", (3, 31), '"80"'),
    "env a truth": (f"{JOB}tasks: [{{name: x, env: {{A: true}}, shell: {{command: [ls]}}}}]\n", "invalid-type", (3, 28), '"true"'),
    "parameter type": (f"{JOB}parameters: {{n: {{type: int}}}}\n{SHELL}", "invalid", (3, 24), "integer"),
    "parameter default": (f"{JOB}parameters: {{n: {{type: date, default: today}}}}\n{SHELL}", "invalid", (3, 17), "not a date"),
    "parameter name": (f"{JOB}parameters: {{Day: {{}}}}\n{SHELL}", "invalid", (3, 14), "Lower-case"),
    "parameter reserved": (f"{JOB}parameters: {{target: {{default: x}}}}\n{SHELL}", "unknown-reference", (3, 22), "every run"),
    "memory": (f"{JOB}resources: {{memory: lots}}\n{SHELL}", "invalid", (3, 21), "2Gi"),
    "cpu": (f"{JOB}resources: {{cpu: 0}}\n{SHELL}", "invalid", (3, 18), "greater"),
    "two channels": (f"{JOB}notify: {{on_failure: [{{slack: a, email: a@b.c}}]}}\n{SHELL}", "invalid", (3, 23), "slack and email"),
    "slack webhook": (f"{JOB}notify: {{on_failure: [{{slack: 'https://hooks.slack.com/services/T/B/x'}}]}}\n{SHELL}", "secret", (3, 31), "SECRET"),
    "teams webhook": (f"{JOB}notify: {{on_failure: [{{teams: 'https://x.webhook.office.com/webhookb2/1'}}]}}\n{SHELL}", "secret", (3, 31), "{secret: SECRET}"),
    "password": (f"{JOB}tasks: [{{name: x, env: {{DB_PASSWORD: hunter22}}, shell: {{command: [ls]}}}}]\n", "secret", (3, 38), "{secret: NAME}"),
    "token in header": (f"{JOB}tasks: [{{name: x, http: {{url: 'https://a', headers: {{Authorization: 'Bearer abcdefghijkl'}}}}}}]\n", "secret", (3, 69), "{secret: NAME}"),
    "password in url": (f"{JOB}tasks: [{{name: x, shell: {{command: [psql, 'postgres://a:s3cret@h/d']}}}}]\n", "secret", (3, 43), "env"),
    "aws key": (f"{JOB}tasks: [{{name: x, python: {{function: 'a:b', arguments: {{k: AKIAIOSFODNN7EXAMPLE}}}}}}]\n", "secret", (3, 60), "AWS"),
    "private key": (f'{JOB}description: "-----BEGIN RSA PRIVATE KEY-----"\n{SHELL}', "secret", (3, 14), "private key"),
    "override of nobody": (f"{JOB}{SHELL}targets: {{prod: {{tasks: [{{name: y}}]}}}}\n", "unknown-reference", (4, 33), "'y'"),
    "override unknown key": (f"{JOB}{SHELL}targets: {{prod: {{slaa: 1h}}}}\n", "unknown-key", (4, 18), "'sla'"),
    "override name": (f"{JOB}{SHELL}targets: {{prod: {{name: b}}}}\n", "unknown-key", (4, 18), "name"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_is_told_at_its_place(case: str) -> None:
    text, code, place, words = CASES[case]
    with pytest.raises(SpecError) as caught:
        parse_job(text, "jobs/a.yml")
    found = [problem for problem in caught.value.problems if problem.code == code]
    told = "\n".join(map(str, caught.value.problems))
    assert found, told
    assert any((problem.line, problem.column) == place for problem in found), told
    assert words in told


@pytest.mark.parametrize("secret", ["hunter22", "s3cret", "AKIAIOSFODNN7EXAMPLE", "abcdefghijkl", "services/T/B/x"])
def test_a_secret_is_never_shown(secret: str) -> None:
    for text, _, _, _ in CASES.values():
        if secret in text:
            with pytest.raises(SpecError) as caught:
                parse_job(text)
            assert secret not in str(caught.value)


def test_references_and_forms_are_told_together() -> None:
    text = f"{JOB}sla: never\ntasks: [{{name: x, shell: {{command: [ls]}}, depends_on: [y], timeout: -1s}}]\n"
    with pytest.raises(SpecError) as caught:
        parse_job(text)
    assert [problem.line for problem in caught.value.problems] == [3, 4, 4]
