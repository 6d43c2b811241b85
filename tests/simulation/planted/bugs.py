"""The planted bugs: small changes of one place of the program, each an error that somebody could make; read from `bugs.toml`."""

import tomllib
from pathlib import Path

import attrs

BUGS = Path(__file__).with_name("bugs.toml")


@attrs.frozen
class Bug:
    """One change.

    Attributes:
        name: what it does wrong, in words.
        file: where, from the root of the checkout.
        right, wrong: the text that is there, once, and what takes its place.
    """

    name: str
    file: str
    right: str
    wrong: str

    def planted(self, source: str) -> str:
        """The source of the file with the bug in it.

        Raises:
            ValueError: the right text is not there, or not once: the program has changed, and so must the bug.
        """
        if (count := source.count(self.right)) != 1:
            raise ValueError(
                f"{self.name!r} cannot be planted: its right text is {count} times in {self.file}; mend {BUGS.name}"
            )
        return source.replace(self.right, self.wrong)


def read_bugs(path: Path = BUGS) -> tuple[Bug, ...]:
    """All of them, in the order of the file."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["bug"]
    return tuple(Bug(**{name: text.strip("\n") for name, text in entry.items()}) for entry in entries)
