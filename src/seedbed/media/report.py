"""What came of a check: findings, as JSON and as rows of a table.

Floor 5.
"""

from dataclasses import dataclass

from seedbed.core import record


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found at one place of a Scene. What is not `sure` is told, and fails nothing."""

    at: str
    rule: str
    expected: str
    found: str
    ok: bool
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, and what was left out and why."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong for sure."""
        return not self.wrong

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """What is wrong for sure."""
        return tuple(one for one in self.findings if one.sure and not one.ok)

    def written(self) -> dict[str, object]:
        """As JSON has it."""
        findings = [{"ok": one.ok, **record.write(one)} for one in self.findings]
        return {"ok": self.ok, "findings": findings, "notes": list(self.notes)}

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """A row for each finding: its place, its rule, what was expected and found, a word."""
        return [(one.at, one.rule, one.expected, one.found, _word(one)) for one in self.findings]


def _word(finding: Finding) -> str:
    if finding.ok:
        return "ok" if finding.sure else "ok, it seems"
    return "wrong" if finding.sure else "not sure"
