"""What an operator can set of the journal. Light to import."""

import attrs

from core.config import ConfigError


@attrs.frozen
class Retention:
    """What is kept of the journal: events that are younger, in a file that is smaller.

    Attributes:
        max_age_days: events that are older may be deleted.
        max_size_mib: a larger file loses its oldest events; the newest are kept whatever their size.
    """

    max_age_days: float = 30.0
    max_size_mib: float = 4096.0

    def __attrs_post_init__(self) -> None:
        for name in ("max_age_days", "max_size_mib"):
            value = getattr(self, name)
            if not value > 0:
                raise ConfigError(f"--journal.{name} {value}: give a number above 0")
